// SPDX-License-Identifier: BSD-2-Clause
#include "support/ip_address.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(IpAddress, IsAWholeTextOfOneFamily) {
    EXPECT_FALSE(parse_ip_address("127.0.0.1").value().is_ip6);
    EXPECT_TRUE(parse_ip_address("::1").value().is_ip6);
    for (const std::string_view text : {std::string_view{""},
                                        std::string_view{"127.1"},
                                        std::string_view{" 127.0.0.1"},
                                        std::string_view{"127.0.0.1/8"},
                                        std::string_view{"256.0.0.1"},
                                        std::string_view{"127.0.0.1\0x", 11},
                                        std::string_view{"fe80::1%lo0"},
                                        std::string_view{"::1/128"},
                                        std::string_view{"1::2::3"},
                                        std::string_view{"::1\0x", 5}}) {
        EXPECT_FALSE(parse_ip_address(text)) << text;
    }
}

TEST(IpAddress, HasOneSpelling) {
    EXPECT_EQ(parse_ip_address("0:0::01").value().to_string(), "::1");
    EXPECT_EQ(parse_ip_address("FD00::A").value().to_string(), "fd00::a");
    EXPECT_EQ(parse_ip_address("10.0.0.1").value().to_string(), "10.0.0.1");
}

TEST(IpNetwork, HasAPrefixThatFitsItsFamily) {
    EXPECT_EQ(parse_ip_network("10.0.0.0/24").value().prefix, 24U);
    EXPECT_EQ(parse_ip_network("fd00::/128").value().prefix, 128U);
    for (const std::string_view text :
         {"10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/2x"}) {
        EXPECT_FALSE(parse_ip_network(text)) << text;
    }
}

}  // namespace
}  // namespace brig
