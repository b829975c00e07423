// SPDX-License-Identifier: BSD-2-Clause
// The file itself, and what its entry returns.
#include "drivers/library.hpp"
#include "hygiene.hpp"
#include "kit.hpp"
#include "shared_object.hpp"
#include "spec/toml.hpp"
#include "support/check.hpp"
#include "support/findings.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <optional>

namespace brig::conformance {

namespace {

void one_symbol(Bench& bench) {
    const SharedObject object = read_shared_object(bench.subject.file);
    std::vector<std::string> others;
    for (const std::string& symbol : object.exported) {
        // A sanitizer's own symbols are there for it to find, in every object that it looks after.
        const bool sanitizers = symbol.starts_with("__asan") || symbol.starts_with("__odr_asan")
                                || symbol.starts_with("__ubsan");
        if (symbol != BRIG_ENTRY_SYMBOL && !sanitizers) {
            others.push_back(symbol);
        }
    }
    expect(
        others.empty(), "it exports more than its entry: " + join(others, ", "), rule::kOneSymbol);
}

void no_search_path(Bench& bench) {
    expect(!read_shared_object(bench.subject.file).has_search_path,
           "it has a search path for libraries (RPATH or RUNPATH), which others could write to",
           rule::kOneSymbol);
}

void entry_is_pure(Bench& bench) {
    const WorldState before = bench.world.look();
    const ProcessState process = look_at_process();
    for (int i = 0; i < 2; ++i) {
        expect(load_driver_library(bench.subject.file) == bench.subject.offered,
               "its entry returns another table when it is called again",
               rule::kEntry);
    }
    const auto changed = difference(before, bench.world.look());
    if (!changed.empty()) {
        throw Failure{"its entry changed the world", rule::kEntry, changed};
    }
    expect_same_process(process, look_at_process(), "its entry changed the process");
}

/// A text or a number as text; nothing of anything else.
std::optional<std::string> text_of(const TomlValue& value) {
    if (const auto* text = std::get_if<std::string>(&value.data)) {
        return *text;
    }
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
        return std::to_string(*number);
    }
    return std::nullopt;
}

std::string text_in(const TomlTable& table, const std::string& key) {
    for (const TomlMember& member : table) {
        const auto text = member.key == key ? text_of(member.value) : std::nullopt;
        if (text) {
            return *text;
        }
    }
    return "";
}

void add_names(const TomlArray& rows, std::vector<std::string>& names) {
    for (const TomlValue& row : rows) {
        if (const auto* option = std::get_if<TomlTable>(&row.data)) {
            names.push_back(text_in(*option, "name"));
        }
    }
}

std::vector<std::string> options_in(const TomlTable& table) {
    std::vector<std::string> names;
    for (const TomlMember& member : table) {
        const auto* rows = std::get_if<TomlArray>(&member.value.data);
        if (member.key == "option" && rows != nullptr) {
            add_names(*rows, names);
        }
    }
    return names;
}

/// Listing drivers reads the manifest alone, so it has to be true.
void manifest_agrees(Bench& bench) {
    std::filesystem::path file = bench.subject.file;
    file.replace_extension(".toml");
    if (!std::filesystem::exists(file)) {
        throw Skip{"there is no manifest '" + file.filename().string() + "' beside the driver"};
    }
    Findings findings;
    const auto manifest = parse_toml(read_file(file), file.string(), findings);
    findings.throw_if_any();
    const brig_driver& driver = bench.subject.tables.driver;
    const std::string kind = bench.subject.is_network() ? "network" : "storage";
    std::vector<std::string> names;
    for (const brig_option& row : bench.subject.tables.options()) {
        names.emplace_back(row.name);
    }
    for (const auto& [key, value] : {std::pair<std::string, std::string>{"name", driver.name},
                                     {"version", driver.version},
                                     {"kind", kind},
                                     {"caps", std::to_string(driver.caps)},
                                     {"params", driver.params == nullptr ? "" : driver.params}}) {
        expect(text_in(*manifest, key) == value,
               fmt::format("its manifest says {} = '{}', the driver '{}'",
                           key,
                           text_in(*manifest, key),
                           value),
               rule::kEntry);
    }
    expect(options_in(*manifest) == names,
           "its manifest has other options than the driver",
           rule::kEntry);
}

}  // namespace

void add_artifact_tests(const Subject& /*subject*/, Tests& tests) {
    tests.push_back({"artifact.one_symbol", one_symbol});
    tests.push_back({"artifact.no_search_path", no_search_path});
    tests.push_back({"artifact.entry_is_pure", entry_is_pure});
    tests.push_back({"artifact.manifest_agrees", manifest_agrees});
}

}  // namespace brig::conformance
