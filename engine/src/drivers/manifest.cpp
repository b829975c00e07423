// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/manifest.hpp"

#include "drivers/library.hpp"
#include "drivers/tables.hpp"
#include "drivers/trust.hpp"
#include "spec/driver_manifest.hpp"
#include "support/elf.hpp"
#include "support/file_status.hpp"

#include <fstream>
#include <iterator>
#include <map>

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
    } catch (const Error& error) {
        info.error = full_message(error);
    } catch (const fs::filesystem_error& error) {
        info.error = error.what();
    }
    return info;
}

}  // namespace

std::vector<DriverInfo> list_drivers(const std::vector<fs::path>& folders) {
    std::map<std::string, DriverInfo> by_name;
    for (const fs::path& folder : folders) {
        std::error_code unreadable;
        for (const fs::directory_entry& entry : fs::directory_iterator{folder, unreadable}) {
            const fs::path& file = entry.path();
            if (file.extension() == ".so" && !by_name.contains(file.stem().string())) {
                by_name.emplace(file.stem().string(), inspect(file));
            }
        }
    }
    std::vector<DriverInfo> drivers;
    drivers.reserve(by_name.size());
    for (auto& [name, info] : by_name) {
        drivers.push_back(std::move(info));
    }
    return drivers;
}

}  // namespace brig
