// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "neighbour_frames.hpp"
#include "system.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace brig::net {

/// The Ethernet that an interface is on, frame by frame: wire_linux.cpp, wire_freebsd.cpp. Of what
/// comes, only that is received which may answer a probe.
class Wire {
  public:
    /// Nothing if the interface is on no Ethernet.
    [[nodiscard]] static std::optional<Wire> open(const std::string& interface);

    [[nodiscard]] const MacAddress& mac() const noexcept { return mac_; }

    /// False if the interface is down.
    [[nodiscard]] bool send(const Frame& frame) const;

    /// The next frame, if one comes before the time is over.
    [[nodiscard]] std::optional<Frame> receive(std::chrono::steady_clock::time_point until);

  private:
    Wire(UniqueFd socket, const MacAddress& mac) : socket_{std::move(socket)}, mac_{mac} {}

    /// Reads what is there.
    void fill();

    UniqueFd socket_;
    MacAddress mac_;
    std::size_t buffer_size_ = 2048;
    std::deque<Frame> received_;
};

}  // namespace brig::net
