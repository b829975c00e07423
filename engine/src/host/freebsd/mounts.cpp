// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/mounts.hpp"

#include "host/freebsd/devfs_ruleset.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>

namespace brig::freebsd {

namespace {

[[noreturn]] void refuse_target(const Mount& mount, const std::string& why) {
    throw Error{
        ErrorCode::invalid_config,
        fmt::format("mount {} on '{}' of the container: {}", mount.type, mount.target, why)};
}

/// The components of a target, none of which may lead up.
std::vector<std::string> components_of(const Mount& mount) {
    std::vector<std::string> names;
    for (std::string& name : split(mount.target, '/')) {
        if (name == "..") {
            refuse_target(mount, "the path contains '..'");
        }
        if (!name.empty() && name != ".") {
            names.push_back(std::move(name));
        }
    }
    return names;
}

/// The directory `name` in `parent`, which is `path` on the host.
UniqueFd open_component(int parent,
                        const std::string& name,
                        const std::filesystem::path& path,
                        const Mount& mount) {
    UniqueFd directory{
        ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (directory) {
        return directory;
    }
    // open(2): EMLINK is this kernel's word for a symbolic link under O_NOFOLLOW.
    if (errno == EMLINK || errno == ELOOP) {
        refuse_target(mount, fmt::format("{} is a symbolic link", path.native()));
    }
    if (errno == ENOENT && mount.make_target) {
        check(::mkdirat(parent, name.c_str(), 0755), "make the mount point '{}'", path.native());
        return open_component(parent, name, path, mount);
    }
    if (errno == ENOENT) {
        refuse_target(mount, fmt::format("there is no directory {}", path.native()));
    }
    if (errno == ENOTDIR) {
        refuse_target(mount, fmt::format("{} is not a directory", path.native()));
    }
    check(-1, "open '{}'", path.native());
    return directory;
}

/// The target as a path on the host that was reached without a symbolic link. Nothing runs in the
/// root yet that could change it before the mount.
std::filesystem::path resolve_target(const std::filesystem::path& root, const Mount& mount) {
    std::filesystem::path path = std::filesystem::canonical(root);
    UniqueFd here{check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                        "open the root '{}'",
                        path.native())};
    for (const std::string& name : components_of(mount)) {
        path /= name;
        here = open_component(here.get(), name, path, mount);
    }
    return path;
}

/// nmount(2) calls everything that is not there an "Invalid fstype".
void require_source(const std::string& source) {
    struct stat status {};
    check(::stat(source.c_str(), &status), "find '{}' on the host", source);
    if (!S_ISDIR(status.st_mode)) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("'{}' is not a directory, and nullfs mounts nothing else", source)}
            .with_hint("mount the directory that it is in, or copy it into the image");
    }
}

/// nullfs takes every word and does nothing about those that it does not know: `r0` would be a
/// mount that can be written to.
void require_known_options(const Mount& mount) {
    // Of mount(8), mount_nullfs(8) and fstab(5), each also with `no`.
    constexpr std::array<std::string_view, 25> kKnown{
        "acls",       "async",     "atime",  "auto",     "automounted", "cache",  "clusterr",
        "clusterw",   "cover",     "dev",    "emptydir", "exec",        "failok", "late",
        "multilabel", "nfsv4acls", "rdonly", "ro",       "rw",          "suid",   "suiddir",
        "symfollow",  "sync",      "union",  "untrusted"};
    const auto is_known = [&](std::string_view word) {
        return std::find(kKnown.begin(), kKnown.end(), word) != kKnown.end();
    };
    for (const std::string& option : mount.options) {
        const bool negated =
            option.starts_with("no") && is_known(std::string_view{option}.substr(2));
        if (!negated && !is_known(option)) {
            refuse_target(mount, fmt::format("unknown option '{}'", option));
        }
    }
}

/// The arguments of nmount(2): pairs of name and value.
class MountArguments {
  public:
    void add(std::string name, std::optional<std::string> value) {
        push(texts_.emplace_back(std::move(name)));
        if (value) {
            push(texts_.emplace_back(std::move(*value)));
        } else {
            vectors_.push_back(iovec{nullptr, 0});
        }
    }

    /// "ruleset=4" or "ro"
    void add_option(const std::string& option) {
        const std::size_t equals = option.find('=');
        if (equals == std::string::npos) {
            add(option, std::nullopt);
        } else {
            add(option.substr(0, equals), option.substr(equals + 1));
        }
    }

    /// @throws Error with the kernel's own text where it has one.
    void mount_now(const std::string& attempt) {
        push(texts_.emplace_back("errmsg"));
        std::array<char, 256> message{};
        vectors_.push_back(iovec{message.data(), message.size() - 1});
        if (::nmount(vectors_.data(), static_cast<unsigned>(vectors_.size()), 0) == 0) {
            return;
        }
        const int error_number = errno;
        if (message.front() == '\0') {
            throw_system_error(error_number, attempt);
        }
        throw_system_error(error_number, fmt::format("{}: {}", attempt, message.data()));
    }

  private:
    void push(std::string& text) { vectors_.push_back(iovec{text.data(), text.size() + 1}); }

    std::deque<std::string> texts_;  ///< a deque: its elements stay where they are
    std::vector<iovec> vectors_;
};

/// Looks `target` up as the last component of a path. Mounting makes the name cache forget it, and
/// unionfs (13.2: unionfs_nodeget) finds the directory that is mounted on only so; any other lookup
/// gets a second one, in which nothing is mounted: /dev/null would not be there. What has been
/// found once, the name cache keeps.
void make_known(const std::filesystem::path& target) {
    struct stat status {};
    static_cast<void>(::lstat(target.c_str(), &status));
}

/// Everything that is mounted, the oldest first.
std::vector<struct statfs> list_mounts() {
    // A snapshot with room for what is mounted meanwhile.
    std::vector<struct statfs> mounts(
        static_cast<std::size_t>(check(::getfsstat(nullptr, 0, MNT_NOWAIT), "list the mounts"))
        + 16);
    const int count = check(
        ::getfsstat(
            mounts.data(), static_cast<long>(mounts.size() * sizeof(struct statfs)), MNT_NOWAIT),
        "list the mounts");
    mounts.resize(static_cast<std::size_t>(count));
    return mounts;
}

std::string_view target_of(const struct statfs& mount) {
    return static_cast<const char*>(mount.f_mntonname);
}

/// By its identity, not by its path: a container could have put a symbolic link on the way that
/// leads to a mount point of the host. False, with errno, when it cannot be.
bool unmount_one(const struct statfs& mount, unsigned long long flags) {
    const std::string identity =
        fmt::format("FSID:{}:{}", mount.f_fsid.val[0], mount.f_fsid.val[1]);
    return ::unmount(identity.c_str(), static_cast<int>(MNT_BYFSID | flags)) == 0
           || errno == ENOENT;
}

}  // namespace

std::filesystem::path mount(const std::filesystem::path& root,
                            const Mount& mount,
                            const std::function<void(const std::filesystem::path&)>& before) {
    std::filesystem::path target = resolve_target(root, mount);
    MountArguments arguments;
    arguments.add("fstype", mount.type);
    arguments.add("fspath", target.native());
    arguments.add("from", mount.source);
    if (mount.type == "nullfs") {
        require_source(mount.source);
        require_known_options(mount);
    }
    const bool devices = mount.type == "devfs";
    for (const std::string& option : devices ? devfs_options(mount.options) : mount.options) {
        arguments.add_option(option);
    }
    before(target);
    arguments.mount_now(fmt::format("mount {} on '{}'", mount.type, target.native()));
    make_known(target);
    return target;
}

void unmount(const std::filesystem::path& target) {
    const std::vector<struct statfs> mounts = list_mounts();
    const auto newest = std::find_if(mounts.rbegin(), mounts.rend(), [&](const struct statfs& m) {
        return target_of(m) == target.native();
    });
    if (newest == mounts.rend() || unmount_one(*newest, 0)) {
        return;
    }
    if (errno == EBUSY) {
        throw Error{ErrorCode::conflict,
                    fmt::format("unmount '{}': it is in use", target.native()),
                    std::error_code{EBUSY, std::generic_category()}}
            .with_hint(
                fmt::format("see who uses it with: fstat -f {}", shell_quote(target.native())));
    }
    check(-1, "unmount '{}'", target.native());
}

void unmount_all_below(const std::filesystem::path& root) {
    const std::string folder = root.native() + '/';
    const std::vector<struct statfs> mounts = list_mounts();
    for (auto mount = mounts.rbegin(); mount != mounts.rend(); ++mount) {
        if (target_of(*mount).starts_with(folder) && !unmount_one(*mount, MNT_FORCE)) {
            check(-1, "unmount '{}'", target_of(*mount));
        }
    }
}

}  // namespace brig::freebsd
