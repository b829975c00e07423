// SPDX-License-Identifier: BSD-2-Clause
// What is exported is imported again as it was, whatever is in it.
#include "brig/jail_conf.hpp"
#include "jail_conf/command_text.hpp"
#include "jail_conf/parser.hpp"
#include "jail_conf/to_spec.hpp"
#include "params/spelling.hpp"
#include "spec/toml.hpp"
#include "support/conf_files.hpp"
#include "support/params.hpp"
#include "unit/jail_conf/conf_test.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace brig {
namespace {

using Words = std::vector<std::string>;

/// What importing `text` gives; findings and what is left out fail the test.
ContainerSpec import_text(const std::string& text) {
    test::ConfFiles files{{{"c", text}}};
    Findings findings;
    const jail_conf::Document document = jail_conf::parse("c", files, findings);
    jail_conf::Resolver resolver{document, findings};
    const Words names = jail_conf::jail_names(document);
    EXPECT_EQ(names.size(), 1U) << text;
    if (names.size() != 1) {
        return {};
    }
    jail_conf::JailSpec jail =
        jail_conf::to_spec(resolver.resolve(names.front()), test::full_catalogue(), findings);
    EXPECT_EQ(test::lines_of(findings), "") << text;
    EXPECT_TRUE(jail.left_out.empty()) << text;
    return jail.spec;
}

ContainerDefinition definition_of(const Words& params, Words command) {
    Findings findings;
    ContainerDefinition container;
    container.id = "abcdefabcdef";
    container.spec.name = "web";
    container.spec.root = container.root = "/jails/web";
    container.spec.command = command;
    container.command = std::move(command);
    for (const Param& param : test::merge_words(params, findings)) {
        if (param.origin.kind != Origin::Kind::engine_default) {
            container.params.push_back(param);
        }
    }
    EXPECT_EQ(test::messages(findings), "");
    return container;
}

/// A POSIX shell's splitting of a line that needs nothing but quotes.
Words shell_words(const std::string& line) {
    Words words;
    bool in_word = false;
    bool in_quotes = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (!in_quotes && c == ' ') {
            in_word = false;
            continue;
        }
        if (!in_word) {
            words.emplace_back();
            in_word = true;
        }
        if (c == '\'') {
            in_quotes = !in_quotes;
        } else if (c == '\\' && !in_quotes) {
            words.back() += line[++i];
        } else {
            words.back() += c;
        }
    }
    return words;
}

TEST(JailConfFormat, WritesASection) {
    ContainerDefinition web = definition_of({"allow.raw_sockets",
                                             "allow.nomount",
                                             "host.hostname=web.example",
                                             "ip4.addr=10.0.0.1,10.0.0.2",
                                             "exec.start=/bin/sh /etc/rc",
                                             "exec.start=echo \"$x\"",
                                             "exec.stop="},
                                            {});
    web.spec.image = "base";
    web.spec.environment = {"A=1\n}"};
    EXPECT_EQ(format_jail_conf(web),
              "web {\n"
              "\t# image: base\n"
              "\t# environment: \"A=1\\n}\"\n"
              "\tpath = \"/jails/web\";\n"
              "\tallow.raw_sockets;\n"
              "\tallow.nomount;\n"
              "\thost.hostname = web.example;\n"
              "\tip4.addr = 10.0.0.1, 10.0.0.2;\n"
              "\texec.start = \"/bin/sh /etc/rc\";\n"
              "\texec.start += \"echo \\\"\\$x\\\"\";\n"
              "\texec.stop = \"\";\n"
              "}\n");
}

TEST(JailConfFormat, WritesACommandLine) {
    EXPECT_EQ(format_jail_command(
                  definition_of({"allow.raw_sockets", "exec.start=echo 'a'"}, {"echo", "b c"})),
              "jail -c path=/jails/web name=web allow.raw_sockets 'exec.start=echo '\\''a'\\''' "
              "command=echo 'b c'");
}

TEST(JailConfFormat, WritesToml) {
    ContainerDefinition web = definition_of({}, {"echo", "a \"b\""});
    web.spec.params = {"allow.raw_sockets"};
    web.spec.param_origins = {"jail.conf:3:1"};
    web.spec.environment = {"A=\xff"};
    const std::string text = format_toml(web);
    EXPECT_EQ(text.substr(0, text.find("env")),
              "[container.web]\nroot = \"/jails/web\"\ncommand = [\"echo\", \"a \\\"b\\\"\"]\n");
    Findings findings;
    EXPECT_TRUE(parse_toml(text, "t", findings).has_value()) << test::messages(findings);
}

TEST(JailConfFormat, CommandsKeepTheirWords) {
    const std::vector<Words> commands{{"true"},
                                      {"/bin/sh", "/etc/rc"},
                                      {"echo", "a b", "", "it's", "\n\t\x7f$x"},
                                      {"/bin/sh", "-c", "a | b; c > d"},
                                      {"/bin/sh", "-c", "true"},
                                      {"/bin/sh", "-c", "a &"},
                                      {"/bin/sh", "-c", "'a' 'b'"},
                                      {"a", "&"},
                                      {"a&"},
                                      {"if", "x=y", "'", "''", "\\"},
                                      {"\xff\xfe"}};
    for (const Words& command : commands) {
        EXPECT_EQ(jail_conf::parse_command(jail_conf::format_command(command)), command);
    }
}

TEST(JailConfFormat, ParseCommandLeavesShellCommandsToTheShell) {
    EXPECT_EQ(jail_conf::parse_command("echo 'a b'"), (Words{"/bin/sh", "-c", "echo 'a b'"}));
    EXPECT_EQ(jail_conf::parse_command("'a'b"), (Words{"/bin/sh", "-c", "'a'b"}));
    EXPECT_EQ(jail_conf::parse_command("'a"), (Words{"/bin/sh", "-c", "'a"}));
    EXPECT_EQ(jail_conf::parse_command(" sleep  5 "), (Words{"sleep", "5"}));
    EXPECT_TRUE(jail_conf::parse_command("").empty());
}

/// Texts of the characters that mean something to jail.conf(5), to a shell, or to nobody.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_{seed} {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
    }

    std::string text() {
        static const std::string kLetters = " \t\n'\"\\$;,{}=+#/*()&|abxn017._-\x01\x7f\xff\xc3";
        std::string text(1 + below(12), ' ');
        for (char& c : text) {
            c = below(8) == 0 ? static_cast<char>(1 + below(255))
                              : kLetters[below(kLetters.size())];
        }
        return text;
    }

    /// The value of a key of `meta`: a newline would begin the next key.
    std::string line() {
        std::string line = text();
        std::replace(line.begin(), line.end(), '\n', ' ');
        return line;
    }

    Words params() {
        Words params;
        for (std::size_t count = below(6); count > 0; --count) {
            const Words choices{"exec.prestart=" + text(),
                                "exec.stop=",
                                "exec.poststop=" + text(),
                                "host.hostname=" + text(),
                                "ip4.addr=10.0.0." + std::to_string(1 + below(9)),
                                "allow.raw_sockets",
                                "allow.nochflags",
                                "meta.colour=" + line(),
                                "enforce_statfs=1",
                                "ip4=inherit"};
            params.push_back(choices[below(choices.size())]);
        }
        return params;
    }

    Words command() {
        Words command(below(4));
        for (std::string& word : command) {
            word = text();
        }
        return command;
    }

  private:
    std::mt19937 random_;
};

std::string shown(const ContainerDefinition& container) {
    return format_jail_conf(container);
}

TEST(JailConfFormat, IsReadBackAsItWas) {
    for (unsigned seed = 0; seed < 2000; ++seed) {
        Generator generate{seed};
        const ContainerDefinition container = definition_of(generate.params(), generate.command());
        const ContainerSpec back = import_text(format_jail_conf(container));
        EXPECT_EQ(back.name, container.spec.name);
        EXPECT_EQ(back.root, container.root);
        EXPECT_EQ(back.command, container.command) << "seed " << seed;
        EXPECT_EQ(shown(definition_of(back.params, back.command)), shown(container))
            << "seed " << seed;
    }
}

TEST(JailConfFormat, ACommandLineIsReadBackAsItWas) {
    for (unsigned seed = 0; seed < 2000; ++seed) {
        Generator generate{seed};
        Words command = generate.command();
        const ContainerDefinition container = definition_of(generate.params(), command);
        Words words = shell_words(format_jail_command(container));
        ASSERT_GE(words.size(), 4U + command.size());
        EXPECT_EQ((Words{words.begin(), words.begin() + 4}),
                  (Words{"jail", "-c", "path=/jails/web", "name=web"}));
        if (!command.empty()) {
            command.front().insert(0, "command=");
        }
        const auto rest = words.end() - static_cast<std::ptrdiff_t>(command.size());
        EXPECT_EQ((Words{rest, words.end()}), command) << "seed " << seed;
        EXPECT_EQ(shown(definition_of({words.begin() + 4, rest}, container.command)),
                  shown(container))
            << "seed " << seed;
    }
}

}  // namespace
}  // namespace brig
