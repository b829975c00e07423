// SPDX-License-Identifier: BSD-2-Clause
#include "fstab.hpp"
#include "param_values.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "volumes/use_volume.hpp"

namespace brig {

namespace {

/// The directory that a volume is to be mounted on, to populate it from; empty when the root has
/// none there, or one that is reached through a symbolic link, which the mount will refuse.
std::filesystem::path directory_below(const std::filesystem::path& root,
                                      const std::string& target) {
    std::error_code error;
    const std::filesystem::path real_root = std::filesystem::canonical(root, error);
    std::filesystem::path path = real_root.native() + target;
    const std::filesystem::path real = std::filesystem::canonical(path, error);
    const bool is_plain =
        !error && real == path.lexically_normal() && std::filesystem::is_directory(real, error);
    return is_plain ? real : std::filesystem::path{};
}

/// Takes `option` off the mount's; false when it was not there.
bool take_option(Mount& mount, const std::string& option) {
    return std::erase(mount.options, option) > 0;
}

}  // namespace

std::vector<Mount> use_volumes(Context& context,
                               const Launch& launch,
                               const ParamList& params,
                               const std::filesystem::path& root,
                               Ledger& ledger) {
    std::vector<Mount> mounts = mounts_of(params, root);
    for (Mount& mount : mounts) {
        mount.make_target = launch.spec.root.empty();
        if (mount.type != kVolumeMount) {
            continue;
        }
        const bool populate = take_option(mount, kPopulate);
        mount.source = in_context(fmt::format("using volume '{}'", mount.source), [&] {
            const VolumeInfo volume = require_volume(context.store, mount.source);
            return use_volume(
                context,
                launch.id,
                {volume, populate ? directory_below(root, mount.target) : std::filesystem::path{}},
                ledger);
        });
        mount.type = "nullfs";
    }
    return mounts;
}

}  // namespace brig
