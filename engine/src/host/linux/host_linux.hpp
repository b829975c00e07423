// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"
#include "host/jail_table.hpp"
#include "host/linux/address_programs.hpp"
#include "host/linux/control_client.hpp"
#include "host/linux/enforcement.hpp"
#include "host/linux/launch.hpp"
#include "host/linux/record.hpp"
#include "params/builtin_catalogue.hpp"

#include <map>
#include <optional>

namespace brig::host_linux {

/// Jails on Linux: namespaces around a small init (see init/main.cpp) that does in the jail what
/// the kernel does for a FreeBSD jail.
///
/// A jail belongs to the LinuxHost that created it and ends with it, however that ends; another
/// one, in any process, finds it by its run folder and may start commands in it or remove it.
class LinuxHost final : public Host {
  public:
    LinuxHost(const std::filesystem::path& libexec_dir, Log log);
    LinuxHost(const LinuxHost&) = delete;
    LinuxHost& operator=(const LinuxHost&) = delete;
    LinuxHost(LinuxHost&&) = delete;
    LinuxHost& operator=(LinuxHost&&) = delete;
    ~LinuxHost() override;

    [[nodiscard]] const HostFacts& facts() const override;
    [[nodiscard]] const Catalogue& catalogue() const override { return catalogue_; }
    void require_privilege() const override;

    [[nodiscard]] bool mounts_inside_jail() const noexcept override { return true; }

    void check_mount(const Mount& mount) const override;
    std::filesystem::path mount(
        const std::filesystem::path& root,
        const Mount& mount,
        const std::function<void(const std::filesystem::path&)>& before) override;
    void unmount(const std::filesystem::path& target) override;

    void prepare_jail(const std::string& name) override;
    Jail create_jail(const JailRequest& request) override;
    [[nodiscard]] std::optional<Jail> find_jail(const std::string& name,
                                                const std::filesystem::path& folder) override;
    [[nodiscard]] ParamList jail_params(const Jail& jail) override;
    [[nodiscard]] Changeability changeability(const ParamList& live,
                                              std::string_view name) const override;
    void update_jail(const Jail& jail, const ParamList& changes) override;
    bool signal_jail(const Jail& jail, int signal) override;
    bool signal_process(const Jail& jail, pid_t pid, int signal) override;
    [[nodiscard]] std::string network_namespace(const Jail& jail) const override;
    [[nodiscard]] bool has_processes(const Jail& jail) override;
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
    [[nodiscard]] UniqueFd open_inside(const std::filesystem::path& root,
                                       const std::string& path,
                                       int flags) override;

  private:
    /// An init that waits for its jail.
    struct PreparedJail {
        std::string name;
        InitProcess init;
    };

    [[nodiscard]] InitProcess take_prepared(const std::string& name);
    void end_prepared();

    /// Starts an init in a control group that restricts it, and all that it starts, to addresses.
    [[nodiscard]] InitProcess start_restricted(const JailRequest& request,
                                               const AddressRules& rules);

    /// All that there is to read of a jail.
    [[nodiscard]] ParamList view_of(JailState jail) const;

    /// @throws Error{unsupported} for a change that only a start can make.
    void check_changeable(const ParamList& live, const ParamList& changes) const;

    std::filesystem::path init_program_;
    Log log_;
    BuiltinCatalogue catalogue_{"linux", limit_to_linux};
    mutable std::optional<HostFacts> facts_;  ///< read when first asked for
    std::optional<PreparedJail> prepared_;
    std::map<std::string, InitProcess> jails_;
};

/// Connects to the init of `jail`. @throws Error{not_found} when the jail is gone.
[[nodiscard]] ControlClient connect_to(const Jail& jail);

/// What the jail's init keeps of it.
[[nodiscard]] JailRecord ask_record(const ControlClient& init);

}  // namespace brig::host_linux
