// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/frame_writer.hpp"

#include "brig/error.hpp"

#include <fmt/core.h>

namespace brig::host_linux {

void FrameWriter::string(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("'{}' goes on behind a NUL byte", text.data())};
    }
    value(static_cast<std::uint32_t>(text.size() + 1));
    bytes_ += text;
    bytes_ += '\0';
}

void FrameWriter::bytes(std::string_view text) {
    value(static_cast<std::uint32_t>(text.size()));
    bytes_ += text;
}

std::string_view FrameWriter::payload() const {
    return std::string_view{bytes_}.substr(sizeof(FrameHeader));
}

const std::string& FrameWriter::finish() {
    const std::size_t size = payload().size();
    if (size > kMaxFrameSize) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("{} bytes of arguments and environment are too many (at most {})",
                                size,
                                kMaxFrameSize)};
    }
    const FrameHeader header{static_cast<std::uint32_t>(size), type_, kProtocolVersion};
    const std::span<const char> raw = bytes_of(header);
    bytes_.replace(0, raw.size(), raw.data(), raw.size());
    return bytes_;
}

}  // namespace brig::host_linux
