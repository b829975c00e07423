// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/datasets.hpp"
#include "host/freebsd/devfs_ruleset.hpp"
#include "host/freebsd/facts.hpp"
#include "host/freebsd/interfaces.hpp"
#include "host/freebsd/jail_create.hpp"
#include "host/freebsd/jail_get.hpp"
#include "host/freebsd/jail_processes.hpp"
#include "host/freebsd/jail_remove.hpp"
#include "host/freebsd/jail_update.hpp"
#include "host/freebsd/kernel_params.hpp"
#include "host/freebsd/login_class.hpp"
#include "host/freebsd/mounts.hpp"
#include "host/freebsd/spawn.hpp"
#include "host/freebsd/terminal.hpp"
#include "host/host.hpp"
#include "support/check.hpp"
#include "support/open_inside_walk.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <utility>
#include <vector>

namespace brig {

namespace {

/// FreeBSD 13.2 and newer: libjail and the kernel's own jails, nmount(2), pdfork(2).
///
/// A process whose parent in a container has died goes to init(8), which reaps it at once. brig
/// does not become a reaper itself (procctl(2)): it would have to reap while it does other things,
/// and a zombie keeps a jail from going.
class FreebsdHost final : public Host {
  public:
    explicit FreebsdHost(Log log) : facts_{freebsd::read_facts()}, log_{std::move(log)} {}

    [[nodiscard]] const HostFacts& facts() const override { return facts_; }

    [[nodiscard]] const Catalogue& catalogue() const override { return catalogue_; }

    void require_privilege() const override { freebsd::require_privilege(); }

    [[nodiscard]] bool mounts_inside_jail() const noexcept override { return false; }

    std::filesystem::path mount(
        const std::filesystem::path& root,
        const Mount& mount,
        const std::function<void(const std::filesystem::path&)>& before) override {
        const std::filesystem::path target = freebsd::mount(root, mount, before);
        log_.debug("mounted {} on {}", mount.type, target.native());
        return target;
    }

    void unmount(const std::filesystem::path& target) override {
        log_.debug("unmounting {}", target.native());
        freebsd::unmount(target);
    }

    Jail create_jail(const JailRequest& request) override {
        freebsd::CreatedJail created = freebsd::create_jail(request);
        log_.debug("created jail {} '{}' at {}{}",
                   static_cast<int>(created.id),
                   request.name,
                   request.root.native(),
                   created.owner ? ", owned by this process" : "");
        owned_.insert_or_assign(request.name, std::move(created.owner));
        return Jail{created.id, request.name, request.root, request.folder};
    }

    [[nodiscard]] std::optional<Jail> find_jail(const std::string& name,
                                                const std::filesystem::path& folder) override {
        return freebsd::find_jail(name, folder);
    }

    [[nodiscard]] ParamList jail_params(const Jail& jail) override {
        return freebsd::jail_params(jail);
    }

    [[nodiscard]] Changeability changeability(const ParamList& /*live*/,
                                              std::string_view /*name*/) const override {
        return {};
    }

    void update_jail(const Jail& jail, const ParamList& changes) override {
        log_.debug("changing {} parameters of jail '{}'", changes.size(), jail.name);
        freebsd::update_jail(jail, changes);
    }

    bool signal_jail(const Jail& jail, int signal) override {
        bool any = false;
        for (const pid_t pid : freebsd::processes_in(freebsd::family_of(jail.name))) {
            if (::kill(pid, signal) == 0) {
                any = true;
            } else if (errno != ESRCH) {
                check(-1, "send signal {} to process {} of the jail '{}'", signal, pid, jail.name);
            }
        }
        return any;
    }

    bool signal_process(const Jail& jail, pid_t pid, int signal) override {
        const std::vector<pid_t> inside = freebsd::processes_in(freebsd::family_of(jail.name));
        if (std::find(inside.begin(), inside.end(), pid) == inside.end()) {
            return false;
        }
        const int sent = ::kill(pid, signal);
        if (sent != 0 && errno == ESRCH) {
            return false;
        }
        check(sent, "send signal {} to process {}", signal, pid);
        return true;
    }

    [[nodiscard]] bool has_processes(const Jail& jail) override {
        return !freebsd::processes_in(freebsd::family_of(jail.name)).empty();
    }

    void remove_jail(const std::string& name, const std::filesystem::path& /*folder*/) override {
        log_.debug("removing jail '{}'", name);
        freebsd::remove_jail(name);
        owned_.erase(name);
    }

    bool add_address(const InterfaceAddress& address,
                     const std::function<void()>& before) override {
        return freebsd::add_address(address, before);
    }

    void remove_address(const InterfaceAddress& address) override {
        freebsd::remove_address(address);
    }

    void lend_interface(const Jail& jail, const std::string& interface) override {
        freebsd::lend_interface(jail, interface);
    }

    void return_interface(const std::string& name,
                          const std::filesystem::path& folder,
                          const std::string& interface) override {
        if (const auto jail = freebsd::find_jail(name, folder)) {
            freebsd::return_interface(*jail, interface);
        }
    }

    void lend_dataset(const Jail& jail, const std::string& dataset) override {
        freebsd::lend_dataset(jail, dataset);
    }

    void return_dataset(const std::string& name, const std::string& dataset) override {
        if (const auto jail = freebsd::find_jail(name, {})) {
            freebsd::return_dataset(*jail, dataset, log_);
        }
    }

    std::unique_ptr<Process> spawn(const Jail& jail, const ProcessRequest& request) override {
        log_.debug("executing in jail '{}': {}", jail.name, join(request.argv, " "));
        return freebsd::spawn(jail, request);
    }

    std::unique_ptr<Process> spawn_on_host(const ProcessRequest& request) override {
        log_.debug("executing on the host: {}", join(request.argv, " "));
        return freebsd::spawn_on_host(request);
    }

    [[nodiscard]] std::optional<LoginClass> login_class(const Jail* jail,
                                                        const Credentials& user) override {
        return freebsd::login_class_of(user.of_host ? nullptr : jail, user);
    }

    Terminal open_terminal(const Jail& /*jail*/) override { return freebsd::open_terminal(); }

    [[nodiscard]] UniqueFd open_inside(const std::filesystem::path& root,
                                       const std::string& path,
                                       int flags) override {
        const UniqueFd directory{check(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                                       "open the root '{}'",
                                       root.native())};
        return open_inside_walk(directory.get(), path, flags);
    }

  private:
    HostFacts facts_;
    Log log_;
    freebsd::KernelCatalogue catalogue_;
    std::map<std::string, UniqueFd> owned_;  ///< see CreatedJail::owner
};

}  // namespace

std::unique_ptr<Host> make_host(const std::filesystem::path& /*libexec_dir*/, const Log& log) {
    return std::make_unique<FreebsdHost>(log);
}

}  // namespace brig
