// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/neighbours.hpp"

#include "host/linux/control_client.hpp"
#include "host/linux/frame_writer.hpp"
#include "support/check.hpp"
#include "support/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/utsname.h>

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace brig::host_linux {

namespace {

/// Stands for the id that the init of the new jail will have.
constexpr int kAnyFreeId = -1;

Param text_param(const char* name, std::string value) {
    return {name, ParamType::string, ParamPerformer::kernel, {std::move(value)}, {}};
}

bool is_empty(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    return param == nullptr || param->values.empty();
}

bool has_addresses(const ParamList& params) {
    return !is_empty(params, "ip4.addr") || !is_empty(params, "ip6.addr");
}

std::optional<JailState> ask_state(const std::filesystem::path& folder) {
    const auto init = ControlClient::connect(folder);
    if (!init) {
        return std::nullopt;
    }
    init->send(FrameWriter{FrameType::describe}.finish());
    const auto reply = init->receive();
    if (!reply) {
        return std::nullopt;
    }
    return state_of(parse_record(reply->payload), init->init_pid());
}

/// The jails whose run folders lie beside `folder`.
std::vector<JailState> neighbours_of(const std::filesystem::path& folder) {
    std::vector<JailState> found;
    for (const auto& entry : std::filesystem::directory_iterator{folder.parent_path()}) {
        auto state = entry.is_directory() ? ask_state(entry.path()) : std::nullopt;
        if (state) {
            found.push_back(std::move(*state));
        }
    }
    return found;
}

UniqueFd lock_neighbourhood(const std::filesystem::path& folder) {
    const std::filesystem::path all = folder.parent_path();
    UniqueFd lock{
        check(::open(all.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open {}", all.native())};
    lock_file(lock.get(), LOCK_EX, all);
    return lock;
}

ParamList wanted_by(const JailRequest& request) {
    ParamList wanted;
    for (const Param& param : request.params) {
        if (param.performer == ParamPerformer::kernel) {
            wanted.push_back(param);
        }
    }
    wanted.push_back(text_param("name", request.name));
    return wanted;
}

}  // namespace

ParamList params_of_host() {
    utsname names = {};
    check(::uname(&names), "ask for the names of the host");
    return {text_param("host.hostname", names.nodename),
            text_param("host.domainname", names.domainname),
            text_param("osrelease", names.release)};
}

JailState state_of(const JailRecord& record, pid_t init) {
    JailState state;
    state.id = init;
    state.name = record.name;
    state.params = record.params;
    settle_jail_params(state.params, record.params);
    if (find_param(state.params, "path") == nullptr) {
        state.params.push_back(text_param("path", record.root));
    }
    return state;
}

UniqueFd check_new_jail(const JailRequest& request) {
    const ParamList wanted = wanted_by(request);
    UniqueFd lock;
    std::vector<JailState> neighbours;
    const bool has_id = find_param(wanted, "jid") != nullptr;
    // Asking all other jails takes time, and is seldom needed.
    if (has_addresses(wanted) || has_id || request.name.find('.') != std::string::npos) {
        lock = lock_neighbourhood(request.folder);
        neighbours = neighbours_of(request.folder);
    }
    JailTable table{std::move(neighbours), {}};
    const JailState& state = table.set(JailOperation::create, wanted, kAnyFreeId);
    if (state.parent != kHostJailId) {
        throw Error{ErrorCode::permission,
                    "prison limit exceeded",
                    std::make_error_code(std::errc::operation_not_permitted)}
            .with_hint("on Linux there are no jails in jails");
    }
    if (state.id != kAnyFreeId) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("jid={}: a jail cannot choose its id on Linux", state.id),
                    std::make_error_code(std::errc::not_supported)}
            .with_hint("its id is that of its first process");
    }
    return lock;
}

ChangedJail change_jail(const JailState& jail,
                        const std::filesystem::path& folder,
                        const ParamList& changes) {
    ChangedJail changed;
    std::vector<JailState> jails{jail};
    if (has_addresses(changes)) {
        changed.lock = lock_neighbourhood(folder);
        jails = neighbours_of(folder);
    }
    ParamList wanted = changes;
    wanted.push_back(text_param("name", jail.name));
    JailTable table{std::move(jails), {}};
    changed.state = table.set(JailOperation::update, wanted, kAnyFreeId);
    return changed;
}

}  // namespace brig::host_linux
