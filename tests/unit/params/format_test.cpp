// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "support/params.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace brig {
namespace {

using Words = std::vector<std::string>;

Param param_of(std::string_view name, Words values) {
    const auto rule = test::full_catalogue().find(name);
    return {std::string{name}, rule->type, rule->performer, std::move(values), test::option_j()};
}

TEST(FormatWords, WritesWhatJail8Reads) {
    EXPECT_EQ(format_words(param_of("allow.raw_sockets", {"true"})), Words{"allow.raw_sockets"});
    EXPECT_EQ(format_words(param_of("allow.mount.devfs", {"false"})), Words{"allow.mount.nodevfs"});
    EXPECT_EQ(format_words(param_of("persist", {"false"})), Words{"nopersist"});
    EXPECT_EQ(format_words(param_of("ip4", {"inherit"})), Words{"ip4=inherit"});
    EXPECT_EQ(format_words(param_of("host.hostname", {""})), Words{"host.hostname="});
    EXPECT_EQ(format_words(param_of("ip4.addr", {"10.0.0.1", "10.0.0.2"})),
              Words{"ip4.addr=10.0.0.1,10.0.0.2"});
    EXPECT_EQ(format_words(param_of("exec.start", {"echo a, b", "true"})),
              (Words{"exec.start=echo a, b", "exec.start=true"}));
    EXPECT_EQ(format_words(param_of("exec.stop", {})), Words{"exec.stop="});
    EXPECT_EQ(format_words(param_of("command", {"echo", "Hello World"})),
              (Words{"command=echo", "Hello World"}));
}

/// Values that exercise the syntax: blanks, commas, quotes, `=`, "no", nothing printable.
class Generator {
  public:
    explicit Generator(unsigned seed) : random_{seed} {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random_);
    }

    std::string text(std::size_t longest, std::string_view letters) {
        std::string text(below(longest) + 1, ' ');
        for (char& c : text) {
            c = letters[below(letters.size())];
        }
        return text;
    }

    std::string bytes(std::size_t longest) {
        std::string text(below(longest), ' ');
        for (char& c : text) {
            c = static_cast<char>(below(256));
        }
        return text;
    }

    Words values(const ParamInfo& info) {
        if (!is_list(info.type)) {
            return {value(info)};
        }
        Words values;
        for (std::size_t count = below(4); count > 0; --count) {
            // Told apart by a number: lists of names hold each once.
            values.push_back(element(info, count));
        }
        return values;
    }

  private:
    /// Bytes of a text; the names of interfaces are short.
    static std::size_t room(const ParamInfo& info) {
        return info.max_length == 0 ? 20 : std::min<std::size_t>(20, info.max_length - 1);
    }

    std::string value(const ParamInfo& info) {
        switch (info.type) {
            case ParamType::boolean:
                return below(2) == 0 ? "true" : "false";
            case ParamType::integer:
                return std::to_string(info.min.value_or(-5) + static_cast<long long>(below(2)));
            case ParamType::ulong:
                return std::to_string(below(1000000));
            case ParamType::jailsys:
                return below(2) == 0 ? "new" : "inherit";
            default:
                return text(room(info), "ab,=\"' no.\\\n\t&|");
        }
    }

    std::string element(const ParamInfo& info, std::size_t number) {
        const std::string digit = std::to_string(number);
        if (info.type == ParamType::ip4_list) {
            return (below(2) == 0 ? "lo1|" : "") + ("10.0.0." + digit)
                   + (below(2) == 0 ? "/24" : "");
        }
        if (info.type == ParamType::ip6_list) {
            return "fd00::" + digit;
        }
        return text(room(info) - digit.size(), "ab= \"'no.|") + digit;
    }

    std::mt19937 random_;
};

bool may_be_assigned(const ParamInfo& info) {
    return info.access != ParamAccess::read_only && info.name != "path" && info.name != "name"
           && info.name != "jid" && info.name != "command";
}

TEST(FormatWords, AreReadBackAsTheSameParameter) {
    Generator generator{20240607};
    for (int round = 0; round < 30; ++round) {
        for (const ParamInfo& info : test::full_catalogue().rows()) {
            if (!may_be_assigned(info)) {
                continue;
            }
            const Param param = param_of(info.name, generator.values(info));
            ParamLayers layers;
            Findings findings;
            layers.command_line = test::parse_all(format_words(param), findings);
            const ParamList merged = merge_params(layers, test::full_catalogue(), findings);
            const Param* back = find_param(merged, info.name);
            ASSERT_NE(back, nullptr) << info.name << ": " << test::messages(findings);
            ASSERT_EQ(*back, param) << info.name;
        }
    }
}

/// Lists of words with a meaning for each other: repeated, negated, cleared, keys and wholes.
TEST(FormatWords, AreReadBackAsTheSameParameters) {
    const Words vocabulary{"persist",
                           "nopersist",
                           "allow.noset_hostname",
                           "allow.set_hostname=1",
                           "exec.start=a b",
                           "exec.start=c,d",
                           "exec.start",
                           "exec.nostop",
                           "exec.stop=x=y",
                           "exec.nojail_user",
                           "exec.jail_user=1",
                           "ip4=inherit",
                           "ip4=2",
                           "ip4.addr=10.0.0.1,lo1|10.0.0.2/24",
                           "ip4.addr=10.0.0.1",
                           "ip4.addr=-",
                           "ip6.addr=::1",
                           "meta.a=1",
                           "meta.a=",
                           "meta.a",
                           "meta.b.c=2=3",
                           "meta=a=9\nz=8",
                           "meta",
                           "env.PATH=/bin:/sbin",
                           "host.hostname=",
                           "host.hostname=a\tb",
                           "children.max=3",
                           "children.max=007",
                           "mount.nodevfs",
                           "mount=tmpfs /tmp tmpfs rw,size=1m 0 0"};
    Generator generator{7};
    for (int round = 0; round < 2000; ++round) {
        Words words;
        for (std::size_t count = generator.below(12); count > 0; --count) {
            words.push_back(vocabulary[generator.below(vocabulary.size())]);
        }
        Findings findings;
        const ParamList params = test::merge_words(words, findings);
        ASSERT_TRUE(findings.empty()) << test::messages(findings);
        Words formatted;
        for (const Param& param : params) {
            const Words more = format_words(param);
            formatted.insert(formatted.end(), more.begin(), more.end());
        }
        const ParamList back = test::merge_words(formatted, findings);
        ASSERT_EQ(back.size(), params.size());
        for (std::size_t i = 0; i < params.size(); ++i) {
            ASSERT_EQ(back[i].name, params[i].name);
            ASSERT_EQ(back[i].values, params[i].values) << params[i].name;
        }
    }
}

TEST(ParseAssignment, SurvivesAnyText) {
    Generator generator{42};
    for (int round = 0; round < 500; ++round) {
        Findings findings;
        const std::string text = generator.bytes(40);
        const ParamList merged = test::merge_words({text}, findings);
        // Bytes at random name no parameter.
        ASSERT_TRUE(merged.empty()) << text;
        ASSERT_FALSE(findings.empty()) << text;
    }
}

TEST(ParseValues, SurviveAnyValue) {
    Generator generator{43};
    for (int round = 0; round < 30; ++round) {
        for (const ParamInfo& info : test::full_catalogue().rows()) {
            Findings findings;
            const Assignment assignment{info.name, generator.bytes(30), false, "", {}};
            const auto values = parse_values(assignment, info, findings);
            ASSERT_EQ(values.has_value(), findings.empty()) << info.name;
        }
    }
}

}  // namespace
}  // namespace brig
