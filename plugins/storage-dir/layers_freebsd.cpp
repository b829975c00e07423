// SPDX-License-Identifier: BSD-2-Clause
#include "os.hpp"
#include "os_layers.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <array>

/// unionfs: whiteouts are entries of a folder that only getdirentries(2) shows, and a folder made
/// in the place of one is opaque.
namespace brig::storage_dir::os {

const int kUnnoticed = 0;

bool is_whiteout(const struct stat& status) noexcept {
    return S_ISWHT(status.st_mode);
}

std::set<std::string> hidden_whiteouts(int folder, const std::string& path) {
    const UniqueFd own{check(
        ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open folder '", path, "'")};
    std::set<std::string> names;
    alignas(dirent) std::array<char, 8192> buffer{};
    ssize_t size = 0;
    // Not by readdir(3), which hides them.
    while ((size = check(::getdirentries(own.get(), buffer.data(), buffer.size(), nullptr),
                         "read folder '",
                         path,
                         "'"))
           > 0) {
        for (ssize_t at = 0; at < size;) {
            const auto* entry = reinterpret_cast<const dirent*>(buffer.data() + at);
            if (entry->d_type == DT_WHT) {
                names.emplace(static_cast<const char*>(entry->d_name));
            }
            at += entry->d_reclen;
        }
    }
    return names;
}

Covering covering_of(int folder, const std::string& name) {
    struct stat status {};
    const bool known = ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
    return {known && (status.st_flags & UF_OPAQUE) != 0, {}};
}

bool is_mount_point(int /*folder*/, const std::string& /*name*/) noexcept {
    return true;  // nothing else has another device
}

int open_below(int root, const std::string& path) noexcept {
    UniqueFd above{::openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::array<char, NAME_MAX + 1> name{};
    for (std::size_t begin = 0; above && begin < path.size();) {
        const std::size_t length = std::min(path.find('/', begin), path.size()) - begin;
        if (length >= name.size()) {
            errno = ENAMETOOLONG;
            return -1;
        }
        name.at(path.copy(name.data(), length, begin)) = '\0';
        above = UniqueFd{open_child(above.get(), name.data())};
        begin += length + 1;
    }
    return above.release();
}

}  // namespace brig::storage_dir::os
