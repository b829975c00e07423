// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/manifest.hpp"

#include "drivers/driver_files.hpp"
#include "drivers/library.hpp"
#include "drivers/tables.hpp"
#include "drivers/trust.hpp"
#include "spec/driver_manifest.hpp"
#include "support/elf.hpp"
#include "support/file_status.hpp"

#include <fstream>
#include <iterator>
#include <map>
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

/// For drivers whose manifest could not be made when they were built, on another machine.
DriverInfo ask_driver(const fs::path& file) {
    return describe(negotiate(load_driver_library(file), file), file);
}

DriverInfo inspect(const fs::path& found) {
    DriverInfo info;
    info.name = found.stem().string();
    info.file = found.string();
    try {
        const fs::path file = fs::canonical(found);
        require_trusted(file, effective_user());
        const fs::path manifest = fs::path{found}.replace_extension(".toml");
        if (!fs::exists(manifest)) {
            return ask_driver(file);
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

}  // namespace

std::vector<DriverInfo> list_drivers(const DriverSources& sources) {
    std::map<std::string, DriverInfo> drivers;
    for (const EmbeddedDriver& driver : sources.embedded) {
        drivers.emplace(driver.name, describe(negotiate(driver.entry(), driver.name), ""));
    }
    for (const auto& [name, file] : driver_files(sources.folders)) {
        if (sources.find_embedded(name) == nullptr) {
            drivers.emplace(name, inspect(file));
        }
    }
    std::vector<DriverInfo> sorted;
    for (auto& [name, info] : drivers) {
        sorted.push_back(std::move(info));
    }
    return sorted;
}

}  // namespace brig
