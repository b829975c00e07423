// SPDX-License-Identifier: BSD-2-Clause
#include "param_values.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

std::vector<Mount> mount_file_systems(Context& context,
                                      const ParamList& params,
                                      const std::filesystem::path& root,
                                      Ledger& ledger) {
    std::vector<Mount> mounts = mounts_of(params, root);
    if (context.host.mounts_inside_jail()) {
        return mounts;
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
    return mounts;
}

}  // namespace brig
