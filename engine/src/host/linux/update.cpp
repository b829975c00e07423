// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/address_restriction.hpp"
#include "host/linux/cgroup.hpp"
#include "host/linux/frame_writer.hpp"
#include "host/linux/host_linux.hpp"
#include "host/linux/neighbours.hpp"
#include "host/linux/record.hpp"
#include "support/check.hpp"

#include <algorithm>

namespace brig::host_linux {

namespace {

constexpr const char* kHostname = "host.hostname";
constexpr const char* kDomainname = "host.domainname";

std::string first_value(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    return param == nullptr || param->values.empty() ? "" : param->values.front();
}

std::string format_update(const Jail& jail, const ParamList& params, const ParamList& changes) {
    FrameWriter frame{FrameType::update};
    UpdateHeader header;
    header.hostname = find_param(changes, kHostname) == nullptr ? 0 : 1;
    header.domainname = find_param(changes, kDomainname) == nullptr ? 0 : 1;
    frame.value(header);
    frame.string(first_value(changes, kHostname));
    frame.string(first_value(changes, kDomainname));
    JailRequest request;
    request.name = jail.name;
    request.root = jail.root;
    request.params = params;
    frame.bytes(format_record(request));
    return frame.finish();
}

/// Has init change the names of the jail, and keep its new record.
void tell_init(const ControlClient& init, const Jail& jail, const std::string& update) {
    init.send(update);
    const auto reply = init.receive();
    if (!reply) {
        throw Error{ErrorCode::conflict,
                    fmt::format("jail '{}' has ended, or was started by an older brig", jail.name)};
    }
    const auto answer = FrameReader{reply->payload.data(), reply->payload.size()}.value<Answer>();
    if (answer.error != 0) {
        throw_system_error(answer.error, fmt::format("change the names of jail '{}'", jail.name));
    }
}

bool is_address_list(std::string_view name) {
    return name == "ip4.addr" || name == "ip6.addr";
}

bool concerns_addresses(const ParamList& changes) {
    return std::any_of(changes.begin(), changes.end(), [](const Param& change) {
        return is_address_list(change.name);
    });
}

}  // namespace

Changeability LinuxHost::changeability(const ParamList& live, std::string_view name) const {
    const bool is_name = name == kHostname || name == kDomainname;
    const bool has_names = first_value(live, "host") != "inherit";
    if (is_address_list(name)) {
        // Without any it has another network stack, or filters that refuse the protocol.
        return first_value(live, name).empty()
                   ? Changeability{ChangeTime::next_start,
                                   "a jail on Linux is restricted to addresses from its start"}
                   : Changeability{};
    }
    // Nothing follows from these but what is shown.
    const auto rule = catalogue_.find(name);
    const bool is_record =
        rule && (rule->enforcement == Enforcement::recorded || rule->type == ParamType::key_value);
    if (is_record || (is_name && has_names)) {
        return {};
    }
    return {ChangeTime::next_start,
            "a jail on Linux has the namespaces, capabilities and filters it was created with"};
}

void LinuxHost::check_changeable(const ParamList& live, const ParamList& changes) const {
    for (const Param& change : changes) {
        const Param* now = find_param(live, change.name);
        const Changeability can = changeability(live, change.name);
        if (can.when != ChangeTime::now && (now == nullptr || now->values != change.values)) {
            throw Error{ErrorCode::unsupported,
                        fmt::format("{}: {}", change.name, can.reason),
                        std::make_error_code(std::errc::not_supported)};
        }
    }
}

void LinuxHost::update_jail(const Jail& jail, const ParamList& changes) {
    const ControlClient init = connect_to(jail);
    const JailState before = state_of(ask_record(init), init.init_pid());
    const ChangedJail after = change_jail(before, jail.folder, changes);
    check_changeable(view_of(before), changes);
    const auto restrict_to = [&](const ParamList& params) {
        const UniqueFd cgroup =
            concerns_addresses(changes) ? open_jail_cgroup(jail.folder) : UniqueFd{};
        if (cgroup) {
            restrict_addresses(cgroup.get(), address_rules(params, before.params));
        }
    };
    restrict_to(after.state.params);
    try {
        tell_init(init, jail, format_update(jail, after.state.params, changes));
    } catch (...) {
        restrict_to(before.params);
        throw;
    }
}

}  // namespace brig::host_linux
