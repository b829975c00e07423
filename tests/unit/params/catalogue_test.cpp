// SPDX-License-Identifier: BSD-2-Clause
#include "params/catalogue.hpp"

#include "brig/error.hpp"
#include "params/parse.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <string>

namespace brig {
namespace {

TEST(Catalogue, FindsByWholeName) {
    const Catalogue& catalogue = test::full_catalogue();
    ASSERT_TRUE(catalogue.find("allow.raw_sockets"));
    EXPECT_EQ(catalogue.find("allow.raw_sockets")->type, ParamType::boolean);
    EXPECT_FALSE(catalogue.find("allow.raw"));
    EXPECT_FALSE(catalogue.find("allow"));
    EXPECT_FALSE(catalogue.find("allow.raw_sockets.x"));
    EXPECT_FALSE(catalogue.find(""));
    EXPECT_FALSE(catalogue.find("~"));
}

TEST(Catalogue, FindsTheMembersOfAKeyValue) {
    const Catalogue& catalogue = test::full_catalogue();
    for (const char* name : {"meta", "meta.colour", "meta.a.b", "meta.nothing"}) {
        ASSERT_TRUE(catalogue.find(name)) << name;
        EXPECT_EQ(catalogue.find(name)->type, ParamType::key_value) << name;
    }
    EXPECT_FALSE(catalogue.find("meta."));
    EXPECT_FALSE(catalogue.find("metal.colour"));
}

TEST(SortedByName, KeepsTheFirstOfTwo) {
    ParamInfo first;
    first.name = "b";
    first.summary = "first";
    ParamInfo second = first;
    second.summary = "second";
    ParamInfo other;
    other.name = "a";
    const std::vector<ParamInfo> rows = sorted_by_name({first, other, second});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].name, "a");
    EXPECT_EQ(rows[1].summary, "first");
}

TEST(Catalogue, SuggestsTheNearestName) {
    const Catalogue& catalogue = test::full_catalogue();
    EXPECT_EQ(catalogue.nearest_to("allow.raw_socket"), "allow.raw_sockets");
    EXPECT_EQ(catalogue.nearest_to("hostname"), "host.hostname");
    EXPECT_EQ(catalogue.nearest_to("exec.jailuser"), "exec.jail_user");
    EXPECT_EQ(catalogue.nearest_to("gibberish_of_any_kind"), std::nullopt);
    EXPECT_EQ(catalogue.nearest_to(std::string(100000, 'x')), std::nullopt);
}

std::set<std::string> names_of(Release release) {
    std::set<std::string> names;
    for (const ParamInfo& row : BuiltinCatalogue{release}.rows()) {
        if (row.performer == ParamPerformer::kernel) {
            names.insert(row.name);
        }
    }
    return names;
}

std::set<std::string> added_by(Release release, Release before) {
    std::set<std::string> names = names_of(release);
    for (const std::string& name : names_of(before)) {
        EXPECT_EQ(names.erase(name), 1U) << name;
    }
    return names;
}

TEST(KernelTable, HasEveryParameterOfEachRelease) {
    EXPECT_EQ(names_of(Release::freebsd_13_2).size(), 57U);
    EXPECT_EQ(
        added_by(Release::freebsd_14, Release::freebsd_13_2),
        (std::set<std::string>{"allow.adjtime", "allow.extattr", "allow.nfsd", "allow.settime"}));
    EXPECT_EQ(added_by(Release::freebsd_15, Release::freebsd_14),
              (std::set<std::string>{"allow.routing",
                                     "allow.setaudit",
                                     "allow.unprivileged_parent_tampering",
                                     "allow.vmm_ppt",
                                     "env",
                                     "mac.do",
                                     "mac.do.rules",
                                     "meta"}));
}

TEST(KernelTable, SaysSinceWhen) {
    EXPECT_EQ(test::row_of("path").since, "13.2");
    EXPECT_EQ(test::row_of("allow.settime").since, "14");
    EXPECT_EQ(test::row_of("zfs.dataset").since, "14");
    EXPECT_EQ(test::row_of("meta").since, "15");
    EXPECT_EQ(release_with("meta.colour"), Release::freebsd_15);
    EXPECT_EQ(release_with("allow.nfsd"), Release::freebsd_14);
    EXPECT_EQ(release_with("exec.clean"), std::nullopt);
    EXPECT_EQ(release_with("colour"), std::nullopt);
}

TEST(BuiltinCatalogue, PerformsTheSameForEveryRelease) {
    const BuiltinCatalogue catalogue{Release::freebsd_13_2};
    EXPECT_TRUE(catalogue.find("zfs.dataset"));
    EXPECT_TRUE(catalogue.find("exec.start"));
    EXPECT_FALSE(catalogue.find("meta"));
    EXPECT_FALSE(catalogue.find("meta.colour"));
}

TEST(BuiltinCatalogue, AsksTheHostWhatItEnforces) {
    const BuiltinCatalogue catalogue{"linux", [](std::string_view name) {
                                         return name == "securelevel" ? Enforcement::recorded
                                                                      : Enforcement::enforced;
                                     }};
    EXPECT_EQ(catalogue.platform(), "linux");
    EXPECT_EQ(catalogue.find("securelevel")->enforcement, Enforcement::recorded);
    EXPECT_EQ(catalogue.find("path")->enforcement, Enforcement::enforced);
}

TEST(ParseTarget, KnowsTheReleases) {
    EXPECT_EQ(parse_target("freebsd-13.2"), Release::freebsd_13_2);
    EXPECT_EQ(parse_target("freebsd-14"), Release::freebsd_14);
    EXPECT_EQ(parse_target("freebsd-15"), Release::freebsd_15);
    for (const char* text : {"", "freebsd", "freebsd-13", "freebsd-16", "linux", "FreeBSD-14"}) {
        EXPECT_THROW(static_cast<void>(parse_target(text)), Error) << text;
    }
}

TEST(KernelTable, KnowsAccessLengthAndRange) {
    const Catalogue& catalogue = test::full_catalogue();
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
    EXPECT_TRUE(catalogue.find("ip4")->can_disable);
    EXPECT_FALSE(catalogue.find("vnet")->can_disable);
}

TEST(PseudoTable, SaysWhatHasNoEffect) {
    const table::Table pseudo = pseudo_table();
    for (const table::PackedRow& packed : pseudo) {
        const ParamInfo row = pseudo.info(packed);
        EXPECT_EQ(row.enforcement == Enforcement::recorded, row.name == "allow.dying") << row.name;
        EXPECT_NE(row.enforcement, Enforcement::refused) << row.name;
        EXPECT_EQ(row.performer, ParamPerformer::engine) << row.name;
    }
}

TEST(Tables, ShareNoNameAndDescribeEveryRow) {
    const auto sum = (kernel_table().end() - kernel_table().begin())
                     + (pseudo_table().end() - pseudo_table().begin());
    EXPECT_EQ(test::full_catalogue().rows().size(), static_cast<std::size_t>(sum));
    for (const ParamInfo& row : test::full_catalogue().rows()) {
        EXPECT_FALSE(row.summary.empty()) << row.name;
        EXPECT_FALSE(row.manual.empty()) << row.name;
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
