// SPDX-License-Identifier: BSD-2-Clause
#include "spec/names.hpp"

#include "brig/error.hpp"
#include "brig/spec.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

std::string refusal(const std::string& name) {
    try {
        require_container_name(name);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_config);
        EXPECT_FALSE(error.hint().empty());
        return error.what();
    }
    return "";
}

TEST(ContainerName, TakesWhatAJailCanBeCalled) {
    for (const char* name : {"web", "Web_1-a", "7web", "0x1", "a", "1e5"}) {
        EXPECT_EQ(refusal(name), "") << name;
    }
    EXPECT_EQ(refusal(std::string(64, 'a')), "");
}

TEST(ContainerName, RefusesWithTheReason) {
    EXPECT_EQ(refusal(""), "the container name \"\" is empty");
    EXPECT_EQ(refusal(std::string(65, 'a')).find("has 65 characters, 64 are allowed")
                  != std::string::npos,
              true);
    EXPECT_EQ(refusal("web.1"),
              "the container name \"web.1\" holds a dot, which in the name of a jail separates "
              "parent and child");
    EXPECT_EQ(refusal("123"),
              "the container name \"123\" is a number, which jail(8) takes for the id of a jail");
    EXPECT_EQ(refusal("-web"),
              "the container name \"-web\" begins with \"-\", not with a letter or digit");
    EXPECT_EQ(refusal("a/b"),
              "the container name \"a/b\" holds \"/\"; letters, digits, \"_\" and \"-\" are "
              "allowed");
}

TEST(ContainerName, IsShownWithoutControlCharacters) {
    EXPECT_NE(refusal("a\x1b[31m").find("\"a\\x1b[31m\""), std::string::npos);
    EXPECT_NE(refusal(std::string("a\0b", 3)).find("\"a\\x00b\""), std::string::npos);
    EXPECT_LT(refusal(std::string(100000, 'a')).size(), 200U);
}

}  // namespace
}  // namespace brig
