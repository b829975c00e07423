// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "os.hpp"

#include <optional>
#include <string>
#include <vector>

/// What one container has on the network: addresses of an interface. An address cannot bear a tag,
/// so what is to be taken away again is noted in the engine's store, before it is made.
namespace brig::net_loopback {

/// The addresses that the container was given on `interface`.
struct Alias {
    std::string interface;
    std::vector<net::IpAddress> addresses;

    friend bool operator==(const Alias&, const Alias&) = default;
};

/// "INTERFACE ADDRESS…".
[[nodiscard]] std::string format_alias(const Alias& alias);
[[nodiscard]] std::optional<Alias> parse_alias(const std::string& text);

/// Gives the interface the addresses, or what is missing of them. Others than before: those go.
/// @param is_own the interface is the network's own, and all that is on it, too
/// @throws sdk::Error{BRIG_CONFLICT} for an address that the host has for itself
void make_alias(const sdk::Call& call, const sdk::Target& target, const Alias& alias, bool is_own);

/// Takes away what make_alias() made for the container. Nothing is fine.
void remove_alias(const sdk::Call& call, const sdk::Target& target);

/// Whether the interface has all that was noted.
[[nodiscard]] sdk::Condition check_alias(const sdk::Call& call, const sdk::Target& target);

}  // namespace brig::net_loopback
