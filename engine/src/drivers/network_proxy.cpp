// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/network_proxy.hpp"

#include "drivers/options.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace brig {

NetworkProxy::NetworkProxy(std::unique_ptr<DriverInstance> instance, NetworkTraits traits)
    : instance_{std::move(instance)}, traits_{std::move(traits)} {}

OptionMap NetworkProxy::options_for(const std::vector<std::string>& written,
                                    Findings& findings) const {
    return resolve_written_options(written, instance_->tables().options(), label(), findings);
}

bool NetworkProxy::has_option(const std::string& option) const {
    const auto rows = instance_->tables().options();
    return std::any_of(rows.begin(), rows.end(), [&](const brig_option& row) {
        return std::string_view{row.name} == option && (row.flags & BRIG_OPT_PER_CONTAINER) != 0;
    });
}

bool NetworkProxy::attaches_live() const {
    return (instance_->tables().driver.caps & BRIG_CAP_LIVE_ATTACH) != 0;
}

NetworkContribution NetworkProxy::prepare(const DriverCall& call) {
    Operation done = instance_->perform(
        {"preparing", OperationKind::set_up}, call, instance_->tables().network.prepare);
    return {std::move(done.params), std::move(done.results)};
}

ResultMap NetworkProxy::attach(const DriverCall& call) {
    return instance_
        ->perform({"attaching", OperationKind::inside}, call, instance_->tables().network.attach)
        .results;
}

bool NetworkProxy::detaches() const {
    return instance_->tables().network.detach != nullptr;
}

void NetworkProxy::detach(const DriverCall& call) {
    instance_->perform(
        {"detaching", OperationKind::removal}, call, instance_->tables().network.detach);
}

void NetworkProxy::teardown(const DriverCall& call) {
    const Operation done = instance_->perform(
        {"tearing down", OperationKind::removal}, call, instance_->tables().network.teardown);
    release_leases(done);
}

DriverCondition NetworkProxy::check(const DriverCall& call) {
    return instance_->check(call, instance_->tables().network.check);
}

bool NetworkProxy::has_shared() const {
    return instance_->tables().has_shared;
}

DriverCall NetworkProxy::call_for_shared() const {
    DriverCall call;
    call.object = name();
    call.owner_tag = instance_tag(instance_->host().services().engine_id, name());
    return call;
}

void NetworkProxy::ensure_shared() {
    instance_->perform({"setting up", OperationKind::inside},
                       call_for_shared(),
                       instance_->tables().shared.ensure);
}

void NetworkProxy::remove_shared() {
    instance_->perform({"removing what is shared of", OperationKind::removal},
                       call_for_shared(),
                       instance_->tables().shared.remove);
}

DriverCondition NetworkProxy::check_shared() {
    return instance_->check(call_for_shared(), instance_->tables().shared.check);
}

}  // namespace brig
