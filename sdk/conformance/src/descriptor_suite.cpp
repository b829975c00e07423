// SPDX-License-Identifier: BSD-2-Clause
// What a driver says of itself and its options, and what it does with hostile and secret values.
#include "drivers/option_value.hpp"
#include "drivers/options.hpp"
#include "kit.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <array>

namespace brig::conformance {

namespace {

constexpr std::string_view kMarker = "s3cr3t-k1t";

std::uint32_t type_of(const brig_option& row) {
    return row.type & ~std::uint32_t{BRIG_T_LIST};
}

void defaults_fit(Bench& bench) {
    for (const brig_option& row : bench.subject.tables.options()) {
        const std::string name = row.name;
        expect(row.def == nullptr || (row.flags & BRIG_OPT_REQUIRED) == 0,
               "option '" + name + "' is required and has a default",
               rule::kRequired);
        expect(row.min <= row.max,
               "option '" + name + "' has no value within its bounds",
               rule::kOptionFacts);
        if (row.def != nullptr) {
            const auto fits = fit_default(row.def, row);
            expect(std::holds_alternative<OptionContent>(fits),
                   "the default of option '" + name + "' does not fit it",
                   rule::kOptionFacts);
        }
    }
}

/// The instance's options with one of them set otherwise.
OptionMap with(const OptionMap& options, const brig_option& row, const OptionContent& content) {
    OptionMap changed = options;
    std::erase_if(changed, [&](const auto& option) { return option.first == row.name; });
    changed.emplace_back(row.name, OptionValue{content, ""});
    return changed;
}

/// Opens an instance, uses it, and removes what came of it. Any of it may be refused, with reasons.
void try_options(Bench& bench, const OptionMap& options, const std::string& what) {
    try {
        Session session{bench.subject, bench.block, bench.world, {"check", options, {}}};
        const Life life = life_of(bench.subject);
        const Answer answer = session.act(life.make.front());
        expect(answer.violation.empty(), what + ": " + answer.violation, rule::kParams);
        if (answer.ok()) {
            do_all(session, life.remove, rule::kRemoves);
        }
    } catch (const Error& error) {
        expect(
            error.code() != ErrorCode::bad_driver, what + ": " + error.what(), rule::kOptionFacts);
        expect(std::string_view{error.what()} != "the driver found a value invalid",
               what + ": it was refused without a reason",
               rule::kFail);
    }
}

/// Every value at the edge of what a row allows, and every choice.
std::vector<OptionContent> edges_of(const brig_option& row) {
    std::vector<OptionContent> values;
    if (row.choices != nullptr) {
        for (const std::string& choice : split(row.choices, '|')) {
            values.emplace_back(choice);
        }
    }
    if ((row.min != 0 || row.max != 0) && (row.type & BRIG_T_LIST) == 0) {
        values.emplace_back(row.min);
        values.emplace_back(row.max);
    }
    if (type_of(row) == BRIG_T_BOOL) {
        values.emplace_back(true);
        values.emplace_back(false);
    }
    return values;
}

void edges(Bench& bench) {
    const OptionMap options = instance_options(bench.subject, bench.world.folder());
    for (const brig_option& row : bench.subject.tables.options()) {
        for (const OptionContent& value : edges_of(row)) {
            bench.block.clear_trace();
            try_options(
                bench, with(options, row, value), fmt::format("an edge of option '{}'", row.name));
        }
    }
}

/// Values that a shell would take for more than a word.
std::vector<std::string> hostile_values(const std::filesystem::path& witness) {
    const std::string touch = "touch " + witness.string();
    return {"$(" + touch + ")",
            "`" + touch + "`",
            "; " + touch + " ;",
            "x\n" + touch + "\n",
            "'; " + touch + "; \"; " + touch + "; '",
            "../../../../tmp/x",
            "-rf %s%n",
            std::string(200, 'x')};
}

bool is_shell(const std::string& program) {
    const std::string name = std::filesystem::path{program}.filename().string();
    static constexpr std::array<std::string_view, 6> kShells{
        "sh", "bash", "dash", "csh", "tcsh", "zsh"};
    return std::find(kShells.begin(), kShells.end(), name) != kShells.end();
}

void expect_no_shell(const std::string& hostile, const std::string& option) {
    for (const HostCall& call : recorder().calls()) {
        const bool runs_shell =
            call.service == "run" && !call.texts.empty() && is_shell(call.texts.front());
        const bool passes_it =
            std::any_of(call.texts.begin(), call.texts.end(), [&](const std::string& text) {
                return text.find(hostile) != std::string::npos;
            });
        expect(!runs_shell || !passes_it,
               "option '" + option + "' reached a shell: " + call.words,
               rule::kNoShell);
    }
}

std::filesystem::path witness_of(const Bench& bench) {
    return bench.world.folder() / "witness";
}

/// An instance with that value in option `row`; paths must be absolute.
void try_hostile(Bench& bench,
                 const OptionMap& options,
                 const brig_option& row,
                 const std::string& hostile) {
    const std::string value = type_of(row) == BRIG_T_PATH
                                  ? (bench.world.folder() / "paths").string() + "/" + hostile
                                  : hostile;
    const OptionContent content = (row.type & BRIG_T_LIST) != 0
                                      ? OptionContent{std::vector<std::string>{value}}
                                      : OptionContent{value};
    bench.block.clear_trace();
    recorder().keep_all(true);
    try_options(bench, with(options, row, content), "a hostile '" + std::string{row.name} + "'");
    expect(!std::filesystem::exists(witness_of(bench)),
           "what stood in option '" + std::string{row.name} + "' was executed: " + value,
           rule::kNoShell);
    expect_no_shell(value, row.name);
    recorder().keep_all(false);
}

void hostile_options(Bench& bench) {
    const OptionMap options = instance_options(bench.subject, bench.world.folder());
    for (const brig_option& row : bench.subject.tables.options()) {
        if (type_of(row) != BRIG_T_STR && type_of(row) != BRIG_T_PATH) {
            continue;
        }
        for (const std::string& value : hostile_values(witness_of(bench))) {
            try_hostile(bench, options, row, value);
        }
    }
}

/// A secret is known by a marker that must not come out again.
void secrets(Bench& bench) {
    OptionMap options = instance_options(bench.subject, bench.world.folder());
    bool has_secret = false;
    for (const brig_option& row : bench.subject.tables.options()) {
        if ((row.flags & BRIG_OPT_SECRET) != 0 && row.type == BRIG_T_STR) {
            options = with(options, row, std::string{kMarker});
            has_secret = true;
        }
    }
    if (!has_secret) {
        throw Skip{"the driver has no secret option"};
    }
    recorder().keep_all(true);
    try_options(bench, options, "a secret");
    for (const HostCall& call : recorder().calls()) {
        for (const std::string& text : call.texts) {
            expect(text.find(kMarker) == std::string::npos,
                   "a secret option went to " + call.service + "()",
                   rule::kSecret);
        }
    }
}

/// The longest names that the engine gives.
void longest_names(Bench& bench) {
    constexpr std::size_t kLongest = 64;
    const Key key{"0123456789ab", std::string(kLongest, 'o')};  // ids have that length
    Session session{bench.subject, bench.block, bench.world, {std::string(kLongest, 'n'), {}, {}}};
    const WorldState before = look(session);
    const Life life = life_of(bench.subject, key);
    give_jail(session);
    do_all(session, life.make, rule::kIdempotent);
    do_all(session, life.remove, rule::kRemoves);
    if (bench.subject.is_network()) {
        expect_clean(session, before, "something with a long name is left");
    }
    expect(count_listed(session, session.tag(key)) == 0,
           "something with a long name is left",
           rule::kRemoves);
}

/// Two keys that begin alike, or differ in letters that names on the host may lack, are two.
void similar_names(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const Key one{"0b5e55ed", "a-b"};
    const Key other{"0b5e55ed", "a.b"};
    do_all(session, {life_of(bench.subject, one).make.front()}, rule::kIdempotent);
    const WorldState with_one = look(session);
    session.context().container_options.clear();  // a port, say, could not be published twice
    do_all(session, {life_of(bench.subject, other).make.front()}, rule::kIdempotent);
    do_all(session, own_removal(bench.subject, other), rule::kRemoves);
    expect_clean(session, with_one, "'a.b' and 'a-b' get in each other's way");
    do_all(session, life_of(bench.subject, one).remove, rule::kRemoves);
}

}  // namespace

void add_descriptor_tests(const Subject& /*subject*/, Tests& tests) {
    tests.push_back({"descriptor.defaults_fit", defaults_fit});
    tests.push_back({"descriptor.edges", edges});
    tests.push_back({"descriptor.hostile_options", hostile_options});
    tests.push_back({"descriptor.secrets", secrets});
    tests.push_back({"descriptor.longest_names", longest_names});
    tests.push_back({"descriptor.similar_names", similar_names});
}

}  // namespace brig::conformance
