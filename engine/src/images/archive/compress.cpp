// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/compress.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/output.hpp"
#include "support/check.hpp"

#include <unistd.h>

#include <cerrno>
#include <vector>

namespace brig::archive {
namespace {

void choose_filter(const Writer& writer, const std::string& method) {
    const int result = method == "gzip" ? ::archive_write_add_filter_gzip(writer.get())
                       : method == "xz" ? ::archive_write_add_filter_xz(writer.get())
                                        : ::archive_write_add_filter_zstd(writer.get());
    check_archive(result, writer.get(), "compress with " + method);
    if (method == "gzip") {
        // Two exports of the same are to be the same.
        check_archive(::archive_write_set_filter_option(writer.get(), "gzip", "timestamp", nullptr),
                      writer.get(),
                      "leave out the time");
    }
}

/// A writer of bytes as they come, with its only entry begun.
Writer new_writer(const std::string& method, Output& output) {
    Writer writer{::archive_write_new()};
    if (!writer) {
        throw_system_error(ENOMEM, "start compressing");
    }
    check_archive(::archive_write_set_format_raw(writer.get()), writer.get(), "write bytes");
    choose_filter(writer, method);
    output.open(writer);
    const Entry entry{::archive_entry_new()};
    ::archive_entry_set_filetype(entry.get(), AE_IFREG);
    check_archive(::archive_write_header(writer.get(), entry.get()), writer.get(), "begin");
    return writer;
}

}  // namespace

void compress(const std::string& directory, const std::string& method, Status& status) {
    confine(directory, Work::read_tree);
    Output output{true};
    const Writer writer = new_writer(method, output);
    std::vector<char> buffer(kBlockSize);
    while (true) {
        const auto size = static_cast<std::size_t>(
            check(::read(STDIN_FILENO, buffer.data(), buffer.size()), "read what to compress"));
        if (size == 0) {
            break;
        }
        if (::archive_write_data(writer.get(), buffer.data(), size) < 0) {
            throw_last(writer.get(), "compress");
        }
        status.count_bytes(size);
    }
    check_archive(::archive_write_close(writer.get()), writer.get(), "complete the archive");
    status.fact("digest", output.digest());
    status.fact("size", std::to_string(output.size()));
}

}  // namespace brig::archive
