// SPDX-License-Identifier: BSD-2-Clause
#include "settings.hpp"

#include "system.hpp"

#include <array>

namespace brig::net_loopback {

namespace {

using sdk::Options;

constexpr const char* kLoopback4 = "127.0.0.1/32";
constexpr const char* kLoopback6 = "::1/128";

struct Special {
    const char* network;
    const char* what;
};

/// Networks that no jail can have an address of. 127.0.0.0/8 is not among them: its addresses are
/// as good as others for what stays on the host.
constexpr std::array<Special, 5> kSpecial{
    Special{"0.0.0.0/8", "which means no address"},
    Special{"224.0.0.0/3", "which is for multicast and broadcast"},
    Special{"::/128", "which means no address"},
    Special{"ff00::/8", "which is for multicast"},
    Special{"fe80::/10", "whose addresses belong to one link each"},
};

void require_ordinary(const std::string& option, const net::Subnet& subnet) {
    for (const Special& special : kSpecial) {
        const net::Subnet reserved{net::parse_prefix(special.network).value()};
        if (reserved.is_ip6() == subnet.is_ip6() && reserved.overlaps(subnet)) {
            net::refuse("'" + option + "': '" + subnet.to_string() + "' overlaps with "
                            + special.network + ", " + special.what,
                        subnet.is_ip6() ? "take a part of fd00::/8" : "take a part of 10.0.0.0/8");
        }
    }
}

std::optional<net::Pool> read_family(const Options& options, bool is_ip6) {
    net::PoolOptions wanted = net::pool_options(options, is_ip6);
    if (wanted.subnet.empty()) {
        return std::nullopt;
    }
    // The host's own, if the subnet has it.
    wanted.exclude.emplace_back(is_ip6 ? kLoopback6 : kLoopback4);
    net::Pool pool = net::read_pool(wanted);
    require_ordinary(wanted.subnet_option, pool.subnet);
    return pool;
}

}  // namespace

Settings read_settings(const std::string& name, const Options& options) {
    Settings settings;
    settings.name = name;
    settings.interface = options.text("interface");
    if (!settings.interface.empty()) {
        net::require_interface_name("interface", settings.interface);
    }
    settings.nat = net::read_nat(options);
    settings.probe = options.boolean("probe");
    settings.ip4 = read_family(options, false);
    settings.ip6 = read_family(options, true);
    return settings;
}

void require_subnet(const Settings& settings) {
    if (!settings.ip4 && !settings.ip6) {
        net::refuse("network '" + settings.name + "' has neither 'subnet' nor 'subnet6'",
                    "for example: subnet = \"10.88.0.0/24\"");
    }
}

}  // namespace brig::net_loopback
