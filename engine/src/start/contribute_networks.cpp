// SPDX-License-Identifier: BSD-2-Clause
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

Attachments contribute_networks(Context& context,
                                const Launch& launch,
                                const std::filesystem::path& root,
                                Ledger& ledger) {
    Attachments attachments;
    for (Network* network : launch.networks) {
        in_context(fmt::format("preparing network '{}'", network->name()), [&] {
            const int effect =
                ledger.record(effect::kAttachment,
                              fmt::format("attachment to network '{}'", network->name()),
                              {{"network", network->name()}});
            DriverCall call = context.call_for(launch.id, network->name());
            call.root = root;
            call.lock_fd = ledger.lock_fd();
            const NetworkContribution contribution = network->prepare(call);
            ledger.add_facts(effect, contribution.results);
            call.prior = contribution.results;
            attachments.calls.push_back(std::move(call));
            attachments.contributions.insert(attachments.contributions.end(),
                                             contribution.params.begin(),
                                             contribution.params.end());
        });
    }
    return attachments;
}

ParamList merge_final(Context& context,
                      const Launch& launch,
                      const ActiveVolume& volume,
                      const Attachments& attachments) {
    ParamLayers layers = launch.layers;
    layers.contributions = volume.params;
    layers.contributions.insert(layers.contributions.end(),
                                attachments.contributions.begin(),
                                attachments.contributions.end());
    Findings findings;
    ParamList params = merge_launch_params(context, layers, findings);
    findings.throw_if_any();
    return params;
}

void attach_networks(const Launch& launch, const Attachments& attachments, const Jail& jail) {
    for (std::size_t i = 0; i < launch.networks.size(); ++i) {
        in_context(fmt::format("attaching network '{}'", launch.networks[i]->name()), [&] {
            DriverCall call = attachments.calls[i];
            call.jail = jail.id;
            launch.networks[i]->attach(call);
        });
    }
}

}  // namespace brig
