// SPDX-License-Identifier: BSD-2-Clause
// In the order of FreeBSD 13.2's kern_jail_set(), so that of several errors the same one is told.
#include "host/jail_values.hpp"

#include "host/jail_error.hpp"
#include "params/address_value.hpp"
#include "support/ip_address.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>

namespace brig {

namespace {

constexpr std::size_t kMostAddresses = 255;  // security.jail.jail_max_af_ips
constexpr std::size_t kLongestRelease = 31;  // OSRELEASELEN - 1

constexpr std::array<std::string_view, 4> kNeverDisabled{"host", "vnet", "linux", "zfs"};

struct LongestText {
    const char* name;
    std::size_t size;
};

constexpr std::array kLongestTexts{
    LongestText{"name", 255},
    LongestText{"host.hostname", 255},
    LongestText{"host.domainname", 255},
    LongestText{"host.hostuuid", 63},
};

bool is_given(const ParamList& params, std::string_view name) {
    return find_param(params, name) != nullptr;
}

void refuse_change(const char* name) {
    refuse_jail(EINVAL, fmt::format("{} cannot be changed after creation", name));
}

void check_enforce_statfs(const ParamList& params) {
    const long long value = jail_number(params, "enforce_statfs", 0);
    if (value < 0 || value > 2) {
        refuse_jail_param(EINVAL, fmt::format("enforce_statfs={}", value));
    }
}

void check_modes(JailOperation operation, const ParamList& params) {
    for (const std::string_view name : kNeverDisabled) {
        if (jail_value(params, name, "new") == "disable") {
            refuse_jail_param(EINVAL, fmt::format("{}=disable", name));
        }
    }
    if (operation == JailOperation::create) {
        return;
    }
    for (const char* name : {"vnet", "ip4", "ip6"}) {
        if (is_given(params, name)) {
            refuse_change(name);
        }
    }
}

void check_lengths(const ParamList& params) {
    for (const LongestText& longest : kLongestTexts) {
        if (jail_value(params, longest.name, "").size() > longest.size) {
            refuse_jail_param(ENAMETOOLONG, longest.name);
        }
    }
}

bool is_unusable(const std::string& address) {
    return address == "0.0.0.0" || address == "255.255.255.255" || address == "::";
}

void check_addresses(const ParamList& params, const char* name, const char* family) {
    const std::vector<std::string> addresses = jail_addresses(params, name);
    if (addresses.size() > kMostAddresses) {
        refuse_jail(EINVAL, fmt::format("too many {} addresses", family));
    }
    for (auto address = addresses.begin(); address != addresses.end(); ++address) {
        if (is_unusable(*address)) {
            refuse_jail_param(EINVAL, fmt::format("{}={}", name, *address));
        }
        if (std::find(address + 1, addresses.end(), *address) != addresses.end()) {
            refuse_jail_param(EINVAL, fmt::format("{}={} twice", name, *address));
        }
    }
}

void check_stack(const ParamList& params) {
    constexpr std::array kRestrictions{"ip4", "ip4.addr", "ip6", "ip6.addr"};
    const bool is_restricted =
        std::any_of(kRestrictions.begin(), kRestrictions.end(), [&](const char* name) {
            return is_given(params, name);
        });
    if (is_given(params, "vnet") && is_restricted) {
        refuse_jail(EINVAL, "vnet jails cannot have IP address restrictions");
    }
}

void check_release(JailOperation operation, const ParamList& params) {
    for (const char* name : {"osrelease", "osreldate"}) {
        if (operation != JailOperation::create && is_given(params, name)) {
            refuse_change(name);
        }
    }
    if (jail_value(params, "osrelease", "").size() > kLongestRelease) {
        refuse_jail(ENAMETOOLONG,
                    fmt::format("osrelease string must be 1-{} bytes long", kLongestRelease));
    }
    if (jail_number(params, "osreldate", 1) == 0) {
        refuse_jail(EINVAL, "osreldate cannot be 0");
    }
}

}  // namespace

std::string jail_value(const ParamList& params,
                       std::string_view name,
                       const std::string& otherwise) {
    const Param* param = find_param(params, name);
    return param == nullptr || param->values.empty() ? otherwise : param->values.front();
}

long long jail_number(const ParamList& params, std::string_view name, long long otherwise) {
    const Param* param = find_param(params, name);
    if (param == nullptr) {
        return otherwise;
    }
    const std::string text = jail_value(params, name, "");
    long long number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::vector<std::string> jail_addresses(const ParamList& params, std::string_view name) {
    const Param* param = find_param(params, name);
    std::vector<IpAddress> addresses;
    const std::vector<std::string> none;
    for (const std::string& text : param == nullptr ? none : param->values) {
        const auto value = parse_address_value(text, param->type);
        const auto address = value ? parse_ip_address(value->address) : std::nullopt;
        if (address) {
            addresses.push_back(*address);
        }
    }
    if (addresses.size() > 1) {
        std::sort(addresses.begin() + 1, addresses.end(), [](const auto& a, const auto& b) {
            return a.bytes < b.bytes;
        });
    }
    std::vector<std::string> texts;
    for (const IpAddress& address : addresses) {
        texts.push_back(address.to_string());
    }
    return texts;
}

void check_jail_values(JailOperation operation, const ParamList& params) {
    check_enforce_statfs(params);
    check_modes(operation, params);
    check_lengths(params);
    check_addresses(params, "ip4.addr", "IPv4");
    check_addresses(params, "ip6.addr", "IPv6");
    check_stack(params);
    check_release(operation, params);
    if (operation != JailOperation::create && is_given(params, "path")) {
        refuse_change("path");
    }
}

}  // namespace brig
