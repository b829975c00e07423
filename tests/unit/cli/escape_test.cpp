// SPDX-License-Identifier: BSD-2-Clause
#include "cli/escape.hpp"

#include <gtest/gtest.h>

namespace brig::cli {
namespace {

TEST(Printable, LeavesTextOfAnyLanguageAlone) {
    for (const std::string_view text : {"", "plain text", "größe", "日本語", "😀", "\\x1b"}) {
        EXPECT_EQ(printable(text), text);
    }
}

TEST(Printable, ShowsWhatWouldMoveATerminal) {
    EXPECT_EQ(printable("\x1b[2Jx"), "\\x1b[2Jx");
    EXPECT_EQ(printable("a\rb\bc\n\t\x7f"), "a\\x0db\\x08c\\x0a\\x09\\x7f");
    EXPECT_EQ(printable(std::string_view{"\0", 1}), "\\x00");
    EXPECT_EQ(printable("\u009b31m"), "\\xc2\\x9b31m") << "CSI in one character";
}

TEST(Printable, ShowsWhatTurnsTextAround) {
    EXPECT_EQ(printable("\u202egpj.exe"), "\\xe2\\x80\\xaegpj.exe");
    EXPECT_EQ(printable("\u2066x"), "\\xe2\\x81\\xa6x");
}

TEST(Printable, ShowsBytesThatAreNotUtf8) {
    EXPECT_EQ(printable("\x9b"), "\\x9b") << "CSI to a terminal of 8 bits";
    EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b") << "overlong";
    EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "half of a surrogate pair";
    EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond U+10FFFF";
    EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "cut short";
    EXPECT_EQ(printable("\xc3(\xff"), "\\xc3(\\xff");
}

TEST(PrintableLines, KeepsNewlinesOnly) {
    EXPECT_EQ(printable_lines("a\x1b\nb\r"), "a\\x1b\nb\\x0d");
}

TEST(PrintableStart, CutsBetweenCharacters) {
    EXPECT_EQ(printable_start("größe", 5), "größe");
    EXPECT_EQ(printable_start("größe", 3), "grö…");
    EXPECT_EQ(printable_start("\x1b\x1b", 1), "\\x1b…");
    EXPECT_EQ(printable_start("", 0), "");
}

TEST(JsonString, IsAlwaysAString) {
    EXPECT_EQ(json_string("größe \"x\" \\ \n\t"), R"("größe \"x\" \\ \n\t")");
    EXPECT_EQ(json_string("\x1b\u009b\u202e"), R"("\u001b\u009b\u202e")");
    EXPECT_EQ(json_string("\xff"), R"("\ufffd")");
}

}  // namespace
}  // namespace brig::cli
