// SPDX-License-Identifier: BSD-2-Clause
#include "settings.hpp"

#include "system.hpp"

#include <utility>

namespace brig::net_vnet {

namespace {

using sdk::Options;

/// Reads the options of one protocol: "subnet", "range", "gateway", or the same with a 6.
class FamilyReader {
  public:
    FamilyReader(const Options& options, bool is_ip6) : options_{options}, is_ip6_{is_ip6} {}

    [[nodiscard]] std::optional<Family> read(const Settings& settings) const {
        net::PoolOptions wanted = net::pool_options(options_, is_ip6_);
        if (wanted.subnet.empty()) {
            net::require_absent(options_, "gateway", is_ip6_);
            return std::nullopt;
        }
        const Subnet subnet = net::read_pool(wanted).subnet;
        require_suitable(subnet);
        const auto gateway = read_gateway(subnet, settings);
        if (gateway) {
            wanted.exclude.push_back(gateway->to_string());
        }
        return Family{net::read_pool(wanted), gateway};
    }

  private:
    [[nodiscard]] std::string option(const char* name) const {
        return std::string{name} + (is_ip6_ ? "6" : "");
    }

    /// There is room, and it is no network that no host may use for itself.
    void require_suitable(const Subnet& subnet) const {
        if (subnet.length() == subnet.first().bits()) {
            net::refuse("'" + option("subnet") + "': '" + subnet.to_string()
                        + "' is one address, and has no room for a gateway and a container");
        }
        for (const char* special :
             {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "ff00::/8", "fe80::/10"}) {
            const Subnet reserved{net::parse_prefix(special).value()};
            if (reserved.is_ip6() == is_ip6_ && reserved.overlaps(subnet)) {
                net::refuse("'" + option("subnet") + "': '" + subnet.to_string()
                                + "' overlaps with " + special
                                + ", which is not for networks of one's own",
                            is_ip6_ ? "take a part of fd00::/8" : "take a part of 10.0.0.0/8");
            }
        }
    }

    /// A bridge of the network's own has the gateway's address. Of other bridges nobody knows which
    /// one leads on.
    [[nodiscard]] std::optional<IpAddress> read_gateway(const Subnet& subnet,
                                                        const Settings& settings) const {
        const std::string text = options_.text(option("gateway"));
        if (text == "none"
            || (text.empty() && settings.mode != Mode::routed && !settings.owns_bridge())) {
            if (settings.mode == Mode::routed) {
                net::refuse("'" + option("gateway") + "': a routed network has one");
            }
            return std::nullopt;
        }
        if (text.empty()) {
            return subnet.first_host();
        }
        const auto gateway = net::parse_ip(text);
        if (!gateway || !subnet.is_host(*gateway)) {
            net::refuse("'" + option("gateway") + "': '" + text + "' is no address of a host in "
                        + subnet.to_string());
        }
        return gateway;
    }

    const Options& options_;
    bool is_ip6_;
};

Mode read_mode(const Options& options) {
    const std::string mode = options.text("mode");
    const bool has_interface = options.has("interface");
    if (has_interface && options.has("bridge")) {
        net::refuse("'interface' and 'bridge' exclude each other",
                    "an interface that is moved into a jail is a port of no bridge");
    }
    if (mode == "routed" && (has_interface || options.has("bridge"))) {
        net::refuse("mode = \"routed\" needs no 'bridge' and no 'interface'");
    }
    if (has_interface) {
        return Mode::interface;
    }
    return mode == "routed" ? Mode::routed : Mode::bridge;
}

/// What only a network has whose packets the host forwards.
void require_forwarded(const Settings& settings) {
    if (settings.nat.on && settings.internal) {
        net::refuse("'nat' and 'internal' exclude each other",
                    "an internal network reaches nobody");
    }
    if (settings.mode != Mode::interface) {
        return;
    }
    for (const auto& [name, is_set] : {std::pair{"nat", settings.nat.on},
                                       std::pair{"internal", settings.internal},
                                       std::pair{"isolate", settings.isolate},
                                       std::pair{"forwarding", settings.forwarding}}) {
        if (is_set) {
            net::refuse(std::string{"'"} + name + "' is not for a network with 'interface'",
                        "what comes in there never passes the host");
        }
    }
}

}  // namespace

Settings read_settings(const std::string& name, const Options& options) {
    Settings settings;
    settings.name = name;
    settings.mode = read_mode(options);
    settings.bridge = options.text("bridge");
    settings.interface = options.text("interface");
    for (const char* option : {"bridge", "interface"}) {
        if (options.has(option)) {
            net::require_interface_name(option, options.text(option));
        }
    }
    settings.nat = net::read_nat(options);
    settings.internal = options.boolean("internal");
    settings.isolate = options.boolean("isolate");
    settings.forwarding = options.boolean("forwarding");
    settings.probe = options.boolean("probe");
    settings.mtu = static_cast<unsigned>(options.integer("mtu"));
    require_forwarded(settings);
    settings.ip4 = FamilyReader{options, false}.read(settings);
    settings.ip6 = FamilyReader{options, true}.read(settings);
    if (settings.mode == Mode::routed && !settings.ip4 && !settings.ip6) {
        net::refuse("a routed network has no 'subnet' and no 'subnet6'");
    }
    return settings;
}

}  // namespace brig::net_vnet
