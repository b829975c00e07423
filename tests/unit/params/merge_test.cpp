// SPDX-License-Identifier: BSD-2-Clause
#include "params/merge.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

using Values = std::vector<std::string>;

constexpr std::string_view kId = "0123456789ab";

Origin network(std::string name) {
    return {Origin::Kind::driver, "network '" + std::move(name) + "'"};
}

Contribution contribution(std::string name, Values values, Origin origin) {
    return {std::move(name), std::move(values), false, std::move(origin)};
}

Contribution addition(std::string name, Values values, Origin origin) {
    return {std::move(name), std::move(values), true, std::move(origin)};
}

/// A container on network 'host' with the words of its -J, and whatever a test adds.
struct Merge {
    ParamLayers layers;
    Findings findings;
    ParamList params;

    explicit Merge(const Values& words = {}) {
        layers.defaults = default_assignments(kId, "freebsd");
        layers.command_line = test::parse_all(words, findings);
    }

    Merge& on_host() {
        layers.contributions.push_back(contribution("ip4", {"inherit"}, network("host")));
        layers.contributions.push_back(contribution("ip6", {"inherit"}, network("host")));
        return *this;
    }

    Merge& run() {
        params = merge_params(layers, test::full_catalogue(), findings);
        return *this;
    }

    [[nodiscard]] std::optional<Values> operator[](std::string_view name) const {
        const Param* param = find_param(params, name);
        return param != nullptr ? std::optional{param->values} : std::nullopt;
    }

    [[nodiscard]] std::string origin_of(std::string_view name) const {
        const Param* param = find_param(params, name);
        return param != nullptr ? param->origin.to_string() : "";
    }
};

Assignment user_option(std::string user) {
    return {"exec.jail_user", user, false, user, {Origin::Kind::command_line, "-u"}};
}

Assignment from_image(std::string name, std::string value) {
    return {std::move(name), value, false, value, {Origin::Kind::image, "image 'base'"}};
}

Assignment from_file(std::string name, std::string value) {
    return {std::move(name), value, false, value, {Origin::Kind::configuration, "brig.toml:3:1"}};
}

// Defaults, and every way to override them.

struct Override {
    Values words;
    std::string_view name;
    std::optional<Values> values;
};

class Overrides : public testing::TestWithParam<Override> {};

TEST_P(Overrides, WinOverDefaults) {
    Merge merge{GetParam().words};
    merge.on_host().run();
    EXPECT_TRUE(merge.findings.empty()) << test::messages(merge.findings);
    EXPECT_EQ(merge[GetParam().name], GetParam().values);
}

INSTANTIATE_TEST_SUITE_P(
    Mission,
    Overrides,
    testing::Values(
        Override{{}, "host.hostname", Values{"0123456789ab"}},
        Override{{"host.hostname=myhostname"}, "host.hostname", Values{"myhostname"}},
        Override{{}, "mount.devfs", Values{"true"}},
        Override{{"mount.devfs=false"}, "mount.devfs", Values{"false"}},
        Override{{"mount.nodevfs"}, "mount.devfs", Values{"false"}},
        Override{{"mount.devfs"}, "mount.devfs", Values{"true"}},
        Override{{"mount.devfs=true"}, "mount.devfs", Values{"true"}},
        Override{{}, "exec.jail_user", Values{"root"}},
        Override{{"exec.jail_user=nobody"}, "exec.jail_user", Values{"nobody"}},
        Override{{"exec.jail_user=web", "exec.nojail_user"}, "exec.jail_user", Values{"root"}},
        Override{{}, "exec.clean", Values{"true"}},
        Override{{"exec.clean=false"}, "exec.clean", Values{"false"}},
        Override{{"exec.clean=0"}, "exec.clean", Values{"false"}},
        Override{{"exec.noclean"}, "exec.clean", Values{"false"}},
        Override{{}, "exec.stop", Values{"/bin/sh /etc/rc.shutdown"}},
        Override{{"exec.nostop"}, "exec.stop", Values{}},
        Override{{"exec.stop"}, "exec.stop", Values{}},
        Override{{"exec.stop="}, "exec.stop", Values{}},
        Override{{"exec.stop=/bin/echo bye"}, "exec.stop", Values{"/bin/echo bye"}},
        Override{{"exec.stop=/bin/sh /etc/rc.shutdown"},
                 "exec.stop",
                 Values{"/bin/sh /etc/rc.shutdown"}},
        Override{{"allow.raw_sockets"}, "allow.raw_sockets", Values{"true"}},
        Override{{"allow.sysvipc=true"}, "allow.sysvipc", Values{"true"}},
        Override{{"exec.system_jail_user"}, "exec.system_jail_user", Values{"true"}},
        Override{{"osrelease=12.4-RELEASE"}, "osrelease", Values{"12.4-RELEASE"}},
        Override{{"children.max=2"}, "children.max", Values{"2"}},
        Override{{}, "allow.raw_sockets", std::nullopt}));

INSTANTIATE_TEST_SUITE_P(
    ListsAndScalars,
    Overrides,
    testing::Values(
        Override{{"exec.stop=a", "exec.stop=b"}, "exec.stop", Values{"a", "b"}},
        Override{{"exec.stop=a", "exec.nostop", "exec.stop=b"}, "exec.stop", Values{"b"}},
        Override{{"exec.start=a", "exec.start=a"}, "exec.start", Values{"a", "a"}},
        Override{{"exec.start=a", "exec.start"}, "exec.start", Values{}},
        Override{{"ip4.addr=10.0.0.1", "ip4.addr=10.0.0.2,10.0.0.1"},
                 "ip4.addr",
                 Values{"10.0.0.1", "10.0.0.2"}},
        Override{{"children.max=1", "children.max=2"}, "children.max", Values{"2"}},
        Override{{"allow.mount", "allow.nomount"}, "allow.mount", Values{"false"}},
        Override{{"meta.a=1", "meta.b=2"}, "meta.a", Values{"1"}},
        Override{{"exec.consolelog=/x", "exec.noconsolelog"}, "exec.consolelog", std::nullopt}));

TEST(DefaultAssignments, MountProcOnLinuxOnly) {
    Merge linux;
    linux.layers.defaults = default_assignments(kId, "linux");
    EXPECT_EQ(linux.run()["mount.procfs"], Values{"true"});
    EXPECT_EQ(Merge{}.run()["mount.procfs"], std::nullopt);
}

TEST(DefaultAssignments, AgreeWithTheCatalogue) {
    for (const Assignment& assignment : default_assignments(kId, "freebsd")) {
        if (assignment.name != "host.hostname") {
            EXPECT_EQ(test::row_of(assignment.name).default_value, assignment.value)
                << assignment.name;
        }
    }
}

// Precedence and origins.

TEST(MergeParams, TakesTheUserFromTheStrongestLayer) {
    Merge merge;
    EXPECT_EQ(merge.run()["exec.jail_user"], Values{"root"});
    EXPECT_EQ(merge.origin_of("exec.jail_user"), "default");

    merge.layers.image = {from_image("exec.jail_user", "web")};
    EXPECT_EQ(merge.run()["exec.jail_user"], Values{"web"});
    EXPECT_EQ(merge.origin_of("exec.jail_user"), "image 'base'");

    merge.layers.command_line = {user_option("operator")};
    EXPECT_EQ(merge.run()["exec.jail_user"], Values{"operator"});
    EXPECT_EQ(merge.origin_of("exec.jail_user"), "-u");

    const auto option = test::parse_all({"exec.jail_user=nobody"}, merge.findings);
    merge.layers.command_line.push_back(option.front());
    EXPECT_EQ(merge.run()["exec.jail_user"], Values{"nobody"});
    EXPECT_EQ(merge.origin_of("exec.jail_user"), "-J");
}

TEST(MergeParams, LayersOverrideInOrder) {
    Merge merge{{"securelevel=3"}};
    merge.layers.image = {from_image("securelevel", "1"), from_image("enforce_statfs", "1")};
    merge.layers.configuration = {from_file("securelevel", "2"), from_file("children.max", "4")};
    merge.run();
    EXPECT_EQ(merge["securelevel"], Values{"3"});
    EXPECT_EQ(merge.origin_of("securelevel"), "-J");
    EXPECT_EQ(merge.origin_of("children.max"), "brig.toml:3:1");
    EXPECT_EQ(merge.origin_of("enforce_statfs"), "image 'base'");
    EXPECT_EQ(merge.origin_of("mount.devfs"), "default");
}

TEST(MergeParams, AppendsListsAcrossLayersButReplacesTheDefault) {
    Merge merge{{"exec.stop=c"}};
    merge.layers.image = {from_image("exec.stop", "a")};
    merge.layers.configuration = {from_file("exec.stop", "b")};
    EXPECT_EQ(merge.run()["exec.stop"], (Values{"a", "b", "c"}));
}

TEST(MergeParams, KeepsTheOrderOfFirstMention) {
    Merge merge{{"persist", "allow.mount", "nopersist"}};
    merge.layers.defaults.clear();
    merge.run();
    ASSERT_EQ(merge.params.size(), 2U);
    EXPECT_EQ(merge.params[0].name, "persist");
    EXPECT_EQ(merge.params[1].name, "allow.mount");
}

TEST(MergeParams, NameAUserOnlyWhereTheEnvironmentIsClean) {
    EXPECT_EQ(Merge{}.run()["exec.jail_user"], Values{"root"});
    EXPECT_FALSE((Merge{{"exec.noclean"}}.run()["exec.jail_user"]));
    EXPECT_EQ((Merge{{"exec.noclean", "exec.jail_user=web"}}.run()["exec.jail_user"]),
              Values{"web"});
}

TEST(MergeParams, LetsTheUserOverrideADriverBeyondTheNetwork) {
    Merge merge{{"allow.noraw_sockets"}};
    merge.layers.contributions = {contribution("allow.raw_sockets", {"true"}, network("lab"))};
    EXPECT_EQ(merge.run()["allow.raw_sockets"], Values{"false"});
    EXPECT_TRUE(merge.findings.empty());
}

TEST(MergeParams, LetsADriverOverrideADefault) {
    Merge merge;
    merge.layers.contributions = {contribution("mount.devfs", {"false"}, network("lab"))};
    merge.run();
    EXPECT_EQ(merge["mount.devfs"], Values{"false"});
    EXPECT_EQ(merge.origin_of("mount.devfs"), "network 'lab'");
    EXPECT_TRUE(merge.findings.empty());
}

TEST(MergeParams, TakesThePathFromTheStorageDriver) {
    Merge merge;
    const Origin storage{Origin::Kind::driver, "storage 'dir'"};
    merge.layers.contributions = {contribution("path", {"/roots/x"}, storage)};
    EXPECT_EQ(merge.run()["path"], Values{"/roots/x"});
    EXPECT_TRUE(merge.findings.empty());
}

TEST(MergeParams, JoinsWhatDriversAppendInOrderOfAttachment) {
    Merge merge{{"ip4.addr=10.0.0.9"}};
    merge.layers.contributions = {addition("ip4.addr", {"10.0.0.2"}, network("a")),
                                  addition("ip4.addr", {"10.1.0.2", "10.0.0.2"}, network("b"))};
    EXPECT_EQ(merge.run()["ip4.addr"], (Values{"10.0.0.2", "10.1.0.2", "10.0.0.9"}));
    EXPECT_TRUE(merge.findings.empty());
}

// What is refused.

struct Refusal {
    Values words;
    std::string_view message;
};

class Refusals : public testing::TestWithParam<Refusal> {};

TEST_P(Refusals, SayWhy) {
    Merge merge{GetParam().words};
    merge.on_host().run();
    EXPECT_EQ(test::messages(merge.findings), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Refusals,
    testing::Values(Refusal{{"path=/"}, "path belongs to the storage driver"},
                    Refusal{{"name=x"}, "name belongs to the engine"},
                    Refusal{{"jid=7"}, "jid belongs to the engine"},
                    Refusal{{"jid=abc"}, "jid belongs to the engine"},
                    Refusal{{"command=/bin/sh"}, "command belongs to the engine"},
                    Refusal{{"nocommand"}, "command belongs to the engine"},
                    Refusal{{"children.cur=1"}, "children.cur is read-only"},
                    Refusal{{"dying"}, "dying is read-only"},
                    Refusal{{"ip4=disable"},
                            "ip4: \"disable\" from -J contradicts \"inherit\" from network 'host'"},
                    Refusal{{"vnet"},
                            "vnet jails cannot have IP address restrictions: vnet=\"new\" from -J, "
                            "ip4=\"inherit\" from network 'host'\n"
                            "vnet jails cannot have IP address restrictions: vnet=\"new\" from -J, "
                            "ip6=\"inherit\" from network 'host'"},
                    Refusal{{"vnet.interface=em0"},
                            "vnet.interface: \"em0\" from -J needs vnet=new"}));

INSTANTIATE_TEST_SUITE_P(Nothing,
                         Refusals,
                         testing::Values(Refusal{{"ip4=inherit"}, ""},
                                         Refusal{{"ip4=disable", "ip4=inherit"}, ""},
                                         Refusal{{"vnet=inherit"}, ""},
                                         Refusal{{"vnet.interface="}, ""},
                                         Refusal{{"ip4.addr=10.0.0.1"}, ""}));

TEST(MergeParams, ReportsEverythingAtOnce) {
    Merge merge{{"allow.raw_socket", "persist=maybe", "path=/", "enforce_statfs=7"}};
    merge.run();
    EXPECT_EQ(test::messages(merge.findings),
              "unknown parameter: allow.raw_socket\n"
              "persist: unknown boolean value \"maybe\"\n"
              "path belongs to the storage driver\n"
              "enforce_statfs: 7 is out of range: 0 to 2");
    EXPECT_EQ(merge.findings.all()[2].where, "-J path=/");
}

TEST(MergeParams, ExplainsReservedNames) {
    Merge merge{{"name=x", "command=x"}};
    merge.run();
    EXPECT_EQ(merge.findings.all()[0].hint, "use --name");
    EXPECT_EQ(merge.findings.all()[1].hint, "give the command after the image");
}

TEST(MergeParams, RefusesTheEnginesNamesToDriversToo) {
    for (const char* name : {"name", "jid", "command", "parent"}) {
        Merge merge;
        merge.layers.contributions = {contribution(name, {"1"}, network("lab"))};
        merge.run();
        ASSERT_EQ(merge.findings.all().size(), 1U) << name;
        EXPECT_EQ(merge.findings.all().front().where, "network 'lab'");
    }
}

TEST(MergeParams, ChecksWhatDriversContribute) {
    Merge merge;
    merge.layers.contributions = {contribution("ip4", {"maybe"}, network("a")),
                                  contribution("colour", {"blue"}, network("a")),
                                  contribution("ip6", {}, network("a")),
                                  addition("ip4.addr", {"10.0.0.300"}, network("a"))};
    merge.run();
    EXPECT_EQ(test::messages(merge.findings),
              "ip4: unknown jailsys value \"maybe\"\n"
              "unknown parameter: colour\n"
              "ip6: one value expected, 0 given\n"
              "ip4.addr: not an IPv4 address: 10.0.0.300");
}

TEST(MergeParams, RefusesDriversThatDisagree) {
    Merge merge;
    merge.layers.contributions = {contribution("vnet", {"inherit"}, network("a")),
                                  contribution("vnet", {"new"}, network("b")),
                                  contribution("ip4.addr", {"10.0.0.1"}, network("a")),
                                  contribution("ip4.addr", {"10.0.0.2"}, network("b"))};
    merge.run();
    EXPECT_EQ(test::messages(merge.findings),
              "vnet: network 'a' sets \"inherit\", network 'b' sets \"new\"\n"
              "ip4.addr: network 'a' sets \"10.0.0.1\", network 'b' sets \"10.0.0.2\"");
}

TEST(MergeParams, AcceptsDriversThatAgree) {
    Merge merge;
    merge.layers.contributions = {contribution("ip4", {"inherit"}, network("a")),
                                  contribution("ip4", {"INHERIT"}, network("b"))};
    merge.run();
    EXPECT_TRUE(merge.findings.empty()) << test::messages(merge.findings);
    EXPECT_EQ(merge.origin_of("ip4"), "network 'a'");
}

TEST(MergeParams, NamesBothOriginsOfAContradiction) {
    Merge merge{{"ip4=inherit", "ip6.addr=::1"}};
    merge.layers.contributions = {contribution("ip4", {"disable"}, network("none")),
                                  contribution("ip6", {"disable"}, network("none"))};
    merge.run();
    EXPECT_EQ(test::messages(merge.findings),
              "ip4: \"inherit\" from -J contradicts \"disable\" from network 'none'\n"
              "ip6.addr: \"::1\" from -J contradicts ip6=\"disable\" from network 'none'");
}

TEST(MergeParams, KeepsTheAddressesOfTheNetwork) {
    for (const char* word : {"ip4.addr", "ip4.addr="}) {
        Merge merge{{word, "ip4.addr=10.0.0.9"}};
        merge.layers.contributions = {addition("ip4.addr", {"10.0.0.2"}, network("lan"))};
        merge.run();
        EXPECT_EQ(test::messages(merge.findings),
                  "ip4.addr: \"10.0.0.9\" from -J contradicts \"10.0.0.2\" from network 'lan'");
    }
}

TEST(MergeParams, RefusesAddressesBesideVnet) {
    Merge merge{{"ip4.addr=10.0.0.9"}};
    merge.layers.contributions = {contribution("vnet", {"new"}, network("bridge")),
                                  addition("vnet.interface", {"epair0b"}, network("bridge"))};
    merge.run();
    EXPECT_EQ(test::messages(merge.findings),
              "vnet jails cannot have IP address restrictions: vnet=\"new\" from network "
              "'bridge', ip4.addr=\"10.0.0.9\" from -J");
}

TEST(MergeParams, LetsTheUserAddInterfacesToAVnet) {
    Merge merge{{"vnet", "vnet.interface=em1"}};
    merge.layers.contributions = {contribution("vnet", {"new"}, network("bridge")),
                                  addition("vnet.interface", {"epair0b"}, network("bridge"))};
    merge.run();
    EXPECT_TRUE(merge.findings.empty()) << test::messages(merge.findings);
    EXPECT_EQ(merge["vnet.interface"], (Values{"epair0b", "em1"}));
}

TEST(Origin, IsShownAsItsDetailOrItsKind) {
    EXPECT_EQ(Origin{}.to_string(), "default");
    EXPECT_EQ((Origin{Origin::Kind::driver, ""}).to_string(), "driver");
    EXPECT_EQ(network("host").to_string(), "network 'host'");
    EXPECT_EQ(test::option_j().to_string(), "-J");
}

TEST(MergeKeys, AreAParameterEach) {
    const Merge merge = Merge{{"meta.a=1", "meta.b=2", "meta.a=3", "env.a=4"}}.run();
    EXPECT_EQ(merge["meta.a"], Values{"3"});
    EXPECT_EQ(merge["meta.b"], Values{"2"});
    EXPECT_EQ(merge["env.a"], Values{"4"});
    EXPECT_EQ(merge["meta"], std::nullopt);
}

TEST(MergeKeys, AreRemovedByTheirBareName) {
    const Merge merge = Merge{{"meta.a=1", "meta.b=", "meta.a", "meta.c"}}.run();
    EXPECT_EQ(merge["meta.a"], std::nullopt);
    EXPECT_EQ(merge["meta.b"], Values{""});
    EXPECT_EQ(merge["meta.c"], std::nullopt);
    EXPECT_TRUE(merge.findings.empty());
}

TEST(MergeKeys, AreReplacedByTheWhole) {
    const Merge merge = Merge{{"meta.a=1", "env.a=2", "meta=b=3\nc=4", "meta.d=5"}}.run();
    EXPECT_EQ(merge["meta.a"], std::nullopt);
    EXPECT_EQ(merge["meta"], Values{"b=3\nc=4"});
    EXPECT_EQ(merge["meta.d"], Values{"5"});
    EXPECT_EQ(merge["env.a"], Values{"2"});
}

TEST(MergeKeys, TakeTheirLineOutOfTheWhole) {
    const Merge merge = Merge{{"meta=a=1\nab=2\nb=a=3", "meta.a=4", "meta.b"}}.run();
    EXPECT_EQ(merge["meta"], Values{"ab=2"});
    EXPECT_EQ(merge["meta.a"], Values{"4"});
}

TEST(MergeManyParameters, KeepsAllOfThem) {
    Values words;
    for (int i = 0; i < 10000; ++i) {
        words.push_back("meta.k" + std::to_string(i) + "=v");
        words.push_back("exec.start=echo " + std::to_string(i));
    }
    const Merge merge = Merge{words}.run();
    EXPECT_TRUE(merge.findings.empty());
    EXPECT_EQ(merge["exec.start"]->size(), 10000U);
    EXPECT_EQ(merge["meta.k9999"], Values{"v"});
}

TEST(MergeManyParameters, FindsFaultWithEach) {
    const Merge merge = Merge{Values(10000, "colour=blue")}.run();
    EXPECT_EQ(merge.findings.all().size(), 10000U);
}

}  // namespace
}  // namespace brig
