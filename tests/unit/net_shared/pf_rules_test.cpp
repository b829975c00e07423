// SPDX-License-Identifier: BSD-2-Clause
#include "pf_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace brig::net {
namespace {

using sdk::Condition;
using Lines = std::vector<std::string>;

constexpr const char* kTag = "brig:e:n-lan";

/// The rules line by line, without labels.
Lines lines_of(const PfRules& rules) {
    Lines lines;
    std::istringstream text{rules.text};
    for (std::string line; std::getline(text, line);) {
        lines.push_back(line.substr(0, line.find(" label ")));
    }
    return lines;
}

PfRules publish(const std::string& text, const std::string& target) {
    PublishedPorts ports = parse_published_ports(text);
    ports.target_address = target;
    return pf_rules("brig:e:c1:web", Published{{ports}, {}});
}

NetworkRules lan() {
    NetworkRules rules;
    rules.interface = "bridge0";
    rules.subnet4 = "10.77.0.1/24";
    return rules;
}

bool has(const PfRules& rules, const std::string& line) {
    const Lines lines = lines_of(rules);
    return std::count(lines.begin(), lines.end(), line) == 1;
}

TEST(PfRules, RedirectWhatTheHostSendsItselfFirst) {
    EXPECT_EQ((Lines{"no rdr inet proto tcp from any to (brigjail) port 8080",
                     "rdr on \"lo0\" inet proto tcp from any to (self) port 8080 tag brig_self -> "
                     "10.0.0.2 port 80",
                     "rdr inet proto tcp from any to (self) port 8080 tag brig -> 10.0.0.2 port 80",
                     "pass in on \"lo0\" inet proto tcp from any to 10.0.0.2 port 80 tagged "
                     "brig_self keep state",
                     "pass inet proto tcp from any to 10.0.0.2 port 80 tagged brig keep state"}),
              lines_of(publish("8080:80", "10.0.0.2")));
}

TEST(PfRules, RedirectInOrder) {
    EXPECT_TRUE(has(publish("eth0:5000-5009:6000-6009/udp", "fd00::2"),
                    "rdr on \"eth0\" inet6 proto udp from any to (self) port 5000:5009 tag brig -> "
                    "fd00::2 port 6000:*"));
}

TEST(PfRules, KeepAPortOfTheLoopbackFromTheOutside) {
    for (const char* text : {"127.0.0.1:8080:80", "lo0:8080:80"}) {
        const PfRules rules = publish(text, "10.0.0.2");
        const Lines lines = lines_of(rules);
        EXPECT_EQ(1,
                  std::count_if(lines.begin(),
                                lines.end(),
                                [](const std::string& line) {
                                    return line.rfind("rdr on \"lo0\" ", 0) == 0;
                                }))
            << text;
        EXPECT_EQ(std::string::npos, rules.text.find("\nrdr inet")) << text;
    }
}

TEST(PfRules, RefuseWhatIsNoWord) {
    EXPECT_THROW(publish("8080:80", "10.0.0.2 pass all"), sdk::Error);
    EXPECT_THROW(publish("127.0.0.1:8080:80", "fd00::2"), sdk::Error);
    NetworkRules rules = lan();
    rules.interface = "bridge0\" pass all";
    EXPECT_THROW(static_cast<void>(pf_rules(kTag, rules, {})), sdk::Error);
    rules = lan();
    rules.subnet6 = "any";
    EXPECT_THROW(static_cast<void>(pf_rules(kTag, rules, {})), sdk::Error);
    EXPECT_THROW(static_cast<void>(pf_rules("brig:$nr", lan(), {})), sdk::Error);
}

TEST(PfRules, MasqueradeByEveryInterfaceThatLeadsOut) {
    NetworkRules rules = lan();
    rules.nat = true;
    const std::vector<Egress> egress{{"em0", true, true}, {"em1", false, true}};
    const PfRules any = pf_rules(kTag, rules, egress);
    EXPECT_TRUE(has(any, "nat on \"em0\" inet from 10.77.0.0/24 to any -> (\"em0:0\")"));
    EXPECT_FALSE(has(any, "nat on \"em1\" inet from 10.77.0.0/24 to any -> (\"em1:0\")"));
    rules.internal = true;
    EXPECT_FALSE(has(pf_rules(kTag, rules, egress),
                     "nat on \"em0\" inet from 10.77.0.0/24 to any -> (\"em0:0\")"));
}

TEST(PfRules, CountWhatPfctlWillShow) {
    NetworkRules rules = lan();
    rules.internal = true;
    const PfRules made = pf_rules(kTag, rules, {});
    EXPECT_EQ(2U, made.translations);
    // pass, an anchor of three lines, block; the table is shown elsewhere.
    EXPECT_EQ(5U, made.filters);
    EXPECT_EQ(1 + made.translations + made.filters, lines_of(made).size());
    EXPECT_TRUE(pf_rules(kTag, Published{}).empty());
    rules.internal = false;
    rules.interface = "";
    EXPECT_EQ("anchor out inet from ! 10.77.0.0/24 to 10.77.0.0/24 {",
              lines_of(pf_rules(kTag, rules, {})).at(0));
    EXPECT_EQ(kTag, pf_tag(pf_rules(kTag, rules, {}).text));
}

TEST(PfRules, SayNothingTwice) {
    Published published;
    for (const char* text : {"8080:80", "192.0.2.1:8081:80", "em0:8082:80"}) {
        published.ports.push_back(parse_published_ports(text));
        published.ports.back().target_address = "10.0.0.2";
    }
    const PfRules made = pf_rules("brig:e:c1:web", published);
    EXPECT_EQ(2U, made.filters);
    EXPECT_TRUE(
        has(made, "pass inet proto tcp from any to 10.0.0.2 port 80 tagged brig keep state"));
    EXPECT_EQ(made.translations + made.filters, lines_of(made).size());
}

TEST(PfRules, KeepRoutedNetworksApartWhereTheirPacketsLeave) {
    NetworkRules rules = lan();
    const std::string line = "anchor out on brig inet from 10.77.0.0/24 to ! 10.77.0.0/24 {";
    const auto keeps_apart = [&] {
        const Lines lines = lines_of(pf_rules(kTag, rules, {}));
        return std::any_of(lines.begin(), lines.end(), [&](const std::string& each) {
            return each.rfind(line, 0) == 0;
        });
    };
    EXPECT_FALSE(keeps_apart());
    rules.interface = "";
    EXPECT_TRUE(keeps_apart());
    rules.is_on_host = true;
    EXPECT_TRUE(pf_rules(kTag, rules, {}).empty());
}

/// Listings of `rules`, of both kinds.
std::pair<std::string, std::string> listed(const PfRules& rules) {
    std::string translations;
    std::string filters;
    std::istringstream text{rules.text};
    for (std::string line; std::getline(text, line);) {
        const bool translates = line.rfind("nat ", 0) == 0 || line.rfind("rdr ", 0) == 0
                                || line.rfind("no rdr ", 0) == 0;
        (translates ? translations : filters) += line + "\n";
    }
    return {translations, filters};
}

TEST(PfRules, AreKnownByTheirLabels) {
    const std::string tag = "brig:" + std::string(100, 'x');
    for (const std::string& each : {std::string{kTag}, tag}) {
        const PfRules rules = pf_rules(each, lan(), {});
        const auto [translations, filters] = listed(rules);
        EXPECT_EQ(each, pf_tag(filters));
        EXPECT_EQ(Condition::sound, compare_pf_rules(translations, filters, each, rules));
        EXPECT_EQ(Condition::drifted, compare_pf_rules("", filters, each, rules));
        EXPECT_EQ(Condition::drifted, compare_pf_rules(translations, "", each, rules));
        EXPECT_EQ(Condition::absent, compare_pf_rules("", "", each, rules));
        EXPECT_EQ(Condition::sound, compare_pf_rules("", "", each, {}));
        EXPECT_EQ(Condition::drifted, compare_pf_rules(translations, filters, each, {}));
        NetworkRules other = lan();
        other.subnet4 = "10.78.0.0/24";
        EXPECT_EQ(Condition::drifted,
                  compare_pf_rules(translations, filters, each, pf_rules(each, other, {})));
    }
    EXPECT_EQ("", pf_tag("pass all label \"theirs\"\nblock all\n"));
    EXPECT_EQ("", pf_tag(""));
}

TEST(PfRules, MissTheLinesThatLeadToThem) {
    EXPECT_EQ((Lines{"nat-anchor \"brig/*\"", "rdr-anchor \"brig/*\"", "anchor \"brig/*\""}),
              missing_anchor_lines("", "pass all\n"));
    EXPECT_EQ((Lines{}),
              missing_anchor_lines("nat-anchor \"brig/*\" all\nrdr-anchor \"brig/*\" all\n",
                                   "block drop all\nanchor \"brig/*\" all\n"));
}

TEST(PfRules, AreFoundByTheirAnchors) {
    const std::string listing = "  brig/00ff\n  brig/00ff/_1\n  brig/00ff0\n";
    EXPECT_EQ((Lines{"brig/00ff", "brig/00ff/_1"}), anchors_within(listing, "brig/00ff"));
    EXPECT_EQ((Lines{"brig/00ff", "brig/00ff/_1", "brig/00ff0"}), anchors_within(listing, ""));
    EXPECT_EQ((Lines{}), anchors_within("No ALTQ support in kernel\n", ""));
    EXPECT_EQ(21U, pf_anchor(kTag).size());
}

}  // namespace
}  // namespace brig::net
