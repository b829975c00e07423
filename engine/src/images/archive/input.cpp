// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/input.hpp"

#include "support/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

namespace brig::archive {

la_ssize_t Input::read_block() {
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), left_));
    ssize_t size = -1;
    do {
        size = ::read(STDIN_FILENO, buffer_.data(), most);
    } while (size < 0 && errno == EINTR);
    if (size > 0) {
        empty_ = false;
        left_ -= static_cast<std::uint64_t>(size);
        if (digested_) {
            sha256_.update(buffer_.data(), static_cast<std::size_t>(size));
        }
    }
    return size;
}

la_ssize_t Input::read(::archive* reader, void* self, const void** block) {
    auto& input = *static_cast<Input*>(self);
    const la_ssize_t size = input.read_block();
    if (size < 0) {
        ::archive_set_error(reader, errno, "read standard input");
    }
    *block = input.buffer_.data();
    return size;
}

void Input::open(const Reader& reader) {
    if (::archive_read_open(reader.get(), this, nullptr, &Input::read, nullptr) == ARCHIVE_OK) {
        return;
    }
    if (last_errno(reader.get()) != 0) {
        throw_last(reader.get(), "read the archive");
    }
    throw Error{ErrorCode::invalid_config,
                empty_ ? "the archive is empty: not a single byte arrived"
                       : "the archive cannot be read: " + last_message(reader.get())}
        .with_hint("images come as tar archives, plain or compressed with gzip, bzip2, xz or zstd");
}

bool Input::next_layer() {
    std::string line;
    char byte = 0;
    while (line.size() < 64 && check(::read(STDIN_FILENO, &byte, 1), "read the layers") == 1
           && byte != '\n') {
        line += byte;
    }
    constexpr std::string_view kLayer = "layer ";
    const char* const end = line.data() + line.size();
    if (line.starts_with(kLayer)
        && std::from_chars(line.data() + kLayer.size(), end, left_).ptr == end) {
        empty_ = true;
        return true;
    }
    if (line != "end") {
        throw Error{ErrorCode::invalid_config, "the layers end early"};
    }
    return false;
}

void Input::drain() {
    while (check(read_block(), "read the archive's end") > 0) {}
}

}  // namespace brig::archive
