// SPDX-License-Identifier: BSD-2-Clause
// Whatever a jail.conf(5) holds, it is read or refused with findings, within its limits; and what a
// jail becomes can be written and read again.
#include "brig/jail_conf.hpp"
#include "jail_conf/parser.hpp"
#include "jail_conf/to_spec.hpp"
#include "support/conf_files.hpp"
#include "support/params.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// The first jail of `text` as a container, if it can be one; what it includes is itself.
std::optional<brig::ContainerSpec> read_first(const std::string& text) {
    brig::test::ConfFiles files{{{"c", text}, {"/d/e", text}}};
    brig::Findings findings;
    const brig::jail_conf::Document document = brig::jail_conf::parse("c", files, findings);
    brig::jail_conf::Resolver resolver{document, findings};
    std::optional<brig::ContainerSpec> first;
    for (const std::string& name : brig::jail_conf::jail_names(document)) {
        brig::jail_conf::JailSpec jail = brig::jail_conf::to_spec(
            resolver.resolve(name), brig::test::full_catalogue(), findings);
        require(jail.spec.params.size() == jail.spec.param_origins.size());
        if (!first) {
            first = std::move(jail.spec);
        }
    }
    for (const brig::Finding& finding : findings.all()) {
        require(!finding.message.empty());
    }
    return findings.empty() ? first : std::nullopt;
}

void check_round_trip(const brig::ContainerSpec& spec) {
    brig::Findings findings;
    brig::ContainerDefinition container;
    container.spec = spec;
    container.root = spec.root;
    container.command = spec.command;
    container.params = brig::test::merge_words(spec.params, findings);
    const auto back = read_first(brig::format_jail_conf(container));
    require(back && back->name == spec.name && back->root == spec.root
            && back->command == spec.command);
}

}  // namespace

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (const auto spec = read_first({data, data + size})) {
        check_round_trip(*spec);
    }
    return 0;
}
