// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/linux/protocol.hpp"

#include <sys/types.h>

#include <cstddef>
#include <span>

/// Messages with descriptors over a Unix socket, see unix(7) and cmsg(3). Shared by the engine and
/// brig-init.
namespace brig::host_linux {

/// Descriptors that came with a message, close-on-exec. The receiver owns them.
struct ReceivedFds {
    int fd[kMaxFds] = {};
    std::size_t count = 0;

    /// Closes those that were not taken out (set to -1).
    void close_all() noexcept;
};

/// Sends all of `bytes`, `fds` (at most kMaxFds) with the first of them. No SIGPIPE.
/// @return 0, or -1 with errno.
int send_all(int socket, std::span<const char> bytes, std::span<const int> fds = {}) noexcept;

/// Receives what there is, up to the size of `bytes`; descriptors are added to `fds`, those
/// beyond kMaxFds closed. @return as recvmsg(2).
ssize_t receive_some(int socket, std::span<char> bytes, ReceivedFds& fds) noexcept;

/// The bytes of a plain value.
template <typename Value>
[[nodiscard]] std::span<const char> bytes_of(const Value& value) noexcept {
    return {reinterpret_cast<const char*>(&value), sizeof(Value)};
}

}  // namespace brig::host_linux
