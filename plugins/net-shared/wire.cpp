// SPDX-License-Identifier: BSD-2-Clause
#include "wire.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace brig::net {

bool Wire::send(const Frame& frame) const {
    const ssize_t sent = ::write(socket_.get(), frame.data(), frame.size());
    if (sent < 0 && (errno == ENETDOWN || errno == ENXIO || errno == ENOBUFS)) {
        return false;
    }
    check(sent, "ask on the wire");
    return true;
}

std::optional<Frame> Wire::receive(std::chrono::steady_clock::time_point until) {
    while (received_.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            until - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return std::nullopt;
        }
        pollfd waiting{socket_.get(), POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR) {
            check(ready, "wait for an answer on the wire");
        }
        if (ready > 0) {
            fill();
        }
    }
    Frame frame = std::move(received_.front());
    received_.pop_front();
    return frame;
}

}  // namespace brig::net
