// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "ip.hpp"

#include <optional>
#include <string>
#include <vector>

/// What differs between the operating systems: linux.cpp and freebsd.cpp. All of it through the
/// kernel's own interfaces; no program runs. Every function throws sdk::Error that says what was
/// being done to what, and what the kernel said.
namespace brig::net_loopback::os {

/// An interface of the host, as far as it concerns us.
struct Interface {
    std::string name;
    std::string tag;  ///< who owns it (interface alias, or description); "" for all others'
    bool is_up = false;
};

/// The interface of that name, if there is one.
[[nodiscard]] std::optional<Interface> find_interface(const std::string& name);

/// The one that bears the tag, if there is one.
[[nodiscard]] std::optional<Interface> find_tagged(const std::string& tag);

/// All of ours whose tag begins with `prefix`.
[[nodiscard]] std::vector<Interface> all_tagged(const std::string& prefix);

/// Makes an interface without a wire that bears the tag, and returns its name. `key` decides what
/// it is called.
std::string make_interface(const std::string& key, const std::string& tag);

/// Brings it up; up already is fine.
void bring_up(const std::string& name);

/// Removes it and all its addresses; not there is fine.
void remove_interface(const std::string& name);

/// An address that the host has.
struct HostAddress {
    std::string interface;
    net::IpAddress address;

    friend bool operator==(const HostAddress&, const HostAddress&) = default;
};

/// All of the host's addresses but those that IPv6 makes for one link.
[[nodiscard]] std::vector<HostAddress> all_addresses();

/// Adds the address alone, without a network around it, and to be used at once: nobody looks for
/// duplicates. There already is fine.
void add_address(const HostAddress& address);

/// Takes it away; not there, or no such interface, is fine.
void remove_address(const HostAddress& address);

}  // namespace brig::net_loopback::os
