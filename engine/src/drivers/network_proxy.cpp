// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/network_proxy.hpp"

#include <utility>

namespace brig {

NetworkProxy::NetworkProxy(std::unique_ptr<DriverInstance> instance)
    : instance_{std::move(instance)} {}

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

void NetworkProxy::teardown(const DriverCall& call) {
    const Operation done = instance_->perform(
        {"tearing down", OperationKind::removal}, call, instance_->tables().network.teardown);
    release_leases(done);
}

DriverCondition NetworkProxy::check(const DriverCall& call) {
    return instance_->check(call, instance_->tables().network.check);
}

}  // namespace brig
