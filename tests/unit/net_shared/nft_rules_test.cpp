// SPDX-License-Identifier: BSD-2-Clause
#include "nft_rules.hpp"

#include "rule_words.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace brig::net {
namespace {

using sdk::Condition;

std::vector<std::string> texts(const std::vector<NftRule>& rules) {
    std::vector<std::string> lines;
    for (const NftRule& rule : rules) {
        lines.push_back(std::string{rule.chain} + ": " + rule.text);
    }
    return lines;
}

std::vector<std::string> published(const std::string& text, const std::string& target) {
    PublishedPorts ports = parse_published_ports(text);
    ports.target_address = target;
    return texts(nft_rules(Published{{ports}, {}, false}));
}

using Lines = std::vector<std::string>;

TEST(NftRules, PublishOnAnyAddressForAllWhoAsk) {
    EXPECT_EQ((Lines{"prerouting: meta nfproto ipv4 tcp dport 8080 fib daddr type local dnat ip to "
                     "10.0.0.2:80",
                     "output: meta nfproto ipv4 tcp dport 8080 fib daddr type local dnat ip to "
                     "10.0.0.2:80"}),
              published("8080:80", "10.0.0.2"));
    EXPECT_EQ((Lines{"prerouting: meta nfproto ipv6 udp dport 8080 fib daddr type local dnat ip6 "
                     "to [fd00::2]:80",
                     "output: meta nfproto ipv6 udp dport 8080 fib daddr type local ip6 daddr != "
                     "::1 dnat ip6 to [fd00::2]:80"}),
              published("[::]:8080:80/udp", "fd00::2"));
}

TEST(NftRules, KeepAPortOfTheLoopbackFromTheOutside) {
    EXPECT_EQ((Lines{"output: meta nfproto ipv4 tcp dport 8080 ip daddr 127.0.0.1 fib daddr type "
                     "local dnat ip to 10.0.0.2:80"}),
              published("127.0.0.1:8080:80", "10.0.0.2"));
    EXPECT_EQ(1U, published("lo:8080:80", "10.0.0.2").size());
    EXPECT_EQ((Lines{"prerouting: meta nfproto ipv4 tcp dport 8080 fib daddr type local iifname "
                     "\"eth0\" dnat ip to 10.0.0.2:80"}),
              published("eth0:8080:80", "10.0.0.2"));
}

TEST(NftRules, MapRangesInOrder) {
    EXPECT_EQ(
        "prerouting: meta nfproto ipv4 tcp dport 5000-5009 fib daddr type local dnat ip to "
        "10.0.0.2",
        published("5000-5009:5000-5009", "10.0.0.2").front());
    EXPECT_EQ(
        "prerouting: meta nfproto ipv4 tcp dport 5000-5001 fib daddr type local dnat ip to "
        "tcp dport map { 5000 : 10.0.0.2 . 6000, 5001 : 10.0.0.2 . 6001 }",
        published("5000-5001:6000-6001", "10.0.0.2").front());
}

TEST(NftRules, RefuseTargetsThatCannotBe) {
    EXPECT_THROW(published("8080:80", ""), sdk::Error);
    EXPECT_THROW(published("8080:80", "10.0.0.2 accept"), sdk::Error);
    EXPECT_THROW(published("127.0.0.1:8080:80", "fd00::2"), sdk::Error);
    PublishedPorts ports;
    ports.target_address = "10.0.0.2";
    EXPECT_THROW(nft_rules(Published{{ports}, {}, false}), sdk::Error);
    ports = parse_published_ports("8080:80");
    ports.target_address = "10.0.0.2";
    ports.host_interface = "eth0\" accept #";
    EXPECT_THROW(nft_rules(Published{{ports}, {}, false}), sdk::Error);
}

NetworkRules lan() {
    NetworkRules rules;
    rules.interface = "br0";
    rules.subnet4 = "10.77.0.1/24";
    return rules;
}

TEST(NftRules, GuardTheLoopbackBeforeAnythingElse) {
    const Lines lines = texts(nft_rules(lan()));
    EXPECT_EQ("guard: iifname \"br0\" ip daddr 127.0.0.0/8 drop", lines.at(0));
    EXPECT_EQ("guard: iifname \"br0\" ip saddr 127.0.0.0/8 drop", lines.at(1));
    NetworkRules shared = lan();
    shared.interface = "lo";
    for (const std::string& line : texts(nft_rules(shared))) {
        EXPECT_EQ(std::string::npos, line.find("guard")) << line;
    }
}

TEST(NftRules, MasqueradeWhatLeaves) {
    NetworkRules rules = lan();
    rules.nat = true;
    const auto has = [&rules](const std::string& wanted) {
        const Lines lines = texts(nft_rules(rules));
        return std::count(lines.begin(), lines.end(), wanted) == 1;
    };
    EXPECT_TRUE(has("postrouting: ip saddr 10.77.0.0/24 oifname != \"br0\" masquerade"));
    rules.nat_interface = "eth0";
    EXPECT_TRUE(has("postrouting: ip saddr 10.77.0.0/24 oifname \"eth0\" masquerade"));
    rules.subnet6 = "fd77::/64";
    EXPECT_TRUE(has("postrouting: ip6 saddr fd77::/64 oifname \"eth0\" masquerade"));
    rules.internal = true;
    EXPECT_FALSE(has("postrouting: ip6 saddr fd77::/64 oifname \"eth0\" masquerade"));
    rules.subnet6 = "10.0.0.0/8";
    EXPECT_THROW(nft_rules(rules), sdk::Error);
}

TEST(NftRules, HaveLittleToDoOnTheHostsOwnStack) {
    NetworkRules rules;
    rules.is_on_host = true;
    rules.subnet4 = "10.88.0.0/24";
    EXPECT_TRUE(nft_rules(rules).empty());
    rules.owns_subnets = true;
    rules.nat = true;
    EXPECT_EQ((Lines{"prerouting: ip daddr 10.88.0.0/24 accept",
                     "output: ip daddr 10.88.0.0/24 accept",
                     "postrouting: ip saddr 10.88.0.0/24 ip daddr != 10.88.0.0/24 oifname != "
                     "\"lo\" masquerade"}),
              texts(nft_rules(rules)));
    rules.nat_interface = "eth0";
    EXPECT_EQ(
        "postrouting: ip saddr 10.88.0.0/24 ip daddr != 10.88.0.0/24 oifname \"eth0\" "
        "masquerade",
        texts(nft_rules(rules)).back());
}

TEST(NftRules, GiveTheHostsLoopbackTheAddressOfAContainerOnItsStack) {
    PublishedPorts four = parse_published_ports("8080:80");
    four.target_address = "10.88.0.1";
    PublishedPorts six = parse_published_ports("8081:81");
    six.target_address = "fd88::1";
    const Lines lines = texts(nft_rules(Published{{four, six}, {}, true}));
    EXPECT_EQ(
        "postrouting: ip saddr 127.0.0.0/8 ip daddr 10.88.0.1 ct status dnat snat ip to "
        "10.88.0.1",
        lines.at(4));
    EXPECT_EQ("postrouting: ip6 saddr ::1 ip6 daddr fd88::1 ct status dnat snat ip6 to fd88::1",
              lines.at(5));
    EXPECT_EQ(
        "output: meta nfproto ipv6 tcp dport 8081 fib daddr type local dnat ip6 to "
        "[fd88::1]:81",
        lines.at(3));
}

// ---- Listings ----

constexpr const char* kTag = "brig:e:n-lan";

/// The listing of a table with those rules, as nft(8) prints it.
std::string listing_of(const std::string& tag, const std::vector<NftRule>& rules) {
    std::string listing = "table inet brig { # handle 5\n";
    int handle = 10;
    for (const char* chain : {"guard", "prerouting", "output", "apart", "forward", "postrouting"}) {
        listing += std::string{listing.back() == '}' ? "\n" : ""} + "\tchain " + chain
                   + " { # handle 1\n\t\ttype filter hook forward priority 0; policy accept;\n";
        for (const NftRule& rule : rules) {
            if (rule.chain == std::string{chain}) {
                listing += "\t\t" + rule.text + " comment \"" + tag + " " + short_hash(rule.text)
                           + "\" # handle " + std::to_string(handle++) + "\n";
            }
        }
        listing += "\t}\n\n";
    }
    return listing + "}\n";
}

TEST(NftTable, IsReadBack) {
    const std::vector<ListedRule> rules = parse_nft_table(
        "table inet brig { # handle 5\n"
        "\tchain forward { # handle 1\n"
        "\t\ttype filter hook forward priority filter; policy accept;\n"
        "\t\tiifname \"br0\" oifname != \"br0\" drop comment \"brig:e:n-lan 01234567\" # handle 8\n"
        "\t\tcounter packets 0 bytes 0 # handle 9\n"
        "\t}\n"
        "\n"
        "\tchain prerouting { # handle 2\n"
        "\t\ttcp dport 5000-5009 dnat ip to tcp dport map { 5000 : 10.0.0.2 . 6000,\n"
        "\t\t\t\t\t\t 5001 : 10.0.0.2 . 6001 } comment \"brig:e:c1:web 89abcdef\" # handle 12\n"
        "\t}\n"
        "}\n");
    ASSERT_EQ(3U, rules.size());
    EXPECT_EQ("forward", rules[0].chain);
    EXPECT_EQ("brig:e:n-lan", rules[0].tag());
    EXPECT_EQ(8U, rules[0].handle);
    EXPECT_EQ("", rules[1].tag());
    EXPECT_EQ("brig:e:c1:web", rules[2].tag());
    EXPECT_EQ(12U, rules[2].handle);
    EXPECT_TRUE(parse_nft_table("").empty());
    EXPECT_TRUE(parse_nft_table("table inet brig {\n\tchain x").empty());
}

TEST(NftTable, IsComparedByComments) {
    const std::vector<NftRule> wanted = nft_rules(lan());
    std::vector<ListedRule> listed = parse_nft_table(listing_of(kTag, wanted));
    ASSERT_EQ(wanted.size(), listed.size());
    EXPECT_EQ(Condition::sound, compare_rules(listed, kTag, wanted));
    EXPECT_EQ(Condition::absent, compare_rules(listed, "brig:e:n-la", wanted));
    EXPECT_EQ(Condition::sound, compare_rules(listed, "brig:e:n-la", {}));
    EXPECT_EQ(Condition::drifted, compare_rules(listed, kTag, {}));
    NetworkRules other = lan();
    other.isolate = true;
    EXPECT_EQ(Condition::drifted, compare_rules(listed, kTag, nft_rules(other)));
    listed.pop_back();
    EXPECT_EQ(Condition::drifted, compare_rules(listed, kTag, wanted));
}

TEST(NftTable, IsChangedOnlyWhereItHasTo) {
    const std::vector<NftRule> wanted = nft_rules(lan());
    const std::vector<ListedRule> listed = parse_nft_table(listing_of(kTag, wanted));
    EXPECT_EQ("", replacement_script(listed, kTag, wanted));
    EXPECT_EQ("", replacement_script({}, kTag, {}));
    EXPECT_EQ("delete table inet brig\n", replacement_script(listed, kTag, {}));
    // Of two that share the table, one goes.
    std::vector<ListedRule> both = listed;
    both.push_back({"prerouting", "", "brig:e:c1:web 01234567", 99});
    const std::string script = replacement_script(both, "brig:e:c1:web", {});
    EXPECT_EQ("add table inet brig\ndelete rule inet brig prerouting handle 99\n", script);
}

TEST(NftTable, IsMadeOnFirstUse) {
    const std::string script = replacement_script({}, kTag, nft_rules(lan()));
    EXPECT_EQ(0U, script.find("add table inet brig\nadd chain inet brig guard "));
    EXPECT_NE(std::string::npos, script.find(" comment \"brig:e:n-lan "));
    EXPECT_EQ(std::string::npos, script.find("policy"));
    EXPECT_THROW(static_cast<void>(replacement_script({}, "brig:e\"", {})), sdk::Error);
}

TEST(NftTable, TellsWhoIsGuarded) {
    const std::vector<ListedRule> listed = parse_nft_table(listing_of(kTag, nft_rules(lan())));
    EXPECT_EQ((Lines{"br0", "br0"}), guarded_interfaces(listed, kTag, false));
    EXPECT_EQ((Lines{}), guarded_interfaces(listed, kTag, true));
    EXPECT_EQ((Lines{"br0", "br0"}), guarded_interfaces(listed, "brig:e:other", true));
}

TEST(RuleWords, AreOneWord) {
    EXPECT_TRUE(is_interface_name("br-lan.5@x"));
    for (const char* name : {"", "a b", "a\"", "a*", "*", "-a", "1", "a/b", "0123456789abcdef"}) {
        EXPECT_FALSE(is_interface_name(name)) << name;
    }
    EXPECT_EQ(8U, short_hash("x").size());
    EXPECT_EQ(16U, long_hash("x").size());
    EXPECT_NE(short_hash("x"), short_hash("y"));
    EXPECT_NO_THROW(required_tag("brig:" + std::string(kLongestOwnerTag - 5, 'x')));
    for (const char* tag : {"", "brig", "other:x", "brig:a b", "brig:$nr", "brig:a\\", "brig:\n"}) {
        EXPECT_THROW(required_tag(tag), sdk::Error) << tag;
    }
}

}  // namespace
}  // namespace brig::net
