// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "freebsd_interfaces.hpp"
#include "freebsd_requests.hpp"

#include <cstddef>
#include <string>
#include <vector>

/// The inside of a jail that has a stack of its own. A child attaches itself to the jail and does
/// what was prepared here: it is forked from a program with threads and never becomes another one,
/// so it makes system calls and nothing else.
namespace brig::net {

/// The interfaces in the jail. @throws Error{BRIG_UNAVAILABLE} there is no such jail
[[nodiscard]] std::vector<Interface> interfaces_in_jail(int jail);

/// What is to be done with one interface in a jail, in order.
class InnerPlan {
  public:
    /// @param interface what it is called inside now
    explicit InnerPlan(std::string interface) : interface_{std::move(interface)} {}

    /// Everything after it is about the interface by its new name.
    void rename(const std::string& name);

    /// The same with `wanted`, or if that is "" or taken with "eth0" or the next that is free.
    void rename_to_free(const std::string& wanted);

    void set_mtu(unsigned mtu);
    void turn_on_ip6();
    void bring_up();
    void add_address(const IpPrefix& prefix);

    /// Another route to there stays.
    void add_route(const Route& route);

    /// There already is fine.
    void add_neighbour(const IpAddress& address, const MacAddress& mac);

    /// Not there is fine.
    void remove_route(const Route& route);

    /// lo0 with 127.0.0.1 and ::1.
    void bring_up_loopback();

    /// Returns what the interface is called then.
    /// @throws Error that says which step failed and why
    [[nodiscard]] std::string perform(int jail) const;

  private:
    friend struct Child;

    enum class Kind {
        request,
        rename,
        rename_to_free,
        bring_up,
        route,
    };

    struct Step {
        Kind kind = Kind::request;
        std::string attempt;
        int family = 0;
        unsigned long command = 0;
        std::vector<unsigned char> bytes;  ///< begins with the interface's name, or is for route(4)
        std::size_t index_at = 0;          ///< in `bytes`, see RouteMessage
        std::size_t scope_at = 0;
        bool is_loopback = false;  ///< about lo0
        int tolerated = 0;         ///< an errno
    };

    template <typename Request>
    void add_request(const std::string& attempt,
                     int family,
                     unsigned long command,
                     const Request& request);

    void add_message(const std::string& attempt, RouteMessage message, int tolerated);

    std::string interface_;
    std::vector<Step> steps_;
};

}  // namespace brig::net
