// SPDX-License-Identifier: BSD-2-Clause
#include "run/volume_users.hpp"

#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace brig {

VolumeUsers::VolumeUsers(const std::filesystem::path& run, const std::string& volume)
    : folder_{run / "volumes" / volume} {}

void VolumeUsers::add(const std::string& container) {
    const std::filesystem::path file = folder_.path() / container;
    const UniqueFd fd{check(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR),
                            "create {}",
                            file.native())};
}

void VolumeUsers::remove(const std::string& container) {
    folder_.remove(container);
}

std::vector<std::string> VolumeUsers::all() const {
    std::vector<std::string> users;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{folder_.path(), none}) {
        users.push_back(entry.path().filename().native());
    }
    return users;
}

}  // namespace brig
