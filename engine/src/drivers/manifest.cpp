// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/manifest.hpp"

#include "drivers/driver_files.hpp"
#include "drivers/tables.hpp"
#include "drivers/trust.hpp"
#include "spec/driver_manifest.hpp"
#include "support/elf.hpp"
#include "support/file_status.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <fstream>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace brig {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestManifest = std::uintmax_t{1024} * 1024;

std::string read_text(const fs::path& file) {
    if (fs::file_size(file) > kLargestManifest) {
        return "manifest = 0";  // which nobody can mean
    }
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
}

fs::path manifest_of(const fs::path& file) {
    return fs::path{file}.replace_extension(".toml");
}

DriverInfo inspect(const fs::path& found, const AskDriver& ask) {
    DriverInfo info;
    info.name = found.stem().string();
    info.file = found.string();
    try {
        const fs::path file = fs::canonical(found);
        require_trusted(file, effective_user());
        const fs::path manifest = manifest_of(found);
        if (!fs::exists(manifest)) {
            return ask(found);
        }
        info = parse_driver_manifest(read_text(manifest), found);
        if (const auto defect = shared_object_defect(file)) {
            info.error = "it " + *defect;
        }
    } catch (const std::exception& failure) {
        info.error = full_message(failure);
    }
    return info;
}

/// A file that is never loaded, because another driver of its name comes first.
DriverInfo hidden(const fs::path& file, const std::string& by) {
    DriverInfo info;
    info.name = file.stem().string();
    info.file = file.string();
    info.error = fmt::format("'{}' is hidden by {}, which has the same name", file.native(), by);
    return info;
}

/// The text by which two options of a driver are compared.
std::string text_of(const DriverInfo::Option& option) {
    return fmt::format("{} ({}, default '{}'{}{}{})",
                       option.name,
                       option.type,
                       option.default_value,
                       option.required ? ", required" : "",
                       option.per_container ? ", per container" : "",
                       option.choices.empty() ? "" : ", " + join(option.choices, "|"));
}

std::string options_text(const DriverInfo& driver) {
    std::vector<std::string> texts;
    for (const DriverInfo::Option& option : driver.options) {
        texts.push_back(text_of(option));
    }
    return join(texts, ", ");
}

}  // namespace

namespace {

using FoundDrivers = std::multimap<std::string, DriverInfo>;

/// The files of one name, in order; `first` says what hides all of them, if anything.
void add_files(FoundDrivers& drivers,
               const DriverSources& sources,
               const std::vector<fs::path>& files,
               std::string first,
               const AskDriver& ask) {
    for (const fs::path& file : files) {
        const std::string name = file.stem().string();
        if (first.empty()) {
            drivers.emplace(name, inspect(file, ask));
            first = fmt::format("'{}'", file.native());
        } else if (file.parent_path() != sources.folders.back()) {
            // In brig's own folder, which is the last, its own drivers are always.
            drivers.emplace(name, hidden(file, first));
        }
    }
}

}  // namespace

std::vector<DriverInfo> list_drivers(const DriverSources& sources, const AskDriver& ask) {
    FoundDrivers drivers;
    for (const EmbeddedDriver& driver : sources.embedded) {
        drivers.emplace(driver.name, describe(negotiate(driver.entry(), driver.name), ""));
    }
    for (const auto& [name, files] : driver_files(sources.folders)) {
        const bool embedded = sources.find_embedded(name) != nullptr;
        add_files(drivers,
                  sources,
                  files,
                  embedded ? "the driver that is part of this program" : "",
                  ask);
    }
    std::vector<DriverInfo> sorted;
    for (auto& [name, info] : drivers) {
        sorted.push_back(std::move(info));
    }
    return sorted;
}

std::optional<std::string> manifest_lie(const DriverInfo& said, const fs::path& file) {
    const fs::path manifest = manifest_of(file);
    if (!fs::exists(manifest)) {
        return std::nullopt;
    }
    const DriverInfo written = parse_driver_manifest(read_text(manifest), file);
    if (!written.error.empty()) {
        return written.error;
    }
    const std::vector<std::tuple<const char*, std::string, std::string>> facts{
        {"kind", written.kind, said.kind},
        {"version", written.version, said.version},
        {"platforms", written.platforms, said.platforms},
        {"needs", written.needs, said.needs},
        {"params", written.params, said.params},
        {"capabilities", join(written.capabilities, " "), join(said.capabilities, " ")},
        {"options", options_text(written), options_text(said)}};
    for (const auto& [fact, in_manifest, in_driver] : facts) {
        if (in_manifest != in_driver) {
            return fmt::format(
                "its manifest '{}' has {} '{}', the driver itself '{}'; make the "
                "manifest anew with brig-driver-manifest",
                manifest.native(),
                fact,
                in_manifest,
                in_driver);
        }
    }
    return std::nullopt;
}

}  // namespace brig
