// SPDX-License-Identifier: BSD-2-Clause
#include "nft_rules.hpp"

#include "rule_words.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <set>

namespace brig::net {

namespace {

constexpr const char* kGuard = "guard";
constexpr const char* kIncoming = "prerouting";
constexpr const char* kOutgoing = "output";
constexpr const char* kForward = "forward";
constexpr const char* kApart = "apart";
constexpr const char* kLeaving = "postrouting";

struct Chain {
    const char* name;
    const char* hook;  ///< "" for one that others go to
};

/// In the order in which they can be made. Priorities as numbers: nft(8) has not always had names
/// for them in every hook.
constexpr Chain kChains[] = {
    {kGuard, "{ type filter hook prerouting priority -300; }"},
    {kIncoming, "{ type nat hook prerouting priority -100; }"},
    {kOutgoing, "{ type nat hook output priority -100; }"},
    {kApart, ""},
    {kForward, "{ type filter hook forward priority 0; }"},
    {kLeaving, "{ type nat hook postrouting priority 100; }"},
};

constexpr const char* kLoopback = "lo";

std::string comment_of(const std::string& tag, const NftRule& rule) {
    return tag + " " + short_hash(rule.text);
}

// ---- Networks ----

/// How to tell the packets of a network: by its interface, or by its addresses.
struct Side {
    std::string from, not_from;
    std::string to, not_to;
};

std::vector<Side> sides_of(const NetworkRules& rules) {
    if (!rules.interface.empty()) {
        const std::string own = quoted_interface(rules.interface) + " ";
        return {{"iifname " + own, "iifname != " + own, "oifname " + own, "oifname != " + own}};
    }
    std::vector<Side> sides;
    for (const bool is_ip6 : {false, true}) {
        const std::string& subnet = is_ip6 ? rules.subnet6 : rules.subnet4;
        if (!subnet.empty()) {
            const std::string own = required_subnet(subnet, is_ip6) + " ";
            const std::string other = "!= " + own;
            const std::string from = is_ip6 ? "ip6 saddr " : "ip saddr ";
            const std::string to = is_ip6 ? "ip6 daddr " : "ip daddr ";
            sides.push_back({from + own, from + other, to + own, to + other});
        }
    }
    return sides;
}

void add_separation(const NetworkRules& rules, const Side& side, std::vector<NftRule>& to) {
    if (rules.isolate) {
        to.push_back({kForward, side.from + side.to + "drop"});
    }
    if (rules.internal) {
        to.push_back({kForward, side.from + side.not_to + "drop"});
        to.push_back({kForward, side.to + side.not_from + "drop"});
        return;
    }
    // Jump rather than goto: what `apart` lets pass has to meet the rules of the other network,
    // too.
    to.push_back({kForward, side.from + side.not_to + "jump " + kApart});
    to.push_back({kApart, side.to + "ct status and dnat == 0 drop"});
    // What is not tracked has no status that a rule could ask for.
    to.push_back({kApart, side.to + "ct state invalid,untracked drop"});
}

void add_translation(const NetworkRules& rules, bool is_ip6, std::vector<NftRule>& to) {
    const std::string subnet =
        required_subnet(is_ip6 ? rules.subnet6 : rules.subnet4, is_ip6) + " ";
    const std::string from = (is_ip6 ? "ip6 saddr " : "ip saddr ") + subnet;
    const std::string daddr = is_ip6 ? "ip6 daddr " : "ip daddr ";
    const std::string own = rules.interface.empty() ? "" : quoted_interface(rules.interface) + " ";
    if (rules.nat && !rules.internal) {
        std::string out = own.empty() ? daddr + "!= " + subnet : "oifname != " + own;
        if (!rules.nat_interface.empty()) {
            out = "oifname " + quoted_interface(rules.nat_interface) + " ";
        }
        to.push_back({kLeaving, from + out + "masquerade"});
    }
    // A container that reaches its neighbour by the host's address would get the answer from the
    // neighbour's own one.
    const std::string back = own.empty() ? daddr + subnet : "oifname " + own;
    to.push_back({kLeaving, from + back + "ct status dnat masquerade"});
}

/// On the host's own stack nothing is forwarded. What goes from one address of the host's to
/// another takes `lo` and stays as it is.
void add_host_translation(const NetworkRules& rules, bool is_ip6, std::vector<NftRule>& to) {
    const std::string subnet =
        required_subnet(is_ip6 ? rules.subnet6 : rules.subnet4, is_ip6) + " ";
    const std::string source = is_ip6 ? "ip6 saddr " : "ip saddr ";
    const std::string destination = is_ip6 ? "ip6 daddr " : "ip daddr ";
    if (rules.owns_subnets) {
        for (const char* chain : {kIncoming, kOutgoing}) {
            to.push_back({chain, destination + subnet + "accept", true});
        }
    }
    if (rules.nat) {
        std::string rule = source + subnet;
        rule += destination + "!= " + subnet;
        rule += rules.nat_interface.empty() ? "oifname != \"lo\""
                                            : "oifname " + quoted_interface(rules.nat_interface);
        to.push_back({kLeaving, rule + " masquerade"});
    }
}

/// 127.0.0.1 may lead to a container only if the interface has route_localnet, with which whoever
/// is behind it could send to the host's 127.0.0.1 as well: that is dropped first of all.
void add_loopback(const std::string& interface, std::vector<NftRule>& to) {
    const std::string own = quoted_interface(interface);
    to.push_back({kGuard, "iifname " + own + " ip daddr 127.0.0.0/8 drop"});
    to.push_back({kGuard, "iifname " + own + " ip saddr 127.0.0.0/8 drop"});
    to.push_back({kLeaving, "ip saddr 127.0.0.0/8 oifname " + own + " ct status dnat masquerade"});
}

// ---- Published ports ----

/// "to 10.77.0.2:80", or with a map for a range that begins elsewhere in the container: ranges as
/// targets would be filled in any order.
std::string target_of(const PublishedPorts& ports, const char* protocol) {
    const IpAddress target = required_address(ports.target_address);
    std::string address = target.to_string();
    const std::string bracketed = target.is_ip6 ? "[" + address + "]" : address;
    if (ports.count == 1) {
        return bracketed + ":" + std::to_string(ports.target_first);
    }
    if (ports.host_first == ports.target_first) {
        return address;
    }
    std::string map = std::string{protocol} + " dport map { ";
    for (unsigned i = 0; i < ports.count; ++i) {
        map += (i == 0 ? "" : ", ") + std::to_string(ports.host_first + i) + " : " + address + " . "
               + std::to_string(ports.target_first + i);
    }
    return map + " }";
}

/// What all rules of one entry begin and end with.
struct Translation {
    std::string match;   ///< the ports, and any of the host's addresses or the one that is meant
    std::string action;  ///< "dnat ip to …"
};

Translation translation_of(const PublishedPorts& ports) {
    const char* protocol = ports.protocol == Protocol::tcp ? "tcp" : "udp";
    const bool is_ip6 = required_address(ports.target_address).is_ip6;
    Translation parts;
    parts.match = std::string{"meta nfproto "} + (is_ip6 ? "ipv6 " : "ipv4 ") + protocol + " dport "
                  + std::to_string(ports.host_first);
    if (ports.count > 1) {
        parts.match += "-" + std::to_string(ports.host_first + ports.count - 1U);
    }
    if (!ports.host_address.empty()) {
        const IpAddress host = required_address(ports.host_address);
        if (host.is_ip6 != is_ip6) {
            throw sdk::Error{BRIG_INVALID,
                             "'" + to_string(ports) + "' cannot lead to '" + ports.target_address
                                 + "': one is an IPv6 address, the other is not"};
        }
        if (host != IpAddress{is_ip6, {}}) {
            parts.match += (is_ip6 ? " ip6 daddr " : " ip daddr ") + host.to_string();
        }
    }
    // Also for one address: what the host only forwards is not its own.
    parts.match += " fib daddr type local";
    parts.action =
        std::string{is_ip6 ? " dnat ip6 to " : " dnat ip to "} + target_of(ports, protocol);
    return parts;
}

bool is_loopback(const std::string& address) {
    constexpr std::uint8_t kLoopbackNetwork = 127;
    const auto ip = parse_ip(address);
    return ip && !ip->is_ip6 && ip->bytes[0] == kLoopbackNetwork;
}

void add_published(const PublishedPorts& ports, bool is_on_host, std::vector<NftRule>& to) {
    if (ports.count == 0 || ports.host_first == 0 || ports.target_first == 0) {
        throw sdk::Error{BRIG_INVALID, "'" + to_string(ports) + "' has a port 0"};
    }
    const Translation parts = translation_of(ports);
    const bool any_interface = ports.host_interface.empty();
    // A packet from outside for 127.0.0.1 would be translated before the kernel can find it odd.
    if (ports.host_interface != kLoopback && !is_loopback(ports.host_address)) {
        const std::string interface =
            any_interface ? "" : " iifname " + quoted_interface(ports.host_interface);
        to.push_back({kIncoming, parts.match + interface + parts.action});
    }
    if (any_interface || ports.host_interface == kLoopback) {
        // From ::1 nothing can be sent to another interface: better refused than lost.
        const bool is_ip6 = required_address(ports.target_address).is_ip6;
        const char* but_loopback = is_ip6 && !is_on_host ? " ip6 daddr != ::1" : "";
        to.push_back({kOutgoing, parts.match + but_loopback + parts.action});
    }
}

/// A container on the host's own stack has another loopback than the host, and would answer to
/// itself. So what comes from the host's seems to come from the container's own address.
void add_own_sources(const std::vector<PublishedPorts>& published, std::vector<NftRule>& to) {
    std::set<IpAddress> targets;
    for (const PublishedPorts& ports : published) {
        targets.insert(required_address(ports.target_address));
    }
    for (const IpAddress& target : targets) {
        const std::string address = target.to_string();
        std::string rule =
            target.is_ip6 ? "ip6 saddr ::1 ip6 daddr " : "ip saddr 127.0.0.0/8 ip daddr ";
        rule += address;
        rule += target.is_ip6 ? " ct status dnat snat ip6 to " : " ct status dnat snat ip to ";
        to.push_back({kLeaving, rule + address});
    }
}

// ---- Listings ----

/// Passes on what stands before `end`, and takes both off `text`.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end) {
    const std::size_t at = text.find(end);
    if (at == std::string_view::npos) {
        return std::nullopt;
    }
    const std::string_view before = text.substr(0, at);
    text.remove_prefix(at + end.size());
    return before;
}

/// "… comment "TAG HASH" # handle 12", and a map in it may have had lines before.
ListedRule parse_rule(const std::string& chain, std::string_view rule, std::uint64_t handle) {
    constexpr std::string_view kComment = " comment \"";
    ListedRule parsed{chain, std::string{rule}, {}, handle};
    const std::size_t comment = rule.rfind(kComment);
    if (comment != std::string_view::npos && rule.back() == '"') {
        parsed.comment = rule.substr(comment + kComment.size());
        parsed.comment.pop_back();
    }
    return parsed;
}

/// The rules of the chain that `body` begins with, up to its brace.
void parse_chain(const std::string& chain, std::string_view body, std::vector<ListedRule>& to) {
    constexpr std::string_view kHandle = " # handle ";
    std::string rule;
    while (const auto line = take_until(body, "\n")) {
        if (*line == "\t}") {
            return;
        }
        const std::size_t at = line->rfind(kHandle);
        rule += line->substr(0, at);
        if (at == std::string_view::npos) {
            // The line of the hook is none of a rule.
            rule = rule.rfind("\t\ttype ", 0) == 0 ? "" : rule;
            continue;
        }
        const std::string_view digits = line->substr(at + kHandle.size());
        std::uint64_t handle = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), handle);
        to.push_back(parse_rule(chain, rule, handle));
        rule.clear();
    }
}

std::vector<std::string> comments_in(const std::vector<ListedRule>& listed,
                                     const std::string& tag,
                                     std::string_view chain) {
    std::vector<std::string> comments;
    for (const ListedRule& rule : listed) {
        if (rule.chain == chain && rule.tag() == tag) {
            comments.push_back(rule.comment);
        }
    }
    return comments;
}

std::vector<std::string> wanted_in(const std::vector<NftRule>& wanted,
                                   const std::string& tag,
                                   std::string_view chain) {
    std::vector<std::string> comments;
    for (const NftRule& rule : wanted) {
        if (rule.chain == chain) {
            comments.push_back(comment_of(tag, rule));
        }
    }
    return comments;
}

bool uses(const std::vector<NftRule>& rules, std::string_view chain) {
    return std::any_of(
        rules.begin(), rules.end(), [chain](const NftRule& rule) { return rule.chain == chain; });
}

}  // namespace

std::vector<NftRule> nft_rules(const NetworkRules& rules) {
    std::vector<NftRule> made;
    if (const std::string interface = loopback_interface(rules); !interface.empty()) {
        add_loopback(interface, made);
    }
    if (!rules.is_on_host) {
        for (const Side& side : sides_of(rules)) {
            add_separation(rules, side, made);
        }
    }
    const auto translate = rules.is_on_host ? add_host_translation : add_translation;
    if (!rules.subnet4.empty()) {
        translate(rules, false, made);
    }
    if (!rules.subnet6.empty()) {
        translate(rules, true, made);
    }
    return made;
}

std::vector<NftRule> nft_rules(const Published& published) {
    std::vector<NftRule> made;
    if (const std::string interface = loopback_interface(published); !interface.empty()) {
        add_loopback(interface, made);
    }
    for (const PublishedPorts& each : published.ports) {
        add_published(each, published.is_on_host, made);
    }
    if (published.is_on_host) {
        add_own_sources(published.ports, made);
    }
    return made;
}

std::string loopback_interface(const NetworkRules& rules) {
    return rules.subnet4.empty() || rules.interface == kLoopback ? "" : rules.interface;
}

std::string loopback_interface(const Published& published) {
    return published.ports.empty() || published.interface == kLoopback ? "" : published.interface;
}

std::string_view ListedRule::tag() const noexcept {
    const std::string_view whole{comment};
    return whole.rfind("brig:", 0) == 0 ? whole.substr(0, whole.find(' ')) : std::string_view{};
}

std::vector<ListedRule> parse_nft_table(std::string_view listing) {
    std::vector<ListedRule> rules;
    while (take_until(listing, "\n\tchain ")) {
        std::string_view rest = listing;
        const auto name = take_until(rest, " {");
        if (!name || !take_until(rest, "\n")) {
            break;
        }
        parse_chain(std::string{*name}, rest, rules);
    }
    return rules;
}

sdk::Condition compare_rules(const std::vector<ListedRule>& listed,
                             const std::string& tag,
                             const std::vector<NftRule>& wanted) {
    const bool some = std::any_of(
        listed.begin(), listed.end(), [&tag](const ListedRule& rule) { return rule.tag() == tag; });
    if (!some) {
        return wanted.empty() ? sdk::Condition::sound : sdk::Condition::absent;
    }
    const bool same = std::all_of(std::begin(kChains), std::end(kChains), [&](const Chain& chain) {
        return comments_in(listed, tag, chain.name) == wanted_in(wanted, tag, chain.name);
    });
    return same ? sdk::Condition::sound : sdk::Condition::drifted;
}

std::string replacement_script(const std::vector<ListedRule>& listed,
                               const std::string& tag,
                               const std::vector<NftRule>& wanted) {
    required_tag(tag);
    if (compare_rules(listed, tag, wanted) == sdk::Condition::sound) {
        return {};
    }
    const auto is_ours = [&tag](const ListedRule& rule) { return rule.tag() == tag; };
    if (wanted.empty() && std::all_of(listed.begin(), listed.end(), is_ours)) {
        return "delete table inet brig\n";
    }
    std::string script = "add table inet brig\n";
    for (const Chain& chain : kChains) {
        if (uses(wanted, chain.name)) {
            script += std::string{"add chain inet brig "} + chain.name + " " + chain.hook + "\n";
        }
    }
    for (const ListedRule& rule : listed) {
        if (is_ours(rule)) {
            script += "delete rule inet brig " + rule.chain + " handle "
                      + std::to_string(rule.handle) + "\n";
        }
    }
    const auto place = [&](const char* verb, const NftRule& rule) {
        script += std::string{verb} + " rule inet brig " + rule.chain + " " + rule.text
                  + " comment \"" + comment_of(tag, rule) + "\"\n";
    };
    // Each goes before the one that was inserted last.
    std::for_each(wanted.rbegin(), wanted.rend(), [&](const NftRule& rule) {
        if (rule.is_exception) {
            place("insert", rule);
        }
    });
    for (const NftRule& rule : wanted) {
        if (!rule.is_exception) {
            place("add", rule);
        }
    }
    return script;
}

std::vector<std::string> guarded_interfaces(const std::vector<ListedRule>& listed,
                                            std::string_view tag,
                                            bool of_others) {
    std::vector<std::string> names;
    for (const ListedRule& rule : listed) {
        std::string_view text = rule.text;
        if (rule.chain != kGuard || (rule.tag() == tag) == of_others
            || text.find(" 127.0.0.0/8 drop") == std::string_view::npos
            || !take_until(text, "iifname \"")) {
            continue;
        }
        const auto name = take_until(text, "\"");
        if (name && is_interface_name(*name)) {
            names.emplace_back(*name);
        }
    }
    return names;
}

}  // namespace brig::net
