// SPDX-License-Identifier: BSD-2-Clause
#include "support/address.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(Address, IsAWholeTextOfOneFamily) {
    EXPECT_TRUE(is_ip4_address("127.0.0.1"));
    EXPECT_TRUE(is_ip6_address("::1"));
    for (const std::string_view text : {std::string_view{""},
                                        std::string_view{"127.1"},
                                        std::string_view{" 127.0.0.1"},
                                        std::string_view{"127.0.0.1/8"},
                                        std::string_view{"::1"},
                                        std::string_view{"256.0.0.1"},
                                        std::string_view{"127.0.0.1\0x", 11}}) {
        EXPECT_FALSE(is_ip4_address(text)) << text;
    }
    for (const std::string_view text : {std::string_view{""},
                                        std::string_view{"fe80::1%lo0"},
                                        std::string_view{"::1/128"},
                                        std::string_view{"127.0.0.1"},
                                        std::string_view{"1::2::3"},
                                        std::string_view{"::1\0x", 5}}) {
        EXPECT_FALSE(is_ip6_address(text)) << text;
    }
}

TEST(Address, HasOneSpelling) {
    EXPECT_EQ(canonical_ip6("0:0::01"), "::1");
    EXPECT_EQ(canonical_ip6("FD00::A"), "fd00::a");
}

}  // namespace
}  // namespace brig
