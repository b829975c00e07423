// SPDX-License-Identifier: BSD-2-Clause
#include "published_ports.hpp"

#include "ip.hpp"
#include "rule_words.hpp"
#include "system.hpp"

#include <charconv>
#include <limits>
#include <optional>

namespace brig::net {

namespace {

constexpr const char* kForm =
    "write [ADDRESS:|INTERFACE:]HOST:CONTAINER[/tcp|/udp], as in 8080:80, 127.0.0.1:8080:80, "
    "[fd00::1]:8080:80/udp or 5000-5009:6000-6009";

/// Longer texts are cut off in messages.
constexpr std::size_t kLongestShown = 80;

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw Error{BRIG_INVALID,
                "cannot publish '" + printable(text.substr(0, kLongestShown)) + "': " + why,
                kForm};
}

struct PortRange {
    std::uint16_t first = 0;
    std::uint16_t last = 0;
};

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) {
        return std::nullopt;
    }
    return port;
}

PortRange parse_range(std::string_view part, std::string_view whole) {
    const std::size_t dash = part.find('-');
    const auto first = parse_port(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_port(part.substr(dash + 1));
    if (!first || !last) {
        refuse(whole,
               "'" + printable(part.substr(0, kLongestShown))
                   + "' is neither a port from 1 to 65535 nor a range of them");
    }
    if (*last < *first) {
        refuse(whole, "the range '" + std::string{part} + "' ends before it begins");
    }
    return {*first, *last};
}

/// Takes "/tcp" or "/udp" off the end.
Protocol take_protocol(std::string_view whole, std::string_view& rest) {
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) {
        return Protocol::tcp;
    }
    const std::string_view name = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
    if (name == "tcp") {
        return Protocol::tcp;
    }
    if (name == "udp") {
        return Protocol::udp;
    }
    refuse(whole, "only tcp and udp have ports that can be published");
}

/// "ADDRESS:", "[ADDRESS]:" or "INTERFACE:", without the colon.
void read_place(std::string_view whole, std::string_view place, PublishedPorts& ports) {
    const bool bracketed = place.size() >= 2 && place.front() == '[' && place.back() == ']';
    const auto address = parse_ip(bracketed ? place.substr(1, place.size() - 2) : place);
    if (address && address->is_ip6 == bracketed) {
        ports.host_address = address->to_string();
    } else if (address && address->is_ip6) {
        refuse(whole, "an IPv6 address stands in brackets");
    } else if (!bracketed && is_interface_name(place)) {
        ports.host_interface = place;
    } else if (place.empty()) {
        refuse(whole, "there is nothing before the first ':'");
    } else {
        refuse(whole,
               "'" + printable(place.substr(0, kLongestShown))
                   + "' is neither an address nor the name of an interface");
    }
}

/// The part before the last ':' of `text`, which becomes what is behind it. A ':' in brackets is
/// none.
std::optional<std::string_view> take_before_last_colon(std::string_view& text) {
    const std::size_t colon = text.rfind(':');
    const std::size_t bracket = text.rfind(']');
    if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket)) {
        return std::nullopt;
    }
    const std::string_view before = text.substr(0, colon);
    text = text.substr(colon + 1);
    return before;
}

void aim_at(const PublishedPorts& ports,
            const std::string& address,
            bool is_ip6,
            std::vector<PublishedPorts>& to) {
    const bool on_ip6 = ports.host_address.find(':') != std::string::npos;
    if (!address.empty() && (ports.host_address.empty() || on_ip6 == is_ip6)) {
        to.push_back(ports);
        to.back().target_address = address;
    }
}

}  // namespace

PublishedPorts parse_published_ports(std::string_view text) {
    PublishedPorts ports;
    std::string_view container = text;
    ports.protocol = take_protocol(text, container);
    auto host = take_before_last_colon(container);
    if (!host) {
        refuse(text, "the port of the host has to be said, too");
    }
    std::string_view host_ports = *host;
    if (const auto place = take_before_last_colon(host_ports)) {
        read_place(text, *place, ports);
    }
    if (host_ports.empty()) {
        refuse(text, "the port of the host has to be said, too");
    }
    const PortRange outer = parse_range(host_ports, text);
    const PortRange inner = parse_range(container, text);
    if (outer.last - outer.first != inner.last - inner.first) {
        refuse(text, "the two ranges are not equally long");
    }
    ports.host_first = outer.first;
    ports.count = static_cast<std::uint16_t>(outer.last - outer.first + 1);
    ports.target_first = inner.first;
    return ports;
}

std::string to_string(const PublishedPorts& ports) {
    const auto range = [&ports](unsigned first) {
        return std::to_string(first)
               + (ports.count > 1 ? "-" + std::to_string(first + ports.count - 1U) : "");
    };
    std::string text = ports.host_interface;
    if (!ports.host_address.empty()) {
        const bool is_ip6 = ports.host_address.find(':') != std::string::npos;
        text = is_ip6 ? "[" + ports.host_address + "]" : ports.host_address;
    }
    text += (text.empty() ? "" : ":") + range(ports.host_first) + ":" + range(ports.target_first);
    return text + (ports.protocol == Protocol::tcp ? "/tcp" : "/udp");
}

std::vector<PublishedPorts> aim(const std::vector<PublishedPorts>& ports,
                                const std::string& ip4,
                                const std::string& ip6) {
    std::vector<PublishedPorts> aimed;
    for (const PublishedPorts& each : ports) {
        const std::size_t before = aimed.size();
        aim_at(each, ip4, false, aimed);
        aim_at(each, ip6, true, aimed);
        if (aimed.size() == before) {
            throw Error{BRIG_INVALID,
                        "cannot publish '" + to_string(each)
                            + "': the container has no address that it could lead to",
                        "publish it on an address of a family that the network has"};
        }
    }
    return aimed;
}

}  // namespace brig::net
