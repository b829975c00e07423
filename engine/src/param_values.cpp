// SPDX-License-Identifier: BSD-2-Clause
#include "param_values.hpp"

#include "fstab.hpp"
#include "params/address_value.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <bit>
#include <charconv>
#include <climits>

namespace brig {

std::string param_value(const ParamList& params,
                        std::string_view name,
                        const std::string& otherwise) {
    const Param* param = find_param(params, name);
    return param == nullptr || param->values.empty() ? otherwise : param->values.front();
}

bool is_set(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    return param != nullptr && param->is_true();
}

std::vector<std::string> param_list(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    return param == nullptr ? std::vector<std::string>{} : param->values;
}

std::chrono::seconds param_seconds(const ParamList& params,
                                   std::string_view name,
                                   std::chrono::seconds otherwise) {
    const std::string text = param_value(params, name, "");
    std::chrono::seconds::rep seconds = otherwise.count();
    std::from_chars(text.data(), text.data() + text.size(), seconds);
    return std::chrono::seconds{seconds};
}

std::vector<Mount> mounts_of(const ParamList& params, const std::filesystem::path& root) {
    Findings findings;
    std::vector<Mount> mounts = mounts_of(params, root, findings);
    findings.throw_if_any();
    return mounts;
}

std::vector<Mount> mounts_of(const ParamList& params,
                             const std::filesystem::path& root,
                             Findings& findings) {
    std::vector<Mount> mounts;
    for (const std::string& line : param_list(params, "mount")) {
        if (auto mount = parse_fstab_line(line, "mount", findings)) {
            mounts.push_back(std::move(*mount));
        }
    }
    for (const std::string& file : param_list(params, "mount.fstab")) {
        std::vector<Mount> listed = read_fstab(file, findings);
        mounts.insert(mounts.end(), listed.begin(), listed.end());
    }
    for (Mount& mount : mounts) {
        mount.target = path_in_root(mount.target, root);
    }
    if (is_set(params, "mount.devfs")) {
        // jail(8): ruleset 4, or 5 for a jail with a network stack of its own.
        const std::string usual = param_value(params, "vnet", "inherit") == "new" ? "5" : "4";
        const std::string chosen = param_value(params, "devfs_ruleset", usual);
        mounts.push_back({"devfs", "devfs", "/dev", {"ruleset=" + chosen}});
    }
    if (is_set(params, "mount.fdescfs")) {
        mounts.push_back({"fdescfs", "fdescfs", "/dev/fd", {}});
    }
    if (is_set(params, "mount.procfs")) {
        mounts.push_back({"procfs", "procfs", "/proc", {}});
    }
    return mounts;
}

namespace {

/// jail(8) leaves a netmask to ifconfig(8), which takes one that has holes; nothing else does.
unsigned prefix_of(const AddressValue& value, unsigned longest) {
    if (value.prefix.empty()) {
        return longest;
    }
    const auto mask = parse_ip_address(value.prefix);
    if (!mask) {
        return static_cast<unsigned>(std::stoul(value.prefix));
    }
    unsigned prefix = 0;
    for (const unsigned byte : mask->bytes) {
        prefix += static_cast<unsigned>(std::popcount(byte));
    }
    return prefix;
}

void add_addresses(const ParamList& params,
                   std::string_view name,
                   ParamType type,
                   std::vector<InterfaceAddress>& addresses) {
    const std::string usual = param_value(params, "interface", "");
    for (const std::string& text : param_list(params, name)) {
        const auto value = parse_address_value(text, type);
        const std::string interface = value && !value->interface.empty() ? value->interface : usual;
        const auto address = value ? parse_ip_address(value->address) : std::nullopt;
        if (!interface.empty() && address) {
            const auto bits = static_cast<unsigned>(address->size() * CHAR_BIT);
            addresses.push_back({interface, *address, prefix_of(*value, bits)});
        }
    }
}

}  // namespace

std::vector<InterfaceAddress> interface_addresses(const ParamList& params) {
    std::vector<InterfaceAddress> addresses;
    add_addresses(params, "ip4.addr", ParamType::ip4_list, addresses);
    add_addresses(params, "ip6.addr", ParamType::ip6_list, addresses);
    return addresses;
}

InterfaceAddress interface_address(const std::string& interface, const std::string& address) {
    const auto network = parse_ip_network(address);
    if (!network) {
        throw Error{ErrorCode::internal, fmt::format("'{}' is no address", address)};
    }
    return {interface, network->address, network->prefix};
}

namespace {

// One fact a parameter: kind of origin, its detail, then the values. None contains a NUL byte.
constexpr char kSeparator = '\0';

}  // namespace

Facts to_facts(const ParamList& params) {
    Facts facts;
    for (const Param& param : params) {
        std::string text = fmt::format(
            "{}{}{}", static_cast<int>(param.origin.kind), kSeparator, param.origin.detail);
        for (const std::string& value : param.values) {
            text += kSeparator + value;
        }
        facts[param.name] = text;
    }
    return facts;
}

ParamList params_from_facts(const Facts& facts, const Catalogue& catalogue) {
    ParamList params;
    for (const auto& [name, text] : facts) {
        const auto rule = catalogue.find(name);
        std::vector<std::string> parts = split(text, kSeparator);
        if (!rule || parts.size() < 2) {
            continue;
        }
        int kind = 0;
        std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), kind);
        params.push_back({name,
                          rule->type,
                          rule->performer,
                          {parts.begin() + 2, parts.end()},
                          {static_cast<Origin::Kind>(kind), parts[1]}});
    }
    return params;
}

}  // namespace brig
