// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace brig::storage_zfs {

/// What the first record of a ZFS stream says (struct drr_begin of zfs_ioctl.h).
struct StreamHeader {
    std::uint64_t to_guid = 0;    ///< of the snapshot that it carries
    std::uint64_t from_guid = 0;  ///< of the one that it continues; 0: none
    bool resumed = false;         ///< goes on with a stream that broke off
};

/// A stream whose header has been read, but not taken out of it.
class IncomingStream {
  public:
    /// @throws Error{BRIG_INVALID} if it is no stream of one snapshot. One of several could carry
    ///         properties, too: a mount point for a folder of the host, say.
    /// @param progress told how many bytes have passed, on a thread of its own, of what cannot be
    ///        rewound; may be empty
    explicit IncomingStream(int fd, std::function<void(std::uint64_t)> progress = {});
    IncomingStream(const IncomingStream&) = delete;
    IncomingStream& operator=(const IncomingStream&) = delete;
    IncomingStream(IncomingStream&&) = delete;
    IncomingStream& operator=(IncomingStream&&) = delete;
    ~IncomingStream();

    [[nodiscard]] const StreamHeader& header() const noexcept { return header_; }

    /// What gives all of it, once.
    [[nodiscard]] int fd() const noexcept;

  private:
    class Pump;

    int fd_;
    StreamHeader header_;
    std::unique_ptr<Pump> pump_;  ///< for what cannot be rewound
};

}  // namespace brig::storage_zfs
