// SPDX-License-Identifier: BSD-2-Clause
#include "networks/attachments.hpp"
#include "networks/default_route.hpp"
#include "start/verbs.hpp"

#include <algorithm>

namespace brig {

namespace {

/// Held while what is shared of a network is relied on: it must not be removed meanwhile.
UniqueFd lock_shared(const Context& context, const Launch& launch) {
    const bool any = std::any_of(
        launch.attachments.begin(), launch.attachments.end(), [](const LaunchAttachment& each) {
            return each.network->has_shared();
        });
    return any ? context.run.lock_networks(NetworkUse::attach) : UniqueFd{};
}

}  // namespace

Attachments contribute_networks(Context& context,
                                const Launch& launch,
                                const std::filesystem::path& root,
                                Ledger& ledger) {
    Attachments attachments;
    const UniqueFd lock = lock_shared(context, launch);
    for (const LaunchAttachment& each : launch.attachments) {
        attachments.effects.push_back(
            record_attachment(ledger, each.network->name(), each.written, launch.spec.ephemeral));
        DriverCall call = call_for_attachment(context, launch, each);
        call.root = root;
        call.lock_fd = ledger.lock_fd();
        const NetworkContribution contribution = each.network->prepare(call);
        ledger.add_facts(attachments.effects.back(), contribution.results);
        call.prior = contribution.results;
        attachments.calls.push_back(std::move(call));
        attachments.contributions.insert(attachments.contributions.end(),
                                         contribution.params.begin(),
                                         contribution.params.end());
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

void attach_networks(Context& context,
                     const Launch& launch,
                     const Attachments& attachments,
                     const Jail& jail,
                     Ledger& ledger) {
    std::vector<RouteCandidate> candidates;
    for (std::size_t i = 0; i < launch.attachments.size(); ++i) {
        candidates.push_back({launch.attachments[i].network, &attachments.calls[i].prior});
    }
    const std::vector<unsigned> routes = default_routes(candidates);
    for (std::size_t i = 0; i < launch.attachments.size(); ++i) {
        Network& network = *launch.attachments[i].network;
        DriverCall call = attachments.calls[i];
        call.jail = jail.id;
        call.netns = context.host.network_namespace(jail);
        call.flags |= routes[i];
        record_connection(ledger, network);
        ledger.add_facts(attachments.effects[i], network.attach(call));
    }
}

}  // namespace brig
