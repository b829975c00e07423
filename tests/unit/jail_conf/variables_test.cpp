// SPDX-License-Identifier: BSD-2-Clause
// jail.conf(5), "Variables" and "Wildcards", and what hostile files may cost.
#include "unit/jail_conf/conf_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace brig {
namespace {

using test::read_conf;

TEST(JailConfVariables, ParametersCanBeUsed) {
    EXPECT_EQ(read_conf("web { path = \"/var/jail/$name\"; }"),
              "web: name=web path=/var/jail/web\n");
    EXPECT_EQ(read_conf("web { path = \"/j/${host.hostname}\"; host.hostname = w.example; }"),
              "web: name=web path=/j/w.example host.hostname=w.example\n");
}

TEST(JailConfVariables, VariablesAreOnlyForSubstitution) {
    EXPECT_EQ(read_conf("web { $parent = \"/var/jail\"; path = \"$parent/$name\"; }"),
              "web: name=web path=/var/jail/web\n");
    EXPECT_EQ(read_conf("$parent = /j;\nweb { path = $parent/${name}; }"),
              "web: name=web path=/j/web\n");
}

TEST(JailConfVariables, AreReplacedInTokensAndDoubleQuotesAlone) {
    EXPECT_EQ(read_conf("a { x = $name; y = \"$name\"; z = '$name'; w = \\$name; }"),
              "a: name=a x=a y=a z=$name w=$name\n");
    EXPECT_EQ(read_conf("a { x = \"[$name.b] ${name}c\"; y = $name.b; }"),
              "a: name=a x=[a.b] ac y=a.b\n");
}

TEST(JailConfVariables, TheLastValueCountsWhereverItIsUsed) {
    EXPECT_EQ(read_conf("$v = 1; a { x = $v; $v = 2; } b { x = $v; }"),
              "a: name=a x=2\nb: name=b x=1\n");
    EXPECT_EQ(read_conf("a { x = $y; y = $z; z = 1; }"), "a: name=a x=1 y=1 z=1\n");
}

TEST(JailConfVariables, AListTakesThePlaceOfItsVariable) {
    EXPECT_EQ(read_conf("$l = 1, 2; a { x = $l; y = 0, \"$l\", 3; }"),
              "a: name=a x=1|2 y=0|1|2|3\n");
    EXPECT_EQ(read_conf("$l = 1, 2; a { x = \"v$l\"; }"),
              "a: name=a x\nc:1:20: x: a list cannot be substituted within a value\n");
    EXPECT_EQ(read_conf("$l = 1, 2; a { x = $l$l; }"),
              "a: name=a x\nc:1:20: x: a list cannot be substituted within a value\n");
}

TEST(JailConfVariables, MustBeThere) {
    EXPECT_EQ(read_conf("a {\n  x = \"$nosuch\";\n}"),
              "a: name=a x\nc:2:7: variable \"nosuch\" not found\n");
    EXPECT_EQ(read_conf("a { persist; x = $persist; }"),
              "a: name=a persist x\nc:1:18: variable \"persist\" not found\n");
}

TEST(JailConfVariables, MustNotNeedThemselves) {
    EXPECT_EQ(read_conf("$v = \"x$v\"; a { y = $v; }"),
              "a: name=a y\nc:1:6: \"v\": variable loop\n");
    EXPECT_EQ(read_conf("a { x = $y; y = $z; z = $x; }"),
              "a: name=a x y z\nc:1:25: \"x\": variable loop\n");
}

TEST(JailConfVariables, AreNotParameters) {
    EXPECT_EQ(read_conf("a { $x = 1; x = 2; }"),
              "a: name=a x=2\nc:1:5: variable \"$x\" cannot have the same name as a parameter\n");
}

TEST(JailConfVariables, TheNameIsGivenOnce) {
    EXPECT_EQ(read_conf("a { name = b; }"),
              "a: name=a\nc:1:5: cannot redefine parameter \"name\"\n");
    EXPECT_EQ(read_conf("a { jid = 1; jid = 2; }"),
              "a: name=a jid=1\nc:1:14: cannot redefine parameter \"jid\"\n");
}

TEST(JailConfWildcards, ApplyToEveryJail) {
    EXPECT_EQ(read_conf("* { x = 1; } a { } b { x = 2; }"), "a: name=a x=1\nb: name=b x=2\n");
    EXPECT_EQ(read_conf("x = 1; a { }"), "a: name=a x=1\n");
    EXPECT_EQ(read_conf("* { x = 1; }"), "");
}

TEST(JailConfWildcards, TheLaterStatementSupersedesTheEarlier) {
    EXPECT_EQ(read_conf("* { x = 1; } a { x = 2; }"), "a: name=a x=2\n");
    EXPECT_EQ(read_conf("a { x = 2; } * { x = 1; }"), "a: name=a x=1\n");
    EXPECT_EQ(read_conf("x = 0; y = 0; a { x = 1; y = 1; } x = 2;"), "a: name=a x=2 y=1\n");
    EXPECT_EQ(read_conf("* { x = 1; } a { x += 2; } * { x += 3; }"), "a: name=a x=1|2|3\n");
}

TEST(JailConfWildcards, VariablesAreThoseOfEachJail) {
    EXPECT_EQ(read_conf("path = \"/j/$name\"; a { } b { path = /k; }"),
              "a: name=a path=/j/a\nb: name=b path=/k\n");
    EXPECT_EQ(read_conf("* { x = $v; } a { $v = 1; } b { $v = 2; }"),
              "a: name=a x=1\nb: name=b x=2\n");
}

TEST(JailConfWildcards, MatchPartsOfAName) {
    EXPECT_EQ(read_conf("foo.* { x = 1; } foo.bar { } foo.bar.baz { } foo { } bar { }"),
              "foo.bar: name=foo.bar x=1\nfoo.bar.baz: name=foo.bar.baz x=1\nfoo: name=foo\n"
              "bar: name=bar\n");
    EXPECT_TRUE(jail_conf::matches_wildcard("a.b.c", "a.*.c"));
    EXPECT_FALSE(jail_conf::matches_wildcard("a.b.c", "*.c.c"));
    EXPECT_FALSE(jail_conf::matches_wildcard("a", "a.*"));
    EXPECT_FALSE(jail_conf::is_wildcard("foo*"));
    EXPECT_TRUE(jail_conf::is_wildcard("a.*.b"));
}

TEST(JailConfWildcards, AMistakeInOneIsSaidOnce) {
    EXPECT_EQ(read_conf("x = $nosuch; a { } b { }"),
              "a: name=a x\nb: name=b x\nc:1:5: variable \"nosuch\" not found\n");
}

/// Each is far beyond what the host would have memory or time for, if it were done.
TEST(JailConfLimits, VariablesCannotExplode) {
    std::string doubling = "$v0 = " + std::string(1000, 'x') + ";";
    std::string lists = "$v0 = x, x;";
    std::string chain = "$v0 = x;";
    for (int i = 1; i <= 1000; ++i) {
        const std::string last = "$v" + std::to_string(i - 1);
        const std::string next = "$v" + std::to_string(i) + " = ";
        doubling.append(next).append(last).append(last).append(";");
        lists.append(next).append(last).append(",").append(last).append(";");
        chain.append(next).append(last).append(";");
    }
    EXPECT_NE(read_conf(doubling + "a { y = $v60; }").find("a value of more than"),
              std::string::npos);
    EXPECT_NE(read_conf(lists + "a { y = $v60; }").find("the values of all jails"),
              std::string::npos);
    EXPECT_NE(read_conf("a { y = $v1000; }" + chain).find("variable loop"), std::string::npos);
}

TEST(JailConfLimits, ManyJailsTimesManyStatementsStop) {
    std::string text;
    for (int i = 0; i < 4000; ++i) {
        text += "j" + std::to_string(i) + " { }\n" + "p" + std::to_string(i) + " = 1;\n";
    }
    EXPECT_NE(read_conf(text).find("sections"), std::string::npos);
    std::string jails;
    std::string statements;
    for (int i = 0; i < 2000; ++i) {
        jails += "j" + std::to_string(i) + " { }\n";
        statements += "p" + std::to_string(i) + " = 1;\n";
    }
    EXPECT_NE(read_conf(jails + statements).find(" all jails"), std::string::npos);
}

TEST(JailConfLimits, DeepSectionsEndWithTheirNames) {
    std::string text;
    for (int i = 0; i < 100000; ++i) {
        text += "a{";
    }
    EXPECT_NE(read_conf(text).find("the name of a jail has"), std::string::npos);
}

TEST(JailConfLimits, FindingsEnd) {
    std::string text;
    for (int i = 0; i < 100000; ++i) {
        text += "=;\\0";
    }
    const std::string lines = read_conf(text);
    EXPECT_LE(std::count(lines.begin(), lines.end(), '\n'), 101);
}

TEST(JailConfLimits, FilesAreCounted) {
    std::map<std::string, std::string> files{{"c", ".include \"/d/*\";"}};
    for (int i = 0; i < 2000; ++i) {
        files["/d/" + std::to_string(i)] = "x = 1;";
    }
    EXPECT_NE(read_conf(files).find("too many files"), std::string::npos);
}

}  // namespace
}  // namespace brig
