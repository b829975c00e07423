// SPDX-License-Identifier: BSD-2-Clause
#include "params/merge.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

struct Case {
    std::string_view text;
    std::vector<std::string> argv;
    bool background = false;
};

class ParseHook : public testing::TestWithParam<Case> {};

TEST_P(ParseHook, SplitsAsJail8Does) {
    const HookCommand command = parse_hook(GetParam().text);
    EXPECT_EQ(command.argv, GetParam().argv);
    EXPECT_EQ(command.background, GetParam().background);
}

INSTANTIATE_TEST_SUITE_P(
    Plain,
    ParseHook,
    testing::Values(Case{"", {}},
                    Case{" \t ", {}},
                    Case{"/bin/sh /etc/rc.shutdown", {"/bin/sh", "/etc/rc.shutdown"}},
                    Case{"  echo \t a\n", {"echo", "a"}},
                    Case{"echo a,b=c #d %e -f /g:h", {"echo", "a,b=c", "#d", "%e", "-f", "/g:h"}},
                    Case{"sleep 5 &", {"sleep", "5"}, true},
                    Case{"sleep 5&", {"sleep", "5"}, true},
                    Case{"&", {}, true}));

INSTANTIATE_TEST_SUITE_P(Shell,
                         ParseHook,
                         testing::Values(Case{"a & b", {"/bin/sh", "-c", "a & b"}},
                                         Case{"a && b", {"/bin/sh", "-c", "a && b"}},
                                         Case{"a; b &", {"/bin/sh", "-c", "a; b &"}},
                                         Case{"sleep 5 & ", {"/bin/sh", "-c", "sleep 5 & "}},
                                         Case{"a &&", {"/bin/sh", "-c", "a &&"}}));

TEST(ParseHook, GivesEveryMetacharacterToTheShell) {
    for (const char c : std::string_view{"!\"$&'()*;<>?[\\]`{|}~"}) {
        const std::string text = std::string{"a "} + c + " b";
        EXPECT_EQ(parse_hook(text).argv, (std::vector<std::string>{"/bin/sh", "-c", text}));
    }
}

}  // namespace
}  // namespace brig
