// SPDX-License-Identifier: BSD-2-Clause
#include "params/catalogue.hpp"

#include "params/parse.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <string>

namespace brig {
namespace {

TEST(Catalogue, FindsByWholeName) {
    const Catalogue& catalogue = test::full_catalogue();
    ASSERT_NE(catalogue.find("allow.raw_sockets"), nullptr);
    EXPECT_EQ(catalogue.find("allow.raw_sockets")->name, "allow.raw_sockets");
    EXPECT_EQ(catalogue.find("allow.raw"), nullptr);
    EXPECT_EQ(catalogue.find("allow"), nullptr);
    EXPECT_EQ(catalogue.find("allow.raw_sockets.x"), nullptr);
    EXPECT_EQ(catalogue.find(""), nullptr);
}

TEST(Catalogue, FindsTheMembersOfAKeyValue) {
    const Catalogue& catalogue = test::full_catalogue();
    for (const char* name : {"meta", "meta.colour", "meta.a.b", "meta.nothing"}) {
        ASSERT_NE(catalogue.find(name), nullptr) << name;
        EXPECT_EQ(catalogue.find(name)->name, "meta") << name;
    }
    EXPECT_EQ(catalogue.find("meta."), nullptr);
    EXPECT_EQ(catalogue.find("metal.colour"), nullptr);
}

TEST(Catalogue, KeepsTheFirstOfTwoRowsSortedByName) {
    ParamInfo first;
    first.name = "b";
    first.summary = "first";
    ParamInfo second = first;
    second.summary = "second";
    ParamInfo other;
    other.name = "a";
    const Catalogue catalogue{{first, other, second}};
    ASSERT_EQ(catalogue.rows().size(), 2U);
    EXPECT_EQ(catalogue.rows()[0].name, "a");
    EXPECT_EQ(catalogue.rows()[1].summary, "first");
}

TEST(Catalogue, SuggestsTheNearestName) {
    const Catalogue& catalogue = test::full_catalogue();
    EXPECT_EQ(catalogue.nearest_to("allow.raw_socket"), "allow.raw_sockets");
    EXPECT_EQ(catalogue.nearest_to("hostname"), "host.hostname");
    EXPECT_EQ(catalogue.nearest_to("exec.jailuser"), "exec.jail_user");
    EXPECT_EQ(catalogue.nearest_to("gibberish_of_any_kind"), std::nullopt);
    EXPECT_EQ(catalogue.nearest_to(std::string(100000, 'x')), std::nullopt);
}

TEST(KernelTable, HasEveryParameterOfTheKernel) {
    EXPECT_EQ(builtin_kernel_params().size(), 57U);
}

TEST(KernelTable, KnowsAccessLengthAndRange) {
    const Catalogue catalogue{builtin_kernel_params()};
    for (const char* name : {"cpuset.id", "parent", "children.cur", "dying"}) {
        EXPECT_EQ(catalogue.find(name)->access, ParamAccess::read_only) << name;
    }
    for (const char* name : {"path", "vnet", "ip4", "ip6", "osrelease", "osreldate", "jid"}) {
        EXPECT_EQ(catalogue.find(name)->access, ParamAccess::create_only) << name;
    }
    EXPECT_EQ(catalogue.find("host.hostname")->max_length, 256U);
    EXPECT_EQ(catalogue.find("securelevel")->min, -1);
    EXPECT_EQ(catalogue.find("securelevel")->max, 3);
    EXPECT_EQ(catalogue.find("osreldate")->min, 1);
    EXPECT_EQ(catalogue.find("osreldate")->max, std::nullopt);
    EXPECT_EQ(catalogue.find("ip4")->choices, std::vector<std::string>{});
    EXPECT_EQ(catalogue.find("vnet")->choices, (std::vector<std::string>{"new", "inherit"}));
}

TEST(PseudoTable, SaysWhatHasNoEffect) {
    for (const ParamInfo& row : pseudo_params()) {
        EXPECT_EQ(row.enforcement == Enforcement::recorded, row.name == "allow.dying") << row.name;
        EXPECT_NE(row.enforcement, Enforcement::refused) << row.name;
        EXPECT_EQ(row.performer, ParamPerformer::engine) << row.name;
    }
}

TEST(Tables, ShareNoNameAndDescribeEveryRow) {
    const std::size_t sum = builtin_kernel_params().size() + pseudo_params().size() + 1;
    EXPECT_EQ(test::full_catalogue().rows().size(), sum);
    for (const ParamInfo& row : test::full_catalogue().rows()) {
        if (row.type != ParamType::key_value) {
            EXPECT_FALSE(row.summary.empty()) << row.name;
            EXPECT_FALSE(row.manual.empty()) << row.name;
        }
    }
}

TEST(Tables, HaveDefaultsThatAreValues) {
    for (const ParamInfo& row : test::full_catalogue().rows()) {
        if (!row.default_value.empty()) {
            Findings findings;
            const Assignment assignment{row.name, row.default_value, false, "", {}};
            const auto values = parse_values(assignment, row, findings);
            EXPECT_TRUE(findings.empty()) << test::messages(findings);
            EXPECT_EQ(values, std::vector<std::string>{row.default_value});
        }
    }
}

}  // namespace
}  // namespace brig
