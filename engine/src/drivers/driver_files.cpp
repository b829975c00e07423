// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/driver_files.hpp"

#include <algorithm>

namespace brig {

namespace fs = std::filesystem;

namespace {

void add_folder(std::map<std::string, std::vector<fs::path>>& files, const fs::path& folder) {
    std::error_code unreadable;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder, unreadable}) {
        if (entry.path().extension() == ".so") {
            files[entry.path().stem().string()].push_back(entry.path());
        }
    }
}

}  // namespace

const EmbeddedDriver* DriverSources::find_embedded(const std::string& name) const {
    const auto found = std::find_if(
        embedded.begin(), embedded.end(), [&](const auto& driver) { return driver.name == name; });
    return found == embedded.end() ? nullptr : &*found;
}

std::map<std::string, std::vector<fs::path>> driver_files(const std::vector<fs::path>& folders) {
    std::map<std::string, std::vector<fs::path>> files;
    for (const fs::path& folder : folders) {
        add_folder(files, folder);
    }
    return files;
}

}  // namespace brig
