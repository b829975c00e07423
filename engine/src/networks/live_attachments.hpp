// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "launch.hpp"
#include "networks/attachments.hpp"
#include "update/verbs.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace brig {

/// The attachments of a container that runs, as another process than its owner changes them: in its
/// ledger first, so that its end undoes whatever became of the change.
class LiveAttachments {
  public:
    /// @param root where its /etc/hosts is; empty: that is not ours
    LiveAttachments(Context& context, std::string id, LiveRun& run, std::filesystem::path root = {})
        : context_{context}, id_{std::move(id)}, root_{std::move(root)}, run_{run} {}

    /// Attaches it to a further network.
    /// @throws Error{conflict} when the network needs a parameter that the jail does not have
    void add(const LaunchAttachment& added, bool ephemeral);

    /// Detaches it, and gives back what it had there.
    void remove(const std::string& name);

    /// Sets up again what is not as it was; returns what.
    [[nodiscard]] std::vector<std::string> mend();

  private:
    [[nodiscard]] DriverCall call_for(const RecordedAttachment& attachment) const;
    void require_possible(const LaunchAttachment& added, const DriverCall& call) const;
    void lend_interfaces(const std::vector<Contribution>& params);
    void return_interfaces(const std::vector<Contribution>& params);
    void set_up(const RecordedAttachment& attachment, unsigned flags);
    void set_routes();

    Context& context_;
    std::string id_;
    std::filesystem::path root_;
    LiveRun& run_;
};

}  // namespace brig
