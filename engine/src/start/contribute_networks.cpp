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
            Subject subject{
                launch.id, network->name(), context.owner_tag(launch.id), root.native()};
            const Prepared prepared = network->prepare(subject);
            if (!prepared.results.empty()) {
                ledger.add_facts(effect, prepared.results);
            }
            subject.prior = prepared.results;
            attachments.subjects.push_back(std::move(subject));
            attachments.contributions.insert(attachments.contributions.end(),
                                             prepared.contributions.begin(),
                                             prepared.contributions.end());
        });
    }
    return attachments;
}

ParamList merge_final(Context& context, const Launch& launch, const Attachments& attachments) {
    ParamLayers layers = launch.layers;
    layers.contributions = attachments.contributions;
    Findings findings;
    ParamList params = merge_params(layers, context.catalogue, findings);
    findings.throw_if_any();
    return params;
}

void attach_networks(const Launch& launch, const Attachments& attachments, const Jail& jail) {
    for (std::size_t i = 0; i < launch.networks.size(); ++i) {
        in_context(fmt::format("attaching network '{}'", launch.networks[i]->name()), [&] {
            Subject subject = attachments.subjects[i];
            subject.jail = jail.id;
            launch.networks[i]->attach(subject);
        });
    }
}

}  // namespace brig
