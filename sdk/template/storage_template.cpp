// SPDX-License-Identifier: BSD-2-Clause
// Volumes as folders: PATH/VOLUME@TAG with root/ and snapshots/NAME/. Clones and snapshots are
// copies. What is half made or half removed has another name, so that a crash leaves either all of
// a volume or something that is seen to be none.
#include <brig/driver.hpp>

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace {

namespace fs = std::filesystem;
using namespace brig::sdk;  // NOLINT(google-build-using-namespace): a driver is one small file

[[noreturn]] void fail(const std::string& verb, const fs::path& path) {
    const int reason = errno;
    throw Error{reason == EACCES || reason == EPERM ? BRIG_PERMISSION
                : reason == ENOSPC                  ? BRIG_EXHAUSTED
                                                    : BRIG_INTERNAL,
                "cannot " + verb + " '" + path.string() + "': " + std::strerror(reason)};
}

bool is_there(const fs::path& path) {
    struct stat status {};
    return ::lstat(path.c_str(), &status) == 0;
}

void make_folder(const fs::path& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) < 0) {
        fail("make", path);
    }
}

void move(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) < 0) {
        fail("rename", from);
    }
}

int remove_one(const char* path, const struct stat* /*status*/, int /*type*/, FTW* /*place*/) {
    return std::remove(path);
}

// Follows no symbolic link, and stops at mount points. Nothing there is fine.
void remove_tree(const fs::path& path) {
    constexpr int kOpenFolders = 16;
    if (is_there(path)
        && ::nftw(path.c_str(), remove_one, kOpenFolders, FTW_PHYS | FTW_MOUNT | FTW_DEPTH) != 0) {
        fail("remove", path);
    }
}

class Storage final : public StorageDriver {
  public:
    static constexpr Option kOptions[] = {
        {.name = "path",
         .type = BRIG_T_PATH,
         .flags = BRIG_OPT_REQUIRED,
         .help = "An existing folder that holds the volumes, and nothing else.",
         .since = "0.1.0"},
    };
    static constexpr About kAbout{.name = "storage-template",
                                  .version = "0.1.0",
                                  .vendor = "you",
                                  .license = "BSD-2-Clause",
                                  .summary = "Volumes as folders that are copied",
                                  .platforms = "freebsd linux",
                                  .caps = BRIG_CAP_SNAPSHOT};

    Storage(Call& /*call*/, const std::string& /*name*/, const Options& config)
        : folder_{config.text("path")} {}

    // What bears a tag, half made or not.
    void list(Call& call) override {
        std::error_code absent;
        for (const auto& entry : fs::directory_iterator{folder_, absent}) {
            const std::string name = entry.path().filename().string();
            const std::size_t at = name.find('@');
            if (at == std::string::npos) {
                continue;  // not ours
            }
            const bool half = name.ends_with(kNew) || name.ends_with(kOld);
            const std::size_t end = name.size() - (half ? kNew.size() : 0);
            call.item(name.substr(at + 1, end - at - 1),
                      name.substr(0, at),
                      half ? "half made or half removed" : "");
        }
    }

    void provision(Call& call,
                   const Target& target,
                   std::optional<std::string_view> source) override {
        const fs::path volume = path_of(target);
        if (is_there(volume) || target.dry_run()) {
            return;
        }
        if (find(target.object())) {
            throw Error{BRIG_CONFLICT,
                        "there is another volume '" + target.object() + "' in '" + folder_.string()
                            + "', which is not this one"};
        }
        const fs::path half = with(volume, kNew);
        remove_tree(half);
        make_folder(half, 0700);
        if (source) {
            copy(call, find_snapshot(*source), half / "root");
        } else {
            make_folder(half / "root", 0755);
        }
        make_folder(half / "snapshots", 0700);
        move(half, volume);
    }

    std::string activate(Call& /*call*/, const Target& target) override {
        require(target);
        return path_of(target) / "root";
    }

    // Nothing is mounted.
    void deactivate(Call& /*call*/, const Target& /*target*/) override {}

    void destroy(Call& /*call*/, const Target& target) override {
        if (target.dry_run()) {
            return;
        }
        const fs::path volume = path_of(target);
        const fs::path half = with(volume, kOld);
        remove_tree(half);
        if (is_there(volume)) {
            move(volume, half);
        }
        remove_tree(half);
        remove_tree(with(volume, kNew));
    }

    Condition check(Call& /*call*/, const Target& target) override {
        const fs::path volume = path_of(target);
        if (is_there(volume / "root")) {
            return Condition::sound;
        }
        const bool half =
            is_there(volume) || is_there(with(volume, kNew)) || is_there(with(volume, kOld));
        return half ? Condition::drifted : Condition::absent;
    }

    void snapshot(Call& call, const Target& target, const std::string& name) override {
        require(target);
        const fs::path snapshot = path_of(target) / "snapshots" / name;
        if (!is_there(snapshot) && !target.dry_run()) {
            const fs::path half = with(snapshot, kNew);
            remove_tree(half);
            copy(call, path_of(target) / "root", half);
            move(half, snapshot);
        }
    }

    void snapshot_destroy(Call& /*call*/, const Target& target, const std::string& name) override {
        if (target.dry_run()) {
            return;
        }
        const fs::path snapshot = path_of(target) / "snapshots" / name;
        const fs::path half = with(snapshot, kOld);
        remove_tree(half);
        if (is_there(snapshot)) {
            move(snapshot, half);
        }
        remove_tree(half);
        remove_tree(with(snapshot, kNew));
    }

    // Newer snapshots are copies of their own, and stay.
    void rollback(Call& call, const Target& target, const std::string& name) override {
        require(target);
        const fs::path snapshot = path_of(target) / "snapshots" / name;
        if (!is_there(snapshot)) {
            throw Error{BRIG_NOT_FOUND, "there is no snapshot '" + name + "'"};
        }
        if (target.dry_run()) {
            return;
        }
        const fs::path root = path_of(target) / "root";
        remove_tree(with(root, kNew));
        copy(call, snapshot, with(root, kNew));
        remove_tree(with(root, kOld));
        if (is_there(root)) {
            move(root, with(root, kOld));
        }
        move(with(root, kNew), root);
        remove_tree(with(root, kOld));
    }

  private:
    static constexpr std::string_view kNew = "@new";
    static constexpr std::string_view kOld = "@old";

    static fs::path with(const fs::path& path, std::string_view ending) {
        return path.string() + std::string{ending};
    }

    // The tag is part of the name, so that no volume is ever without.
    [[nodiscard]] fs::path path_of(const Target& target) const {
        return folder_ / (target.object() + "@" + target.owner_tag());
    }

    // A volume of that name, whoever's it is.
    [[nodiscard]] std::optional<fs::path> find(const std::string& volume) const {
        std::error_code absent;
        for (const auto& entry : fs::directory_iterator{folder_, absent}) {
            const std::string name = entry.path().filename().string();
            if (name == volume
                || (name.starts_with(volume + "@") && !name.ends_with(kNew)
                    && !name.ends_with(kOld))) {
                return entry.path();
            }
        }
        return std::nullopt;
    }

    // "VOLUME@SNAPSHOT"
    [[nodiscard]] fs::path find_snapshot(std::string_view source) const {
        const std::size_t at = source.find('@');
        const auto volume = find(std::string{source.substr(0, at)});
        fs::path snapshot = volume.value_or(folder_) / "snapshots" / source.substr(at + 1);
        if (!volume || !is_there(snapshot)) {
            throw Error{BRIG_NOT_FOUND, "there is no '" + std::string{source} + "' to be cloned"};
        }
        return snapshot;
    }

    void require(const Target& target) const {
        if (!is_there(path_of(target)) && !target.dry_run()) {
            throw Error{BRIG_NOT_FOUND, "there is no volume '" + target.object() + "'"};
        }
    }

    static void copy(const Call& call, const fs::path& from, const fs::path& to) {
        call.stop_point();
        call.run_checked({"/bin/cp", "-a", from.string(), to.string()});
    }

    fs::path folder_;
};

}  // namespace

BRIG_SDK_DRIVER(Storage)
