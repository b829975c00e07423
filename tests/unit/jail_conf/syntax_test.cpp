// SPDX-License-Identifier: BSD-2-Clause
// jail.conf(5), paragraph by paragraph: what a file says.
#include "unit/jail_conf/conf_test.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

using test::read_conf;

TEST(JailConf, ReadsASection) {
    EXPECT_EQ(read_conf("web {\n  path = \"/jails/web\";\n  persist;\n}\n"),
              "web: name=web path=/jails/web persist\n");
    EXPECT_EQ(read_conf(""), "");
    EXPECT_EQ(read_conf(";;web{};"), "web: name=web\n");
}

TEST(JailConf, ReadsStatementsOverSeveralLines) {
    EXPECT_EQ(read_conf("web\n{\n  ip4.addr\n    =\n  1.2.3.4\n  ,\n  1.2.3.5\n  ;\n}"),
              "web: name=web ip4.addr=1.2.3.4|1.2.3.5\n");
    EXPECT_EQ(read_conf("web{a=1;b=2;}db{a=3;}"), "web: name=web a=1 b=2\ndb: name=db a=3\n");
}

TEST(JailConf, TakesAValueWithoutEqualsSign) {
    EXPECT_EQ(read_conf("web { path /jails/web; }"), "web: name=web path=/jails/web\n");
}

TEST(JailConf, ReadsBooleansAndTheirShortcuts) {
    EXPECT_EQ(read_conf("a { allow.mount = \"false\"; }"), "a: name=a allow.mount=false\n");
    EXPECT_EQ(read_conf("a { allow.nomount; }"), "a: name=a allow.nomount\n");
}

TEST(JailConf, ALaterShortcutReplacesTheOther) {
    EXPECT_EQ(read_conf("a { allow.mount; allow.nomount; }"), "a: name=a allow.nomount\n");
    EXPECT_EQ(read_conf("a { persist = 1; nopersist; persist; }"), "a: name=a persist\n");
}

TEST(JailConf, ListsAreSetAndAppendedTo) {
    const std::string three = "a: name=a ip4.addr=10.1.1.1|10.1.1.2|10.1.1.3\n";
    EXPECT_EQ(read_conf("a { ip4.addr = 10.1.1.1, 10.1.1.2, 10.1.1.3; }"), three);
    EXPECT_EQ(read_conf("a { ip4.addr = 10.1.1.1; ip4.addr += 10.1.1.2; ip4.addr+=10.1.1.3; }"),
              three);
    EXPECT_EQ(read_conf("a { ip4.addr += 10.1.1.1; }"), "a: name=a ip4.addr=10.1.1.1\n");
    EXPECT_EQ(read_conf("a { x = 1, 2; x = 3; }"), "a: name=a x=3\n");
    EXPECT_EQ(read_conf("a { x = 1, 2; x; }"), "a: name=a x\n");
    EXPECT_EQ(read_conf("a { x = 1, \"\"; }"), "a: name=a x=1|\n");
}

TEST(JailConf, ReadsTokensWithoutQuotes) {
    EXPECT_EQ(read_conf("a { x = !%&()-.:<>?@[]^`|~*+/_09azAZ; }"),
              "a: name=a x=!%&()-.:<>?@[]^`|~*+/_09azAZ\n");
    EXPECT_EQ(read_conf("a { x = 10.0.0.0/8; y = a:b@c; }"), "a: name=a x=10.0.0.0/8 y=a:b@c\n");
    EXPECT_EQ(read_conf("a { price = 5$; dollar = $; two = $$; }"),
              "a: name=a price=5$ dollar=$ two=$$\n");
}

TEST(JailConf, ReadsQuotedStrings) {
    EXPECT_EQ(read_conf("a { x = 'b c; # }'; y = \"b c; // '\"; }"),
              "a: name=a x=b c; # } y=b c; // '\n");
    EXPECT_EQ(read_conf("a { x = ''; y = \"\"; }"), "a: name=a x= y=\n");
    EXPECT_EQ(read_conf("a { x = 'b\nc'; y = \"d\ne\"; }"), "a: name=a x=b\nc y=d\ne\n");
    EXPECT_EQ(read_conf("'web' { \"path\" = /x; }"), "web: name=web path=/x\n");
    EXPECT_EQ(read_conf("a { x = \"\xc3\xbc\"; }"), "a: name=a x=\xc3\xbc\n");
}

TEST(JailConf, AdjacentPiecesAreOneString) {
    EXPECT_EQ(read_conf("a { x = b'c d'\"e\"\\ f; }"), "a: name=a x=bc de f\n");
    EXPECT_EQ(read_conf("a { x = /jails/\"$name\"/root; }"), "a: name=a x=/jails/a/root\n");
}

TEST(JailConf, BackslashQuotesOneCharacter) {
    EXPECT_EQ(read_conf("a { x = b\\ c\\;\\\"\\'\\\\\\{; }"), "a: name=a x=b c;\"'\\{\n");
    EXPECT_EQ(read_conf("a { x = 'it\\'s'; y = \"say \\\"x\\\"\"; z = \"\\$name\"; }"),
              "a: name=a x=it's y=say \"x\" z=$name\n");
}

TEST(JailConf, BackslashHasTheCodesOfC) {
    EXPECT_EQ(read_conf("a { x = \"\\a\\b\\f\\n\\r\\t\\v\"; }"), "a: name=a x=\a\b\f\n\r\t\v\n");
    EXPECT_EQ(read_conf("a { x = '\\101\\x42\\x4a\\7'; }"), "a: name=a x=ABJ\a\n");
    EXPECT_EQ(read_conf("a { x = \\101\\1012\\x42g; }"), "a: name=a x=AA2Bg\n");
    EXPECT_EQ(read_conf("a { x = \"\\q\\8\"; }"), "a: name=a x=q8\n");
}

TEST(JailConf, BackslashContinuesALine) {
    EXPECT_EQ(read_conf("a { x = \"b \\\nc\"; y = 'd\\\ne'; z = f\\\ng; }"),
              "a: name=a x=b c y=de z=fg\n");
}

TEST(JailConf, CommentsAreWhitespace) {
    EXPECT_EQ(read_conf("# one\n// two\n/* three\n * four */a/* five */{ // six\n x # seven\n = 1; "
                        "/**/ y = 2; /***/ }"),
              "a: name=a x=1 y=2\n");
    EXPECT_EQ(read_conf("a { x = \"# no\", '/* no */'; }"), "a: name=a x=# no|/* no */\n");
    // In jail(8), too, a comment begins in the middle of what is not quoted.
    EXPECT_EQ(read_conf("a { x = /b//c;\n; y = d#e;\n; }"), "a: name=a x=/b y=d\n");
    EXPECT_EQ(read_conf("a { x = 1; }\r\n"), "a: name=a x=1\n");
}

TEST(JailConf, SectionsOfOneNameAreOneJail) {
    EXPECT_EQ(read_conf("a { x = 1; y = 1; } b { } a { y = 2; }"),
              "a: name=a x=1 y=2\nb: name=b\n");
}

TEST(JailConf, ASectionInASectionIsAJailInAJail) {
    EXPECT_EQ(read_conf("a { x = 1; b { y = 2; c { } } z = 3; }"),
              "a: name=a x=1 z=3\na.b: name=a.b y=2\na.b.c: name=a.b.c\n");
}

TEST(JailConf, ANumberNamesTheJid) {
    EXPECT_EQ(read_conf("17 { name = web; }"), "17: jid=17 name=web\n");
    EXPECT_EQ(read_conf("17 { host.hostname = \"$name\"; }"),
              "17: jid=17 host.hostname=17 name=17\n");
    EXPECT_EQ(read_conf("web { jid = 17; }"), "web: name=web jid=17\n");
}

TEST(JailConf, IncludesFiles) {
    EXPECT_EQ(read_conf({{"c", ".include \"d\"; b { x = 2; }"}, {"d", "a { x = 1; }"}}),
              "a: name=a x=1\nb: name=b x=2\n");
    EXPECT_EQ(read_conf({{"c", "a { .include 'more', /etc/most; }"},
                         {"more", "x = 1;"},
                         {"/etc/most", "y = 2;"}}),
              "a: name=a x=1 y=2\n");
}

TEST(JailConf, IncludesRelativeToTheIncludingFile) {
    EXPECT_EQ(read_conf({{"c", ".include \"/etc/jails/one\";"},
                         {"/etc/jails/one", ".include \"two\";"},
                         {"/etc/jails/two", "a { }"},
                         {"two", "wrong { }"}}),
              "a: name=a\n");
}

TEST(JailConf, IncludesWhatAPatternMatches) {
    EXPECT_EQ(read_conf({{"c", ".include \"/j/*.conf\"; .include \"/j/none[.]conf\";"},
                         {"/j/b.conf", "b { }"},
                         {"/j/a.conf", "a { }"},
                         {"/j/a.txt", "wrong { }"}}),
              "a: name=a\nb: name=b\n");
}

TEST(JailConf, PointsAtWhatIsWrong) {
    EXPECT_EQ(read_conf("a {\n  x = ;\n}"), "a: name=a\nc:2:7: unexpected \";\"\n");
    EXPECT_EQ(read_conf("a {\n  x = 1\n}"), "a: name=a\nc:3:1: unexpected \"}\"\n");
    EXPECT_EQ(read_conf("a { x = b c; }"), "a: name=a\nc:1:11: unexpected \"c\"\n");
    EXPECT_EQ(read_conf("a { x = 1;\n"), "a: name=a x=1\nc:1:1: this section is not closed\n");
    EXPECT_EQ(read_conf("}"), "c:1:1: unexpected \"}\"\n");
    EXPECT_EQ(read_conf("x = 1"), "c:1:6: unexpected end of the file\n");
    EXPECT_EQ(read_conf("a { x = \xc3\xbc; }"), "a: name=a\nc:1:9: unexpected \"\\xc3\"\n");
    EXPECT_EQ(read_conf("a$b { }"), "c:1:1: a section's name is a word without variables\n");
    EXPECT_EQ(read_conf("a { b$c = 1; }"),
              "a: name=a\nc:1:5: a parameter's name holds no variable\n");
}

TEST(JailConf, FindsAllThatIsWrong) {
    EXPECT_EQ(read_conf("a { x = ; y = 1; z = 'q\n; }\nb { = 2; w = 3; }\n"),
              "a: name=a y=1 z=\n"
              "b: name=b w=3\n"
              "c:1:9: unexpected \";\"\n"
              "c:1:22: unterminated string\n"
              "c:3:5: unexpected \"=\"\n");
    EXPECT_EQ(read_conf("two words { x = 1; }\na { }"), "a: name=a\nc:1:11: unexpected \"{\"\n");
}

TEST(JailConf, SaysWhatHasNoEnd) {
    EXPECT_EQ(read_conf("a { }\n/* b"), "a: name=a\nc:2:1: unterminated comment\n");
    EXPECT_EQ(read_conf("x = \"b;\n"),
              "c:1:5: unterminated string\nc:2:1: unexpected end of the file\n");
    EXPECT_EQ(read_conf("a { x = \"${b\"; }"),
              "a: name=a x\nc:1:10: unterminated variable\nc:1:9: variable \"b\" not found\n");
    EXPECT_EQ(read_conf("x = \\"),
              "c:1:5: a backslash ends the file\nc:1:6: unexpected end of the file\n");
}

TEST(JailConf, RefusesNul) {
    const std::string message = "a NUL character, which no parameter can hold\n";
    EXPECT_EQ(read_conf("a { x = 'b\\0c'; }"), "a: name=a x=bc\nc:1:11: " + message);
    EXPECT_EQ(read_conf("a { x = \\x; }"), "a: name=a x=\nc:1:9: " + message);
    EXPECT_EQ(read_conf({"a { x = b\0; }", 13}), "a: name=a\nc:1:10: unexpected \"\\x00\"\n");
}

TEST(JailConf, RefusesToIncludeForever) {
    EXPECT_EQ(read_conf({{"c", ".include \"d\";"}, {"d", "\n .include \"c\";"}}),
              "d:2:11: \"c\" includes itself\n");
    EXPECT_EQ(read_conf(".include \"d\";"), "c:1:10: there is no file 'd'\n");
    EXPECT_EQ(read_conf("$d = d; .include \"$d\";"),
              "c:1:18: the name of an included file holds no variable\n");
}

TEST(JailConf, AnIncludedFileCannotCloseASection) {
    EXPECT_EQ(read_conf({{"c", "a { .include \"d\"; x = 1; }"}, {"d", "}"}}),
              "a: name=a x=1\nd:1:1: unexpected \"}\"\n");
    EXPECT_EQ(read_conf({{"c", ".include \"d\"; x = 1;"}, {"d", "a {"}}),
              "a: name=a x=1\nd:1:1: this section is not closed\n");
}

}  // namespace
}  // namespace brig
