// SPDX-License-Identifier: BSD-2-Clause
#include "pf_rules.hpp"

#include "rule_words.hpp"

#include <algorithm>
#include <utility>

namespace brig::net {

namespace {

constexpr const char* kPfLoopback = "\"lo0\"";
constexpr const char* kRedirected = "brig";
constexpr const char* kRedirectedSelf = "brig_self";
constexpr const char* kOwn = "(self)";
constexpr std::size_t kLongestLabel = 63;

/// Collects lines. Translations stand before filters: pf.conf(5) wants them in this order.
class Builder {
  public:
    explicit Builder(const std::string& tag) : tag_{required_tag(tag)} {}

    void table(const std::string& line) { tables_ += line + "\n"; }

    void translate(const std::string& line) { add_once(translations_, line); }

    void filter(const std::string& line) { add_once(filters_, line); }

    /// `block` for what also meets the conditions of `outer`, which ends in a blank: pf has no rule
    /// with two conditions on one address.
    void filter_within(const std::string& outer, const std::string& block) {
        filters_.push_back("anchor " + outer + "{");
        filters_.push_back("  " + block);
        filters_.emplace_back("}");
    }

    [[nodiscard]] PfRules build() const {
        std::string all = tables_;
        for (const std::string& line : translations_) {
            all += line + "\n";
        }
        PfRules rules{all, translations_.size(), filters_.size()};
        for (const std::string& line : filters_) {
            all += line + "\n";
        }
        std::string once = labels(short_hash(all));
        for (const std::string& line : filters_) {
            // Not the braces of an inner anchor, but its rule may have them.
            const bool bears = line.find_first_of("{}") == std::string::npos;
            rules.text += line + (bears ? std::exchange(once, "") : "") + "\n";
        }
        return filters_.empty() ? PfRules{} : rules;
    }

  private:
    /// The kernel (15.1) drops a rule that it has already, and what is listed is counted.
    static void add_once(std::vector<std::string>& lines, const std::string& line) {
        if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
            lines.push_back(line);
        }
    }

    [[nodiscard]] std::string labels(const std::string& hash) const {
        std::string labels;
        for (std::size_t at = 0; at < tag_.size(); at += kLongestLabel) {
            labels += " label \"" + tag_.substr(at, kLongestLabel) + "\"";
        }
        return labels + " label \"=" + hash + "\"";
    }

    std::string tag_;
    std::string tables_;
    std::vector<std::string> translations_;
    std::vector<std::string> filters_;
};

// ---- Networks ----

struct Family {
    std::string af;      ///< "inet " or "inet6 "
    std::string subnet;  ///< "10.77.0.0/24 "
    bool is_ip6 = false;
};

std::vector<Family> families_of(const NetworkRules& rules) {
    std::vector<Family> families;
    if (!rules.subnet4.empty()) {
        families.push_back({"inet ", required_subnet(rules.subnet4, false) + " ", false});
    }
    if (!rules.subnet6.empty()) {
        families.push_back({"inet6 ", required_subnet(rules.subnet6, true) + " ", true});
    }
    return families;
}

/// "on "bridge0" ", or nothing.
std::string on(const std::string& interface) {
    return interface.empty() ? "" : "on " + quoted_interface(interface) + " ";
}

/// ("bridge0:0"): its first address, whatever that is when a packet leaves.
std::string address_of(const std::string& interface) {
    std::string quoted = quoted_interface(interface);
    quoted.insert(quoted.size() - 1, ":0");
    return "(" + quoted + ")";
}

/// What the host sends to itself has been turned towards a container on `interface`. Its answers
/// come in there with the host as their destination, and would be taken before they are turned
/// back: that is done where they leave towards lo0.
void pass_own(Builder& to, const Family& family, const std::string& interface) {
    const std::string gateway = family.is_ip6 ? "::1" : "127.0.0.1";
    to.filter("pass out quick on " + quoted_interface(interface) + " reply-to (lo0 " + gateway
              + ") " + family.af + "from any to " + family.subnet + "tagged " + kRedirectedSelf
              + " keep state");
    if (!family.is_ip6) {
        to.translate("nat on " + quoted_interface(interface) + " inet from 127.0.0.0/8 to "
                     + family.subnet + "tagged " + kRedirectedSelf + " -> "
                     + address_of(interface));
    }
}

void masquerade(Builder& to,
                const Family& family,
                const NetworkRules& rules,
                const std::vector<Egress>& egress) {
    for (const Egress& each : egress) {
        const bool wanted = rules.nat_interface.empty() || rules.nat_interface == each.name;
        if (wanted && (family.is_ip6 ? each.has_ip6 : each.has_ip4)) {
            to.translate("nat on " + quoted_interface(each.name) + " " + family.af + "from "
                         + family.subnet + "to any -> " + address_of(each.name));
        }
    }
}

/// What containers of other networks send here, and what goes from here to those. A network that
/// masquerades does so only by interfaces that lead out, so addresses are still the containers'
/// own. A routed network is no network of an interface, so that two of them know each other only by
/// where a packet leaves: the host's ends of their pairs are in the group, too.
void keep_apart(Builder& to, const Family& family, const NetworkRules& rules) {
    const std::string unless = std::string{"! tagged "} + kRedirected;
    to.filter_within("out " + on(rules.interface) + family.af + "from ! " + family.subnet + "to "
                         + (rules.interface.empty() ? family.subnet : "any "),
                     "block drop out quick " + family.af + "from (brig:network) to any " + unless);
    if (rules.interface.empty()) {
        to.filter_within(
            "out " + family.af + "from " + family.subnet + "to ! " + family.subnet,
            "block drop out quick " + family.af + "from any to (brig:network) " + unless);
        to.filter_within(
            "out on brig " + family.af + "from " + family.subnet + "to ! " + family.subnet,
            "block drop out quick " + family.af + "from ! (self) to any " + unless);
    }
}

void cut_off(Builder& to, const Family& family, const NetworkRules& rules) {
    const std::string own = on(rules.interface);
    const std::string into = own.empty() ? family.subnet : "any ";
    to.filter_within("out " + own + family.af + "from ! " + family.subnet + "to " + into,
                     "block drop out quick " + family.af + "from ! (self) to any");
    to.filter("block drop in quick " + own + family.af + "from "
              + (own.empty() ? family.subnet : "any ") + "to ! <own>");
}

void isolate(Builder& to, const Family& family, const NetworkRules& rules) {
    to.filter_within(
        "out " + on(rules.interface) + family.af + "from " + family.subnet + "to " + family.subnet,
        "block drop out quick " + family.af + "from ! (self) to any");
}

/// A container that reaches its neighbour by the host's address would get the answer from the
/// neighbour's own one.
void turn_around(Builder& to, const Family& family, const NetworkRules& rules) {
    to.translate("nat " + on(rules.interface) + family.af + "from " + family.subnet + "to "
                 + family.subnet + "tagged " + kRedirected + " -> " + address_of(rules.interface));
}

/// Where an internal network's packets may go: besides its own addresses those of the host and what
/// never leaves a link, which neighbour discovery needs.
void define_own(Builder& to, const std::vector<Family>& families) {
    std::string line =
        "table <own> const { self, 224.0.0.0/4, 255.255.255.255, fe80::/10, ff00::/8";
    for (const Family& family : families) {
        line += ", " + family.subnet;
    }
    to.table(line + " }");
}

void add_translation_of(const Family& family,
                        const NetworkRules& rules,
                        const std::vector<Egress>& egress,
                        Builder& to) {
    if (!rules.interface.empty()) {
        pass_own(to, family, rules.interface);
        if (!rules.isolate) {
            turn_around(to, family, rules);
        }
    }
    if (rules.nat && !rules.internal) {
        masquerade(to, family, rules, egress);
    }
}

void add_separation_of(const Family& family, const NetworkRules& rules, Builder& to) {
    if (rules.isolate) {
        isolate(to, family, rules);
    }
    if (rules.internal) {
        cut_off(to, family, rules);
    } else {
        keep_apart(to, family, rules);
    }
}

// ---- Published ports ----

/// Each once.
std::vector<std::string> targets_of(const Published& published) {
    std::vector<std::string> targets;
    for (const PublishedPorts& ports : published.ports) {
        targets.push_back(required_address(ports.target_address).to_string());
    }
    std::sort(targets.begin(), targets.end());
    targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
    return targets;
}

std::string ports_of(unsigned first, unsigned count, const char* rest) {
    return "port " + std::to_string(first) + (count > 1 ? rest : "");
}

/// The parts of the rules for one entry.
struct Redirection {
    std::string except;  ///< "inet proto tcp from any to (brigjail) port 8080", or ""
    std::string what;    ///< "inet proto tcp from any to (self) port 8080 "
    std::string where;   ///< "-> 10.77.0.2 port 80"
    std::string target;  ///< "inet proto tcp from any to 10.77.0.2 port 80 "
};

Redirection redirection_of(const PublishedPorts& ports) {
    const IpAddress target = required_address(ports.target_address);
    const std::string af = target.is_ip6 ? "inet6 " : "inet ";
    const std::string proto = ports.protocol == Protocol::tcp ? "proto tcp " : "proto udp ";
    std::string host = kOwn;
    if (!ports.host_address.empty()) {
        const IpAddress address = required_address(ports.host_address);
        if (address.is_ip6 != target.is_ip6) {
            throw sdk::Error{BRIG_INVALID,
                             "'" + to_string(ports) + "' cannot lead to '" + ports.target_address
                                 + "': one is an IPv6 address, the other is not"};
        }
        host = address == IpAddress{target.is_ip6, {}} ? host : address.to_string();
    }
    const auto range = [&ports](unsigned first) {
        return ":" + std::to_string(first + ports.count - 1U);
    };
    const std::string outer =
        ports_of(ports.host_first, ports.count, range(ports.host_first).c_str());
    const std::string inner =
        ports_of(ports.target_first, ports.count, range(ports.target_first).c_str());
    return {host == kOwn ? af + proto + "from any to (" + kPfJailGroup + ") " + outer : "",
            af + proto + "from any to " + host + " " + outer + " ",
            "-> " + target.to_string() + " " + ports_of(ports.target_first, ports.count, ":*"),
            af + proto + "from any to " + target.to_string() + " " + inner + " "};
}

bool is_only_self(const std::string& address) {
    constexpr std::uint8_t kLoopbackNetwork = 127;
    const auto ip = parse_ip(address);
    return ip && (ip->is_ip6 ? ip->to_string() == "::1" : ip->bytes[0] == kLoopbackNetwork);
}

void redirect(Builder& to, const PublishedPorts& ports) {
    if (ports.count == 0 || ports.host_first == 0 || ports.target_first == 0) {
        throw sdk::Error{BRIG_INVALID, "'" + to_string(ports) + "' has a port 0"};
    }
    const Redirection parts = redirection_of(ports);
    const bool only_self = ports.host_interface == "lo0" || is_only_self(ports.host_address);
    if (!parts.except.empty()) {
        to.translate("no rdr " + parts.except);
    }
    // Before the other: the first rule of translation that fits counts.
    if (ports.host_interface.empty() || only_self) {
        to.translate(std::string{"rdr on "} + kPfLoopback + " " + parts.what + "tag "
                     + kRedirectedSelf + " " + parts.where);
        to.filter(std::string{"pass in on "} + kPfLoopback + " " + parts.target + "tagged "
                  + kRedirectedSelf + " keep state");
    }
    if (!only_self) {
        to.translate("rdr " + on(ports.host_interface) + parts.what + "tag " + kRedirected + " "
                     + parts.where);
        to.filter("pass " + parts.target + "tagged " + kRedirected + " keep state");
    }
}

// ---- Listings ----

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) {
            lines.push_back(text.substr(0, end));
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::vector<std::string> labels_of(std::string_view line) {
    constexpr std::string_view kLabel = " label \"";
    std::vector<std::string> labels;
    for (std::size_t at = line.find(kLabel); at != std::string_view::npos;
         at = line.find(kLabel, at)) {
        at += kLabel.size();
        const std::size_t end = std::min(line.find('"', at), line.size());
        labels.emplace_back(line.substr(at, end - at));
        at = end;
    }
    return labels;
}

/// The labels of the first rule that has some.
std::vector<std::string> first_labels(std::string_view listing) {
    for (const std::string_view line : lines_of(listing)) {
        if (std::vector<std::string> labels = labels_of(line); !labels.empty()) {
            return labels;
        }
    }
    return {};
}

bool has_line(std::string_view listing, std::string_view beginning) {
    const std::vector<std::string_view> lines = lines_of(listing);
    return std::any_of(lines.begin(), lines.end(), [beginning](std::string_view line) {
        return line.substr(0, beginning.size()) == beginning;
    });
}

}  // namespace

PfRules pf_rules(const std::string& tag,
                 const NetworkRules& rules,
                 const std::vector<Egress>& egress) {
    if (rules.is_on_host && !rules.nat) {
        return {};  // nothing is forwarded that would have to be kept apart
    }
    Builder to{tag};
    const std::vector<Family> families = families_of(rules);
    if (rules.internal) {
        define_own(to, families);
    }
    for (const Family& family : families) {
        add_translation_of(family, rules, egress, to);
        add_separation_of(family, rules, to);
    }
    return to.build();
}

PfRules pf_rules(const std::string& tag, const Published& published) {
    Builder to{tag};
    for (const PublishedPorts& ports : published.ports) {
        redirect(to, ports);
    }
    if (!published.interface.empty()) {
        for (const std::string& target : targets_of(published)) {
            const bool is_ip6 = target.find(':') != std::string::npos;
            pass_own(to, {is_ip6 ? "inet6 " : "inet ", target + " ", is_ip6}, published.interface);
        }
    }
    return to.build();
}

std::string pf_anchor(const std::string& tag) {
    return "brig/" + long_hash(required_tag(tag));
}

std::string pf_tag(std::string_view listed_filters) {
    std::vector<std::string> labels = first_labels(listed_filters);
    if (labels.size() < 2 || labels.back().substr(0, 1) != "=") {
        return {};
    }
    labels.pop_back();
    std::string tag;
    for (const std::string& label : labels) {
        tag += label;
    }
    return tag;
}

sdk::Condition compare_pf_rules(std::string_view listed_translations,
                                std::string_view listed_filters,
                                const std::string& tag,
                                const PfRules& wanted) {
    const std::size_t translations = lines_of(listed_translations).size();
    const std::size_t filters = lines_of(listed_filters).size();
    if (translations == 0 && filters == 0) {
        return wanted.empty() ? sdk::Condition::sound : sdk::Condition::absent;
    }
    const bool same = translations == wanted.translations && filters == wanted.filters
                      && pf_tag(listed_filters) == tag
                      && first_labels(listed_filters) == first_labels(wanted.text);
    return same ? sdk::Condition::sound : sdk::Condition::drifted;
}

std::vector<std::string> missing_anchor_lines(std::string_view main_translations,
                                              std::string_view main_filters) {
    std::vector<std::string> missing;
    for (const char* line : {"nat-anchor \"brig/*\"", "rdr-anchor \"brig/*\""}) {
        if (!has_line(main_translations, line)) {
            missing.emplace_back(line);
        }
    }
    if (!has_line(main_filters, "anchor \"brig/*\"")) {
        missing.emplace_back("anchor \"brig/*\"");
    }
    return missing;
}

std::vector<std::string> anchors_within(std::string_view listing, const std::string& anchor) {
    std::vector<std::string> anchors;
    for (std::string_view line : lines_of(listing)) {
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        const bool inside =
            line.substr(0, anchor.size()) == anchor
            && line.substr(anchor.size(), 1).find_first_not_of('/') == std::string_view::npos;
        if (line.rfind("brig/", 0) == 0 && (anchor.empty() || inside)) {
            anchors.emplace_back(line);
        }
    }
    std::sort(anchors.begin(), anchors.end());
    return anchors;
}

}  // namespace brig::net
