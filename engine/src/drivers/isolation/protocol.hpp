// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/tables.hpp"

#include <cstddef>
#include <cstdint>
#include <type_traits>

/// A driver in a process of its own.
///
///     engine                                       brig-driver-host
///       hello: who the engine is             ──>
///                                            <──  description: what the driver is; or refused
///       perform: an operation                ──>
///                                            <──  a service: what the driver asks for, any number
///       reply                                ──>   of times; some want no reply
///                                            <──  done: its status
///
/// One operation is under way at a time, and one service within it. Descriptors go along with the
/// messages that say so. What the engine reads may have been written by a driver that has gone
/// wild in the same process: it is read as if a stranger had sent it.
namespace brig::isolation {

/// From the engine.
enum class Request : std::int64_t {
    hello,
    open,
    perform,
    close,  ///< wants no answer
    reply
};

/// From the driver's process.
enum class Event : std::int64_t {
    description,
    refused,
    done,
    late,  ///< a thread called a service after its operation; wants no reply

    // Services, as in brig_host. The first three want no reply.
    log,
    fail,
    progress,
    cancelled,
    param,
    result,
    item,
    name,
    run,
    run_io,
    lease,
    unlease,
    state_put,
    state_get,
    state_del
};

/// What is performed on an instance.
enum class OperationId : std::int64_t {
    status,
    list,
    prepare,
    attach,
    teardown,
    check_network,
    detach,
    ensure_shared,
    remove_shared,
    check_shared,
    provision,
    activate,
    deactivate,
    destroy,
    check_storage,
    snapshot,
    snapshot_destroy,
    rollback,
    snapshots,
    diff,
    usage,
    send,
    receive,
    pending
};

template <OperationId kId>
using IdOf = std::integral_constant<OperationId, kId>;

/// Calls `visit(IdOf<…>{}, tables.….operation)` for each operation of both kinds.
template <typename Tables, typename Visit>
void for_each_operation(Tables& tables, Visit&& visit) {
    visit(IdOf<OperationId::status>{}, tables.base.status);
    visit(IdOf<OperationId::list>{}, tables.base.list);
    visit(IdOf<OperationId::prepare>{}, tables.network.prepare);
    visit(IdOf<OperationId::attach>{}, tables.network.attach);
    visit(IdOf<OperationId::teardown>{}, tables.network.teardown);
    visit(IdOf<OperationId::check_network>{}, tables.network.check);
    visit(IdOf<OperationId::detach>{}, tables.network.detach);
    visit(IdOf<OperationId::ensure_shared>{}, tables.shared.ensure);
    visit(IdOf<OperationId::remove_shared>{}, tables.shared.remove);
    visit(IdOf<OperationId::check_shared>{}, tables.shared.check);
    visit(IdOf<OperationId::provision>{}, tables.storage.provision);
    visit(IdOf<OperationId::activate>{}, tables.storage.activate);
    visit(IdOf<OperationId::deactivate>{}, tables.storage.deactivate);
    visit(IdOf<OperationId::destroy>{}, tables.storage.destroy);
    visit(IdOf<OperationId::check_storage>{}, tables.storage.check);
    visit(IdOf<OperationId::snapshot>{}, tables.storage.snapshot);
    visit(IdOf<OperationId::snapshot_destroy>{}, tables.storage.snapshot_destroy);
    visit(IdOf<OperationId::rollback>{}, tables.storage.rollback);
    visit(IdOf<OperationId::snapshots>{}, tables.inspect.snapshots);
    visit(IdOf<OperationId::diff>{}, tables.inspect.diff);
    visit(IdOf<OperationId::usage>{}, tables.inspect.usage);
    visit(IdOf<OperationId::send>{}, tables.stream.send);
    visit(IdOf<OperationId::receive>{}, tables.stream.receive);
    visit(IdOf<OperationId::pending>{}, tables.stream.pending);
}

/// The bit of an operation in the set of those that a driver has.
constexpr std::int64_t bit_of(OperationId id) noexcept {
    return std::int64_t{1} << static_cast<std::int64_t>(id);
}

/// The status of an `open` that succeeded but gave no instance.
constexpr brig_status kOpenedNothing = -1;

/// What of a program's output is passed on in one piece.
constexpr std::size_t kMostOutput = std::size_t{64} * 1024 * 1024;

/// The number under which brig-driver-host finds its socket.
constexpr int kSocketFd = 4;

}  // namespace brig::isolation
