// SPDX-License-Identifier: BSD-2-Clause
#include "spec/driver_manifest.hpp"

#include "brig/driver.h"
#include "spec/toml.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>

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
    option.required = value_of<bool>(row, "required");
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
    info.platforms = text_of(manifest, "platforms");
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

}  // namespace brig
