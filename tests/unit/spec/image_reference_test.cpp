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

TEST(ImageReference, MayNameASnapshot) {
    EXPECT_EQ(parse_image_reference("base:1@before-2.0_x"),
              (ImageReference{"base", "1", "before-2.0_x"}));
    EXPECT_EQ(parse_image_reference("base@image").to_string(), "base:latest@image");
    EXPECT_EQ(parse_image_name("base").snapshot, "");
    EXPECT_THROW(static_cast<void>(parse_image_name("base@image")), Error);
}

TEST(ImageReference, RefusesSnapshotsWithTheReason) {
    EXPECT_EQ(refusal("base@"), "the image \"base@\": its snapshot is empty");
    EXPECT_EQ(refusal("base@A"),
              "the image \"base@A\": its snapshot holds \"A\"; a-z, 0-9, \".\", \"_\" and "
              "\"-\" are allowed");
    EXPECT_NE(refusal("base@a@b").find("its snapshot holds \"@\""), std::string::npos);
    EXPECT_NE(refusal("base@../x").find("its snapshot holds \"/\""), std::string::npos);
    EXPECT_NE(refusal("base@" + std::string(65, 'a')).find("65 characters, 64 are allowed"),
              std::string::npos);
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
