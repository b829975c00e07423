// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"

#include "support/params.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

struct Parsed {
    std::optional<Assignment> assignment;
    Findings findings;
};

Parsed parse(std::string_view text) {
    Parsed parsed;
    parsed.assignment =
        parse_assignment(text, test::option_j(), test::full_catalogue(), parsed.findings);
    return parsed;
}

struct Spelling {
    std::string_view text;
    std::string_view name;
    std::optional<std::string> value;
    bool negated = false;
};

class Spellings : public testing::TestWithParam<Spelling> {};

TEST_P(Spellings, NameOneParameter) {
    const Parsed parsed = parse(GetParam().text);
    ASSERT_TRUE(parsed.assignment) << test::messages(parsed.findings);
    EXPECT_EQ(parsed.assignment->name, GetParam().name);
    EXPECT_EQ(parsed.assignment->value, GetParam().value);
    EXPECT_EQ(parsed.assignment->negated, GetParam().negated);
    EXPECT_EQ(parsed.assignment->text, GetParam().text);
    EXPECT_EQ(parsed.assignment->origin, test::option_j());
    EXPECT_TRUE(parsed.findings.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Spellings,
    testing::Values(Spelling{"persist", "persist", std::nullopt},
                    Spelling{"nopersist", "persist", std::nullopt, true},
                    Spelling{"persist=true", "persist", "true"},
                    Spelling{"persist=", "persist", ""},
                    Spelling{"persist= true", "persist", " true"},
                    Spelling{"allow.noset_hostname", "allow.set_hostname", std::nullopt, true},
                    Spelling{"allow.nomount", "allow.mount", std::nullopt, true},
                    Spelling{"allow.mount.nodevfs", "allow.mount.devfs", std::nullopt, true},
                    Spelling{"mount.nodevfs", "mount.devfs", std::nullopt, true},
                    Spelling{"mount.nodevfs=1", "mount.devfs", "1", true},
                    Spelling{"exec.noclean", "exec.clean", std::nullopt, true},
                    Spelling{"exec.nostop", "exec.stop", std::nullopt, true},
                    Spelling{"exec.noconsolelog", "exec.consolelog", std::nullopt, true},
                    Spelling{"nomount", "mount", std::nullopt, true},
                    Spelling{"exec.stop=", "exec.stop", ""},
                    Spelling{"exec.stop=\"\"", "exec.stop", "\"\""},
                    Spelling{"exec.start=a=b c", "exec.start", "a=b c"},
                    Spelling{"exec.start==", "exec.start", "="},
                    Spelling{"host.hostname=no", "host.hostname", "no"},
                    Spelling{"meta.colour=blue", "meta.colour", "blue"},
                    Spelling{"meta.nothing=1", "meta.nothing", "1"},
                    Spelling{"meta=a=1", "meta", "a=1"}));

struct Misspelling {
    std::string_view text;
    std::string_view message;
    std::string_view hint;
};

class Misspellings : public testing::TestWithParam<Misspelling> {};

TEST_P(Misspellings, AreOneFindingWithAHint) {
    const Parsed parsed = parse(GetParam().text);
    EXPECT_FALSE(parsed.assignment);
    ASSERT_EQ(parsed.findings.all().size(), 1U);
    const Finding& finding = parsed.findings.all().front();
    EXPECT_EQ(finding.where, "-J " + std::string{GetParam().text});
    EXPECT_EQ(finding.message, GetParam().message);
    EXPECT_EQ(finding.hint, GetParam().hint);
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Misspellings,
    testing::Values(
        Misspelling{"nosuchparam=1",
                    "unknown parameter: nosuchparam",
                    "'brig params' lists every parameter there is"},
        Misspelling{"allow.raw_socket",
                    "unknown parameter: allow.raw_socket",
                    "did you mean 'allow.raw_sockets'?"},
        Misspelling{"PERSIST",
                    "unknown parameter: PERSIST",
                    "'brig params' lists every parameter there is"},
        Misspelling{"noallow.mount",
                    "unknown parameter: noallow.mount",
                    "\"no\" goes before the last part: 'allow.nomount'"},
        Misspelling{
            "allow.nonomount", "unknown parameter: allow.nonomount", "did you mean 'allow.mount'?"},
        Misspelling{
            "noip4", "unknown parameter: noip4", "'ip4' is not a boolean; write 'ip4=VALUE'"},
        Misspelling{"host.nohostname",
                    "unknown parameter: host.nohostname",
                    "'host.hostname' is not a boolean; write 'host.hostname=VALUE'"},
        Misspelling{"stop.notimeout",
                    "unknown parameter: stop.notimeout",
                    "'stop.timeout' is not a boolean; write 'stop.timeout=VALUE'"},
        Misspelling{
            "persist =true", "blanks around the name in \"persist =true\"", "write 'persist=true'"},
        Misspelling{" persist", "blanks around the name in \" persist\"", "write 'persist'"},
        Misspelling{"host.hostname = web",
                    "blanks around the name in \"host.hostname = web\"",
                    "write 'host.hostname=web'"},
        Misspelling{"per\nsist",
                    "unknown parameter: per\nsist",
                    "there is a control character in the name"},
        Misspelling{std::string_view{"persist\0=1", 10},
                    std::string_view{"unknown parameter: persist\0", 27},
                    "there is a control character in the name"},
        Misspelling{"", "\"\" names no parameter", "write NAME, noNAME or NAME=VALUE"},
        Misspelling{"=1", "\"=1\" names no parameter", "write NAME, noNAME or NAME=VALUE"},
        Misspelling{"  ", "\"  \" names no parameter", "write NAME, noNAME or NAME=VALUE"}));

TEST(ParseAssignment, LooksTheLiteralNameUpFirst) {
    // A string called "node" beside a boolean "de".
    class Ambiguous final : public Catalogue {
        [[nodiscard]] std::string_view platform() const noexcept override { return ""; }
        [[nodiscard]] std::vector<ParamInfo> rows() const override { return {}; }
        [[nodiscard]] std::optional<ParamRule> find_whole(std::string_view name) const override {
            ParamRule rule;
            rule.type = name == "de" ? ParamType::boolean : ParamType::string;
            return name == "de" || name == "node" ? std::optional{rule} : std::nullopt;
        }
    };
    const Ambiguous catalogue;
    Findings findings;
    const auto assignment = parse_assignment("node=x", test::option_j(), catalogue, findings);
    ASSERT_TRUE(assignment);
    EXPECT_EQ(assignment->name, "node");
    EXPECT_FALSE(assignment->negated);
}

std::string hint_on(Release release, std::string_view text) {
    Findings findings;
    const BuiltinCatalogue catalogue{release};
    EXPECT_FALSE(parse_assignment(text, test::option_j(), catalogue, findings));
    return findings.all().front().hint;
}

TEST(ParseAssignment, SaysWhichReleaseHasTheParameter) {
    EXPECT_EQ(hint_on(Release::freebsd_13_2, "meta.colour=blue"), "it came with FreeBSD 15");
    EXPECT_EQ(hint_on(Release::freebsd_14, "env=a=1"), "it came with FreeBSD 15");
    EXPECT_EQ(hint_on(Release::freebsd_13_2, "allow.nfsd"), "it came with FreeBSD 14");
    EXPECT_EQ(hint_on(Release::freebsd_13_2, "allow.nonfsd"), "it came with FreeBSD 14");
}

TEST(ParseAssignment, PointsAtTheLineOfAFile) {
    Findings findings;
    const Origin origin{Origin::Kind::configuration, "brig.toml:12:3"};
    EXPECT_FALSE(parse_assignment("colour", origin, test::full_catalogue(), findings));
    EXPECT_EQ(findings.all().front().where, "brig.toml:12:3");
}

}  // namespace
}  // namespace brig
