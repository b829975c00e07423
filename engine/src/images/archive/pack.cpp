// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/pack.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/handles.hpp"
#include "support/check.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

namespace brig::archive {
namespace {

constexpr std::size_t kZeroes = 1048576;

Reader open_tree() {
    Reader tree{::archive_read_disk_new()};
    if (!tree) {
        throw_system_error(ENOMEM, "start reading files");
    }
    ::archive_read_disk_set_symlink_physical(tree.get());
    const int flags = ARCHIVE_READDISK_NO_TRAVERSE_MOUNTS;
    check_archive(::archive_read_disk_set_behavior(
                      tree.get(), keeps_file_flags() ? flags : flags | ARCHIVE_READDISK_NO_FFLAGS),
                  tree.get(),
                  "choose what of a file is kept");
    check_archive(::archive_read_disk_open(tree.get(), "."), tree.get(), "open the directory");
    return tree;
}

Writer open_stream() {
    Writer stream{::archive_write_new()};
    if (!stream) {
        throw_system_error(ENOMEM, "start writing an archive");
    }
    check_archive(::archive_write_set_format_pax(stream.get()), stream.get(), "write pax");
    // Names are bytes, UTF-8 or not.
    check_archive(::archive_write_set_options(stream.get(), "hdrcharset=BINARY"),
                  stream.get(),
                  "write names as they are");
    check_archive(::archive_write_set_bytes_per_block(stream.get(), int{kBlockSize}),
                  stream.get(),
                  "set the block size");
    check_archive(::archive_write_set_bytes_in_last_block(stream.get(), 1),
                  stream.get(),
                  "set the last block's size");
    check_archive(
        ::archive_write_open_fd(stream.get(), STDOUT_FILENO), stream.get(), "open the output");
    return stream;
}

LinkResolver new_link_resolver() {
    LinkResolver resolver{::archive_entry_linkresolver_new()};
    if (!resolver) {
        throw_system_error(ENOMEM, "start finding hard links");
    }
    ::archive_entry_linkresolver_set_strategy(resolver.get(), ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE);
    return resolver;
}

/// One tree on its way into one archive.
class Packing {
  public:
    Packing(Reader tree, Writer stream, Status& status)
        : tree_{std::move(tree)}, stream_{std::move(stream)}, status_{status} {}

    void run() {
        Entry entry{::archive_entry_new()};
        while (read_header(entry.get())) {
            pack_entry(entry);
            ::archive_entry_clear(entry.get());
        }
        check_archive(::archive_write_close(stream_.get()), stream_.get(), "complete the archive");
        if (sockets_ > 0) {
            status_.warning(fmt::format("sockets left out: {}", sockets_));
        }
    }

  private:
    bool read_header(::archive_entry* entry) {
        const int result = ::archive_read_next_header2(tree_.get(), entry);
        if (result == ARCHIVE_EOF) {
            return false;
        }
        if (result < ARCHIVE_OK) {
            report_unreadable(result, fmt::format("read '{}'", path_of(entry)));
        }
        return true;
    }

    /// What vanished while we looked is no failure of ours.
    void report_unreadable(int result, const std::string& attempt) {
        if (result < ARCHIVE_WARN && last_errno(tree_.get()) != ENOENT) {
            throw_last(tree_.get(), attempt);
        }
        status_.warning(fmt::format("{}: {}", attempt, last_message(tree_.get())));
    }

    void pack_entry(Entry& entry) {
        if (::archive_read_disk_can_descend(tree_.get()) != 0) {
            check_archive(::archive_read_disk_descend(tree_.get()), tree_.get(), "descend");
        }
        if (::archive_entry_filetype(entry.get()) == AE_IFSOCK) {
            ++sockets_;
            return;
        }
        // A later name of a file comes back as a hard link to its first. With this format nothing
        // is held back for later.
        ::archive_entry* resolved = entry.release();
        ::archive_entry* held_back = nullptr;
        ::archive_entry_linkify(links_.get(), &resolved, &held_back);
        entry.reset(resolved);
        write_entry(entry.get());
        status_.count_entry();
    }

    void write_entry(::archive_entry* entry) {
        const std::string attempt = fmt::format("pack '{}'", path_of(entry));
        const int result = ::archive_write_header(stream_.get(), entry);
        if (result < ARCHIVE_WARN) {
            throw_last(stream_.get(), attempt);
        }
        if (result == ARCHIVE_WARN) {
            status_.warning(fmt::format("{}: {}", attempt, last_message(stream_.get())));
        }
        if (::archive_entry_size(entry) > 0) {
            copy_content(attempt);
        }
        check_archive(::archive_write_finish_entry(stream_.get()), stream_.get(), attempt);
    }

    void copy_content(const std::string& attempt) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        la_int64_t position = 0;
        int result = ARCHIVE_OK;
        while ((result = ::archive_read_data_block(tree_.get(), &block, &size, &offset))
               == ARCHIVE_OK) {
            skip_hole(offset - position, attempt);
            write(block, size, attempt);
            position = offset + static_cast<la_int64_t>(size);
            status_.count_bytes(size);
        }
        if (result != ARCHIVE_EOF) {
            throw_last(tree_.get(), attempt);
        }
    }

    /// The format knows from the header where the holes are, and drops the zeroes.
    void skip_hole(la_int64_t size, const std::string& attempt) {
        while (size > 0) {
            const auto step = std::min<la_int64_t>(size, static_cast<la_int64_t>(zeroes_.size()));
            write(zeroes_.data(), static_cast<std::size_t>(step), attempt);
            size -= step;
        }
    }

    void write(const void* data, std::size_t size, const std::string& attempt) {
        if (::archive_write_data(stream_.get(), data, size) < 0) {
            throw_last(stream_.get(), attempt);
        }
    }

    Reader tree_;
    Writer stream_;
    Status& status_;
    LinkResolver links_ = new_link_resolver();
    std::vector<char> zeroes_ = std::vector<char>(kZeroes);
    std::uint64_t sockets_ = 0;
};

}  // namespace

void pack(const std::string& root, Status& status) {
    confine(root, Work::read_tree);
    Packing{open_tree(), open_stream(), status}.run();
}

}  // namespace brig::archive
