// SPDX-License-Identifier: BSD-2-Clause
#include "brig/engine.hpp"

#include "create.hpp"
#include "define.hpp"
#include "depend.hpp"
#include "down.hpp"
#include "drivers/configured.hpp"
#include "events/announce.hpp"
#include "events/event_log.hpp"
#include "exec.hpp"
#include "find.hpp"
#include "images/create_image.hpp"
#include "images/export_image.hpp"
#include "images/find_image.hpp"
#include "images/remove_image.hpp"
#include "import_jails.hpp"
#include "known_params.hpp"
#include "launch.hpp"
#include "networks/connect.hpp"
#include "networks/networks.hpp"
#include "params/builtin_catalogue.hpp"
#include "plan.hpp"
#include "recover.hpp"
#include "remove.hpp"
#include "run/notes.hpp"
#include "snapshots.hpp"
#include "start.hpp"
#include "stop.hpp"
#include "supervise/log_file.hpp"
#include "supervise/supervise.hpp"
#include "support/check.hpp"
#include "support/hash.hpp"
#include "up.hpp"
#include "update.hpp"
#include "update/verbs.hpp"
#include "volumes/use_volume.hpp"
#include "volumes/volumes.hpp"

#include <algorithm>
#include <csignal>
#include <iterator>
#include <limits>
#include <utility>

namespace brig {

namespace {

/// Starting looks after this many containers that others may have left behind; all other commands
/// look after all of them.
constexpr std::size_t kSweepAtStart = 32;

}  // namespace

struct Engine::Impl {
    Impl(Settings given, LogSink sink)
        : settings{std::move(given)},
          log{std::move(sink)},
          host{make_host(settings.libexec, log)},
          store{settings.state},
          instances{settings, *host, store, log},
          context{settings,
                  log,
                  *host,
                  store,
                  instances,
                  host->catalogue(),
                  RunDir{settings.run},
                  short_hash(settings.state.native())} {}

    /// Takes care of what crashed processes left, then finds the container.
    std::string find(const std::string& reference) {
        sweep();
        return find_container(context, reference);
    }

    void sweep(std::size_t most = std::numeric_limits<std::size_t>::max()) {
        recover_abandoned(context, most);
    }

    Settings settings;
    Log log;
    std::unique_ptr<Host> host;
    Store store;
    ConfiguredInstances instances;
    Context context;
};

namespace {

/// The first process of a container that this program owns.
class OwnedSession final : public Session {
  public:
    OwnedSession(Context& context, Run run) : context_{context}, run_{std::move(run)} {}
    OwnedSession(const OwnedSession&) = delete;
    OwnedSession& operator=(const OwnedSession&) = delete;
    OwnedSession(OwnedSession&&) = delete;
    OwnedSession& operator=(OwnedSession&&) = delete;

    ~OwnedSession() override {
        if (finished_) {
            return;
        }
        try {
            run_.process->signal(SIGKILL);
            finish();
        } catch (const std::exception& failure) {
            context_.log.warn("{}", full_message(failure));
        }
    }

    [[nodiscard]] const std::string& container_id() const noexcept override { return run_.id; }
    [[nodiscard]] int exit_fd() const noexcept override { return run_.process->exit_fd(); }
    [[nodiscard]] int terminal() const noexcept override { return run_.terminal.get(); }
    void signal(int number) override { run_.process->signal(number); }

    ExitStatus finish() override {
        finished_ = true;
        return brig::finish(context_, run_);
    }

  private:
    Context& context_;
    Run run_;
    bool finished_ = false;
};

/// A process of `exec`.
class ExecSession final : public Session {
  public:
    ExecSession(std::string id, Command command)
        : id_{std::move(id)}, command_{std::move(command)} {}

    [[nodiscard]] const std::string& container_id() const noexcept override { return id_; }
    [[nodiscard]] int exit_fd() const noexcept override { return command_.process->exit_fd(); }
    [[nodiscard]] int terminal() const noexcept override { return command_.terminal.get(); }
    void signal(int number) override { command_.process->signal(number); }
    ExitStatus finish() override { return command_.process->wait(); }

  private:
    std::string id_;
    Command command_;
};

Launch launch_of_record(Context& context, const std::string& id) {
    const auto record = context.store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' cannot be started again", id)}
            .with_hint("it is ephemeral (--rm)");
    }
    if (const auto run = Ledger::peek(context.run.ledger_file(id)); run && noted_restarter(*run)) {
        throw Error{ErrorCode::conflict,
                    fmt::format("container '{}' waits to be started again", record->name)}
            .with_hint("its restart policy will do it; not to wait: brig restart " + record->name);
    }
    if (record->stopped_by_user) {
        context.store.set_stopped_by_user(id, false);
    }
    return resolve_record(context, *record);
}

/// A container that does not exist yet.
Launch new_launch(Context& context, const ContainerSpec& spec, const std::string& id) {
    Launch launch = resolve_launch(context, spec, id);
    for (const std::string& warning : launch.warnings) {
        context.log.warn("{}", warning);
    }
    return launch;
}

/// `start_it`, after a container that is to stay has been kept.
template <typename Start>
auto create_and_start(Context& context, const Launch& launch, Start start_it) {
    return in_context(fmt::format("starting '{}'", launch.name), [&] {
        if (!launch.spec.ephemeral) {
            create(context, launch);
        }
        return start_it();
    });
}

/// `plan_it` with the parameters of the release `target`, or of this host when it is empty.
template <typename PlanIt>
Plan with_target(Context& context, const std::string& target, PlanIt plan_it) {
    if (target.empty()) {
        return plan_it(context);
    }
    const BuiltinCatalogue catalogue{parse_target(target)};
    Context other = context.with(catalogue);
    return plan_it(other);
}

}  // namespace

Engine::Engine(Settings settings, LogSink log)
    : impl_{std::make_unique<Impl>(std::move(settings), std::move(log))} {}
Engine::Engine(Engine&&) noexcept = default;
Engine& Engine::operator=(Engine&&) noexcept = default;
Engine::~Engine() = default;

Plan Engine::plan(const ContainerSpec& spec, const std::string& target) {
    return with_target(impl_->context, target, [&](Context& context) {
        return make_plan(context, resolve_launch(context, spec, new_id()));
    });
}

Plan Engine::plan(const std::string& container, const std::string& target) {
    const Subject subject = find_subject(impl_->context, impl_->find(container));
    return with_target(impl_->context, target, [&](Context& context) {
        return make_plan(context, resolve_subject(context, subject));
    });
}

std::vector<Change> Engine::compare(const std::string& container) {
    Context& context = impl_->context;
    const Subject subject = find_subject(context, impl_->find(container));
    return compare_run(context, subject, resolve_subject(context, subject));
}

std::vector<Change> Engine::compare(const std::string& container, const ContainerSpec& spec) {
    Context& context = impl_->context;
    const Subject subject = find_subject(context, impl_->find(container));
    return compare_run(context, subject, resolve_launch(context, spec, subject.id));
}

ContainerInfo Engine::create(const ContainerSpec& spec) {
    impl_->sweep();
    const Launch launch = new_launch(impl_->context, spec, new_id());
    brig::create(impl_->context, launch);
    return inspect_container(impl_->context, launch.id);
}

std::unique_ptr<Session> Engine::run(const ContainerSpec& spec, const SessionIo& io) {
    const std::string id = new_id();
    impl_->host->prepare_jail(id);
    impl_->sweep(kSweepAtStart);
    const Launch launch = new_launch(impl_->context, spec, id);
    return create_and_start(impl_->context, launch, [&] {
        return std::make_unique<OwnedSession>(impl_->context,
                                              brig::start(impl_->context, launch, io));
    });
}

ContainerInfo Engine::run_detached(const ContainerSpec& spec) {
    impl_->sweep(kSweepAtStart);
    const Launch launch = new_launch(impl_->context, spec, new_id());
    return create_and_start(impl_->context, launch, [&] {
        start_supervised(impl_->context, launch);
        return inspect_container(impl_->context, launch.id);
    });
}

std::unique_ptr<Session> Engine::start(const std::string& container, const SessionIo& io) {
    const Launch launch = launch_of_record(impl_->context, impl_->find(container));
    return in_context(fmt::format("starting '{}'", launch.name), [&] {
        return std::make_unique<OwnedSession>(impl_->context,
                                              brig::start(impl_->context, launch, io));
    });
}

ContainerInfo Engine::start_detached(const std::string& container) {
    const Launch launch = launch_of_record(impl_->context, impl_->find(container));
    return in_context(fmt::format("starting '{}'", launch.name), [&] {
        start_supervised(impl_->context, launch);
        return inspect_container(impl_->context, launch.id);
    });
}

std::vector<std::string> Engine::start_order(const std::vector<std::string>& containers) {
    // One alone has nothing to wait for here.
    return containers.size() > 1 ? in_start_order(impl_->context, containers) : containers;
}

void Engine::stop(const std::string& container, const StopOptions& options) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("stopping '{}'", container),
               [&] { brig::stop(impl_->context, id, options); });
    if (!options.for_now) {
        impl_->store.set_stopped_by_user(id, true);
    }
}

void Engine::kill(const std::string& container, int signal) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("signalling '{}'", container),
               [&] { brig::kill(impl_->context, id, signal); });
}

ExitStatus Engine::wait(const std::string& container) {
    return brig::wait(impl_->context, impl_->find(container));
}

std::unique_ptr<Session> Engine::exec(const std::string& container,
                                      const ExecSpec& spec,
                                      const SessionIo& io) {
    const std::string id = find_container(impl_->context, container);
    return in_context(fmt::format("in '{}'", container), [&] {
        return std::make_unique<ExecSession>(id, brig::exec(impl_->context, id, spec, io));
    });
}

void Engine::remove(const std::string& container, bool force) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("removing '{}'", container), [&] {
        if (force) {
            brig::stop(impl_->context, id, {std::nullopt, true});
        }
        brig::remove(impl_->context, id);
    });
}

void Engine::rename(const std::string& container, const std::string& name) {
    require_container_name(name);
    const std::string id = impl_->find(container);
    auto record = impl_->store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' is ephemeral", container)}
            .with_hint("the name of a container run with --rm is fixed");
    }
    if (const auto owner = impl_->context.run.find_name(name); owner && *owner != id) {
        throw name_taken(name);
    }
    const std::string old_name = std::exchange(record->name, name);
    impl_->store.update_container(*record);
    impl_->store.change_spec(id, [&](ContainerSpec& spec) { spec.name = name; });
    announce_again(impl_->context, id);
    announce_container(impl_->context, EventAction::renamed, id, name, {{"old_name", old_name}});
}

std::vector<Change> Engine::update(const std::string& container, const UpdateSpec& spec) {
    const std::string id = impl_->find(container);
    return in_context(fmt::format("updating '{}'", container),
                      [&] { return brig::update(impl_->context, id, spec); });
}

std::vector<ContainerInfo> Engine::containers() {
    impl_->sweep();
    return list_containers(impl_->context);
}

ContainerInfo Engine::container(const std::string& reference) {
    return inspect_container(impl_->context, impl_->find(reference));
}

void Engine::logs(const std::string& container,
                  const LogOptions& options,
                  const std::function<bool(const LogLine&)>& sink) {
    const std::string id = impl_->find(container);
    const bool kept = impl_->store.find_container_by_id(id).has_value();
    const std::filesystem::path folder = log_folder(impl_->context, id, !kept);
    if (!std::filesystem::exists(folder)) {
        throw Error{ErrorCode::not_found, fmt::format("container '{}' has no log", container)}
            .with_hint("the output of a container that runs in the foreground is not kept");
    }
    read_log(folder, sink, options.follow, [&] {
        return Ledger::is_locked(impl_->context.run.ledger_file(id));
    });
}

std::unique_ptr<EventStream> Engine::events(const EventOptions& options) {
    return EventLog{impl_->context.run}.read(options);
}

RecoveryReport Engine::recover(const RecoverOptions& options) {
    return brig::recover(impl_->context, options);
}

SnapshotInfo Engine::create_snapshot(const std::string& container, const std::string& name) {
    const std::string id = impl_->find(container);
    return in_context(fmt::format("taking a snapshot of '{}'", container),
                      [&] { return take_snapshot(impl_->context, id, name); });
}

std::vector<SnapshotInfo> Engine::snapshots(const std::string& container) {
    return list_snapshots(impl_->context, impl_->find(container));
}

void Engine::remove_snapshot(const std::string& container, const std::string& name) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("removing a snapshot of '{}'", container),
               [&] { brig::remove_snapshot(impl_->context, id, name); });
}

void Engine::roll_back(const std::string& container,
                       const std::string& snapshot,
                       bool discard_newer) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("rolling back '{}'", container),
               [&] { brig::roll_back(impl_->context, id, snapshot, discard_newer); });
}

std::vector<PathChange> Engine::diff(const std::string& container, const std::string& since) {
    const std::string id = impl_->find(container);
    return in_context(fmt::format("comparing '{}'", container), [&] {
        return brig::diff(impl_->context, id, since.empty() ? std::nullopt : std::optional{since});
    });
}

VolumeInfo Engine::create_volume(const VolumeSpec& spec) {
    impl_->sweep();
    return in_context(fmt::format("creating volume '{}'", spec.name),
                      [&] { return brig::create_volume(impl_->context, spec); });
}

std::vector<VolumeInfo> Engine::volumes() {
    return impl_->store.volumes();
}

VolumeInfo Engine::volume(const std::string& reference) {
    return require_volume(impl_->store, reference);
}

std::vector<std::string> Engine::users_of_volume(const std::string& reference) {
    impl_->sweep();
    return brig::users_of_volume(impl_->context, require_volume(impl_->store, reference));
}

std::optional<VolumeUsage> Engine::usage_of_volume(const std::string& reference) {
    const VolumeInfo volume = require_volume(impl_->store, reference);
    return brig::usage_of(impl_->context, volume.storage, volume.id);
}

void Engine::remove_volume(const std::string& reference) {
    impl_->sweep();
    in_context(fmt::format("removing volume '{}'", reference),
               [&] { brig::remove_volume(impl_->context, reference); });
}

std::vector<VolumeInfo> Engine::prune_volumes(bool dry_run) {
    impl_->sweep();
    return brig::prune_volumes(impl_->context, dry_run);
}

std::vector<UpResult> Engine::up(const ContainerSelection& selection, const UpOptions& options) {
    impl_->sweep();
    return brig::up(impl_->context, selection, options);
}

std::vector<UpPlan> Engine::plan_up(const ContainerSelection& selection, const UpOptions& options) {
    impl_->sweep();
    return brig::plan_up(impl_->context, selection, options);
}

std::vector<Plan> Engine::plan(const ContainerSelection& selection, const std::string& target) {
    const BuiltinCatalogue catalogue{parse_target(target)};
    Context context = impl_->context.with(catalogue);
    return plan_containers(context, selection);
}

std::vector<DownResult> Engine::down(const ContainerSelection& selection,
                                     const DownOptions& options) {
    impl_->sweep();
    return brig::down(impl_->context, selection, options);
}

std::vector<std::string> Engine::check(const ContainerSelection& selection,
                                       const std::string& target) {
    static_cast<void>(networks());
    static_cast<void>(storages());
    static_cast<void>(params(target));
    if (target.empty()) {
        return check_containers(impl_->context, selection);
    }
    const BuiltinCatalogue catalogue{parse_target(target)};
    Context context = impl_->context.with(catalogue);
    return check_containers(context, selection);
}

bool Engine::is_configured(const std::string& name) const {
    const auto& all = impl_->settings.containers;
    return std::any_of(all.begin(), all.end(), [&](const ConfiguredContainer& each) {
        return each.spec.name == name;
    });
}

ImportReport Engine::import_jail_conf(const ImportSpec& spec) {
    impl_->sweep();
    return import_jails(impl_->context, spec);
}

ContainerDefinition Engine::define(const std::string& container) {
    return define_container(impl_->context, impl_->find(container));
}

ImageInfo Engine::create_image(const ImageSpec& spec, const ProgressSink& progress) {
    impl_->sweep();
    return in_context(fmt::format("creating image '{}'", spec.reference),
                      [&] { return brig::create_image(impl_->context, spec, progress); });
}

std::vector<ImageInfo> Engine::images() {
    return impl_->store.images();
}

ImageInfo Engine::image(const std::string& reference) {
    return find_image(impl_->context, reference);
}

void Engine::export_image(const ImageExport& spec, const ProgressSink& progress) {
    impl_->sweep();
    in_context(fmt::format("exporting image '{}'", spec.reference),
               [&] { brig::export_image(impl_->context, spec, progress); });
}

std::optional<std::uint64_t> Engine::image_usage(const ImageInfo& image) {
    return brig::image_usage(impl_->context, image);
}

std::vector<ImageInfo> Engine::prune_images(const PruneOptions& options) {
    impl_->sweep();
    return brig::prune_images(impl_->context, options);
}

void Engine::remove_image(const std::string& reference, const RemoveImageOptions& options) {
    impl_->sweep();
    in_context(fmt::format("removing image '{}'", reference),
               [&] { brig::remove_image(impl_->context, reference, options); });
}

void Engine::tag_image(const std::string& reference, const std::string& new_reference) {
    brig::tag_image(impl_->context, reference, new_reference);
}

std::vector<ParamInfo> Engine::params(const std::string& target) const {
    if (target.empty()) {
        return known_params(impl_->context);
    }
    const BuiltinCatalogue catalogue{parse_target(target)};
    return known_params(impl_->context.with(catalogue));
}

std::vector<DriverInfo> Engine::drivers() const {
    return impl_->instances.drivers();
}

DriverInfo Engine::driver(const std::string& name_or_file) const {
    return impl_->instances.driver(name_or_file);
}

InstanceInfo Engine::create_network(const NetworkSpec& spec) {
    impl_->settings.networks.push_back(
        in_context(fmt::format("creating network '{}'", spec.name),
                   [&] { return brig::create_network(impl_->context, spec); }));
    return impl_->instances.network_info(impl_->settings.networks.back());
}

void Engine::remove_network(const std::string& name) {
    impl_->sweep();
    in_context(fmt::format("removing network '{}'", name),
               [&] { brig::remove_network(impl_->context, name); });
}

std::vector<std::string> Engine::prune_networks(bool dry_run) {
    impl_->sweep();
    return brig::prune_networks(impl_->context, dry_run);
}

void Engine::connect(const std::string& attachment, const std::string& container) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("connecting '{}'", container),
               [&] { brig::connect(impl_->context, parse_attachment(attachment), id); });
}

void Engine::disconnect(const std::string& network, const std::string& container) {
    const std::string id = impl_->find(container);
    in_context(fmt::format("disconnecting '{}'", container),
               [&] { brig::disconnect(impl_->context, network, id); });
}

std::vector<std::string> Engine::users_of_network(const std::string& name) {
    return brig::users_of_network(impl_->context, name);
}

NetworkState Engine::network_state(const std::string& name) {
    return brig::network_state(impl_->context, name);
}

std::vector<LeaseInfo> Engine::leases(const std::string& network) {
    return list_leases(impl_->context, network);
}

std::vector<InstanceInfo> Engine::networks() const {
    return impl_->instances.networks();
}

std::vector<InstanceInfo> Engine::storages() const {
    return impl_->instances.storages();
}

std::string Engine::platform() const {
    return impl_->host->facts().platform;
}

}  // namespace brig
