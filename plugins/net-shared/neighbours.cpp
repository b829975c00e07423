// SPDX-License-Identifier: BSD-2-Clause
#include "neighbours.hpp"

#include "wire.hpp"

#include <algorithm>
#include <chrono>

namespace brig::net {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kProbes = 2;
constexpr std::chrono::milliseconds kPatience{75};  ///< after each

/// So many are found to be in use, one after the other, before something else must be wrong.
constexpr std::size_t kMostInUse = 16;

std::optional<Neighbour> neighbour_in(const Frame& frame, const std::vector<IpAddress>& addresses) {
    for (const IpAddress& address : addresses) {
        if (const auto mac = answered_by(frame, address)) {
            return Neighbour{address, *mac};
        }
    }
    return std::nullopt;
}

std::optional<Neighbour> answer_on(Wire& wire, const std::vector<IpAddress>& addresses) {
    const auto until = Clock::now() + kPatience;
    while (const auto frame = wire.receive(until)) {
        if (auto neighbour = neighbour_in(*frame, addresses)) {
            return neighbour;
        }
    }
    return std::nullopt;
}

/// False if it cannot be asked.
bool ask(const Wire& wire, const std::vector<IpAddress>& addresses) {
    return std::all_of(addresses.begin(), addresses.end(), [&](const IpAddress& address) {
        return wire.send(make_probe(wire.mac(), address));
    });
}

}  // namespace

std::optional<Neighbour> find_on_wire(const std::string& interface,
                                      const std::vector<IpAddress>& addresses) {
    auto wire = Wire::open(interface);
    for (int i = 0; i < kProbes; ++i) {
        if (!wire || addresses.empty() || !ask(*wire, addresses)) {
            return std::nullopt;
        }
        if (auto neighbour = answer_on(*wire, addresses)) {
            return neighbour;
        }
    }
    return std::nullopt;
}

std::vector<IpAddress> lease_unused(const sdk::Call& call,
                                    const sdk::Target& target,
                                    const std::string& interface,
                                    const LeaseAll& lease_all) {
    const bool asks = !interface.empty() && !target.dry_run() && !target.recovery();
    std::vector<IpAddress> avoided;
    for (;;) {
        std::vector<IpAddress> addresses = lease_all(avoided);
        const auto taken = asks ? find_on_wire(interface, addresses) : std::nullopt;
        if (!taken) {
            return addresses;
        }
        const std::string message = "address " + taken->address.to_string() + " is in use by "
                                    + to_string(taken->mac) + " on the wire behind '"
                                    + interface + "'";
        const bool was_chosen = target.options().has(taken->address.is_ip6 ? "ip6" : "ip");
        if (was_chosen || avoided.size() == kMostInUse) {
            throw Error{BRIG_CONFLICT,
                        message,
                        "choose another, or see what answers there for others (proxy ARP); "
                        "'probe = false' asks nobody"};
        }
        call.warn(message + ": another is taken; put it in 'exclude'");
        avoided.push_back(taken->address);
    }
}

}  // namespace brig::net
