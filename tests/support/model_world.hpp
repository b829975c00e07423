// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/instances.hpp"
#include "host/host.hpp"
#include "params/builtin_catalogue.hpp"
#include "support/model_jails.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>

namespace brig::test {

/// What happens at the n-th point of a model world. Every effect has two points: right before it is
/// made, and right after.
struct Fault {
    enum class Kind {
        none,
        fail,
        crash
    };
    Kind kind = Kind::none;
    int at = 0;
};

/// A host, a storage and a network that exist only as files in a folder, so that an effect outlives
/// the process that made it and every process sees the same world. At a chosen point it fails, or
/// ends the process as SIGKILL would.
class ModelWorld {
  public:
    explicit ModelWorld(std::filesystem::path folder);

    void set_fault(Fault fault) {
        fault_ = fault;
        points_ = 0;
    }

    /// True when the fault came about.
    [[nodiscard]] bool fault_happened() const noexcept {
        return fault_.kind != Fault::Kind::none && points_ >= fault_.at;
    }

    /// Makes the effect `name`; there already is fine.
    void make(const std::string& name);

    /// Takes it away; absent is fine.
    void take(const std::string& name);

    [[nodiscard]] bool has(const std::string& name) const;

    /// Everything that is there.
    [[nodiscard]] std::set<std::string> effects() const;

    /// Adds a line to the record of what was run, and in which order.
    void log(const std::string& line);
    [[nodiscard]] std::string logged() const;

    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

    /// Where the fault may come about.
    void point();

    /// What its storage contributes to every container.
    std::vector<Contribution> storage_params;

  private:
    std::filesystem::path folder_;
    Fault fault_;
    int points_ = 0;
};

/// Jails, mounts and processes of a ModelWorld, with the kernel's refusals: a jail cannot be made
/// twice, nor on a root that is not there, a mount point that is in use cannot go, and what is for
/// creation only cannot be changed.
class ModelHost : public Host {
  public:
    explicit ModelHost(ModelWorld& world) : world_{world}, jails_{world.folder() / "jails"} {}

    /// Later calls come from a process in the jail called `name`, or from the host.
    void enter(const std::string& name);

    /// The jail called `name` stays, dying, when it is removed.
    void linger(const std::string& name) { jails_.linger(name); }

    /// Whether a jail called `name` is dying.
    [[nodiscard]] bool is_dying(const std::string& name) const { return jails_.is_dying(name); }

    /// jail_set(2) with JAIL_UPDATE, or with both flags.
    void set_jail(JailOperation operation, const ParamList& params);

    [[nodiscard]] const HostFacts& facts() const override { return facts_; }
    [[nodiscard]] const Catalogue& catalogue() const override { return catalogue_; }
    void require_privilege() const override {}
    [[nodiscard]] bool mounts_inside_jail() const noexcept override { return false; }
    std::filesystem::path mount(
        const std::filesystem::path& root,
        const Mount& mount,
        const std::function<void(const std::filesystem::path&)>& before) override;
    void unmount(const std::filesystem::path& target) override;
    Jail create_jail(const JailRequest& request) override;
    [[nodiscard]] std::optional<Jail> find_jail(const std::string& name,
                                                const std::filesystem::path& folder) override;
    [[nodiscard]] ParamList jail_params(const Jail& jail) override;
    [[nodiscard]] Changeability changeability(const ParamList& live,
                                              std::string_view name) const override;
    void update_jail(const Jail& jail, const ParamList& changes) override;
    bool signal_jail(const Jail& /*jail*/, int /*signal*/) override { return false; }
    bool signal_process(const Jail& /*jail*/, pid_t /*pid*/, int /*signal*/) override {
        return false;
    }
    [[nodiscard]] bool has_processes(const Jail& /*jail*/) override { return false; }
    void remove_jail(const std::string& name, const std::filesystem::path& folder) override;
    bool add_address(const InterfaceAddress& address, const std::function<void()>& before) override;
    void remove_address(const InterfaceAddress& address) override;
    void lend_interface(const Jail& jail, const std::string& interface) override;
    void return_interface(const std::string& name,
                          const std::filesystem::path& folder,
                          const std::string& interface) override;
    void lend_dataset(const Jail& jail, const std::string& dataset) override;
    void return_dataset(const std::string& name, const std::string& dataset) override;
    std::unique_ptr<Process> spawn(const Jail& jail, const ProcessRequest& request) override;
    std::unique_ptr<Process> spawn_on_host(const ProcessRequest& request) override;
    Terminal open_terminal(const Jail& jail) override;
    [[nodiscard]] UniqueFd open_inside(const std::filesystem::path& /*root*/,
                                       const std::string& /*path*/,
                                       int /*flags*/) override {
        return UniqueFd{};
    }

  private:
    ModelWorld& world_;
    ModelJails jails_;
    int caller_ = kHostJailId;
    HostFacts facts_{"model", "1", "boot"};
    BuiltinCatalogue catalogue_{Release::freebsd_15};
};

class ModelStorage : public Storage {
  public:
    explicit ModelStorage(ModelWorld& world) : world_{world} {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] OptionMap options_for(const std::vector<std::string>& /*written*/,
                                        Findings& /*findings*/) const override {
        return {};
    }
    ResultMap provision(const DriverCall& call, const std::optional<std::string>& source) override;
    [[nodiscard]] ActiveVolume activate(const DriverCall& call) override;
    void deactivate(const DriverCall& call) override;
    void destroy(const DriverCall& call) override;
    void snapshot(const DriverCall& call, const std::string& snapshot) override;
    void snapshot_destroy(const DriverCall& call, const std::string& snapshot) override;
    void rollback(const DriverCall& call, const std::string& snapshot) override;
    [[nodiscard]] DriverCondition check(const DriverCall& call) override;
    [[nodiscard]] std::vector<SnapshotInfo> snapshots(const DriverCall& call) override;
    [[nodiscard]] std::vector<PathChange> diff(const DriverCall& call,
                                               const std::optional<std::string>& since) override;
    [[nodiscard]] VolumeUsage usage(const DriverCall& call) override;
    [[nodiscard]] std::string stream_format() const override { return {}; }
    void send(const DriverCall& call, const SnapshotStream& stream) override;
    void receive(const DriverCall& call, const SnapshotStream& stream) override;
    [[nodiscard]] std::optional<std::string> pending(const DriverCall& call) override;
    [[nodiscard]] std::vector<ListedObject> list() override;

  private:
    ModelWorld& world_;
    std::string name_ = "model";
    std::map<std::string, std::string> tags_;  ///< of the volumes that this process made
};

/// "lan" is the host's stack, "vnet" one of the jail's own with an interface that the host lends
/// it.
class ModelNetwork : public Network {
  public:
    ModelNetwork(ModelWorld& world, std::string name) : world_{world}, name_{std::move(name)} {}

    [[nodiscard]] const std::string& name() const noexcept override { return name_; }
    [[nodiscard]] const NetworkTraits& traits() const noexcept override { return traits_; }
    [[nodiscard]] OptionMap options_for(const std::vector<std::string>& /*written*/,
                                        Findings& /*findings*/) const override {
        return {};
    }
    [[nodiscard]] bool has_option(const std::string& /*option*/) const override { return false; }
    [[nodiscard]] bool attaches_live() const override { return true; }
    [[nodiscard]] bool detaches() const override { return name_ == "vnet"; }
    [[nodiscard]] NetworkContribution prepare(const DriverCall& call) override;
    ResultMap attach(const DriverCall& call) override;
    void detach(const DriverCall& call) override;
    void teardown(const DriverCall& call) override;
    [[nodiscard]] DriverCondition check(const DriverCall& call) override;
    [[nodiscard]] bool has_shared() const override { return false; }
    void ensure_shared() override {}
    void remove_shared() override {}
    [[nodiscard]] DriverCondition check_shared() override { return DriverCondition::sound; }
    [[nodiscard]] std::vector<ListedObject> list() override { return {}; }

  private:
    ModelWorld& world_;
    std::string name_;
    NetworkTraits traits_;
};

class ModelInstances : public Instances {
  public:
    explicit ModelInstances(ModelWorld& world)
        : world_{world}, storage_{world}, lan_{world, "lan"}, vnet_{world, "vnet"} {}

    Storage& storage(const std::string& /*name*/) override { return storage_; }
    Network& network(const std::string& name) override { return name == "vnet" ? vnet_ : lan_; }
    std::optional<std::uint32_t> network_option_type(const std::string& /*driver*/,
                                                     const std::string& /*option*/) override {
        return std::nullopt;
    }
    std::unique_ptr<Network> open_network(const InstanceSettings& settings) override {
        return std::make_unique<ModelNetwork>(world_, settings.name);
    }

  private:
    ModelWorld& world_;
    ModelStorage storage_;
    ModelNetwork lan_;
    ModelNetwork vnet_;
};

}  // namespace brig::test
