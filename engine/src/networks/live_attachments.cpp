// SPDX-License-Identifier: BSD-2-Clause
#include "networks/live_attachments.hpp"

#include "brig/driver.h"
#include "networks/default_route.hpp"
#include "networks/names.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <algorithm>

namespace brig {

namespace {

constexpr const char* kLent = "vnet.interface";

std::vector<std::string> lent_interfaces(const std::vector<Contribution>& params) {
    std::vector<std::string> interfaces;
    for (const Contribution& param : params) {
        if (param.name == kLent) {
            interfaces.insert(interfaces.end(), param.values.begin(), param.values.end());
        }
    }
    return interfaces;
}

}  // namespace

DriverCall LiveAttachments::call_for(const RecordedAttachment& attachment) const {
    DriverCall call = call_for_recorded(context_, id_, attachment);
    Findings unsaid;  // they were right when the container was started
    call.options =
        context_.instances.network(attachment.network).options_for(attachment.written, unsaid);
    call.jail = run_.jail.id;
    call.netns = context_.host.network_namespace(run_.jail);
    call.root = run_.jail.root;
    return call;
}

void LiveAttachments::require_possible(const LaunchAttachment& added,
                                       const DriverCall& call) const {
    DriverCall asking = call;
    asking.flags |= BRIG_F_DRY_RUN;
    for (const Contribution& param : added.network->prepare(asking).params) {
        const Param* live = find_param(run_.params, param.name);
        const bool has_it = live != nullptr && live->values == param.values;
        if (param.name != kLent && !has_it) {
            throw Error{ErrorCode::conflict,
                        fmt::format("network '{}' needs {}={}, which the jail does not have and "
                                    "cannot get while it runs",
                                    added.network->name(),
                                    param.name,
                                    join(param.values, ","))}
                .with_hint("stop the container, connect it, and start it again");
        }
    }
}

void LiveAttachments::lend_interfaces(const std::vector<Contribution>& params) {
    for (const std::string& interface : lent_interfaces(params)) {
        run_.ledger.record(
            effect::kInterface, fmt::format("interface {}", interface), {{"interface", interface}});
        context_.host.lend_interface(run_.jail, interface);
    }
}

void LiveAttachments::return_interfaces(const std::vector<Contribution>& params) {
    for (const std::string& interface : lent_interfaces(params)) {
        context_.host.return_interface(id_, run_.jail.folder, interface);
    }
}

void LiveAttachments::add(const LaunchAttachment& added, bool ephemeral) {
    Network& network = *added.network;
    RecordedAttachment attachment{0, network.name(), added.written, ephemeral, {}};
    require_possible(added, call_for(attachment));
    const UniqueFd lock = context_.run.lock_networks(NetworkUse::attach);
    attachment.effect = record_attachment(run_.ledger, network.name(), added.written, ephemeral);
    try {
        const NetworkContribution contribution = network.prepare(call_for(attachment));
        run_.ledger.add_facts(attachment.effect, contribution.results);
        lend_interfaces(contribution.params);
        record_connection(run_.ledger, network);
        set_routes();
    } catch (const Error&) {
        remove(network.name());
        throw;
    }
}

void LiveAttachments::remove(const std::string& name) {
    Network& network = context_.instances.network(name);
    for (const RecordedAttachment& attachment : attachments_in(run_.ledger)) {
        if (attachment.network != name) {
            continue;
        }
        DriverCall call = call_for(attachment);
        call.flags |= BRIG_F_DRY_RUN;
        return_interfaces(network.prepare(call).params);
        call.flags = 0;
        if (network.detaches()) {
            network.detach(call);
        }
        network.teardown(call);
        give_back_leases(context_, id_, name);
        run_.ledger.forget(attachment.effect);
    }
    withdraw(context_, name, id_);
    if (!root_.empty()) {
        forget_names(context_, id_, root_);
    }
    for (const int effect : connections_in(run_.ledger, name)) {
        run_.ledger.forget(effect);
    }
    set_routes();
}

/// Every attachment learns whether it has a default route; the insides are set up on the way.
void LiveAttachments::set_routes() {
    const std::vector<RecordedAttachment> attachments = attachments_in(run_.ledger);
    std::vector<RouteCandidate> candidates;
    for (const RecordedAttachment& each : attachments) {
        candidates.push_back({&context_.instances.network(each.network), &each.results});
    }
    const std::vector<unsigned> routes = default_routes(candidates);
    for (std::size_t i = 0; i < attachments.size(); ++i) {
        if (candidates[i].network->attaches_live()) {
            set_up(attachments[i], routes[i]);
        }
    }
}

void LiveAttachments::set_up(const RecordedAttachment& attachment, unsigned flags) {
    DriverCall call = call_for(attachment);
    call.flags |= flags;
    run_.ledger.add_facts(attachment.effect,
                          context_.instances.network(attachment.network).attach(call));
}

std::vector<std::string> LiveAttachments::mend() {
    std::vector<std::string> mended;
    for (const RecordedAttachment& attachment : attachments_in(run_.ledger)) {
        Network& network = context_.instances.network(attachment.network);
        const DriverCondition found = network.check(call_for(attachment));
        if (found != DriverCondition::drifted && found != DriverCondition::absent) {
            continue;
        }
        DriverCall call = call_for(attachment);
        call.flags |= BRIG_F_RECOVERY;
        run_.ledger.add_facts(attachment.effect, network.prepare(call).results);
        mended.push_back(fmt::format("its attachment to network '{}'", attachment.network));
    }
    if (!mended.empty()) {
        set_routes();
    }
    return mended;
}

}  // namespace brig
