// SPDX-License-Identifier: BSD-2-Clause
#include "volume.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace brig::storage_zfs {
namespace {

std::string real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real{::realpath(path.c_str(), nullptr),
                                                           &std::free};
    return real != nullptr ? std::string{real.get()} : path;
}

/// Nobody but root may enter: volumes have programs with the set-user-ID bit.
void make_private(const std::string& path) {
    const UniqueFd folder{
        check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
              "open folder '",
              path,
              "'")};
    struct stat status {};
    check(::fstat(folder.get(), &status), "examine '", path, "'");
    if (status.st_uid != ::geteuid()) {
        throw Error{BRIG_CONFLICT,
                    joined("folder '", path, "' belongs to another user"),
                    "set 'mountpoint' to a folder of root"};
    }
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        check(::fchmod(folder.get(), S_IRWXU), "close folder '", path, "' to others");
    }
}

void require_empty(const std::string& path) {
    const UniqueFd folder{
        check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
              "open folder '",
              path,
              "'")};
    const std::optional<std::vector<std::string>> names = try_names_in(folder.get());
    if (names && !names->empty()) {
        throw Error{BRIG_CONFLICT,
                    joined("folder '", path, "' is not empty, so no volume is mounted on it"),
                    "move away what is in it"};
    }
}

}  // namespace

void make_folders(const std::string& path) {
    for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (::mkdir(part.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
            throw_errno(errno, joined("make folder '", part, "'"));
        }
        if (end == std::string::npos) {
            return;
        }
    }
}

void require_pool_responds(const std::string& pool) {
    if (os::pool_state(pool) == "SUSPENDED") {
        throw Error{BRIG_UNAVAILABLE,
                    joined("the pool '", pool, "' hangs: its devices do not answer"),
                    joined("mend them, then: zpool clear ", pool)};
    }
}

Volume::Volume(const sdk::Call& call, const sdk::Target& target, Place& place)
    : place_{&place},
      target_{&target},
      id_{target.object()},
      owner_{target.owner_tag()},
      dataset_{place.names.dataset(id_)},
      zfs_{call, place.names, place.modern} {
    require_pool_responds(place.names.pool());
}

void Volume::require_ours(const Dataset& found) const {
    const std::string owner = found.local(kOwner);
    if (owner.empty() || found.text("type") != "filesystem") {
        throw Error{BRIG_CONFLICT,
                    joined("dataset '", found.name, "' was not made by brig"),
                    "rename it, or choose another name"};
    }
    if (owner != owner_) {
        throw Error{
            BRIG_CONFLICT,
            joined("volume '", found.name, "' belongs to '", owner, "', not to '", owner_, "'")};
    }
}

std::optional<Dataset> Volume::find(const std::vector<std::string>& properties, Reach reach) {
    std::vector<std::string> all{"type", kOwner};
    all.insert(all.end(), properties.begin(), properties.end());
    const std::vector<Dataset> found = zfs_.get(all, {dataset_}, reach);
    const Dataset* dataset = find_dataset(found, dataset_);
    if (dataset == nullptr) {
        zfs_.require_pool();
        return std::nullopt;
    }
    require_ours(*dataset);
    return *dataset;
}

Dataset Volume::get(const std::vector<std::string>& properties, Reach reach) {
    std::optional<Dataset> found = find(properties, reach);
    if (!found) {
        throw Error{BRIG_NOT_FOUND, joined("there is no volume '", id_, "'")};
    }
    return *std::move(found);
}

std::string Volume::root(Role role) const {
    return joined(real_path(place_->folder), "/", dataset(role));
}

std::string Volume::make_folder() const {
    make_folders(place_->folder);
    std::string folder = joined(real_path(place_->folder), "/", place_->names.parent());
    make_folders(folder);
    make_private(folder);
    return folder;
}

std::optional<os::Mount> Volume::find_mount() const {
    const std::string path = root();
    std::optional<os::Mount> found;
    for (os::Mount& mount : os::mounts()) {
        const bool here = mount.path == path;
        const bool ours = mount.source == dataset_;
        if (here && !ours) {
            throw Error{BRIG_CONFLICT,
                        joined("'", mount.source, "' is mounted on '", path, "'"),
                        "unmount it, then try again"};
        }
        if (ours && !here) {
            throw Error{BRIG_CONFLICT,
                        joined("volume '", id_, "' is mounted on '", mount.path, "'"),
                        joined("unmount it there; its place is '", path, "'")};
        }
        if (ours) {
            found = std::move(mount);
        }
    }
    return found;
}

void Volume::mount_now(bool read_only) {
    static_cast<void>(make_folder());
    const std::string path = root();
    make_folders(path);
    require_empty(path);
    try {
        if (os::mount(dataset_, path, read_only)) {
            return;
        }
    } catch (const Error&) {
        zfs_.require_key(joined("mount volume '", id_, "'"));  // that is no "Permission denied"
        throw;
    }
    std::vector<std::string> arguments{"mount"};
    if (read_only) {
        arguments.insert(arguments.end(), {"-o", "ro"});
    }
    arguments.insert(arguments.end(), {"--", dataset_});
    const bool done = zfs_.run_unmounted(arguments);
    if (!find_mount()) {
        if (!done) {
            zfs_.explain(joined("mount volume '", id_, "'"));
        }
        throw Error{BRIG_UNAVAILABLE,
                    joined("volume '", id_, "' was mounted where this process cannot see it"),
                    "run brig and what serves ZFS in the same mount namespace"};
    }
}

void Volume::mount() {
    std::optional<os::Mount> mount = find_mount();
    if (mount && !mount->active && mount->read_only) {
        os::unmount(mount->path, false);  // left by look_into()
        mount.reset();
    }
    if (!mount) {
        mount_now(false);
    }
    if (!mount || !mount->active) {
        os::mark_active(root());
    }
}

void Volume::look_into() {
    if (!find_mount()) {
        mount_now(true);
    }
}

void Volume::leave() const {
    const std::optional<os::Mount> mount = find_mount();
    if (mount && !mount->active) {
        os::unmount(mount->path, true);
    }
}

void Volume::require_inactive() const {
    const std::optional<os::Mount> mount = find_mount();
    if (!mount) {
        return;
    }
    if (mount->active) {
        throw Error{
            BRIG_BUSY, joined("volume '", id_, "' is active"), "stop what uses it, then try again"};
    }
    os::unmount(mount->path, false);
}

void Volume::remove_folder(Role role) const noexcept {
    try {
        // What else it is, is not ours.
        static_cast<void>(::rmdir(root(role).c_str()));
    } catch (const std::bad_alloc&) {
        zfs_.call().debug("out of memory");
    }
}

}  // namespace brig::storage_zfs
