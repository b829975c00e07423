// SPDX-License-Identifier: BSD-2-Clause
#include "spec/container_spec.hpp"

#include "brig/error.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(ContainerSpecText, LeavesOutWhatWasNotSaid) {
    ContainerSpec spec;
    spec.image = "base";
    spec.command = {"echo", "Hello \"World\"\n"};
    EXPECT_EQ(to_toml(spec),
              "image = \"base\"\ncommand = [\"echo\", \"Hello \\\"World\\\"\\u000A\"]\n");
}

TEST(ContainerSpecText, ReadsBackEveryMember) {
    ContainerSpec spec;
    spec.image = "base:1";
    spec.name = "web";
    spec.networks = {"host", "lan"};
    spec.command = {"sh", "-c", "printf '\\377' '\xff' ü \x7f", ""};
    spec.user = "";
    spec.environment = {"A=1", "B=\"'''\"\t\\"};
    spec.workdir = "/srv/\xe4";
    spec.params = {"allow.raw_sockets", "exec.stop="};
    spec.param_origins = {"jail.conf:3:5", ""};
    spec.root = "/jails/\xfc";
    spec.restart = {RestartPolicy::Kind::on_failure, 3};
    spec.ephemeral = spec.interactive = spec.terminal = true;
    const std::string text = to_toml(spec);
    const ContainerSpec back = container_spec_from_toml(text, "test");
    EXPECT_EQ(to_toml(back), text);
    EXPECT_EQ(back.image, spec.image);
    EXPECT_EQ(back.name, spec.name);
    EXPECT_EQ(back.networks, spec.networks);
    EXPECT_EQ(back.command, spec.command);
    EXPECT_EQ(back.user, spec.user);
    EXPECT_EQ(back.environment, spec.environment);
    EXPECT_EQ(back.workdir, spec.workdir);
    EXPECT_EQ(back.params, spec.params);
    EXPECT_EQ(back.param_origins, spec.param_origins);
    EXPECT_EQ(back.root, spec.root);
    EXPECT_EQ(back.restart, spec.restart);
    EXPECT_TRUE(back.ephemeral && back.interactive && back.terminal);
}

/// A list is one line: what is written must be read again, or nobody gets rid of the container.
TEST(ContainerSpecText, ReadsBackAnyNumberOfDots) {
    ContainerSpec spec;
    spec.command = {"sh", "-c", std::string(10000, '.')};
    spec.params.assign(10000, "exec.start=a.b \"'\\");
    spec.param_origins.assign(10000, "jail.conf:3:5");
    const ContainerSpec back = container_spec_from_toml(to_toml(spec), "test");
    EXPECT_EQ(back.command, spec.command);
    EXPECT_EQ(back.params, spec.params);
    EXPECT_EQ(back.param_origins, spec.param_origins);
}

TEST(ContainerSpecText, RefusesWhatItDidNotWrite) {
    try {
        static_cast<void>(container_spec_from_toml("imag = \"a\"\nuser = 1\ncommand = [1]\n", "x"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_STREQ(error.what(),
                     "x:1:1: \"imag\" is unknown or a string is not what it takes\n"
                     "x:2:1: \"user\" is unknown or a number is not what it takes\n"
                     "x:3:1: \"command\" is unknown or a list is not what it takes");
    }
}

TEST(RestartPolicyText, IsReadBack) {
    for (const char* text : {"no", "on-failure", "on-failure:5", "always", "unless-stopped"}) {
        EXPECT_EQ(to_string(parse_restart_policy(text)), text);
    }
}

TEST(RestartPolicyText, RefusesEverythingElse) {
    for (const char* text : {"",
                             "yes",
                             "Always",
                             "on-failure:",
                             "on-failure:0",
                             "on-failure:-1",
                             "on-failure:1x",
                             "on-failure:99999999999",
                             "always:3"}) {
        EXPECT_THROW(static_cast<void>(parse_restart_policy(text)), Error) << text;
    }
}

}  // namespace
}  // namespace brig
