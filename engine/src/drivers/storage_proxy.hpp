// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_instance.hpp"
#include "drivers/storage.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// A configured storage, [storage.NAME]. See brig_storage_ops for what the operations mean.
/// Every one throws Error as DriverInstance::perform does.
class StorageProxy : public Storage {
  public:
    explicit StorageProxy(std::unique_ptr<DriverInstance> instance);

    [[nodiscard]] const std::string& name() const noexcept override { return instance_->name(); }
    [[nodiscard]] OptionMap options_for(const std::vector<std::string>& written,
                                        Findings& findings) const override;
    [[nodiscard]] const std::string& label() const noexcept { return instance_->label(); }
    [[nodiscard]] DriverInstance& instance() noexcept { return *instance_; }

    /// @param source "VOLUME@SNAPSHOT" to be cloned, or nothing for an empty volume
    ResultMap provision(const DriverCall& call, const std::optional<std::string>& source) override;

    /// @throws Error{bad_driver} when the driver gives no absolute path.
    [[nodiscard]] ActiveVolume activate(const DriverCall& call) override;

    void deactivate(const DriverCall& call) override;

    /// @throws Error{conflict} when the volume is active or something was cloned from it.
    void destroy(const DriverCall& call) override;

    [[nodiscard]] std::vector<ListedObject> list() override { return instance_->list(); }

    [[nodiscard]] DriverCondition check(const DriverCall& call) override;
    void snapshot(const DriverCall& call, const std::string& snapshot) override;
    void snapshot_destroy(const DriverCall& call, const std::string& snapshot) override;
    void rollback(const DriverCall& call, const std::string& snapshot) override;

    /// @throws Error{bad_driver} when the driver gives a time that is none.
    [[nodiscard]] std::vector<SnapshotInfo> snapshots(const DriverCall& call) override;
    [[nodiscard]] std::vector<PathChange> diff(const DriverCall& call,
                                               const std::optional<std::string>& since) override;
    [[nodiscard]] VolumeUsage usage(const DriverCall& call) override;

    [[nodiscard]] std::string stream_format() const override;
    void send(const DriverCall& call, const SnapshotStream& stream) override;
    void receive(const DriverCall& call, const SnapshotStream& stream) override;
    [[nodiscard]] std::optional<std::string> pending(const DriverCall& call) override;

  private:
    Operation perform_with(const Step& step,
                           const DriverCall& call,
                           brig_op_arg* operation,
                           const char* argument);
    void perform_stream(const Step& step,
                        const DriverCall& call,
                        brig_op_stream* operation,
                        const SnapshotStream& stream);
    [[noreturn]] void refuse_answer(std::string_view what, const std::string& answer) const;
    [[nodiscard]] std::uint64_t number(std::string_view what, const std::string& text) const;

    std::unique_ptr<DriverInstance> instance_;
};

}  // namespace brig
