// SPDX-License-Identifier: BSD-2-Clause
#include "params/rules.hpp"

#include "params/address_value.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace brig {

namespace {

struct Reserved {
    std::string_view name;
    std::string_view owner;
    std::string_view hint;
};

constexpr std::array kReserved{
    Reserved{"path",
             "the storage driver",
             "the container's root is made from its image; leave 'path' out"},
    Reserved{"name", "the engine", "use --name"},
    Reserved{"jid", "the engine", "the kernel numbers the jails; leave 'jid' out"},
    Reserved{"command", "the engine", "give the command after the image"},
};

constexpr std::array<std::string_view, 4> kRestrictions{"ip4", "ip4.addr", "ip6", "ip6.addr"};

bool belongs_to_network(std::string_view name) {
    return name == "vnet" || name == "vnet.interface"
           || std::find(kRestrictions.begin(), kRestrictions.end(), name) != kRestrictions.end();
}

/// For messages: `"inherit" from -J`.
std::string quoted(const Param& param) {
    return fmt::format("\"{}\" from {}", join(param.values, ","), param.origin.to_string());
}

bool contains_all(const std::vector<std::string>& values, const std::vector<std::string>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&values](const std::string& value) {
        return std::find(values.begin(), values.end(), value) != values.end();
    });
}

/// Adds a finding for every value of `name` that is not `right`.
template <typename Right>
void require_values(const ParamList& params,
                    const char* name,
                    Right right,
                    const char* complaint,
                    Findings& findings) {
    const Param* param = find_param(params, name);
    for (const std::string& value : param != nullptr ? param->values : std::vector<std::string>{}) {
        if (!right(value)) {
            findings.add(
                {param->origin.to_string(), fmt::format(fmt::runtime(complaint), name, value), ""});
        }
    }
}

void check_kept(const Param& given, const ParamList& merged, Findings& findings) {
    const Param* result = find_param(merged, given.name);
    const bool kept = result != nullptr
                      && (is_list(given.type) ? contains_all(result->values, given.values)
                                              : result->values == given.values);
    if (!kept) {
        const std::string by = result == nullptr ? "nothing" : quoted(*result);
        findings.add({"",
                      fmt::format("{}: {} contradicts {}", given.name, by, quoted(given)),
                      fmt::format("leave '{}' out, or choose another network", given.name)});
    }
}

/// The kernel would let ip4.addr override ip4=disable in silence.
void check_family(std::string_view mode_name,
                  const ParamList& contributed,
                  const ParamList& merged,
                  Findings& findings) {
    const std::string list_name = fmt::format("{}.addr", mode_name);
    const Param* mode = find_param(contributed, mode_name);
    const Param* addresses = find_param(merged, list_name);
    const bool is_disabled = mode != nullptr && mode->values.front() == "disable"
                             && find_param(contributed, list_name) == nullptr;
    if (is_disabled && addresses != nullptr && !addresses->values.empty()) {
        findings.add({"",
                      fmt::format("{}: {} contradicts {}={}",
                                  list_name,
                                  quoted(*addresses),
                                  mode_name,
                                  quoted(*mode)),
                      fmt::format("leave '{}' out, or choose another network", list_name)});
    }
}

/// See zfs(8), "ZFS File System Hierarchy"; a program gets it as an argument.
bool is_dataset_name(std::string_view name) {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    return !name.empty() && name.find_first_of(kLetters) == 0
           && name.find_first_not_of(std::string{kLetters} + "_-.: /") == std::string_view::npos;
}

const Reserved* find_reserved(std::string_view name) {
    const auto* const found = std::find_if(
        kReserved.begin(), kReserved.end(), [name](const Reserved& r) { return r.name == name; });
    return found == kReserved.end() ? nullptr : found;
}

}  // namespace

bool is_reserved(std::string_view name) {
    return find_reserved(name) != nullptr;
}

bool may_be_contributed(std::string_view name) {
    constexpr std::array<std::string_view, 4> kForUsers{
        "securelevel", "enforce_statfs", "devfs_ruleset", "persist"};
    constexpr std::array<std::string_view, 4> kFamilies{"allow.", "noallow.", "exec.", "children."};
    return !is_reserved(name)
           && std::find(kForUsers.begin(), kForUsers.end(), name) == kForUsers.end()
           && std::none_of(kFamilies.begin(), kFamilies.end(), [name](std::string_view family) {
                  return name.starts_with(family);
              });
}

std::optional<Finding> refusal_of(const Assignment& assignment, const ParamRule& rule) {
    if (rule.access == ParamAccess::read_only) {
        return Finding{place_of(assignment), fmt::format("{} is read-only", assignment.name), ""};
    }
    const bool is_root =
        assignment.name == "path" && assignment.origin.kind == Origin::Kind::driver;
    const Reserved* reserved = find_reserved(assignment.name);
    if (reserved == nullptr || is_root) {
        return std::nullopt;
    }
    return Finding{place_of(assignment),
                   fmt::format("{} belongs to {}", reserved->name, reserved->owner),
                   std::string{reserved->hint}};
}

void check_contradictions(const ParamList& contributed,
                          const ParamList& merged,
                          Findings& findings) {
    for (const Param& given : contributed) {
        if (belongs_to_network(given.name)) {
            check_kept(given, merged, findings);
        }
    }
    check_family("ip4", contributed, merged, findings);
    check_family("ip6", contributed, merged, findings);
}

void check_names(const ParamList& merged, Findings& findings) {
    constexpr const char* kNoInterface = "{}: \"{}\" cannot be the name of an interface";
    require_values(merged, "interface", is_interface_name, kNoInterface, findings);
    require_values(merged, "vnet.interface", is_interface_name, kNoInterface, findings);
    require_values(merged,
                   "zfs.dataset",
                   is_dataset_name,
                   "{}: \"{}\" cannot be the name of a dataset",
                   findings);
}

void check_files(const ParamList& merged, Findings& findings) {
    constexpr const char* kRelative = "{}: {}: not an absolute pathname";
    const auto is_absolute = [](const std::string& file) { return file.starts_with('/'); };
    require_values(merged, "exec.consolelog", is_absolute, kRelative, findings);
    require_values(merged, "mount.fstab", is_absolute, kRelative, findings);
}

void check_vnet(const ParamList& merged, Findings& findings) {
    const Param* vnet = find_param(merged, "vnet");
    if (vnet == nullptr || vnet->values.front() != "new") {
        if (const Param* interfaces = find_param(merged, "vnet.interface");
            interfaces != nullptr && !interfaces->values.empty()) {
            findings.add({"",
                          fmt::format("vnet.interface: {} needs vnet=new", quoted(*interfaces)),
                          "attach a network with its own stack, or leave 'vnet.interface' out"});
        }
        return;
    }
    for (const std::string_view name : kRestrictions) {
        if (const Param* restriction = find_param(merged, name)) {
            findings.add(
                {"",
                 fmt::format("vnet jails cannot have IP address restrictions: "
                             "vnet={}, {}={}",
                             quoted(*vnet),
                             name,
                             quoted(*restriction)),
                 fmt::format("leave 'vnet' or '{}' out, or choose another network", name)});
        }
    }
}

}  // namespace brig
