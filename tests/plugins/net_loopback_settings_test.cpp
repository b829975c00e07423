// SPDX-License-Identifier: BSD-2-Clause
#include "alias.hpp"
#include "settings.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace brig::net_loopback {
namespace {

using Values = std::map<std::string, std::string>;

/// The options of a network; the elements of `exclude` have blanks between.
Settings read(const Values& values, const std::vector<const char*>& exclude = {}) {
    std::vector<brig_kv> entries;
    for (const auto& [key, text] : values) {
        entries.push_back({key.c_str(), {BRIG_T_STR, 1, 0, text.c_str(), nullptr}});
    }
    entries.push_back({"exclude",
                       {BRIG_T_STR | BRIG_T_LIST,
                        static_cast<std::uint32_t>(exclude.size()),
                        0,
                        nullptr,
                        exclude.data()}});
    const brig_map map{entries.data(), entries.size()};
    return read_settings("local", sdk::Options{map});
}

std::string pool(const Values& values, const std::vector<const char*>& exclude = {}) {
    const Settings settings = read(values, exclude);
    return settings.ip4 ? settings.ip4->to_string() : settings.ip6->to_string();
}

/// The message of the refusal.
std::string refused(const Values& values, const std::vector<const char*>& exclude = {}) {
    try {
        require_subnet(read(values, exclude));
    } catch (const sdk::Error& error) {
        EXPECT_EQ(error.status(), BRIG_INVALID);
        return error.what();
    }
    return "";
}

TEST(LoopbackSettings, GiveTheHostsOfASubnet) {
    EXPECT_EQ(pool({{"subnet", "10.88.0.0/24"}}), "10.88.0.1-10.88.0.254");
    EXPECT_EQ(pool({{"subnet6", "fd88::/64"}}), "fd88::1-fd88::ffff:ffff:ffff:ffff");
}

TEST(LoopbackSettings, GiveAllOfASmallSubnet) {
    EXPECT_EQ(pool({{"subnet", "10.88.0.2/31"}}), "10.88.0.2-10.88.0.3");
    EXPECT_EQ(pool({{"subnet", "10.88.0.2/32"}}), "10.88.0.2-10.88.0.2");
    EXPECT_EQ(pool({{"subnet6", "fd88::2/127"}}), "fd88::2-fd88::3");
    EXPECT_EQ(pool({{"subnet6", "fd88::2/128"}}), "fd88::2-fd88::2");
    EXPECT_EQ(pool({{"subnet", "10.88.0.0/30"}}), "10.88.0.1-10.88.0.2");
}

TEST(LoopbackSettings, GiveARangeOfIt) {
    const std::string subnet = "10.88.0.0/24";
    EXPECT_EQ(pool({{"subnet", subnet}, {"range", "10.88.0.10-10.88.0.19"}}),
              "10.88.0.10-10.88.0.19");
    EXPECT_EQ(pool({{"subnet", subnet}, {"range", "10.88.0.128/25"}}), "10.88.0.128-10.88.0.254");
    EXPECT_EQ(pool({{"subnet", subnet}, {"range", "10.88.0.7"}}), "10.88.0.7-10.88.0.7");
}

TEST(LoopbackSettings, LeaveOutWhatIsExcluded) {
    EXPECT_EQ(pool({{"subnet", "10.88.0.0/29"}}, {"10.88.0.1", "10.88.0.3-10.88.0.4", "fd88::/64"}),
              "10.88.0.2-10.88.0.2,10.88.0.5-10.88.0.6");
    EXPECT_EQ(pool({{"subnet", "127.0.0.0/29"}}), "127.0.0.2-127.0.0.6");
    EXPECT_NE(refused({{"subnet", "10.88.0.0/30"}}, {"10.88.0.0/30"}), "");
}

TEST(LoopbackSettings, RefuseWhatIsNoSubnet) {
    EXPECT_EQ(refused({}), "network 'local' has neither 'subnet' nor 'subnet6'");
    EXPECT_EQ(refused({{"subnet", "10.88.0.1/24"}}),
              "'subnet': '10.88.0.1/24' is an address in a network");
    EXPECT_EQ(refused({{"subnet", "fd88::/64"}}), "'subnet': 'fd88::/64' is no IPv4 network");
    EXPECT_EQ(refused({{"range", "10.88.0.1"}}), "'range' is set, but not 'subnet'");
    EXPECT_EQ(refused({{"subnet", "10.88.0.0/24"}, {"range", "10.89.0.1"}}),
              "'range': '10.89.0.1' is not within 10.88.0.0/24");
    EXPECT_EQ(refused({{"subnet", "10.88.0.0/24"}, {"range", "10.88.0.9-10.88.0.1"}}),
              "'range': '10.88.0.9-10.88.0.1' is no range of addresses");
    for (const char* special : {"224.0.0.0/24", "255.255.255.0/24", "0.0.0.0/0"}) {
        EXPECT_NE(refused({{"subnet", special}}), "") << special;
    }
    for (const char* special : {"fe80::/64", "ff02::/64", "::/0"}) {
        EXPECT_NE(refused({{"subnet6", special}}), "") << special;
    }
    EXPECT_NE(refused({{"subnet", "127.0.0.1/32"}}), "");
    EXPECT_NE(refused({{"subnet", "10.88.0.0/24"}, {"interface", "an interface"}}), "");
}

TEST(LoopbackAlias, IsReadAsItWasWritten) {
    const Alias alias{"brlo0", {*net::parse_ip("10.88.0.1"), *net::parse_ip("fd88::1")}};
    EXPECT_EQ(format_alias(alias), "brlo0 10.88.0.1 fd88::1");
    EXPECT_EQ(parse_alias(format_alias(alias)), alias);
    EXPECT_FALSE(parse_alias(""));
    EXPECT_FALSE(parse_alias("brlo0 nonsense"));
}

}  // namespace
}  // namespace brig::net_loopback
