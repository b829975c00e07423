// SPDX-License-Identifier: BSD-2-Clause
#include "spec/driver_manifest.hpp"

#include "brig/driver.h"
#include "spec/toml.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace brig {

namespace {

constexpr std::int64_t kManifestVersion = 1;

/// The value of `key` if it is there and of that type.
template <typename Value>
Value value_of(const TomlTable& table, std::string_view key, Value otherwise = {}) {
    const auto member =
        std::find_if(table.begin(), table.end(), [&](const TomlMember& m) { return m.key == key; });
    const Value* value = member == table.end() ? nullptr : std::get_if<Value>(&member->value.data);
    return value == nullptr ? otherwise : *value;
}

std::string text_of(const TomlTable& table, std::string_view key) {
    return value_of<std::string>(table, key);
}

DriverInfo::Option read_option(const TomlTable& row) {
    DriverInfo::Option option;
    option.name = text_of(row, "name");
    option.type = text_of(row, "type");
    option.default_value = text_of(row, "default");
    option.help = text_of(row, "help");
    option.since = text_of(row, "since");
    option.required = value_of<bool>(row, "required");
    option.secret = value_of<bool>(row, "secret");
    option.per_container = value_of<bool>(row, "per_container");
    option.deprecated = value_of<bool>(row, "deprecated");
    option.min = value_of<std::int64_t>(row, "min");
    option.max = value_of<std::int64_t>(row, "max");
    if (const std::string choices = text_of(row, "choices"); !choices.empty()) {
        option.choices = split(choices, '|');
    }
    return option;
}

std::string defect_of(const TomlTable& manifest, const std::string& expected_name) {
    if (value_of<std::int64_t>(manifest, "manifest") != kManifestVersion) {
        return "its manifest is not of version 1";
    }
    if (const std::string name = text_of(manifest, "name"); name != expected_name) {
        return fmt::format("its manifest is that of '{}'", name);
    }
    const std::string kind = text_of(manifest, "kind");
    if (kind != "network" && kind != "storage") {
        return fmt::format("its manifest gives it the unknown kind '{}'", kind);
    }
    const auto major = value_of<std::int64_t>(manifest, "abi_major");
    const auto minor = value_of<std::int64_t>(manifest, "min_minor");
    if (major != BRIG_ABI_MAJOR || minor > BRIG_ABI_MINOR) {
        return fmt::format("it needs driver interface {}.{}; this brig has {}.{}",
                           major,
                           minor,
                           BRIG_ABI_MAJOR,
                           BRIG_ABI_MINOR);
    }
    return {};
}

void read_into(DriverInfo& info, const TomlTable& manifest) {
    info.kind = text_of(manifest, "kind");
    info.version = text_of(manifest, "version");
    info.summary = text_of(manifest, "summary");
    info.license = text_of(manifest, "license");
    info.vendor = text_of(manifest, "vendor");
    info.url = text_of(manifest, "url");
    info.platforms = text_of(manifest, "platforms");
    info.needs = text_of(manifest, "needs");
    info.capabilities =
        capability_names(static_cast<std::uint64_t>(value_of<std::int64_t>(manifest, "caps")));
    info.interface_minor = static_cast<unsigned>(value_of<std::int64_t>(manifest, "abi_minor"));
    info.params = text_of(manifest, "params");
    info.error = defect_of(manifest, info.name);
    for (const TomlValue& row : value_of<TomlArray>(manifest, "option")) {
        if (const auto* table = std::get_if<TomlTable>(&row.data)) {
            info.options.push_back(read_option(*table));
        }
    }
}

}  // namespace

DriverInfo parse_driver_manifest(const std::string& text, const std::filesystem::path& file) {
    DriverInfo info;
    info.name = file.stem().string();
    info.file = file.string();
    Findings findings;
    const auto manifest = parse_toml(text, file.stem().string() + ".toml", findings);
    if (manifest) {
        read_into(info, *manifest);
    } else {
        const Finding& first = findings.all().front();
        info.error = fmt::format("its manifest is broken: {}: {}", first.where, first.message);
    }
    return info;
}

std::vector<std::string> capability_names(std::uint64_t caps) {
    static constexpr std::pair<std::uint64_t, const char*> kNames[] = {
        {BRIG_CAP_QUOTA, "quota"},
        {BRIG_CAP_SNAPSHOT, "snapshot"},
        {BRIG_CAP_CLONE, "clone"},
        {BRIG_CAP_VNET, "vnet"},
        {BRIG_CAP_IP4, "ip4"},
        {BRIG_CAP_IP6, "ip6"},
        {BRIG_CAP_LIVE_ATTACH, "live_attach"},
        {BRIG_CAP_UNPRIVILEGED, "unprivileged"},
    };
    std::vector<std::string> names;
    for (const auto& [bit, name] : kNames) {
        if ((caps & bit) != 0) {
            names.emplace_back(name);
        }
    }
    return names;
}

}  // namespace brig
