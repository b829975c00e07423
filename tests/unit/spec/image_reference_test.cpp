// SPDX-License-Identifier: BSD-2-Clause
#include "spec/image_reference.hpp"

#include "brig/error.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

std::string refusal(const std::string& text) {
    try {
        return "none: " + parse_image_reference(text).to_string();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_config);
        return error.what();
    }
}

TEST(ImageReference, HasATagOrIsTheLatest) {
    EXPECT_EQ(parse_image_reference("base"), (ImageReference{"base", "latest"}));
    EXPECT_EQ(parse_image_reference("base:13.2-p1"), (ImageReference{"base", "13.2-p1"}));
    EXPECT_EQ(parse_image_reference(std::string(128, 'a') + ":" + std::string(128, '1')).tag,
              std::string(128, '1'));
}

TEST(ImageReference, RefusesWithTheReason) {
    EXPECT_EQ(refusal(""), "the image \"\": its name is empty");
    EXPECT_EQ(refusal(":x"), "the image \":x\": its name is empty");
    EXPECT_EQ(refusal("base:"), "the image \"base:\": its tag is empty");
    EXPECT_EQ(refusal("a:b:c"),
              "the image \"a:b:c\": its tag holds \":\"; letters, digits, \"_\", \".\" and \"-\" "
              "are allowed");
    EXPECT_EQ(refusal("../etc"),
              "the image \"../etc\": its name begins with \".\", not with a letter or digit");
    EXPECT_EQ(refusal("a/b").substr(0, 35), "the image \"a/b\": its name holds \"/\"");
    EXPECT_NE(refusal(std::string(129, 'a')).find("its name has 129 characters, 128 are allowed"),
              std::string::npos);
}

}  // namespace
}  // namespace brig
