// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/address_restriction.hpp"

#include "host/jail_values.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace brig::host_linux {

namespace {

constexpr const char* kNeeds =
    "ip4.addr and ip6.addr take a kernel with CONFIG_CGROUP_BPF, and CAP_BPF and CAP_NET_ADMIN (or "
    "CAP_SYS_ADMIN)";

/// Zero to the last byte, or the kernel takes it for what it does not know.
bpf_attr no_attributes() noexcept {
    bpf_attr attributes{};
    std::memset(&attributes, 0, sizeof attributes);
    return attributes;
}

/// bpf(2), which no C library wraps.
int sys_bpf(bpf_cmd command, bpf_attr& attributes) noexcept {
    return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

/// For a field of bpf_attr that holds a pointer.
std::uint64_t address_of(const void* memory) noexcept {
    return reinterpret_cast<std::uintptr_t>(memory);
}

[[noreturn]] void throw_refused(int error, const std::string& attempt) {
    const std::error_code cause{error, std::generic_category()};
    const bool may_not = error == EPERM || error == EACCES;
    throw Error{may_not ? ErrorCode::permission : ErrorCode::unsupported,
                fmt::format("{}: {}", attempt, cause.message()),
                cause}
        .with_hint(kNeeds);
}

/// Has the kernel check and compile the program. -1 and errno if it does not.
int load(const AddressProgram& program) noexcept {
    bpf_attr attributes = no_attributes();
    attributes.prog_type = program.type;
    attributes.expected_attach_type = program.hook;
    attributes.insns = address_of(program.code.data());
    attributes.insn_cnt = static_cast<std::uint32_t>(program.code.size());
    attributes.license = address_of("BSD");
    std::strncpy(attributes.prog_name, program.name, sizeof attributes.prog_name - 1);
    return sys_bpf(BPF_PROG_LOAD, attributes);
}

std::vector<UniqueFd> load_all(const std::vector<AddressProgram>& programs) {
    std::vector<UniqueFd> loaded;
    for (const AddressProgram& program : programs) {
        loaded.emplace_back(load(program));
        if (!loaded.back()) {
            return {};
        }
    }
    return loaded;
}

/// The program of ours that is attached to `hook` of this very control group, if one is.
UniqueFd find_attached(int cgroup, const AddressProgram& program) {
    std::array<std::uint32_t, 64> ids{};
    bpf_attr query = no_attributes();
    query.query.target_fd = static_cast<std::uint32_t>(cgroup);
    query.query.attach_type = program.hook;
    query.query.prog_ids = address_of(ids.data());
    query.query.prog_cnt = ids.size();
    if (sys_bpf(BPF_PROG_QUERY, query) != 0) {
        throw_refused(errno, "ask for the programs of the jail's control group");
    }
    for (const std::uint32_t id : std::span{ids}.first(query.query.prog_cnt)) {
        bpf_attr open = no_attributes();
        open.prog_id = id;
        UniqueFd found{sys_bpf(BPF_PROG_GET_FD_BY_ID, open)};
        bpf_prog_info info{};
        bpf_attr ask = no_attributes();
        ask.info.bpf_fd = static_cast<std::uint32_t>(found.get());
        ask.info.info_len = sizeof info;
        ask.info.info = address_of(&info);
        if (found && sys_bpf(BPF_OBJ_GET_INFO_BY_FD, ask) == 0
            && std::strncmp(info.name, program.name, sizeof info.name) == 0) {
            return found;
        }
    }
    return {};
}

void attach(int cgroup, const AddressProgram& program, int loaded) {
    const UniqueFd old = find_attached(cgroup, program);
    bpf_attr attributes = no_attributes();
    attributes.target_fd = static_cast<std::uint32_t>(cgroup);
    attributes.attach_bpf_fd = static_cast<std::uint32_t>(loaded);
    attributes.attach_type = program.hook;
    // Beside what the administrator has on the control groups above, which stays in force.
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    if (old) {
        attributes.attach_flags |= BPF_F_REPLACE;
        attributes.replace_bpf_fd = static_cast<std::uint32_t>(old.get());
    }
    if (sys_bpf(BPF_PROG_ATTACH, attributes) != 0) {
        throw_refused(
            errno,
            fmt::format("attach the program '{}' to the jail's control group", program.name));
    }
}

FamilyRule family_rule(const ParamList& params,
                       const ParamList& before,
                       const char* mode,
                       const char* list) {
    FamilyRule rule;
    for (const std::string& text : jail_addresses(params, list)) {
        rule.addresses.push_back(*parse_ip_address(text));
    }
    // A list overrides the mode, an empty one, too.
    const bool is_inherited =
        find_param(params, list) == nullptr && jail_value(params, mode, "disable") == "inherit";
    const bool had_addresses = !jail_addresses(before, list).empty();
    rule.is_restricted = !rule.addresses.empty() || had_addresses || !is_inherited;
    rule.has_sockets = !rule.addresses.empty() || had_addresses || is_inherited;
    return rule;
}

}  // namespace

AddressRules address_rules(const ParamList& params) {
    return address_rules(params, params);
}

AddressRules address_rules(const ParamList& params, const ParamList& before) {
    const auto has = [](const ParamList& list) {
        return !jail_addresses(list, "ip4.addr").empty()
               || !jail_addresses(list, "ip6.addr").empty();
    };
    const bool is_vnet = jail_value(params, "vnet", "inherit") == "new";
    if (is_vnet || (!has(params) && !has(before))) {
        return {{false, {}, true}, {false, {}, true}};
    }
    return {family_rule(params, before, "ip4", "ip4.addr"),
            family_rule(params, before, "ip6", "ip6.addr")};
}

void restrict_addresses(int cgroup, const AddressRules& rules) {
    std::vector<AddressProgram> programs = make_address_programs(rules, true);
    std::vector<UniqueFd> loaded = load_all(programs);
    if (loaded.empty() && errno == EINVAL) {
        // Before Linux 5.18 a program cannot say why it refuses.
        programs = make_address_programs(rules, false);
        loaded = load_all(programs);
    }
    if (loaded.empty()) {
        throw_refused(errno, "load the programs that restrict a jail to its addresses");
    }
    for (std::size_t i = 0; i < programs.size(); ++i) {
        attach(cgroup, programs.at(i), loaded.at(i).get());
    }
}

}  // namespace brig::host_linux
