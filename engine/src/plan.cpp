// SPDX-License-Identifier: BSD-2-Clause
#include "plan.hpp"

#include "brig/driver.h"
#include "param_values.hpp"
#include "params/parse.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

/// The jail(8) command line with the same effect. path comes first, command last, as in its manual.
std::string jail_command(const Launch& launch, const std::string& root) {
    std::string line = "jail -c " + shell_quote("path=" + root) + " name=" + launch.id;
    for (const Param& param : launch.params) {
        for (const std::string& word : format_words(param)) {
            line += " " + shell_quote(word);
        }
    }
    line += " command=" + shell_quote(launch.command.front());
    for (std::size_t i = 1; i < launch.command.size(); ++i) {
        line += " " + shell_quote(launch.command[i]);
    }
    return line;
}

class Steps {
  public:
    explicit Steps(const Launch& launch) : launch_{launch} {}

    void add(std::string verb, std::string object) {
        steps_.push_back({std::move(verb), std::move(object)});
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

/// `exists`: a container that is kept has its volume already.
std::vector<Plan::Step> steps_of(const Launch& launch, bool exists) {
    Steps steps{launch};
    steps.add(exists ? "activate" : "provision",
              fmt::format("volume {} on storage '{}', a clone of image '{}' ({})",
                          launch.id,
                          launch.storage->name(),
                          launch.image.name,
                          launch.image.id));
    for (const Network* network : launch.networks) {
        steps.add("prepare", fmt::format("network '{}'", network->name()));
    }
    steps.add_hooks("exec.prepare");
    for (const Mount& mount : mounts_of(launch.params)) {
        const std::string options =
            mount.options.empty() ? "" : fmt::format(" ({})", join(mount.options, ","));
        steps.add("mount", fmt::format("{} at {}{}", mount.type, mount.target, options));
    }
    steps.add_hooks("exec.prestart");
    steps.add("create", fmt::format("jail '{}'", launch.id));
    for (const Network* network : launch.networks) {
        steps.add("attach", fmt::format("network '{}'", network->name()));
    }
    steps.add_hooks("exec.created");
    steps.add_hooks("exec.start");
    steps.add("run", join(launch.command, " "));
    steps.add_hooks("exec.poststart");
    return steps.take();
}

}  // namespace

Plan make_plan(const Context& context, const Launch& launch) {
    Plan plan;
    plan.id = launch.id;
    plan.name = launch.name;
    plan.image = launch.spec.image == launch.image.id ? launch.image.name : launch.spec.image;
    // The container's own root does not exist yet; the image's does, so the line works when pasted.
    DriverCall image = context.call_for(launch.image.id, launch.image.volume);
    image.flags = BRIG_F_DRY_RUN;
    plan.root = launch.storage->activate(image).root;
    for (const Network* network : launch.networks) {
        plan.networks.push_back(network->name());
    }
    plan.command = launch.command;
    plan.params = launch.params;
    Findings unsaid;  // there are none: the launch was resolved
    static_cast<void>(merge_params(launch.layers, context.catalogue, unsaid, &plan.shadowed));
    plan.steps = steps_of(launch, context.store.find_container_by_id(launch.id).has_value());
    plan.warnings = launch.warnings;
    plan.jail_command = jail_command(launch, plan.root);
    return plan;
}

}  // namespace brig
