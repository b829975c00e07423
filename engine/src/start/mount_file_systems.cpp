// SPDX-License-Identifier: BSD-2-Clause
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

void mount_file_systems(Context& context,
                        const std::vector<Mount>& mounts,
                        const std::filesystem::path& root,
                        Ledger& ledger) {
    if (context.host.mounts_inside_jail()) {
        return;
    }
    for (const Mount& mount : mounts) {
        const auto record = [&](const std::filesystem::path& target) {
            ledger.record(effect::kMount,
                          fmt::format("{} on {}", mount.type, target.native()),
                          {{"target", target.native()}});
        };
        in_context(fmt::format("mounting {} at {}", mount.type, mount.target),
                   [&] { context.host.mount(root, mount, record); });
    }
}

}  // namespace brig
