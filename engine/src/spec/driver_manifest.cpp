// SPDX-License-Identifier: BSD-2-Clause
#include "spec/driver_manifest.hpp"

#include "brig/driver.h"
#include "support/text.hpp"

#include <fmt/core.h>
#include <toml++/toml.h>

namespace brig {

namespace {

constexpr std::int64_t kManifestVersion = 1;

std::string text_of(const toml::table& table, std::string_view key) {
    return table[key].value_or(std::string{});
}

DriverInfo::Option read_option(const toml::table& row) {
    DriverInfo::Option option;
    option.name = text_of(row, "name");
    option.type = text_of(row, "type");
    option.default_value = text_of(row, "default");
    option.help = text_of(row, "help");
    option.required = row["required"].value_or(false);
    if (const std::string choices = text_of(row, "choices"); !choices.empty()) {
        option.choices = split(choices, '|');
    }
    return option;
}

std::string defect_of(const toml::table& manifest, const std::string& expected_name) {
    if (manifest["manifest"].value_or(std::int64_t{0}) != kManifestVersion) {
        return "its manifest is not of version 1";
    }
    if (const std::string name = text_of(manifest, "name"); name != expected_name) {
        return fmt::format("its manifest is that of '{}'", name);
    }
    const std::string kind = text_of(manifest, "kind");
    if (kind != "network" && kind != "storage") {
        return fmt::format("its manifest gives it the unknown kind '{}'", kind);
    }
    const auto major = manifest["abi_major"].value_or(std::int64_t{0});
    const auto minor = manifest["min_minor"].value_or(std::int64_t{0});
    if (major != BRIG_ABI_MAJOR || minor > BRIG_ABI_MINOR) {
        return fmt::format("it needs driver interface {}.{}; this brig has {}.{}",
                           major,
                           minor,
                           BRIG_ABI_MAJOR,
                           BRIG_ABI_MINOR);
    }
    return {};
}

void read_into(DriverInfo& info, const toml::table& manifest) {
    info.kind = text_of(manifest, "kind");
    info.version = text_of(manifest, "version");
    info.summary = text_of(manifest, "summary");
    info.license = text_of(manifest, "license");
    info.vendor = text_of(manifest, "vendor");
    info.platforms = text_of(manifest, "platforms");
    info.params = text_of(manifest, "params");
    info.error = defect_of(manifest, info.name);
    if (const toml::array* rows = manifest["option"].as_array()) {
        for (const toml::node& row : *rows) {
            if (const toml::table* table = row.as_table()) {
                info.options.push_back(read_option(*table));
            }
        }
    }
}

}  // namespace

DriverInfo parse_driver_manifest(const std::string& text, const std::filesystem::path& file) {
    DriverInfo info;
    info.name = file.stem().string();
    info.file = file.string();
    try {
        read_into(info, toml::parse(text));
    } catch (const toml::parse_error& error) {
        info.error = fmt::format(
            "its manifest is broken: line {}: {}", error.source().begin.line, error.description());
    }
    return info;
}

}  // namespace brig
