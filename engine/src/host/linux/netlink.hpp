// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace brig::host_linux {

/// A socket for rtnetlink(7) in the network namespace of this thread.
[[nodiscard]] UniqueFd open_netlink();

/// The same in the network namespace that the descriptor stands for. The thread visits it.
[[nodiscard]] UniqueFd open_netlink_in(int network_namespace);

/// One request to the kernel, field by field, to be acknowledged.
class NetlinkRequest {
  public:
    NetlinkRequest(std::uint16_t type, std::uint16_t flags);

    /// The struct that follows the header: ifinfomsg, ifaddrmsg.
    template <typename Body>
    void body(const Body& body) {
        add(&body, sizeof body);
    }

    void attribute(std::uint16_t type, const void* data, std::size_t size);

    /// Sends it and waits for the acknowledgement. Returns 0 or an errno of the kernel's answer.
    /// @throws Error{system} when there is no answer.
    [[nodiscard]] int send(int socket);

  private:
    void add(const void* data, std::size_t size);

    std::string message_;
};

/// The number of the interface called `name`, as `socket` sees it; 0: there is none.
[[nodiscard]] int interface_index(int socket, const std::string& name);

}  // namespace brig::host_linux
