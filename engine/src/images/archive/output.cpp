// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/output.hpp"

#include <unistd.h>

#include <cerrno>

namespace brig::archive {

la_ssize_t Output::write(::archive* writer, void* self, const void* block, std::size_t size) {
    auto& output = *static_cast<Output*>(self);
    ssize_t written = -1;
    do {
        written = ::write(STDOUT_FILENO, block, size);
    } while (written < 0 && errno == EINTR);
    if (written < 0) {
        ::archive_set_error(writer, errno, "write the archive");
        return -1;
    }
    output.size_ += static_cast<std::uint64_t>(written);
    if (output.digested_) {
        output.sha256_.update(block, static_cast<std::size_t>(written));
    }
    return written;
}

void Output::open(const Writer& writer) {
    check_archive(::archive_write_set_bytes_per_block(writer.get(), int{kBlockSize}),
                  writer.get(),
                  "set the block size");
    check_archive(::archive_write_set_bytes_in_last_block(writer.get(), 1),
                  writer.get(),
                  "set the last block's size");
    check_archive(::archive_write_open(writer.get(), this, nullptr, &Output::write, nullptr),
                  writer.get(),
                  "open the output");
}

}  // namespace brig::archive
