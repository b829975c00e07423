// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/storage_proxy.hpp"

#include "drivers/options.hpp"
#include "support/check.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

namespace brig {

StorageProxy::StorageProxy(std::unique_ptr<DriverInstance> instance)
    : instance_{std::move(instance)} {}

OptionMap StorageProxy::options_for(const std::vector<std::string>& written,
                                    Findings& findings) const {
    return resolve_written_options(written, instance_->tables().options(), label(), findings);
}

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

void StorageProxy::refuse_answer(std::string_view what, const std::string& answer) const {
    throw Error{ErrorCode::bad_driver, fmt::format("{} gave '{}' as {}", label(), answer, what)}
        .with_hint("report it to the driver's author");
}

std::uint64_t StorageProxy::number(std::string_view what, const std::string& text) const {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) {
        refuse_answer(what, text);
    }
    return number;
}

std::vector<SnapshotInfo> StorageProxy::snapshots(const DriverCall& call) {
    const Operation done = instance_->perform({"listing the snapshots of", OperationKind::inspect},
                                              call,
                                              instance_->tables().inspect.snapshots);
    std::vector<SnapshotInfo> found;
    for (const ListedObject& item : done.items) {
        const auto time = static_cast<std::time_t>(number("the time of a snapshot", item.note));
        found.push_back({item.id, std::chrono::system_clock::from_time_t(time)});
    }
    return found;
}

std::vector<PathChange> StorageProxy::diff(const DriverCall& call,
                                           const std::optional<std::string>& since) {
    const Operation done = perform_with({"comparing", OperationKind::inspect},
                                        call,
                                        instance_->tables().inspect.diff,
                                        since ? since->c_str() : nullptr);
    std::vector<PathChange> changes;
    for (const ListedObject& item : done.items) {
        const auto kind = parse_path_change(item.owner_tag);
        if (!kind || !item.id.starts_with('/')) {
            refuse_answer("what was changed", item.owner_tag + " " + item.id);
        }
        changes.push_back({*kind, item.id});
    }
    std::sort(changes.begin(), changes.end(), [](const PathChange& one, const PathChange& other) {
        return one.path < other.path;
    });
    return changes;
}

VolumeUsage StorageProxy::usage(const DriverCall& call) {
    Operation done = instance_->perform(
        {"measuring", OperationKind::inspect}, call, instance_->tables().inspect.usage);
    VolumeUsage usage;
    usage.used = number("the size of a volume", done.results["used"]);
    if (done.results.contains("limit")) {
        usage.limit = number("the limit of a volume", done.results["limit"]);
    }
    return usage;
}

std::string StorageProxy::stream_format() const {
    const char* format = instance_->tables().stream.format;
    return format == nullptr ? "" : format;
}

void StorageProxy::perform_stream(const Step& step,
                                  const DriverCall& call,
                                  brig_op_stream* operation,
                                  const SnapshotStream& stream) {
    const auto text = [](const std::string& value) {
        return value.empty() ? nullptr : value.c_str();
    };
    const brig_stream request{BRIG_HDR(brig_stream),
                              stream.snapshot.c_str(),
                              text(stream.base),
                              text(stream.token),
                              stream.fd,
                              stream.resumable ? std::uint32_t{BRIG_STREAM_RESUMABLE} : 0U};
    instance_->perform(step, call, [&](brig_inst* instance, brig_call* raw, const brig_ref* ref) {
        return operation(instance, raw, ref, &request);
    });
}

void StorageProxy::send(const DriverCall& call, const SnapshotStream& stream) {
    perform_stream(
        {"sending", OperationKind::query}, call, instance_->tables().stream.send, stream);
}

void StorageProxy::receive(const DriverCall& call, const SnapshotStream& stream) {
    perform_stream(
        {"receiving", OperationKind::inside}, call, instance_->tables().stream.receive, stream);
}

std::optional<std::string> StorageProxy::pending(const DriverCall& call) {
    try {
        Operation done =
            instance_->perform({"looking for what has arrived of", OperationKind::inspect},
                               call,
                               instance_->tables().stream.pending);
        return std::move(done.results["token"]);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::not_found || error.code() == ErrorCode::unsupported) {
            return std::nullopt;
        }
        throw;
    }
}

}  // namespace brig
