// SPDX-License-Identifier: BSD-2-Clause
#include "run/folder_of_users.hpp"

#include "support/check.hpp"
#include "support/file_lock.hpp"
#include "support/file_status.hpp"
#include "support/remove_tree.hpp"

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
    UniqueFd fd = lock_folder(folder, LOCK_EX);
    return fd && is_still_at(fd.get(), folder) ? std::move(fd) : UniqueFd{};
}

void remove_unless_held(const std::filesystem::path& folder) {
    const UniqueFd fd{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    // Who holds it removes it.
    if (fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 && is_still_at(fd.get(), folder)) {
        ::rmdir(folder.c_str());  // when there is none
    }
}

}  // namespace

FolderOfUsers::FolderOfUsers(std::filesystem::path folder) : folder_{std::move(folder)} {
    do {
        make_folder_of_users(folder_);
        lock_ = try_lock(folder_);
    } while (!lock_);
}

FolderOfUsers::~FolderOfUsers() {
    ::rmdir(folder_.c_str());  // when there is none
}

void FolderOfUsers::remove(const std::string& container) {
    remove_if_there(folder_ / container);
}

void remove_folders_without_users(const std::filesystem::path& run) {
    for (const char* of : {"volumes", "networks"}) {
        std::error_code none;
        for (const auto& entry : std::filesystem::directory_iterator{run / of, none}) {
            remove_unless_held(entry.path());
        }
    }
}

}  // namespace brig
