// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

using Values = std::vector<std::string>;

std::optional<Values> values_of(std::string_view text, Findings& findings) {
    const Catalogue& catalogue = test::full_catalogue();
    const auto assignment = parse_assignment(text, test::option_j(), catalogue, findings);
    if (!assignment) {
        return std::nullopt;
    }
    return parse_values(*assignment, *catalogue.find(assignment->name), findings);
}

struct Accepted {
    std::string_view text;
    Values values;
};

class AcceptedValues : public testing::TestWithParam<Accepted> {};

TEST_P(AcceptedValues, AreNormalised) {
    Findings findings;
    EXPECT_EQ(values_of(GetParam().text, findings), GetParam().values);
    EXPECT_TRUE(findings.empty()) << test::messages(findings);
}

INSTANTIATE_TEST_SUITE_P(Booleans,
                         AcceptedValues,
                         testing::Values(Accepted{"persist", {"true"}},
                                         Accepted{"persist=true", {"true"}},
                                         Accepted{"persist=TRUE", {"true"}},
                                         Accepted{"persist=1", {"true"}},
                                         Accepted{"persist=-3", {"true"}},
                                         Accepted{"persist=00", {"false"}},
                                         Accepted{"persist=0", {"false"}},
                                         Accepted{"persist=False", {"false"}},
                                         Accepted{"persist=", {"false"}},
                                         Accepted{"nopersist", {"false"}},
                                         Accepted{"nopersist=true", {"false"}},
                                         Accepted{"nopersist=false", {"true"}},
                                         Accepted{"exec.noclean=", {"true"}}));

INSTANTIATE_TEST_SUITE_P(Numbers,
                         AcceptedValues,
                         testing::Values(Accepted{"children.max=0", {"0"}},
                                         Accepted{"children.max=999999", {"999999"}},
                                         Accepted{"children.max=007", {"7"}},
                                         Accepted{"enforce_statfs=2", {"2"}},
                                         Accepted{"securelevel=-1", {"-1"}},
                                         Accepted{"stop.timeout=2147483647", {"2147483647"}},
                                         Accepted{"host.hostid=4294967296", {"4294967296"}}));

INSTANTIATE_TEST_SUITE_P(Texts,
                         AcceptedValues,
                         testing::Values(Accepted{"host.hostname=", {""}},
                                         Accepted{"host.hostname= a=b ", {" a=b "}},
                                         Accepted{"exec.jail_user=1001", {"1001"}},
                                         Accepted{"exec.nojail_user", {}},
                                         Accepted{"exec.noconsolelog", {}},
                                         Accepted{"host.hostname=a\nb\xff", {"a\nb\xff"}}));

INSTANTIATE_TEST_SUITE_P(Keys,
                         AcceptedValues,
                         testing::Values(Accepted{"meta.colour=", {""}},
                                         Accepted{"meta.colour=blue", {"blue"}},
                                         Accepted{"meta.a.b=c=d", {"c=d"}},
                                         Accepted{"meta.colour", {}},
                                         Accepted{"meta", {""}},
                                         Accepted{"env=a=1\nb=2", {"a=1\nb=2"}}));

INSTANTIATE_TEST_SUITE_P(Jailsys,
                         AcceptedValues,
                         testing::Values(Accepted{"vnet", {"new"}},
                                         Accepted{"vnet=", {"new"}},
                                         Accepted{"vnet=inherit", {"inherit"}},
                                         Accepted{"ip4=DISABLE", {"disable"}},
                                         Accepted{"ip4=0", {"disable"}},
                                         Accepted{"ip4=1", {"new"}},
                                         Accepted{"ip4=2", {"inherit"}},
                                         Accepted{"sysvshm=new", {"new"}}));

INSTANTIATE_TEST_SUITE_P(
    Lists,
    AcceptedValues,
    testing::Values(Accepted{"exec.stop", {}},
                    Accepted{"exec.nostop", {}},
                    Accepted{"exec.stop=", {}},
                    Accepted{"exec.stop=/bin/sh /etc/rc.shutdown", {"/bin/sh /etc/rc.shutdown"}},
                    Accepted{"exec.start=echo a,b", {"echo a,b"}},
                    Accepted{"mount=tmpfs /tmp tmpfs rw,size=1m 0 0",
                             {"tmpfs /tmp tmpfs rw,size=1m 0 0"}},
                    Accepted{"vnet.interface=epair0b,em1", {"epair0b", "em1"}},
                    Accepted{"zfs.dataset=tank/a,tank/b", {"tank/a", "tank/b"}}));

INSTANTIATE_TEST_SUITE_P(
    Addresses,
    AcceptedValues,
    testing::Values(Accepted{"ip4.addr", {}},
                    Accepted{"ip4.addr=", {}},
                    Accepted{"ip4.addr=-", {}},
                    Accepted{"ip4.addr=10.0.0.1", {"10.0.0.1"}},
                    Accepted{"ip4.addr=10.0.0.1,10.0.0.2", {"10.0.0.1", "10.0.0.2"}},
                    Accepted{"ip4.addr=lo1|10.0.0.1/32", {"lo1|10.0.0.1/32"}},
                    Accepted{"ip4.addr=em0.5|10.0.0.1/255.255.255.0",
                             {"em0.5|10.0.0.1/255.255.255.0"}},
                    Accepted{"ip4.addr=10.0.0.1/24", {"10.0.0.1/24"}},
                    Accepted{"ip6.addr=FD00:0:0::0001", {"fd00::1"}},
                    Accepted{"ip6.addr=lo1|fd00::1/128,::1", {"lo1|fd00::1/128", "::1"}}));

struct Refused {
    std::string_view text;
    std::string_view message;
};

class RefusedValues : public testing::TestWithParam<Refused> {};

TEST_P(RefusedValues, KeepTheWordsOfLibjail) {
    Findings findings;
    EXPECT_FALSE(values_of(GetParam().text, findings));
    EXPECT_EQ(test::messages(findings), GetParam().message);
    EXPECT_EQ(findings.all().front().where, "-J " + std::string{GetParam().text});
}

INSTANTIATE_TEST_SUITE_P(
    Booleans,
    RefusedValues,
    testing::Values(Refused{"persist=maybe", "persist: unknown boolean value \"maybe\""},
                    Refused{"persist= true", "persist: unknown boolean value \" true\""},
                    Refused{"persist=1x", "persist: unknown boolean value \"1x\""},
                    Refused{"persist=99999999999999999999",
                            "persist: unknown boolean value \"99999999999999999999\""},
                    Refused{"exec.clean=yes", "exec.clean: unknown boolean value \"yes\""},
                    Refused{"allow.noraw_sockets=maybe",
                            "allow.raw_sockets: unknown boolean value \"maybe\""}));

INSTANTIATE_TEST_SUITE_P(
    Numbers,
    RefusedValues,
    testing::Values(Refused{"children.max=abc", "children.max: non-integer value \"abc\""},
                    Refused{"children.max=", "children.max: non-integer value \"\""},
                    Refused{"children.max= 1", "children.max: non-integer value \" 1\""},
                    Refused{"children.max=+1", "children.max: non-integer value \"+1\""},
                    Refused{"children.max=1.5", "children.max: non-integer value \"1.5\""},
                    Refused{"children.max", "children.max: needs a value"},
                    Refused{"children.max=-5", "children.max: -5 is out of range: 0 to 999999"},
                    Refused{"children.max=2000000",
                            "children.max: 2000000 is out of range: 0 to 999999"},
                    Refused{"enforce_statfs=3", "enforce_statfs: 3 is out of range: 0 to 2"},
                    Refused{"devfs_ruleset=-2", "devfs_ruleset: -2 is out of range: 0 to 65535"},
                    Refused{"securelevel=4", "securelevel: 4 is out of range: -1 to 3"},
                    Refused{"securelevel=99999999999999999999",
                            "securelevel: 99999999999999999999 is out of range: -1 to 3"},
                    Refused{"stop.timeout=-1", "stop.timeout: -1 is out of range: at least 0"},
                    Refused{"stop.timeout=2147483648",
                            "stop.timeout: 2147483648 is out of range: at most 2147483647"},
                    Refused{"exec.timeout=-1", "exec.timeout: -1 is out of range: at least 0"},
                    Refused{"osreldate=0", "osreldate: 0 is out of range: at least 1"},
                    Refused{"linux.oss_version=2147483648",
                            "linux.oss_version: 2147483648 is out of range: at most 2147483647"},
                    Refused{"host.hostid=-1", "host.hostid: non-integer value \"-1\""}));

INSTANTIATE_TEST_SUITE_P(
    Texts,
    RefusedValues,
    testing::Values(Refused{"host.hostname", "host.hostname: needs a value"},
                    Refused{"exec.jail_user", "exec.jail_user: needs a value"},
                    Refused{"exec.jail_user=", "exec.jail_user: needs a value"},
                    Refused{"exec.noconsolelog=x",
                            "exec.consolelog: 'exec.noconsolelog' takes no value"},
                    Refused{"exec.nostop=x", "exec.stop: 'exec.nostop' takes no value"},
                    Refused{"osrelease=0123456789012345678901234567890x",
                            "osrelease: the value is too long: 32 bytes"},
                    Refused{std::string_view{"host.hostname=a\0b", 17},
                            "host.hostname: the value contains a NUL byte"},
                    Refused{"meta.colour=a\nb=c", "meta.colour: the value contains a newline"},
                    Refused{"zfs.dataset=a,,b", "zfs.dataset: empty element in \"a,,b\""}));

INSTANTIATE_TEST_SUITE_P(Jailsys,
                         RefusedValues,
                         testing::Values(Refused{"vnet=bogus",
                                                 "vnet: unknown jailsys value \"bogus\""},
                                         Refused{"vnet=3", "vnet: unknown jailsys value \"3\""},
                                         Refused{"vnet=0", "vnet: cannot be \"disable\""},
                                         Refused{"ip4=true", "ip4: unknown jailsys value \"true\""},
                                         Refused{"vnet=disable", "vnet: cannot be \"disable\""},
                                         Refused{"host=disable", "host: cannot be \"disable\""}));

INSTANTIATE_TEST_SUITE_P(
    Addresses,
    RefusedValues,
    testing::Values(
        Refused{"ip4.addr=1.2.3", "ip4.addr: not an IPv4 address: 1.2.3"},
        Refused{"ip4.addr=300.1.1.1", "ip4.addr: not an IPv4 address: 300.1.1.1"},
        Refused{"ip4.addr=10.0.0.1,", "ip4.addr: not an IPv4 address: "},
        Refused{"ip4.addr=10.0.0.1, 10.0.0.2", "ip4.addr: not an IPv4 address:  10.0.0.2"},
        Refused{"ip4.addr=10.0.0.1/33", "ip4.addr: not an IPv4 address: 10.0.0.1/33"},
        Refused{"ip4.addr=10.0.0.1/", "ip4.addr: not an IPv4 address: 10.0.0.1/"},
        Refused{"ip4.addr=|10.0.0.1", "ip4.addr: not an IPv4 address: |10.0.0.1"},
        Refused{"ip4.addr=-l|10.0.0.1", "ip4.addr: not an IPv4 address: -l|10.0.0.1"},
        Refused{"ip4.addr=lo 1|10.0.0.1", "ip4.addr: not an IPv4 address: lo 1|10.0.0.1"},
        Refused{"ip4.addr=interface1234567|10.0.0.1",
                "ip4.addr: not an IPv4 address: interface1234567|10.0.0.1"},
        Refused{"ip4.addr=::1", "ip4.addr: not an IPv4 address: ::1"},
        Refused{"ip4.addr=0.0.0.0", "ip4.addr: a jail cannot have the address 0.0.0.0"},
        Refused{"ip6.addr=0::0", "ip6.addr: a jail cannot have the address ::"},
        Refused{"ip6.addr=10.0.0.1", "ip6.addr: not an IPv6 address: 10.0.0.1"},
        Refused{"ip6.addr=fe80::1%lo0", "ip6.addr: not an IPv6 address: fe80::1%lo0"},
        Refused{"ip6.addr=fd00::1/129", "ip6.addr: not an IPv6 address: fd00::1/129"}));

constexpr std::size_t kMegabyte = 1048576;

/// What is said of `name` with a value of a megabyte.
std::string said_of_a_megabyte(const std::string& name) {
    Findings findings;
    EXPECT_FALSE(values_of(name + "=" + std::string(kMegabyte, 'x'), findings));
    EXPECT_LT(findings.all().front().where.size(), 1000U);
    return test::messages(findings);
}

TEST(HugeValues, AreRefusedInFewWords) {
    for (const char* name : {"host.hostname", "exec.start", "exec.jail_user", "mount"}) {
        EXPECT_EQ(said_of_a_megabyte(name),
                  std::string{name} + ": the value is too long: 1048576 bytes");
    }
    EXPECT_EQ(said_of_a_megabyte("meta.a"), "meta.a: the value is too long: 1048578 bytes");
    for (const char* name : {"persist", "children.max", "host.hostid", "ip4", "ip4.addr"}) {
        const std::string said = said_of_a_megabyte(name);
        EXPECT_LT(said.size(), 1000U) << name;
        EXPECT_NE(said.find("… (1048576 bytes)"), std::string::npos) << said;
    }
}

TEST(HugeValues, MayBeAsLongAsTheKernelTakes) {
    Findings findings;
    EXPECT_TRUE(values_of("exec.start=" + std::string(131071, 'x'), findings));
    EXPECT_TRUE(values_of("meta.a=" + std::string(4093, 'x'), findings));
    EXPECT_TRUE(findings.empty());
    EXPECT_FALSE(values_of("exec.start=" + std::string(131072, 'x'), findings));
    EXPECT_FALSE(values_of("meta.a=" + std::string(4094, 'x'), findings));
}

TEST(HugeNames, AreRefusedInFewWords) {
    const std::string name(kMegabyte, 'x');
    for (const std::string& text : {name, "no" + name, " " + name, "meta." + name + "=1"}) {
        Findings findings;
        EXPECT_FALSE(values_of(text, findings));
        EXPECT_LT(test::messages(findings).size(), 1000U);
        EXPECT_LT(findings.all().front().hint.size(), 1000U);
    }
}

}  // namespace
}  // namespace brig
