// SPDX-License-Identifier: BSD-2-Clause
#include "update/verbs.hpp"

namespace brig {

namespace {

Change::Values values_of(const std::optional<std::string>& text) {
    return text ? std::vector{*text} : std::vector<std::string>{};
}

}  // namespace

std::vector<Change> compare_settings(const ContainerSpec& from, const ContainerSpec& to) {
    std::vector<Change> changes;
    const auto add = [&](const char* name, Change::Values old_values, Change::Values new_values) {
        if (old_values != new_values) {
            Change change;
            change.name = name;
            change.is_setting = true;
            change.old_values = std::move(old_values);
            change.new_values = std::move(new_values);
            change.reason = "takes effect when it is started again";
            changes.push_back(std::move(change));
        }
    };
    add("command", from.command, to.command);
    add("user", values_of(from.user), values_of(to.user));
    add("workdir", values_of(from.workdir), values_of(to.workdir));
    add("networks", from.networks, to.networks);
    add("published ports", from.publish, to.publish);
    add("storage options", from.storage_options, to.storage_options);
    return changes;
}

}  // namespace brig
