// SPDX-License-Identifier: BSD-2-Clause
#include "support/text.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(Split, KeepsEmptyParts) {
    EXPECT_EQ(split("a,,b", ','), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_EQ(split("", ','), (std::vector<std::string>{""}));
}

TEST(Shortened, LeavesWhatIsShort) {
    EXPECT_EQ(shortened(""), "");
    EXPECT_EQ(shortened(std::string(200, 'a')), std::string(200, 'a'));
}

TEST(Shortened, CutsBetweenCharacters) {
    EXPECT_EQ(shortened(std::string(201, 'a')), std::string(200, 'a') + "… (201 bytes)");
    EXPECT_EQ(shortened(std::string(199, 'a') + "€ and more"),
              std::string(199, 'a') + "… (211 bytes)");
    EXPECT_EQ(shortened(std::string(300, '\x80')), std::string(197, '\x80') + "… (300 bytes)");
}

TEST(Nearest, FindsATypingError) {
    const std::vector<std::string> names{
        "allow.raw_sockets", "allow.set_hostname", "host.hostname"};
    EXPECT_EQ(nearest("allow.raw_socket", names), "allow.raw_sockets");
    EXPECT_EQ(nearest("allow.raw_sokcets", names), "allow.raw_sockets");
    EXPECT_EQ(nearest("hostname", names), "host.hostname");
}

TEST(Nearest, DoesNotGuessWildly) {
    EXPECT_EQ(nearest("colour", {"allow.raw_sockets", "path"}), std::nullopt);
}

TEST(ShellQuote, LeavesPlainWordsAndQuotesTheRest) {
    EXPECT_EQ(shell_quote("ip4=inherit"), "ip4=inherit");
    EXPECT_EQ(shell_quote("Hello World"), "'Hello World'");
    EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
    EXPECT_EQ(shell_quote(""), "''");
}

}  // namespace
}  // namespace brig
