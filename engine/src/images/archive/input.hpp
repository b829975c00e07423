// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/handles.hpp"
#include "images/archive/sha256.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace brig::archive {

/// Standard input, as libarchive reads it.
class Input {
  public:
    /// The digest costs time that is wasted where nobody wants it.
    explicit Input(bool digested) : digested_{digested} {}

    /// Has `reader` read from this, which must stay where it is.
    void open(const Reader& reader);

    /// Whether another layer follows, as read_oci() writes them; only that is read from then on.
    [[nodiscard]] bool next_layer();

    /// Reads on to the end: for the digest, and so that the program at the other end of a pipe does
    /// not fail for our sake.
    void drain();

    /// The SHA-256 of all that was read.
    [[nodiscard]] std::string digest() { return sha256_.finish(); }

  private:
    static la_ssize_t read(::archive* reader, void* self, const void** block);
    la_ssize_t read_block();

    bool digested_;
    std::uint64_t left_ = std::numeric_limits<std::uint64_t>::max();  ///< that may be read
    bool empty_ = true;                                               ///< no byte has arrived
    Sha256 sha256_;
    std::vector<char> buffer_ = std::vector<char>(kBlockSize);
};

}  // namespace brig::archive
