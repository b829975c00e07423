// SPDX-License-Identifier: BSD-2-Clause
#include "settings.hpp"

#include <algorithm>
#include <utility>

namespace brig::net_vnet {

namespace {

using sdk::Error;
using sdk::Options;

[[noreturn]] void refuse(const std::string& message, const std::string& hint = {}) {
    throw Error{BRIG_INVALID, message, hint};
}

/// Addresses from the first to the last.
struct Range {
    IpAddress first;
    IpAddress last;
};

Range whole(const Subnet& subnet) {
    return {subnet.first_host(), subnet.last_host()};
}

/// "ADDRESS", "FIRST-LAST", "NETWORK/LENGTH".
std::optional<Range> parse_range(std::string_view text) {
    if (const auto prefix = net::parse_prefix(text)) {
        const Subnet subnet{*prefix};
        return Range{subnet.first(), subnet.last()};
    }
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto first = net::parse_ip(text.substr(0, dash));
    const auto last = dash == text.size() ? first : net::parse_ip(text.substr(dash + 1));
    if (!first || !last || first->is_ip6 != last->is_ip6 || *last < *first) {
        return std::nullopt;
    }
    return Range{*first, *last};
}

Range require_range(const std::string& option, const std::string& text) {
    const auto range = parse_range(text);
    if (!range) {
        refuse("'" + option + "': '" + text + "' is no range of addresses",
               "write FIRST-LAST, NETWORK/LENGTH or one address");
    }
    return *range;
}

/// What is left of `ranges` without `hole`.
std::vector<Range> without(const std::vector<Range>& ranges, const Range& hole) {
    std::vector<Range> left;
    for (const Range& range : ranges) {
        if (hole.first.is_ip6 != range.first.is_ip6 || hole.last < range.first
            || range.last < hole.first) {
            left.push_back(range);
            continue;
        }
        if (range.first < hole.first) {
            left.push_back({range.first, net::before(hole.first)});
        }
        if (hole.last < range.last) {
            left.push_back({net::after(hole.last), range.last});
        }
    }
    return left;
}

std::string pool_of(const std::vector<Range>& ranges) {
    std::string pool;
    for (const Range& range : ranges) {
        pool += pool.empty() ? "" : ",";
        pool += range.first.to_string() + "-" + range.last.to_string();
    }
    return pool;
}

/// Reads the options of one protocol: "subnet", "range", "gateway", or the same with a 6.
class FamilyReader {
  public:
    FamilyReader(const Options& options, bool is_ip6) : options_{options}, is_ip6_{is_ip6} {}

    std::optional<Family> read(const Settings& settings) const {
        const std::string text = options_.text(option("subnet"));
        if (text.empty()) {
            require_absent("range");
            require_absent("gateway");
            return std::nullopt;
        }
        const Subnet subnet = read_subnet(text);
        const auto gateway = read_gateway(subnet, settings);
        return Family{subnet, gateway, read_pool(subnet, gateway)};
    }

  private:
    [[nodiscard]] std::string option(const char* name) const {
        return std::string{name} + (is_ip6_ ? "6" : "");
    }

    void require_absent(const char* name) const {
        if (!options_.text(option(name)).empty()) {
            refuse("'" + option(name) + "' is set, but not '" + option("subnet") + "'");
        }
    }

    [[nodiscard]] Subnet read_subnet(const std::string& text) const {
        const auto prefix = net::parse_prefix(text);
        if (!prefix || prefix->address.is_ip6 != is_ip6_) {
            refuse("'" + option("subnet") + "': '" + text + "' is no " + (is_ip6_ ? "IPv6" : "IPv4")
                   + " network");
        }
        const Subnet subnet{*prefix};
        if (subnet.first() != prefix->address) {
            refuse("'" + option("subnet") + "': '" + text + "' is an address in a network",
                   "the network is " + subnet.to_string());
        }
        if (subnet.length() == subnet.first().bits()) {
            refuse("'" + option("subnet") + "': '" + text
                   + "' is one address, and has no room for a gateway and a container");
        }
        require_ordinary(subnet);
        return subnet;
    }

    /// Networks that no host may use for itself.
    void require_ordinary(const Subnet& subnet) const {
        for (const char* special :
             {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/3", "::/127", "ff00::/8", "fe80::/10"}) {
            const Subnet reserved{net::parse_prefix(special).value()};
            if (reserved.is_ip6() == is_ip6_ && reserved.overlaps(subnet)) {
                refuse("'" + option("subnet") + "': '" + subnet.to_string() + "' overlaps with "
                           + special + ", which is not for networks of one's own",
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
                refuse("'" + option("gateway") + "': a routed network has one");
            }
            return std::nullopt;
        }
        if (text.empty()) {
            return subnet.first_host();
        }
        const auto gateway = net::parse_ip(text);
        if (!gateway || !subnet.is_host(*gateway)) {
            refuse("'" + option("gateway") + "': '" + text + "' is no address of a host in "
                   + subnet.to_string());
        }
        return gateway;
    }

    [[nodiscard]] std::string read_pool(const Subnet& subnet,
                                        const std::optional<IpAddress>& gateway) const {
        std::vector<Range> ranges{whole(subnet)};
        if (const std::string text = options_.text(option("range")); !text.empty()) {
            const Range range = require_range(option("range"), text);
            if (!subnet.contains(range.first) || !subnet.contains(range.last)) {
                refuse("'" + option("range") + "': '" + text + "' is not within "
                       + subnet.to_string());
            }
            ranges = {{std::max(range.first, subnet.first_host()),
                       std::min(range.last, subnet.last_host())}};
        }
        if (gateway) {
            ranges = without(ranges, {*gateway, *gateway});
        }
        for (const std::string& text : options_.list("exclude")) {
            ranges = without(ranges, require_range("exclude", text));
        }
        if (ranges.empty()) {
            refuse("no address of " + subnet.to_string() + " is left for containers",
                   "make '" + option("range") + "' larger, or exclude less");
        }
        return pool_of(ranges);
    }

    const Options& options_;
    bool is_ip6_;
};

Nat read_nat(const std::string& text) {
    if (text.empty() || text == "false") {
        return {};
    }
    if (text == "true") {
        return {true, ""};
    }
    require_interface_name("nat", text);
    return {true, text};
}

Mode read_mode(const Options& options) {
    const std::string mode = options.text("mode");
    const bool has_interface = options.has("interface");
    if (has_interface && options.has("bridge")) {
        refuse("'interface' and 'bridge' exclude each other",
               "an interface that is moved into a jail is a port of no bridge");
    }
    if (mode == "routed" && (has_interface || options.has("bridge"))) {
        refuse("mode = \"routed\" needs no 'bridge' and no 'interface'");
    }
    if (has_interface) {
        return Mode::interface;
    }
    return mode == "routed" ? Mode::routed : Mode::bridge;
}

/// What only a network has whose packets the host forwards.
void require_forwarded(const Settings& settings) {
    if (settings.nat.on && settings.internal) {
        refuse("'nat' and 'internal' exclude each other", "an internal network reaches nobody");
    }
    if (settings.mode != Mode::interface) {
        return;
    }
    for (const auto& [name, is_set] : {std::pair{"nat", settings.nat.on},
                                       std::pair{"internal", settings.internal},
                                       std::pair{"isolate", settings.isolate},
                                       std::pair{"forwarding", settings.forwarding}}) {
        if (is_set) {
            refuse(std::string{"'"} + name + "' is not for a network with 'interface'",
                   "what comes in there never passes the host");
        }
    }
}

}  // namespace

void require_interface_name(const std::string& option, const std::string& name) {
    const bool ordinary = std::all_of(name.begin(), name.end(), [](char letter) {
        return letter > ' ' && letter < '\x7f' && letter != '/' && letter != ':' && letter != '"'
               && letter != '\\' && letter != '%';
    });
    if (name.empty() || name.size() > kLongestInterface || !ordinary || name == "."
        || name == "..") {
        refuse(
            "'" + option + "': '" + name + "' cannot be the name of an interface",
            "it has at most " + std::to_string(kLongestInterface) + " letters, digits and signs");
    }
}

Settings read_settings(const std::string& name, const Options& options) {
    Settings settings;
    settings.name = name;
    settings.mode = read_mode(options);
    settings.bridge = options.text("bridge");
    settings.interface = options.text("interface");
    for (const char* option : {"bridge", "interface"}) {
        if (options.has(option)) {
            require_interface_name(option, options.text(option));
        }
    }
    settings.nat = read_nat(options.text("nat"));
    settings.internal = options.boolean("internal");
    settings.isolate = options.boolean("isolate");
    settings.forwarding = options.boolean("forwarding");
    settings.mtu = static_cast<unsigned>(options.integer("mtu"));
    require_forwarded(settings);
    settings.ip4 = FamilyReader{options, false}.read(settings);
    settings.ip6 = FamilyReader{options, true}.read(settings);
    if (settings.mode == Mode::routed && !settings.ip4 && !settings.ip6) {
        refuse("a routed network has no 'subnet' and no 'subnet6'");
    }
    return settings;
}

}  // namespace brig::net_vnet
