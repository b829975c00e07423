// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/volume.hpp"
#include "drivers/driver_call.hpp"
#include "params/merge.hpp"
#include "support/findings.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// A volume that is usable.
struct ActiveVolume {
    std::filesystem::path root;  ///< absolute, on the host
    std::vector<Contribution> params;
    ResultMap results;
};

/// A configured storage, [storage.NAME], as the stories see it: a driver's (StorageProxy), or a
/// model in tests. See brig_storage_ops for what the operations mean. All are idempotent by
/// DriverCall::object; those that undo succeed when there is nothing to undo.
class Storage {
  public:
    Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    Storage(Storage&&) = delete;
    Storage& operator=(Storage&&) = delete;
    virtual ~Storage() = default;

    [[nodiscard]] virtual const std::string& name() const noexcept = 0;

    /// The options of its driver for one container or volume, from texts "NAME=VALUE"; what is
    /// wrong with them becomes findings.
    [[nodiscard]] virtual OptionMap options_for(const std::vector<std::string>& written,
                                                Findings& findings) const = 0;

    /// @param source "VOLUME@SNAPSHOT" to be cloned, or nothing for an empty volume
    virtual ResultMap provision(const DriverCall& call,
                                const std::optional<std::string>& source) = 0;

    /// Makes the volume usable. With BRIG_F_DRY_RUN only says where that would be.
    [[nodiscard]] virtual ActiveVolume activate(const DriverCall& call) = 0;

    virtual void deactivate(const DriverCall& call) = 0;

    /// @throws Error{conflict} when the volume is active or something was cloned from it.
    virtual void destroy(const DriverCall& call) = 0;

    /// By capability, as the next two: Error{unsupported} without.
    virtual void snapshot(const DriverCall& call, const std::string& snapshot) = 0;

    virtual void snapshot_destroy(const DriverCall& call, const std::string& snapshot) = 0;

    /// @throws Error{conflict} when the volume is active, or newer snapshots are in the way and
    ///         BRIG_F_FORCE is not set
    virtual void rollback(const DriverCall& call, const std::string& snapshot) = 0;

    [[nodiscard]] virtual DriverCondition check(const DriverCall& call) = 0;

    // Questions, by extension BRIG_STORAGE_INSPECT: Error{unsupported} without.

    /// The snapshots of a volume, the oldest first.
    [[nodiscard]] virtual std::vector<SnapshotInfo> snapshots(const DriverCall& call) = 0;

    /// What was changed since a snapshot of the volume, or since it was cloned.
    [[nodiscard]] virtual std::vector<PathChange> diff(const DriverCall& call,
                                                       const std::optional<std::string>& since) = 0;

    [[nodiscard]] virtual VolumeUsage usage(const DriverCall& call) = 0;

    // Streams, by extension BRIG_STORAGE_STREAM: Error{unsupported} without.

    /// The format of its streams ("zfs"); empty: it has none.
    [[nodiscard]] virtual std::string stream_format() const = 0;

    virtual void send(const DriverCall& call, const SnapshotStream& stream) = 0;

    virtual void receive(const DriverCall& call, const SnapshotStream& stream) = 0;

    /// What `send` needs to go on with a `receive` that broke off; nothing when none did.
    [[nodiscard]] virtual std::optional<std::string> pending(const DriverCall& call) = 0;

    /// Every volume that bears a tag of this engine, from the storage itself.
    [[nodiscard]] virtual std::vector<ListedObject> list() = 0;
};

}  // namespace brig
