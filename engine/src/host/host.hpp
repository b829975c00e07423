// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/update.hpp"
#include "params/catalogue.hpp"
#include "support/ip_address.hpp"
#include "support/log.hpp"
#include "support/unique_resource.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The operating system as an interface: jails, mounts and processes. The only door to the kernel
/// (invariant 7 of docs/architecture.md). Implementations: host/linux, host/freebsd, and
/// tests/support/model_host.hpp with the kernel's refusals, for fault injection.
///
/// Every function throws Error with what was attempted, on what, and the kernel's reason. Undoing
/// calls (`unmount`, `remove_jail`) succeed when there is nothing to undo. One thread at a time.
namespace brig {

/// What the engine asks of a host before it does anything.
struct HostFacts {
    std::string platform;  ///< "linux" or "freebsd"
    std::string release;   ///< "6.1.0", "13.2-RELEASE"
    std::string boot_id;   ///< differs after a reboot
};

/// One file system to be mounted for a container.
struct Mount {
    std::string type;    ///< jail(8)'s word: "devfs", "procfs", "fdescfs", "nullfs", "tmpfs"
    std::string source;  ///< nullfs: the directory or file on the host; else ignored
    std::string target;  ///< absolute inside the root: "/dev". Resolved inside the root
    std::vector<std::string> options;  ///< "ro", "ruleset=4", …
    bool make_target = false;  ///< what is missing of the target is made: directories, or an empty
                               ///< file where the source is a file
};

/// An address of an interface of the host.
struct InterfaceAddress {
    std::string interface;
    IpAddress address;
    unsigned prefix = 0;
};

/// Everything it takes to create a jail.
struct JailRequest {
    std::string name;            ///< the container's id
    std::filesystem::path root;  ///< the container's root on the host
    ParamList params;           ///< merged; only those with ParamPerformer::kernel concern the host
    std::vector<Mount> mounts;  ///< performed here if mounts_inside_jail(), else already done
    std::filesystem::path
        folder;        ///< the container's run folder; the host may keep files in `jail/`
    int lock_fd = -1;  ///< kept open by the jail's own first process, where there is one, so
                       ///< that the container stays locked until the jail is really gone
};

/// A jail that exists.
struct Jail {
    JailId id{};
    std::string name;
    std::filesystem::path root;
    std::filesystem::path folder;  ///< as in JailRequest; empty if unknown
};

/// Whether, and why not, a jail that exists can be given another value of a parameter.
struct Changeability {
    ChangeTime when = ChangeTime::now;
    std::string reason;
};

/// The identity a process gets. Names have been resolved (see process/user.hpp).
struct Credentials {
    std::string user = "root";
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< supplementary
    std::string home = "/";
    std::string shell = "/bin/sh";
    bool of_host = false;  ///< found in the host's files, whose login class counts then
};

/// What login.conf(5) gives the processes of a user besides variables. FreeBSD only.
struct LoginClass {
    struct Limit {
        int resource = 0;  ///< as for setrlimit(2)
        std::uint64_t soft = 0;
        std::uint64_t hard = 0;
    };

    std::string name;
    std::vector<std::string> environment;  ///< "NAME=value"
    std::vector<Limit> limits;
    mode_t umask = 022;
    int priority = 0;  ///< as for setpriority(2)
};

/// The three descriptors a process starts with; -1 is /dev/null. Borrowed until spawn returns.
struct ProcessStdio {
    int in = -1;
    int out = -1;
    int err = -1;
    bool controlling_terminal = false;  ///< `in` is a terminal: new session, and make it its own
};

/// A command to be executed, in a jail or on the host. No shell is involved.
struct ProcessRequest {
    std::vector<std::string> argv;         ///< argv[0] is looked up in PATH of `environment`
    std::vector<std::string> environment;  ///< "NAME=value"
    std::string workdir = "/";             ///< inside the jail; missing: error
    Credentials credentials;
    ProcessStdio stdio;
    std::optional<int> fib;                 ///< exec.fib; FreeBSD only
    std::optional<LoginClass> login_class;  ///< its variables are in `environment`
};

/// A process that was spawned and has not been waited for. Destroying it does not end it.
class Process {
  public:
    Process() = default;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    Process(Process&&) = delete;
    Process& operator=(Process&&) = delete;
    virtual ~Process() = default;

    /// Its pid on the host.
    [[nodiscard]] virtual pid_t pid() const noexcept = 0;

    /// A descriptor that becomes readable when the process has ended; for poll(2).
    [[nodiscard]] virtual int exit_fd() const noexcept = 0;

    /// Sends a signal; nothing happens when it has ended already.
    virtual void signal(int number) = 0;

    /// The same to its process group, which it leads; what it started is in it, unless that left.
    /// To be called before `wait`.
    virtual void signal_group(int number) = 0;

    /// Waits until it has ended. May be called again and then returns the same.
    virtual ExitStatus wait() = 0;
};

/// Both ends of a pseudo-terminal.
struct Terminal {
    UniqueFd master;
    UniqueFd slave;
};

class Host {
  public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    Host(Host&&) = delete;
    Host& operator=(Host&&) = delete;
    virtual ~Host() = default;

    [[nodiscard]] virtual const HostFacts& facts() const = 0;

    /// The parameters of this host's kernel, and those that the engine performs.
    [[nodiscard]] virtual const Catalogue& catalogue() const = 0;

    /// @throws Error{permission} that names the missing privilege and how to get it, when jails
    ///         cannot be made here (not root, namespaces forbidden, jailed without children.max).
    virtual void require_privilege() const = 0;

    // Mounts in the engine's own view of the file system.

    /// Linux: a jail's mounts live in its own mount namespace and go with it; `mount` is not called
    /// for devfs, procfs, … and JailRequest::mounts is used instead.
    [[nodiscard]] virtual bool mounts_inside_jail() const noexcept = 0;

    /// @throws Error{unsupported} when this host has no such file system or option, which is known
    ///         before anything is done.
    virtual void check_mount(const Mount& mount) const { static_cast<void>(mount); }

    /// Mounts at `mount.target` inside `root`; the target must be reached without a symbolic link.
    /// Returns the resolved path on the host, which is what `unmount`
    /// takes. `before` is called with that path when all has been checked, right before the effect,
    /// so that the ledger knows of it first.
    virtual std::filesystem::path mount(
        const std::filesystem::path& root,
        const Mount& mount,
        const std::function<void(const std::filesystem::path&)>& before) = 0;

    /// Unmounts what is mounted at `target` on the host; nothing there is fine.
    virtual void unmount(const std::filesystem::path& target) = 0;

    // Jails.

    /// Says that a jail called `name` will probably be created soon. A host that can begin with
    /// what every jail needs does so, beside whatever else the engine has to do first, and
    /// create_jail() goes on from there. Never fails; what it began ends with this object.
    virtual void prepare_jail(const std::string& name) { static_cast<void>(name); }

    /// Creates a persistent jail without processes of the user.
    virtual Jail create_jail(const JailRequest& request) = 0;

    /// The jail called `name`, if it exists and is not dying. `folder` is the container's run
    /// folder.
    [[nodiscard]] virtual std::optional<Jail> find_jail(const std::string& name,
                                                        const std::filesystem::path& folder) = 0;

    /// Linux: the path of the jail's network namespace, as long as the jail is there. Empty where
    /// the jail's id is all that is needed.
    [[nodiscard]] virtual std::string network_namespace(const Jail& jail) const {
        static_cast<void>(jail);
        return {};
    }

    /// The jail's own view of its parameters, as jail_get(2) would give them.
    [[nodiscard]] virtual ParamList jail_params(const Jail& jail) = 0;

    /// Whether update_jail() can give a jail that has the parameters `live` another value of the
    /// kernel's parameter `name`, which is not one for creation only.
    [[nodiscard]] virtual Changeability changeability(const ParamList& live,
                                                      std::string_view name) const = 0;

    /// Gives the jail other values of the kernel's parameters, all of `changes` or none. A
    /// key_value member without values is taken away.
    /// @throws Error with the kernel's text, Error{not_found} when the jail is gone.
    virtual void update_jail(const Jail& jail, const ParamList& changes) = 0;

    /// Sends `signal` to every process in the jail; false when there was none.
    virtual bool signal_jail(const Jail& jail, int signal) = 0;

    /// Sends `signal` to the process that has `pid` on the host, if it is in the jail; false when
    /// it is not: the number may be another's by now.
    virtual bool signal_process(const Jail& jail, pid_t pid, int signal) = 0;

    /// True while a process of the user runs in the jail (the jail's own init does not count).
    [[nodiscard]] virtual bool has_processes(const Jail& jail) = 0;

    /// Kills everything in the jail called `name` and removes it, and returns when both are done.
    /// Works from the name and the run folder alone; absent is fine.
    virtual void remove_jail(const std::string& name, const std::filesystem::path& folder) = 0;

    // What a container borrows from the host.

    /// Gives the interface `address` besides those that it has. False when it has it already: then
    /// it is another's, and stays when the container goes. `before` is as for `mount`.
    virtual bool add_address(const InterfaceAddress& address,
                             const std::function<void()>& before) = 0;

    /// Takes it away; not there, or no such interface, is fine.
    virtual void remove_address(const InterfaceAddress& address) = 0;

    /// Moves the host's `interface` into the network stack of `jail`, which has one of its own.
    virtual void lend_interface(const Jail& jail, const std::string& interface) = 0;

    /// Brings it back, when it is in the jail called `name`; by its name, run folder and what
    /// `lend_interface` left there alone. Absent is fine.
    virtual void return_interface(const std::string& name,
                                  const std::filesystem::path& folder,
                                  const std::string& interface) = 0;

    /// Lets the jail's root administer a ZFS dataset, see zfs-jail(8).
    virtual void lend_dataset(const Jail& jail, const std::string& dataset) = 0;

    /// Takes it back from the jail called `name`; absent is fine.
    virtual void return_dataset(const std::string& name, const std::string& dataset) = 0;

    // Processes.

    /// Starts a command inside the jail (jail_attach(2), then credentials, workdir, execve).
    /// @throws Error{command_not_found}, Error{command_not_executable}, or Error{system} that names
    ///         the step (setgroups, chdir '/home/x', …).
    virtual std::unique_ptr<Process> spawn(const Jail& jail, const ProcessRequest& request) = 0;

    /// Starts a command on the host itself, for hooks.
    virtual std::unique_ptr<Process> spawn_on_host(const ProcessRequest& request) = 0;

    /// The login class of a user, by the files of `jail`, which are hostile, or by the host's where
    /// there is no jail or the user is the host's. Nothing where there are no such classes.
    [[nodiscard]] virtual std::optional<LoginClass> login_class(const Jail* jail,
                                                                const Credentials& user) {
        static_cast<void>(jail);
        static_cast<void>(user);
        return std::nullopt;
    }

    /// A pseudo-terminal for a process in `jail`, the jail's own where it has one.
    virtual Terminal open_terminal(const Jail& jail) = 0;

    // The container's root, which may be hostile.

    /// Opens `path` inside `root`, following symbolic links as a process chrooted there would, so
    /// that the result is always below `root`. `flags` as for open(2); O_CLOEXEC is added. Nothing
    /// there: an empty descriptor.
    [[nodiscard]] virtual UniqueFd open_inside(const std::filesystem::path& root,
                                               const std::string& path,
                                               int flags) = 0;
};

/// The host this program was built for. `libexec_dir` holds brig's helper programs; what may go
/// with a reboot is kept in the folders that the calls name.
[[nodiscard]] std::unique_ptr<Host> make_host(const std::filesystem::path& libexec_dir,
                                              const Log& log);

}  // namespace brig
