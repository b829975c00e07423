// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/message.hpp"
#include "host/linux/protocol.hpp"

#include <span>
#include <string>
#include <string_view>

namespace brig::host_linux {

/// Builds a frame, field by field; the counterpart of FrameReader.
class FrameWriter {
  public:
    explicit FrameWriter(FrameType type) : type_{type} { bytes_.resize(sizeof(FrameHeader)); }

    template <typename Value>
    void value(const Value& field) {
        const std::span<const char> raw = bytes_of(field);
        bytes_.append(raw.data(), raw.size());
    }

    /// @throws Error{invalid_config} when `text` holds a NUL, which no system call can be given.
    void string(std::string_view text);

    /// A string that may hold NULs.
    void bytes(std::string_view text);

    /// The fields so far, without a header.
    [[nodiscard]] std::string_view payload() const;

    /// The whole frame. @throws Error{invalid_config} when it is too large for the other end.
    [[nodiscard]] const std::string& finish();

  private:
    FrameType type_;
    std::string bytes_;
};

}  // namespace brig::host_linux
