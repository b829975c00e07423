// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// See Host::add_address.
bool add_address(const InterfaceAddress& address, const std::function<void()>& before);

/// See Host::remove_address.
void remove_address(const InterfaceAddress& address);

/// Moves an interface of the host into the vnet of `jail`, as `ifconfig NAME vnet JID` does.
void lend_interface(const Jail& jail, const std::string& interface);

/// Moves it back; fine when the jail does not have it. The kernel does the same, later, when the
/// jail is gone.
void return_interface(const Jail& jail, const std::string& interface);

}  // namespace brig::freebsd
