// SPDX-License-Identifier: BSD-2-Clause
#include "spec/byte_text.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(ByteText, LeavesTextAlone) {
    for (const char* text : {"", "plain", "Grüße, 世界 🚢", "\xed\x9f\xbf", "\xf4\x8f\xbd\xbf"}) {
        EXPECT_EQ(encode_bytes(text), text);
        EXPECT_EQ(decode_bytes(text), text);
    }
}

TEST(ByteText, EncodesWhatIsNotUtf8) {
    EXPECT_EQ(encode_bytes("\xff"), "\xf4\x8f\xbf\xbf");
    EXPECT_EQ(encode_bytes("a\x80z"), "a\xf4\x8f\xbe\x80z");
    EXPECT_EQ(encode_bytes("\xc0\xaf"), encode_bytes("\xc0") + encode_bytes("\xaf"));
}

TEST(ByteText, GivesEveryPairOfBytesBack) {
    for (int first = 0; first < 256; ++first) {
        for (int second = 0; second < 256; ++second) {
            const std::string bytes{
                '\xf4', static_cast<char>(first), static_cast<char>(second), '\xbf'};
            ASSERT_EQ(decode_bytes(encode_bytes(bytes)), bytes) << first << ' ' << second;
        }
    }
}

TEST(ByteText, TakesItsOwnCodePointsApart) {
    const std::string own = "\xf4\x8f\xbe\x80";
    EXPECT_NE(encode_bytes(own), own);
    EXPECT_EQ(decode_bytes(encode_bytes(own)), own);
}

}  // namespace
}  // namespace brig
