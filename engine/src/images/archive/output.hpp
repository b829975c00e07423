// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/handles.hpp"
#include "images/archive/sha256.hpp"

#include <cstdint>
#include <string>

namespace brig::archive {

/// Standard output, as libarchive writes it.
class Output {
  public:
    /// The digest costs time that is wasted where nobody wants it.
    explicit Output(bool digested) : digested_{digested} {}

    /// Has `writer` write to this, which must stay where it is.
    void open(const Writer& writer);

    /// The SHA-256 of all that was written.
    [[nodiscard]] std::string digest() { return "sha256:" + sha256_.finish(); }

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  private:
    static la_ssize_t write(::archive* writer, void* self, const void* block, std::size_t size);

    bool digested_;
    std::uint64_t size_ = 0;
    Sha256 sha256_;
};

}  // namespace brig::archive
