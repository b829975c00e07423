// SPDX-License-Identifier: BSD-2-Clause
#include "run/volume_users.hpp"

#include "support/check.hpp"
#include "support/file_status.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace brig {

namespace {

void make_folder_of_users(const std::filesystem::path& folder) {
    std::error_code failure;
    std::filesystem::create_directories(folder.parent_path().parent_path(), failure);
    for (const std::filesystem::path& path : {folder.parent_path(), folder}) {
        if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            throw_system_error(errno, fmt::format("make folder {}", path.native()));
        }
    }
}

/// The folder, locked; nothing when its last user took it away while this one waited.
UniqueFd try_lock(const std::filesystem::path& folder) {
    UniqueFd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd && errno == ENOENT) {
        return {};
    }
    check(fd.get(), "open {}", folder.native());
    while (::flock(fd.get(), LOCK_EX) != 0) {
        if (errno != EINTR) {
            throw_system_error(errno, fmt::format("lock {}", folder.native()));
        }
    }
    return is_still_at(fd.get(), folder) ? std::move(fd) : UniqueFd{};
}

}  // namespace

VolumeUsers::VolumeUsers(const std::filesystem::path& run, const std::string& volume)
    : folder_{run / "volumes" / volume} {
    do {
        make_folder_of_users(folder_);
        lock_ = try_lock(folder_);
    } while (!lock_);
}

VolumeUsers::~VolumeUsers() {
    ::rmdir(folder_.c_str());  // when there is none
}

void VolumeUsers::add(const std::string& container) {
    const std::filesystem::path file = folder_ / container;
    const UniqueFd fd{check(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR),
                            "create {}",
                            file.native())};
}

void VolumeUsers::remove(const std::string& container) {
    const std::filesystem::path file = folder_ / container;
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) {
        throw_system_error(errno, fmt::format("remove {}", file.native()));
    }
}

std::vector<std::string> VolumeUsers::all() const {
    std::vector<std::string> users;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{folder_, none}) {
        users.push_back(entry.path().filename().native());
    }
    return users;
}

void remove_folders_without_users(const std::filesystem::path& run) {
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator{run / "volumes", none}) {
        const UniqueFd fd{::open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        // Who holds it removes it.
        if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0
            && is_still_at(fd.get(), entry.path())) {
            ::rmdir(entry.path().c_str());  // when there is none
        }
    }
}

}  // namespace brig
