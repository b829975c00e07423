// SPDX-License-Identifier: BSD-2-Clause
#include "volumes/populate.hpp"

#include "images/import.hpp"
#include "support/check.hpp"
#include "support/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

namespace brig {

namespace {

namespace fs = std::filesystem;

/// A copy under way, and one that is complete and whose entries are being moved to their place.
constexpr const char* kCopying = ".brig-populate";
constexpr const char* kCopied = ".brig-populated";

UniqueFd open_folder(int parent, const char* name, const fs::path& path) {
    return UniqueFd{check(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                          "open {}",
                          path.native())};
}

std::vector<std::string> names_in(int folder, const fs::path& path) {
    const auto close = [](DIR* stream) { ::closedir(stream); };
    UniqueFd fd = open_folder(folder, ".", path);
    const std::unique_ptr<DIR, decltype(close)> stream{::fdopendir(fd.get()), close};
    if (!stream) {
        throw_system_error(errno, fmt::format("read {}", path.native()));
    }
    static_cast<void>(fd.release());
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(stream.get())) {
        const std::string name = static_cast<const char*>(entry->d_name);
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    return names;
}

/// True when the volume holds nothing but what an earlier call left half done.
bool is_empty(const std::vector<std::string>& names) {
    return names.empty() || (names.size() == 1 && names.front() == kCopying);
}

bool has(const std::vector<std::string>& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Owner and mode of the volume become those of the copy.
void adopt_owner(int copied, int volume, const fs::path& root) {
    struct stat status {};
    check(::fstat(copied, &status), "examine {}", (root / kCopied).native());
    check(::fchown(volume, status.st_uid, status.st_gid), "change the owner of {}", root.native());
    check(::fchmod(volume, status.st_mode & 07777U), "change the mode of {}", root.native());
}

/// Moves the entries of the finished copy to their place. What has come to be there meanwhile
/// stays, and so does the copy's then.
void move_up(int volume, const fs::path& root) {
    const UniqueFd copied = open_folder(volume, kCopied, root / kCopied);
    adopt_owner(copied.get(), volume, root);
    for (const std::string& name : names_in(copied.get(), root / kCopied)) {
        struct stat there {};
        if (::fstatat(volume, name.c_str(), &there, AT_SYMLINK_NOFOLLOW) != 0) {
            check(::renameat(copied.get(), name.c_str(), volume, name.c_str()),
                  "move {} to its place",
                  (root / kCopied / name).native());
        }
    }
    if (::unlinkat(volume, kCopied, AT_REMOVEDIR) != 0 && errno != ENOTEMPTY && errno != EEXIST) {
        throw_system_error(errno, fmt::format("remove {}", (root / kCopied).native()));
    }
}

}  // namespace

void populate_if_empty(const Context& context,
                       const fs::path& from,
                       const fs::path& root,
                       int lock_fd) {
    const UniqueFd volume = open_folder(AT_FDCWD, root.c_str(), root);
    const std::vector<std::string> names = names_in(volume.get(), root);
    if (has(names, kCopied)) {
        move_up(volume.get(), root);
        return;
    }
    if (!is_empty(names)) {
        return;
    }
    const fs::path copy = root / kCopying;
    remove_tree(copy);
    check(::mkdirat(volume.get(), kCopying, S_IRWXU), "make folder {}", copy.native());
    context.log.info("populating the empty volume {} from {}", root.native(), from.native());
    static_cast<void>(
        import_directory({context.settings.libexec, copy, context.log, 0, lock_fd}, from, {}));
    check(::renameat(volume.get(), kCopying, volume.get(), kCopied),
          "give {} its name",
          copy.native());
    move_up(volume.get(), root);
}

}  // namespace brig
