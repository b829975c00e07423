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

std::vector<DriverInfo> list_drivers(const std::vector<fs::path>& folders) {
    std::vector<DriverInfo> drivers;
    for (const auto& [name, file] : driver_files(folders)) {
        drivers.push_back(inspect(file));
    }
    return drivers;
}

}  // namespace brig
