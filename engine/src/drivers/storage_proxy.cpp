// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/storage_proxy.hpp"

#include "support/check.hpp"

#include <utility>

namespace brig {

StorageProxy::StorageProxy(std::unique_ptr<DriverInstance> instance)
    : instance_{std::move(instance)} {}

Operation StorageProxy::perform_with(const Step& step,
                                     const DriverCall& call,
                                     brig_op_arg* operation,
                                     const char* argument) {
    return instance_->perform(
        step, call, [operation, argument](brig_inst* inst, brig_call* raw, const brig_ref* ref) {
            return operation(inst, raw, ref, argument);
        });
}

ResultMap StorageProxy::provision(const DriverCall& call,
                                  const std::optional<std::string>& source) {
    return perform_with({"provisioning", OperationKind::inside},
                        call,
                        instance_->tables().storage.provision,
                        source ? source->c_str() : nullptr)
        .results;
}

ActiveVolume StorageProxy::activate(const DriverCall& call) {
    Operation done = instance_->perform(
        {"activating", OperationKind::set_up}, call, instance_->tables().storage.activate);
    std::filesystem::path root = done.results["root"];
    if (!root.is_absolute()) {
        throw Error{ErrorCode::bad_driver,
                    fmt::format("{} activated '{}' but gave '{}' as its root, which is not an "
                                "absolute path",
                                label(),
                                call.object,
                                root.native())}
            .with_hint("report it to the driver's author");
    }
    return {std::move(root), std::move(done.params), std::move(done.results)};
}

void StorageProxy::deactivate(const DriverCall& call) {
    instance_->perform(
        {"deactivating", OperationKind::removal}, call, instance_->tables().storage.deactivate);
}

void StorageProxy::destroy(const DriverCall& call) {
    const Operation done = instance_->perform(
        {"destroying", OperationKind::removal}, call, instance_->tables().storage.destroy);
    release_leases(done);
}

DriverCondition StorageProxy::check(const DriverCall& call) {
    return instance_->check(call, instance_->tables().storage.check);
}

void StorageProxy::snapshot(const DriverCall& call, const std::string& snapshot) {
    perform_with({"taking a snapshot of", OperationKind::inside},
                 call,
                 instance_->tables().storage.snapshot,
                 snapshot.c_str());
}

void StorageProxy::snapshot_destroy(const DriverCall& call, const std::string& snapshot) {
    perform_with({"forgetting a snapshot of", OperationKind::removal},
                 call,
                 instance_->tables().storage.snapshot_destroy,
                 snapshot.c_str());
}

void StorageProxy::rollback(const DriverCall& call, const std::string& snapshot) {
    perform_with({"rolling back", OperationKind::inside},
                 call,
                 instance_->tables().storage.rollback,
                 snapshot.c_str());
}

}  // namespace brig
