// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/error.hpp"
#include "brig/event.hpp"
#include "brig/export.hpp"
#include "brig/image.hpp"
#include "brig/jail_conf.hpp"
#include "brig/log.hpp"
#include "brig/network.hpp"
#include "brig/param.hpp"
#include "brig/plan.hpp"
#include "brig/settings.hpp"
#include "brig/spec.hpp"
#include "brig/up.hpp"
#include "brig/update.hpp"
#include "brig/volume.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace BRIG_API brig {

/// What a session's process gets; -1 is /dev/null. Borrowed for the call; hooks at the end use it
/// if it is still open. A process with a terminal of its own gets that, of the size of `in`'s if
/// any.
struct SessionIo {
    int in = -1;
    int out = -1;
    int err = -1;

    /// Asked ten times a second while a hook of the start is waited for; true ends the hook, and
    /// the start with Error{interrupted}. May be empty.
    std::function<bool()> cancelled = {};
};

/// A process in a container that this program started and follows: the first process of a container
/// run in the foreground, or one of `exec`.
///
/// Destroying an unfinished session ends its process; for a first process the whole container is
/// torn down, as `finish` would.
class Session {
  public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session(Session&&) = delete;
    Session& operator=(Session&&) = delete;
    virtual ~Session() = default;

    [[nodiscard]] virtual const std::string& container_id() const noexcept = 0;

    /// Becomes readable when the process has ended; for poll(2).
    [[nodiscard]] virtual int exit_fd() const noexcept = 0;

    /// The master side of the process's terminal, or -1. Owned by the session.
    [[nodiscard]] virtual int terminal() const noexcept = 0;

    /// Sends a signal to the process.
    virtual void signal(int number) = 0;

    /// Waits for the process to end, undoes what starting did, and returns its status.
    /// @throws Error when something could not be undone; the container then needs attention.
    virtual ExitStatus finish() = 0;
};

struct StopOptions {
    /// How long processes may take after SIGTERM; default: the parameter stop.timeout.
    std::optional<std::chrono::seconds> timeout;
    /// Goes on when a hook of the user's (exec.prestop, exec.stop) fails.
    bool force = false;
    /// It is to run again, as when the machine goes down: an unless-stopped container starts at the
    /// next boot all the same.
    bool for_now = false;
};

struct RecoverOptions {
    /// Also removes roots and images that bear this engine's tag and of which there is no record,
    /// as when the database was lost. Without, they are left alone and named. Never volumes.
    bool remove_unknown = false;
};

/// What `recover` found and did.
struct RecoveryReport {
    struct Item {
        std::string container;  ///< or image, or volume
        std::vector<std::string> undone;
        std::vector<std::string> finished;  ///< of running ones: interrupted updates, networks
        std::vector<std::string> failures;  ///< what is still there, and why
    };
    std::vector<Item> items;
};

struct LogOptions {
    bool follow = false;  ///< goes on until the container ends
};

/// One line of a detached container's output.
struct LogLine {
    std::chrono::system_clock::time_point time;
    bool is_error = false;  ///< from standard error
    std::string text;       ///< without the newline
};

/// A driver as its manifest or it itself describes it, or why it cannot be used.
struct DriverInfo {
    struct Option {
        std::string name;
        std::string type;           ///< "string", "size", "list of network", …
        std::string default_value;  ///< as it would be written; empty: none
        std::string help;
        std::string since;  ///< the driver's version that added it
        bool required = false;
        bool secret = false;         ///< never shown
        bool per_container = false;  ///< may be set for one container, too
        bool deprecated = false;
        std::vector<std::string> choices;
        std::int64_t min = 0;  ///< bounds, unless both are 0
        std::int64_t max = 0;
    };
    std::string name;
    std::string kind;  ///< "network" or "storage"
    std::string version, summary, license, vendor, url;
    std::string platforms;                  ///< "freebsd>=13.2 linux"; empty: any
    std::string needs;                      ///< "kld:if_epair cmd:zfs"
    std::string params;                     ///< what it may contribute, as globs
    std::vector<std::string> capabilities;  ///< "clone", "vnet", …: see BRIG_CAP_…
    unsigned interface_minor = 0;           ///< of the driver interface that it was compiled with
    std::string file;                       ///< empty: part of the program
    Isolation isolation = Isolation::process;  ///< where it would run
    std::string error;                         ///< not empty: this file cannot be used, and why
    std::vector<Option> options;
};

/// A configured network or storage.
struct InstanceInfo {
    std::string name;
    std::string driver;
    bool is_default = false;
    OptionMap options;  ///< with the defaults filled in
    std::string where;
    bool is_created = false;  ///< a network made by create_network()
};

/// The engine: containers, images, networks and storages of one state directory.
///
/// No globals, no output, no exit, no signal handlers. One thread at a time per engine; any number
/// of engines and processes may share a state directory. References to containers and images are an
/// exact name or an unambiguous, non-empty prefix of an id.
///
/// Every function throws Error; what was done until then has been undone or is in the ledger.
class Engine {
  public:
    /// Opens nothing yet: directories and the database are made when first needed.
    explicit Engine(Settings settings, LogSink log = {});
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    Engine(Engine&&) noexcept;
    Engine& operator=(Engine&&) noexcept;
    ~Engine();

    // Containers.

    /// What `run` would do. Needs no privilege. `target`, unless it is empty, is the release of
    /// FreeBSD ("freebsd-13.2", "freebsd-14", "freebsd-15") whose parameters count instead of
    /// those of this host.
    [[nodiscard]] Plan plan(const ContainerSpec& spec, const std::string& target = {});

    /// What starting a container would do; of an ephemeral one, what running it again would.
    [[nodiscard]] Plan plan(const std::string& container, const std::string& target = {});

    /// The parameters of a running container that are others than those of its next start, with
    /// when `update` could change them.
    [[nodiscard]] std::vector<Change> compare(const std::string& container);

    /// Those that are others than `spec` would give it.
    [[nodiscard]] std::vector<Change> compare(const std::string& container,
                                              const ContainerSpec& spec);

    /// Checks `spec` and keeps it; nothing is started.
    ContainerInfo create(const ContainerSpec& spec);

    /// Creates and starts a container whose first process uses `io`. The caller's process is its
    /// owner: when it dies, however it dies, so does the container.
    [[nodiscard]] std::unique_ptr<Session> run(const ContainerSpec& spec, const SessionIo& io);

    /// Creates and starts a container in the background, under a supervisor process that keeps its
    /// log and exit status, tears it down and starts it again as its restart policy says. Returns
    /// when its command runs.
    ContainerInfo run_detached(const ContainerSpec& spec);

    /// Starts a container that exists, in the foreground.
    [[nodiscard]] std::unique_ptr<Session> start(const std::string& container, const SessionIo& io);

    /// Starts a container that exists, in the background.
    ContainerInfo start_detached(const std::string& container);

    /// The same containers, names or ids, in the order in which `depend` lets them start; they stop
    /// in the opposite one.
    [[nodiscard]] std::vector<std::string> start_order(const std::vector<std::string>& containers);

    /// Stops a running container as `jail -r` would: exec.prestop, exec.stop, SIGTERM,
    /// stop.timeout, removal of the jail, exec.poststop, unmounting, exec.release. Containers that
    /// `depend` on it are stopped before. Stopped already is fine. It stays stopped, whatever its
    /// restart policy says.
    void stop(const std::string& container, const StopOptions& options = {});

    /// Sends `signal` to the first process of a running container. SIGKILL and SIGTERM count as
    /// stopping it: its restart policy has no say then.
    void kill(const std::string& container, int signal);

    /// Waits until a container does not run, and returns its last exit status. That is the end of
    /// its current run, also when it will be started again; of one that waits for that, the next.
    ExitStatus wait(const std::string& container);

    /// Starts a command in a running container.
    [[nodiscard]] std::unique_ptr<Session> exec(const std::string& container,
                                                const ExecSpec& spec,
                                                const SessionIo& io);

    /// Removes a stopped container and its root; with `force` it is stopped first.
    void remove(const std::string& container, bool force = false);

    void rename(const std::string& container, const std::string& name);

    /// Changes parameters and variables of a container, and returns what is different now or will
    /// be. A running container gets at once what its jail can be given; the rest is kept for its
    /// next start. All of it is checked first: what cannot be changed while it runs is refused.
    std::vector<Change> update(const std::string& container, const UpdateSpec& spec);

    [[nodiscard]] std::vector<ContainerInfo> containers();
    [[nodiscard]] ContainerInfo container(const std::string& reference);

    /// Gives every line of a detached container's log to `sink` until it returns false.
    void logs(const std::string& container,
              const LogOptions& options,
              const std::function<bool(const LogLine&)>& sink);

    /// What happens from now on, or from a time on, to all that is kept and runs here, whichever
    /// process does it. @throws Error{permission} for those who may not see the run folder.
    [[nodiscard]] std::unique_ptr<EventStream> events(const EventOptions& options = {});

    /// Tears down what crashed processes left behind. Cheap when there is nothing.
    RecoveryReport recover(const RecoverOptions& options = {});

    // Snapshots of a container's root, which go with it.

    /// Takes one, called `name`, or after the time if that is empty. While the container runs only
    /// where its storage can do it in one moment. @throws Error{already_exists}, Error{conflict}
    SnapshotInfo create_snapshot(const std::string& container, const std::string& name = {});

    /// The oldest first.
    [[nodiscard]] std::vector<SnapshotInfo> snapshots(const std::string& container);

    void remove_snapshot(const std::string& container, const std::string& name);

    /// Takes the root of a stopped container back to a snapshot. Newer snapshots are in the way,
    /// and are removed only with `discard_newer`.
    void roll_back(const std::string& container,
                   const std::string& snapshot,
                   bool discard_newer = false);

    /// The paths of a container's root that are not as in its snapshot `since`, or, if that is
    /// empty, as in its image.
    [[nodiscard]] std::vector<PathChange> diff(const std::string& container,
                                               const std::string& since = {});

    // Volumes: data that outlives containers. See ContainerSpec::params for how one is mounted.

    VolumeInfo create_volume(const VolumeSpec& spec);
    [[nodiscard]] std::vector<VolumeInfo> volumes();
    [[nodiscard]] VolumeInfo volume(const std::string& reference);

    /// The names of the containers that use a volume, running or kept.
    [[nodiscard]] std::vector<std::string> users_of_volume(const std::string& reference);

    /// Nothing where its storage cannot tell.
    [[nodiscard]] std::optional<VolumeUsage> usage_of_volume(const std::string& reference);

    /// Removes a volume with its data. Refused while a container uses it. The id of a volume of
    /// which there is no record any more is accepted, too.
    void remove_volume(const std::string& reference);

    /// Removes the volumes that no container uses, and returns them; with `dry_run` only that.
    std::vector<VolumeInfo> prune_volumes(bool dry_run = false);

    // Containers of a file: tables [container.NAME] of the configuration or of a file of their own.

    /// Has containers run as their file says: makes, changes and starts them, with those that they
    /// depend on, each after those and otherwise all at once. A second `up` does nothing. All of
    /// them are checked first, and nothing is done unless all can be done; a failure after that
    /// keeps only those from starting that depend on it, and is told in the result.
    std::vector<UpResult> up(const ContainerSelection& selection, const UpOptions& options = {});

    /// What starting containers of a file would do, with the parameters of the release `target`.
    [[nodiscard]] std::vector<Plan> plan(const ContainerSelection& selection,
                                         const std::string& target);

    /// What `up` would do, in an order in which it might. Needs no privilege.
    [[nodiscard]] std::vector<UpPlan> plan_up(const ContainerSelection& selection,
                                              const UpOptions& options = {});

    /// Stops containers, each after those that depend on it, also if they are not of the file, and
    /// otherwise all at once. Those that are not there are left out of the result.
    std::vector<DownResult> down(const ContainerSelection& selection,
                                 const DownOptions& options = {});

    /// Checks the configuration and the containers of a file, for `target` as for plan(). Returns
    /// the containers' names. @throws Error{invalid_config} with everything that is wrong.
    std::vector<std::string> check(const ContainerSelection& selection,
                                   const std::string& target = {});

    /// Whether the configuration has a container of this name.
    [[nodiscard]] bool is_configured(const std::string& name) const;

    // From and to jail.conf(5).

    /// Makes containers of the jails of a file, each with the root that is there already. Nothing
    /// is made unless all can be made.
    ImportReport import_jail_conf(const ImportSpec& spec);

    /// A container that is kept, for format_jail_conf() and its like.
    [[nodiscard]] ContainerDefinition define(const std::string& container);

    // Networks: those of the configuration, and created ones.

    /// Checks a network and keeps it. On the host it is made when the first container comes.
    /// @throws Error{already_exists}, Error{invalid_config} with everything that is wrong
    InstanceInfo create_network(const NetworkSpec& spec);

    /// Removes a created network, with what is shared of it on the host. Refused while a container,
    /// running or kept, is on it.
    void remove_network(const std::string& name);

    /// Removes the created networks that no container is on, and what is left on the host of
    /// those of the configuration that nobody is attached to. Returns their names; with `dry_run`
    /// only that.
    std::vector<std::string> prune_networks(bool dry_run = false);

    /// Attaches a container to a further network; one that runs at once, where the driver can. A
    /// kept one stays on it. `attachment` as for parse_attachment().
    void connect(const std::string& attachment, const std::string& container);

    /// Takes it off a network.
    void disconnect(const std::string& network, const std::string& container);

    /// The names of the containers on a network, running or kept.
    [[nodiscard]] std::vector<std::string> users_of_network(const std::string& name);

    [[nodiscard]] NetworkState network_state(const std::string& name);

    /// What its containers have of it, or, if `network` is empty, all of them.
    [[nodiscard]] std::vector<LeaseInfo> leases(const std::string& network = {});

    // Images.

    ImageInfo create_image(const ImageSpec& spec, const ProgressSink& progress = {});
    [[nodiscard]] std::vector<ImageInfo> images();
    [[nodiscard]] ImageInfo image(const std::string& reference);

    /// Writes an image as an archive or a stream: to a file, which appears as a whole or not at all
    /// and replaces none unless that is wanted, or to a descriptor.
    void export_image(const ImageExport& spec, const ProgressSink& progress = {});

    /// What an image takes of its storage; nothing when the storage cannot tell.
    [[nodiscard]] std::optional<std::uint64_t> image_usage(const ImageInfo& image);

    /// Removes a name, and the image with its last one. Refused while containers use it, naming
    /// all of them, but see `promote`.
    void remove_image(const std::string& reference, const RemoveImageOptions& options = {});

    /// Removes the images that have no name and that no container uses. Returns them.
    std::vector<ImageInfo> prune_images(const PruneOptions& options = {});

    /// Gives an image a further name.
    void tag_image(const std::string& reference, const std::string& new_reference);

    // What there is.

    /// Every jail parameter that this host, or `target` as for plan(), knows, by name, with the
    /// default that it has there.
    [[nodiscard]] std::vector<ParamInfo> params(const std::string& target = {}) const;
    /// By name. None of their code is run, but of those without a manifest. A file that another one
    /// of its name is found before has that as its error.
    [[nodiscard]] std::vector<DriverInfo> drivers() const;

    /// A driver by its name, or the driver in a file ("./net-x.so"), as it itself says: its entry
    /// is run, in a process of its own unless the driver is part of the program. Where a manifest
    /// beside it says something else, that is its error.
    /// @throws Error{not_found}, Error{bad_driver}
    [[nodiscard]] DriverInfo driver(const std::string& name_or_file) const;

    [[nodiscard]] std::vector<InstanceInfo> networks() const;
    [[nodiscard]] std::vector<InstanceInfo> storages() const;
    [[nodiscard]] std::string platform() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace brig
