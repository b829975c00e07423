// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "brig/jail_conf.hpp"
#include "brig/settings.hpp"
#include "spec/container_spec.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace brig {
namespace {

using Words = std::vector<std::string>;

ContainerSpec read(const std::string& text) {
    const auto containers = parse_containers(text, "f");
    EXPECT_EQ(containers.size(), 1U);
    return containers.empty() ? ContainerSpec{} : containers.front().spec;
}

/// What reading members of a container ends with.
std::string refusal(const std::string& members) {
    try {
        static_cast<void>(parse_containers("[container.a]\nimage = 'i'\n" + members, "f"));
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_config);
        return error.what() + (error.hint().empty() ? "" : " [" + error.hint() + "]");
    }
    return "accepted";
}

TEST(ContainerTable, IsReadWithThePlaceOfEveryParameter) {
    const auto containers = parse_containers(R"([container.web]
image = "base:1"
command = ["sh", "", "-c"]
user = "www:www"
workdir = "/srv"
networks = ["host", "none"]
restart = "on-failure:3"
depend = ["db"]
[container.web.env]
A = "b c"
N = 1
[container.web.params]
"allow.raw_sockets" = true
exec.prestart = ["one", "two"]
[container.db]
root = "/jails/db"
env = ["A=b"]
params = ["allow.mlock", "meta.a=b"]
)",
                                             "f");
    ASSERT_EQ(containers.size(), 2U);
    const ContainerSpec& web = containers[0].spec;
    EXPECT_EQ(web.name, "web");
    EXPECT_EQ(web.image, "base:1");
    EXPECT_EQ(web.command, (Words{"sh", "", "-c"}));
    EXPECT_EQ(web.user, "www:www");
    EXPECT_EQ(web.workdir, "/srv");
    EXPECT_EQ(web.networks, (Words{"host", "none"}));
    EXPECT_EQ(web.restart, (RestartPolicy{RestartPolicy::Kind::on_failure, 3}));
    EXPECT_EQ(web.environment, (Words{"A=b c", "N=1"}));
    EXPECT_EQ(
        web.params,
        (Words{"depend=db", "allow.raw_sockets=true", "exec.prestart=one", "exec.prestart=two"}));
    EXPECT_EQ(web.param_origins, (Words{"f:8:11", "f:13:1", "f:14:18", "f:14:25"}));
    const ContainerSpec& db = containers[1].spec;
    EXPECT_EQ(db.root, "/jails/db");
    EXPECT_EQ(db.environment, Words{"A=b"});
    EXPECT_EQ(db.params, (Words{"allow.mlock", "meta.a=b"}));
}

TEST(ContainerTable, OfTheConfigurationIsPartOfTheSettings) {
    const Settings settings = parse_settings("[container.a]\nimage = 'i'\n", "f", {});
    ASSERT_EQ(settings.containers.size(), 1U);
    EXPECT_EQ(settings.containers[0].spec.name, "a");
    EXPECT_EQ(settings.containers[0].where, "f:1:12");
    EXPECT_TRUE(parse_settings("", "f", {}).containers.empty());
}

TEST(ContainerTable, TurnsMountsIntoLinesOfFstab) {
    const ContainerSpec spec = read(R"([container.a]
image = "i"
mounts = [
    { source = "/a b#\\", target = "/c\td" },
    { target = "/tmp", type = "tmpfs", options = ["size=1m", "nosuid"] },
    { source = "/x", target = "/y", read_only = true },
    "/p /q nullfs rw",
]
)");
    EXPECT_EQ(spec.params,
              (Words{"mount=/a\\040b\\043\\134 /c\\011d nullfs",
                     "mount=tmpfs /tmp tmpfs size=1m,nosuid",
                     "mount=/x /y nullfs ro",
                     "mount=/p /q nullfs rw"}));
    EXPECT_EQ(spec.param_origins, (Words{"f:4:5", "f:5:5", "f:6:5", "f:7:5"}));
}

TEST(ContainerTable, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(refusal("imag = 1"),
              "f:3:1: unknown key \"container.a.imag\" [did you mean \"image\"?]");
    EXPECT_EQ(refusal("command = 'ls -l'").substr(0, 74),
              "f:3:1: \"container.a.command\" must be a list of strings, not a string [brig");
    EXPECT_EQ(refusal("env = ['A']"), "f:3:8: \"A\" is not a variable [write \"NAME=value\"]");
    EXPECT_EQ(refusal("env = {A = []}").substr(0, 75),
              "f:3:8: \"container.a.env.A\" must be a string, a number, true or false, not a");
    EXPECT_EQ(refusal("params = 1").substr(0, 50),
              "f:3:1: \"container.a.params\" must be a table, or a ");
    EXPECT_EQ(refusal("restart = 'yes'").substr(0, 37), "f:3:1: unknown restart policy \"yes\" [");
    EXPECT_EQ(refusal("root = '/r'"),
              "f:1:12: \"container.a\" has an image and a root [leave one of them out]");
    EXPECT_EQ(refusal("[container.b]").substr(0, 44),
              "f:3:12: \"container.b\" has no image and no ro");
    EXPECT_EQ(refusal("[container.'b.c']\nimage = 'i'").substr(0, 36),
              "f:3:12: the container name \"b.c\" hol");
    EXPECT_EQ(refusal("[storage.x]\ndriver = 'd'").substr(0, 30),
              "f:3:2: unknown key \"storage\" [");
}

TEST(ContainerTable, RefusesMountsThatAreNone) {
    EXPECT_EQ(refusal("mounts = [{target = '/a'}]").substr(0, 57),
              "f:3:11: a mount of \"container.a.mounts\" has no source [wr");
    EXPECT_EQ(refusal("mounts = [{source = '/a'}]").substr(0, 57),
              "f:3:11: a mount of \"container.a.mounts\" has no target [wr");
    EXPECT_EQ(refusal("mounts = [{source = '/a', target = '/b', readonly = true}]"),
              "f:3:42: unknown key \"container.a.mounts.readonly\" [did you mean \"read_only\"?]");
    EXPECT_EQ(refusal("mounts = [{source = '/a', target = '/b', options = ['ro,rw']}]"),
              "f:3:53: \"ro,rw\" is not one option of a mount [write each option as a string of "
              "its own]");
}

TEST(ContainerTable, RefusesWhatThisBrigCannotDo) {
    for (const char* key : {"limits", "storage", "interactive", "terminal", "name"}) {
        EXPECT_EQ(refusal(std::string{key} + " = 1").find("f:3:1: \"container.a."), 0U) << key;
    }
}

TEST(ContainerTable, HasNetworksWithOptionsOfItsOwnAndPublishedPorts) {
    const ContainerSpec spec =
        parse_containers(
            "[container.a]\nimage = 'x'\npublish = ['80:80', '[::]:53:53/udp']\n"
            "networks = ['host', {name = 'lan', ip = '10.0.0.2', mtu = 1400, "
            "publish = ['1:1', '2:2']}, 'dmz:ip6=fd00::1']",
            "f")
            .front()
            .spec;
    EXPECT_EQ(spec.publish, (std::vector<std::string>{"80:80", "[::]:53:53/udp"}));
    ASSERT_EQ(spec.networks.size(), 3U);
    const AttachmentSpec lan = parse_attachment(spec.networks[1]);
    EXPECT_EQ(lan.network, "lan");
    std::vector<std::string> options = lan.options;
    std::sort(options.begin(), options.end());
    EXPECT_EQ(options,
              (std::vector<std::string>{"ip=10.0.0.2", "mtu=1400", "publish=1:1", "publish=2:2"}));
    EXPECT_EQ(parse_attachment(spec.networks[2]).options, std::vector<std::string>{"ip6=fd00::1"});
    EXPECT_EQ(network_names(spec.networks), (std::vector<std::string>{"host", "lan", "dmz"}));
    EXPECT_NE(refusal("networks = [{ip = '10.0.0.2'}]").find("has no name"), std::string::npos);
    EXPECT_NE(refusal("networks = 'lan'").find("must be a list of names or of tables"),
              std::string::npos);
}

TEST(ContainerTable, TellsEverythingAtOnce) {
    EXPECT_EQ(refusal("user = 1\nimagee = 1\nrestart = 2"),
              "f:3:1: \"container.a.user\" must be a string, not a number\n"
              "f:4:1: unknown key \"container.a.imagee\" (did you mean \"image\"?)\n"
              "f:5:1: \"container.a.restart\" must be a string, not a number");
}

/// Bytes of all kinds: letters, quotes, controls, parts of UTF-8, brig's own escapes.
std::string random_text(std::mt19937& random) {
    static const Words pieces{"a",
                              "=",
                              " ",
                              "\"",
                              "\\",
                              "'",
                              "\n",
                              "\t",
                              "\x7f",
                              "ü",
                              "\xff",
                              "\xc3",
                              "\xf4\x8f\xbe\x80",
                              "#"};
    std::string text;
    for (std::size_t length = random() % 8; length > 0; --length) {
        text += pieces[random() % pieces.size()];
    }
    return text;
}

Words random_texts(std::mt19937& random, const std::string& beginning) {
    Words texts;
    for (std::size_t count = random() % 4; count > 0; --count) {
        texts.push_back(beginning + random_text(random));
    }
    return texts;
}

ContainerDefinition random_container(std::mt19937& random) {
    static const Words policies{"no", "on-failure", "on-failure:7", "always", "unless-stopped"};
    ContainerDefinition container;
    ContainerSpec& spec = container.spec;
    spec.name = "web";
    (random() % 2 == 0 ? spec.image : spec.root) = "/x" + random_text(random);
    spec.command = random_texts(random, "");
    spec.environment = random_texts(random, "A=");
    spec.networks = random_texts(random, "n");
    spec.params = random_texts(random, "exec.start=");
    if (random() % 2 == 0) {
        spec.user = random_text(random);
        spec.workdir = random_text(random);
    }
    spec.restart = parse_restart_policy(policies[random() % policies.size()]);
    return container;
}

TEST(ContainerTable, IsReadBackAsItWasWritten) {
    std::mt19937 random{20261124};  // NOLINT(cert-msc51-cpp): the same every time
    for (int round = 0; round < 500; ++round) {
        const ContainerDefinition container = random_container(random);
        const std::string text = format_toml(container);
        ContainerSpec back = read(text);
        EXPECT_EQ(back.param_origins.size(), back.params.size());
        back.param_origins.clear();
        ASSERT_EQ(to_toml(back), to_toml(container.spec)) << text;
    }
}

}  // namespace
}  // namespace brig
