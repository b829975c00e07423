// SPDX-License-Identifier: BSD-2-Clause
#include "plan.hpp"

#include "brig/driver.h"
#include "define.hpp"
#include "param_values.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

class Steps {
  public:
    explicit Steps(const Launch& launch) : launch_{launch} {}

    void add(std::string verb, std::string object) {
        steps_.push_back({std::move(verb), std::move(object)});
    }

    /// One step for each value of a list.
    void add_each(const std::string& verb, const char* noun, std::string_view param) {
        for (const std::string& value : param_list(launch_.params, param)) {
            add(verb, fmt::format("{} '{}'", noun, value));
        }
    }

    void add_hooks(const char* param) {
        for (const std::string& command : param_list(launch_.params, param)) {
            if (!command.empty()) {
                add(param, command);
            }
        }
    }

    std::vector<Plan::Step> take() { return std::move(steps_); }

  private:
    const Launch& launch_;
    std::vector<Plan::Step> steps_;
};

/// The network, and what the container gets there.
std::string describe(const LaunchAttachment& attachment) {
    std::vector<std::string> gets;
    for (const auto& [key, word] : {std::pair{"ip4", ""},
                                    std::pair{"ip6", ""},
                                    std::pair{"mac", "mac "},
                                    std::pair{"host_interface", "interface "},
                                    std::pair{"published", "ports "}}) {
        const auto result = attachment.expected.find(key);
        if (result != attachment.expected.end()) {
            gets.push_back(word + result->second);
        }
    }
    return fmt::format(
        "network '{}'{}", attachment.network->name(), gets.empty() ? "" : ": " + join(gets, ", "));
}

/// `exists`: a container that is kept has its volume already.
std::vector<Plan::Step> steps_of(const Launch& launch, bool exists) {
    Steps steps{launch};
    steps.add_each("require", "container", "depend");
    if (launch.storage != nullptr) {
        steps.add(exists ? "activate" : "provision",
                  fmt::format("volume {} on storage '{}', a clone of image '{}' ({})",
                              launch.id,
                              launch.storage->name(),
                              launch.image.name,
                              launch.image.id));
    } else {
        steps.add("use", fmt::format("root '{}', which is there already", launch.spec.root));
    }
    for (const LaunchAttachment& each : launch.attachments) {
        steps.add("prepare", describe(each));
    }
    steps.add_hooks("exec.prepare");
    for (const InterfaceAddress& each : interface_addresses(launch.params)) {
        steps.add("add",
                  fmt::format("address {}/{} to interface '{}'",
                              each.address.to_string(),
                              each.prefix,
                              each.interface));
    }
    for (const Mount& mount : mounts_of(launch.params, launch.spec.root)) {
        const std::string options =
            mount.options.empty() ? "" : fmt::format(" ({})", join(mount.options, ","));
        steps.add("mount", fmt::format("{} at {}{}", mount.type, mount.target, options));
    }
    steps.add_hooks("exec.prestart");
    steps.add("create", fmt::format("jail '{}'", launch.id));
    steps.add_hooks("exec.created");
    steps.add_each("lend", "dataset", "zfs.dataset");
    steps.add_each("lend", "interface", "vnet.interface");
    for (const LaunchAttachment& each : launch.attachments) {
        steps.add("attach", fmt::format("network '{}'", each.network->name()));
    }
    steps.add_hooks("exec.start");
    steps.add("run", join(launch.command, " "));
    steps.add_hooks("exec.poststart");
    return steps.take();
}

/// The container's own root does not exist yet; the image's does, so the line works when pasted.
std::string root_of_image(const Context& context, const Launch& launch) {
    DriverCall image = context.call_for(launch.image.id, launch.image.volume);
    image.flags = BRIG_F_DRY_RUN;
    return launch.storage->activate(image).root;
}

/// What the storage would contribute, as the networks' is there already: a storage says so of a
/// volume that is not there yet, or does not know it.
void contribute_storage_dry(const Context& context, Launch& launch) {
    if (launch.storage == nullptr) {
        return;
    }
    DriverCall volume = context.call_for(launch.id, launch.id, launch.spec.ephemeral);
    volume.options = launch.storage_options;
    volume.flags = BRIG_F_DRY_RUN;
    std::vector<Contribution> params;
    try {
        params = launch.storage->activate(volume).params;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found) {
            throw;
        }
    }
    if (params.empty()) {
        return;  // merging again may mean looking up a host name again
    }
    launch.layers.contributions.insert(
        launch.layers.contributions.begin(), params.begin(), params.end());
    Findings findings;
    launch.params = merge_launch_params(context, launch.layers, findings);
    findings.throw_if_any();
}

}  // namespace

Plan make_plan(const Context& context, Launch launch) {
    contribute_storage_dry(context, launch);
    Plan plan;
    plan.id = launch.id;
    plan.name = launch.name;
    plan.image = launch.spec.image == launch.image.id ? launch.image.name : launch.spec.image;
    plan.root = launch.spec.root.empty() ? root_of_image(context, launch) : launch.spec.root;
    for (const LaunchAttachment& each : launch.attachments) {
        plan.networks.push_back(each.network->name());
    }
    plan.command = launch.command;
    plan.params = launch.params;
    Findings unsaid;  // there are none: the launch was resolved
    static_cast<void>(merge_params(launch.layers, context.catalogue, unsaid, &plan.shadowed));
    plan.steps = steps_of(launch, context.store.find_container_by_id(launch.id).has_value());
    plan.warnings = launch.warnings;
    ContainerDefinition definition = define(context, launch, plan.root);
    // What jail(8) is to run has the name that brig gives the jail.
    definition.spec.name.clear();
    plan.jail_command = format_jail_command(definition);
    return plan;
}

}  // namespace brig
