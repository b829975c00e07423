// SPDX-License-Identifier: BSD-2-Clause
#include "support/model_world.hpp"

#include "brig/driver.h"
#include "support/check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

namespace brig::test {

namespace {

/// An effect's name as a file name.
std::string file_name(std::string name) {
    for (char& c : name) {
        c = c == '/' ? '|' : c;
    }
    return name;
}

/// A process that has ended well already.
class EndedProcess : public Process {
  public:
    EndedProcess() {
        std::array<int, 2> ends{};
        check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
        exit_ = UniqueFd{ends[0]};
        ::close(ends[1]);
    }

    [[nodiscard]] pid_t pid() const noexcept override { return 1; }
    [[nodiscard]] int exit_fd() const noexcept override { return exit_.get(); }
    void signal(int /*number*/) override {}
    void signal_group(int /*number*/) override {}
    ExitStatus wait() override { return {}; }

  private:
    UniqueFd exit_;
};

}  // namespace

ModelWorld::ModelWorld(std::filesystem::path folder) : folder_{std::move(folder)} {
    std::filesystem::create_directories(folder_ / "effects");
}

void ModelWorld::point() {
    ++points_;
    if (points_ != fault_.at) {
        return;
    }
    if (fault_.kind == Fault::Kind::crash) {
        ::kill(::getpid(), SIGKILL);
    }
    if (fault_.kind == Fault::Kind::fail) {
        throw Error{ErrorCode::system, "the model world was told to fail here"};
    }
}

void ModelWorld::make(const std::string& name) {
    point();
    std::ofstream{folder_ / "effects" / file_name(name)};
    point();
}

void ModelWorld::take(const std::string& name) {
    if (!has(name)) {
        return;
    }
    point();
    std::filesystem::remove(folder_ / "effects" / file_name(name));
    point();
}

bool ModelWorld::has(const std::string& name) const {
    return std::filesystem::exists(folder_ / "effects" / file_name(name));
}

std::set<std::string> ModelWorld::effects() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator{folder_ / "effects"}) {
        names.insert(entry.path().filename().native());
    }
    return names;
}

void ModelWorld::log(const std::string& line) {
    std::ofstream{folder_ / "log", std::ios::app} << line << '\n';
}

std::string ModelWorld::logged() const {
    std::ostringstream text;
    text << std::ifstream{folder_ / "log"}.rdbuf();
    return text.str();
}

std::filesystem::path ModelHost::mount(
    const std::filesystem::path& root,
    const Mount& mount,
    const std::function<void(const std::filesystem::path&)>& before) {
    std::filesystem::path target = root.native() + mount.target;
    before(target);
    world_.make("mount " + target.native());
    return target;
}

void ModelHost::unmount(const std::filesystem::path& target) {
    world_.take("mount " + target.native());
}

void ModelHost::enter(const std::string& name) {
    const auto jail = name.empty() ? std::nullopt : jails_.find(name);
    caller_ = jail ? jail->id : kHostJailId;
}

void ModelHost::set_jail(JailOperation operation, const ParamList& params) {
    const JailState jail = jails_.set(operation, params, caller_, [](const JailState&) {});
    // Nothing runs in a model's jail that could keep one that does not persist.
    if (jail_value(jail.params, "persist", "true") == "false") {
        remove_jail(jail.name, {});
    }
}

Jail ModelHost::create_jail(const JailRequest& request) {
    if (!world_.has("active " + request.root.filename().native())) {
        throw_system_error(ENOENT, "path " + request.root.native());
    }
    ParamList params = request.params;
    params.erase(std::remove_if(
                     params.begin(),
                     params.end(),
                     [](const Param& param) { return param.performer != ParamPerformer::kernel; }),
                 params.end());
    const auto add = [&](const char* name, const std::string& value) {
        params.push_back({name, ParamType::string, ParamPerformer::kernel, {value}, {}});
    };
    add("name", request.name);
    add("path", request.root);
    const auto make = [&](const JailState& jail) { world_.make("jail " + jail.name); };
    const JailState jail = jails_.set(JailOperation::create, params, caller_, make);
    return {JailId{jail.id}, request.name, request.root, request.folder};
}

std::optional<Jail> ModelHost::find_jail(const std::string& name,
                                         const std::filesystem::path& folder) {
    const auto jail = jails_.find(name, caller_);
    if (!jail && !world_.has("jail " + name)) {
        return std::nullopt;
    }
    return Jail{JailId{jail ? jail->id : kHostJailId}, name, "/", folder};
}

ParamList ModelHost::jail_params(const Jail& jail) {
    const auto found = jails_.find(jail.name, caller_);
    return found ? jails_.get(*found, caller_) : ParamList{};
}

Changeability ModelHost::changeability(const ParamList& /*live*/, std::string_view /*name*/) const {
    return {};
}

void ModelHost::update_jail(const Jail& jail, const ParamList& changes) {
    ParamList params = changes;
    params.push_back({"name", ParamType::string, ParamPerformer::kernel, {jail.name}, {}});
    world_.point();
    set_jail(JailOperation::update, params);
    world_.point();
}

void ModelHost::remove_jail(const std::string& name, const std::filesystem::path& /*folder*/) {
    if (world_.has("interface epair0b in " + name)) {
        throw Error{ErrorCode::conflict, "the interface would be renamed, or gone, with the jail"};
    }
    for (const std::string& gone : jails_.remove(name)) {
        world_.take("jail " + gone);
    }
    world_.take("jail " + name);
}

bool ModelHost::add_address(const InterfaceAddress& address, const std::function<void()>& before) {
    before();
    world_.make("address " + address.address.to_string() + " of " + address.interface);
    return true;
}

void ModelHost::remove_address(const InterfaceAddress& address) {
    world_.take("address " + address.address.to_string() + " of " + address.interface);
}

void ModelHost::lend_interface(const Jail& jail, const std::string& interface) {
    if (!world_.has("jail " + jail.name)) {
        throw_system_error(ENXIO, "SIOCSIFVNET");
    }
    world_.make("interface " + interface + " in " + jail.name);
}

void ModelHost::return_interface(const std::string& name,
                                 const std::filesystem::path& /*folder*/,
                                 const std::string& interface) {
    world_.take("interface " + interface + " in " + name);
}

void ModelHost::lend_dataset(const Jail& jail, const std::string& dataset) {
    world_.make("dataset " + dataset + " in " + jail.name);
}

void ModelHost::return_dataset(const std::string& name, const std::string& dataset) {
    world_.take("dataset " + dataset + " in " + name);
}

std::unique_ptr<Process> ModelHost::spawn(const Jail& jail, const ProcessRequest& request) {
    if (!world_.has("jail " + jail.name)) {
        throw_system_error(EINVAL, "jail_attach");
    }
    world_.log("in jail: " + request.argv.front());
    return std::make_unique<EndedProcess>();
}

std::unique_ptr<Process> ModelHost::spawn_on_host(const ProcessRequest& request) {
    world_.log("on host: " + request.argv.front());
    return std::make_unique<EndedProcess>();
}

Terminal ModelHost::open_terminal(const Jail& /*jail*/) {
    throw Error{ErrorCode::unsupported, "the model host has no terminals"};
}

ResultMap ModelStorage::provision(const DriverCall& call,
                                  const std::optional<std::string>& /*source*/) {
    tags_[call.object] = call.owner_tag;
    world_.make("volume " + call.object);
    return {};
}

ActiveVolume ModelStorage::activate(const DriverCall& call) {
    if ((call.flags & BRIG_F_DRY_RUN) == 0) {
        if (!world_.has("volume " + call.object)) {
            throw Error{ErrorCode::not_found, "no volume " + call.object};
        }
        world_.make("active " + call.object);
    }
    return {"/roots/" + call.object, world_.storage_params, {}};
}

void ModelStorage::deactivate(const DriverCall& call) {
    if (world_.has("jail " + call.object)) {
        throw Error{ErrorCode::conflict, "a jail is in " + call.object};
    }
    world_.take("active " + call.object);
}

void ModelStorage::destroy(const DriverCall& call) {
    if (world_.has("active " + call.object)) {
        throw Error{ErrorCode::conflict, call.object + " is active"};
    }
    if ((call.flags & BRIG_F_DRY_RUN) == 0) {
        world_.take("volume " + call.object);
    }
}

void ModelStorage::snapshot(const DriverCall& call, const std::string& snapshot) {
    world_.make("snapshot " + call.object + "@" + snapshot);
}

void ModelStorage::snapshot_destroy(const DriverCall& call, const std::string& snapshot) {
    world_.take("snapshot " + call.object + "@" + snapshot);
}

void ModelStorage::rollback(const DriverCall& call, const std::string& snapshot) {
    if (world_.has("active " + call.object)) {
        throw Error{ErrorCode::conflict, call.object + " is active"};
    }
    if (!world_.has("snapshot " + call.object + "@" + snapshot)) {
        throw Error{ErrorCode::not_found, "no snapshot " + snapshot};
    }
    world_.log("rollback " + call.object + "@" + snapshot);
}

DriverCondition ModelStorage::check(const DriverCall& call) {
    return world_.has("volume " + call.object) ? DriverCondition::sound : DriverCondition::absent;
}

std::vector<SnapshotInfo> ModelStorage::snapshots(const DriverCall& call) {
    const std::string prefix = "snapshot " + call.object + "@";
    std::vector<SnapshotInfo> found;
    for (const std::string& name : world_.effects()) {
        if (name.starts_with(prefix)) {
            found.push_back({name.substr(prefix.size()), {}});
        }
    }
    return found;
}

std::vector<PathChange> ModelStorage::diff(const DriverCall& /*call*/,
                                           const std::optional<std::string>& /*since*/) {
    return {};
}

VolumeUsage ModelStorage::usage(const DriverCall& /*call*/) {
    return {};
}

void ModelStorage::send(const DriverCall& /*call*/, const SnapshotStream& /*stream*/) {
    throw Error{ErrorCode::unsupported, "the model storage has no streams"};
}

void ModelStorage::receive(const DriverCall& /*call*/, const SnapshotStream& /*stream*/) {
    throw Error{ErrorCode::unsupported, "the model storage has no streams"};
}

std::optional<std::string> ModelStorage::pending(const DriverCall& /*call*/) {
    return std::nullopt;
}

std::vector<ListedObject> ModelStorage::list() {
    constexpr std::string_view kVolume = "volume ";
    std::vector<ListedObject> found;
    for (const std::string& name : world_.effects()) {
        if (name.starts_with(kVolume)) {
            const std::string id = name.substr(kVolume.size());
            const auto tag = tags_.find(id);
            found.push_back({tag == tags_.end() ? "brig:model:" + id : tag->second, id, ""});
        }
    }
    return found;
}

NetworkContribution ModelNetwork::prepare(const DriverCall& call) {
    if ((call.flags & BRIG_F_DRY_RUN) == 0) {
        world_.make("attachment " + call.container);
    }
    NetworkContribution contribution;
    const Origin origin{Origin::Kind::driver, "network 'lan' (model)"};
    if (name_ == "vnet") {
        contribution.params = {{"vnet", {"new"}, false, origin},
                               {"vnet.interface", {"epair0b"}, true, origin}};
    } else {
        contribution.params = {{"ip4", {"inherit"}, false, origin},
                               {"ip6", {"inherit"}, false, origin},
                               {"ip4.addr", {"em0|192.0.2.9/24"}, true, origin}};
    }
    contribution.results = {{"address", "192.0.2.7"}};
    return contribution;
}

ResultMap ModelNetwork::attach(const DriverCall& call) {
    world_.make("inside " + call.container);
    return {};
}

void ModelNetwork::detach(const DriverCall& call) {
    world_.take("inside " + call.container);
}

DriverCondition ModelNetwork::check(const DriverCall& call) {
    return world_.has("attachment " + call.container) ? DriverCondition::sound
                                                      : DriverCondition::absent;
}

void ModelNetwork::teardown(const DriverCall& call) {
    world_.take("inside " + call.container);
    world_.take("attachment " + call.container);
}

}  // namespace brig::test
