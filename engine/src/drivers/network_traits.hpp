// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"
#include "support/findings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// The keys of [network.NAME] that are the engine's, whatever the driver is.
struct NetworkTraits {
    /// The default route goes through the network with the highest; of several, the one that was
    /// named first.
    int priority = 0;

    /// Where the container's resolv.conf comes from: "host" (as the host's), "image" (stays as it
    /// is), or addresses of name servers; "auto": as the host's, if the network gives the container
    /// addresses of its own.
    std::vector<std::string> resolver{"auto"};
    std::vector<std::string> search;  ///< domains that resolv.conf names

    /// Its containers find each other's names in /etc/hosts.
    bool names = true;

    friend bool operator==(const NetworkTraits&, const NetworkTraits&) = default;
};

/// The type of such a key; nothing for others.
[[nodiscard]] std::optional<std::uint32_t> trait_type(const std::string& key);

/// As they would be written, but for those that are as in every network.
[[nodiscard]] OptionMap options_of(const NetworkTraits& traits);

/// Takes them out of `options`, which are the driver's afterwards.
[[nodiscard]] NetworkTraits take_traits(OptionMap& options,
                                        const std::string& subject,
                                        Findings& findings);

}  // namespace brig
