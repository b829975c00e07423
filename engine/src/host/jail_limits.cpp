// SPDX-License-Identifier: BSD-2-Clause
#include "host/jail_limits.hpp"

#include "host/jail_error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace brig {

namespace {

struct Limit {
    std::string_view name;
    long long of_host;
    long long of_new_jail;
};

constexpr std::array kLimits{
    Limit{"securelevel", -1, -1},
    Limit{"children.max", 999999, 0},  // JAIL_MAX
    Limit{"enforce_statfs", 0, 2},
    Limit{"devfs_ruleset", 0, 0},
};

/// JAIL_DEFAULT_ALLOW.
constexpr std::array<std::string_view, 4> kUsuallyAllowed{
    "allow.set_hostname", "allow.reserved_ports", "allow.unprivileged_proc_debug", "allow.suser"};

/// PR_ALLOW_DIFFERENCES: a child may have it though its parent has not.
constexpr std::string_view kMayDiffer = "allow.unprivileged_proc_debug";

constexpr std::string_view kAllow = "allow.";

struct Family {
    const char* mode;
    const char* list;
    const char* name;
};

constexpr std::array kFamilies{Family{"ip4", "ip4.addr", "IPv4"},
                               Family{"ip6", "ip6.addr", "IPv6"}};

bool has_own_stack(const JailState& jail) {
    return jail_value(jail.params, "vnet", "inherit") == "new";
}

bool is_restricted(const JailState& jail, std::string_view mode) {
    return !has_own_stack(jail) && jail_value(jail.params, mode, "disable") != "inherit";
}

/// The jail whose network stack the jail `id` uses; the host for its own.
int stack_of(const Jails& jails, int id) {
    const JailState* jail = find_jail_by_id(jails, id);
    while (jail != nullptr && !has_own_stack(*jail)) {
        jail = find_jail_by_id(jails, jail->parent);
    }
    return jail == nullptr ? kHostJailId : jail->id;
}

void check_numbers(const Jails& jails, const JailSeat& seat, const ParamList& params) {
    const auto beyond = [&](const char* name, auto compare) {
        const Param* param = find_param(params, name);
        const long long limit = jail_limit(jails, seat.parent, name);
        if (param != nullptr && compare(jail_number(params, name, 0), limit)) {
            refuse_jail_param(EPERM, fmt::format("{}={}", name, jail_value(params, name, "")));
        }
    };
    beyond("securelevel", std::less<>{});
    beyond("children.max", std::greater_equal<>{});
    beyond("enforce_statfs", std::less<>{});
    const long long ruleset = jail_number(params, "devfs_ruleset", 0);
    if (ruleset < 0 || ruleset > 65535) {
        refuse_jail_param(EINVAL, fmt::format("devfs_ruleset={}", ruleset));
    }
    const bool is_inside = seat.caller != kHostJailId;
    if (is_inside && ruleset > 0 && ruleset != jail_limit(jails, seat.parent, "devfs_ruleset")) {
        refuse_jail_param(EPERM, fmt::format("devfs_ruleset={}", ruleset));
    }
}

bool contains_all(const std::vector<std::string>& all, const std::vector<std::string>& some) {
    return std::all_of(some.begin(), some.end(), [&](const std::string& each) {
        return std::find(all.begin(), all.end(), each) != all.end();
    });
}

bool has_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
    return std::any_of(a.begin(), a.end(), [&](const std::string& each) {
        return std::find(b.begin(), b.end(), each) != b.end();
    });
}

/// Whether one between `jail` and the jail of its stack is restricted, and so was compared already.
bool is_covered(const Jails& jails, const JailState& jail, int stack, std::string_view mode) {
    const JailState* above = find_jail_by_id(jails, jail.parent);
    while (above != nullptr && above->id != stack) {
        if (is_restricted(*above, mode)) {
            return true;
        }
        above = find_jail_by_id(jails, above->parent);
    }
    return false;
}

/// One address may be that of several jails if each of them has no other.
void check_clash(const Jails& jails,
                 const JailSeat& seat,
                 const Family& family,
                 const std::vector<std::string>& wanted) {
    const int stack = stack_of(jails, seat.parent);
    for (const JailState& other : jails) {
        const bool is_own = seat.jail != kHostJailId
                            && (other.id == seat.jail || is_jail_below(jails, other.id, seat.jail));
        if (is_own || other.is_dying || stack_of(jails, other.id) != stack
            || !is_restricted(other, family.mode) || is_covered(jails, other, stack, family.mode)) {
            continue;
        }
        const auto present = jail_addresses(other.params, family.list);
        const bool are_alone = wanted.size() == 1 && present.size() == 1;
        if (!are_alone && has_common(present, wanted)) {
            refuse_jail(EADDRINUSE, fmt::format("{} addresses clash", family.name));
        }
    }
}

void check_addresses(const Jails& jails, const JailSeat& seat, const ParamList& params) {
    for (const Family& family : kFamilies) {
        const auto wanted = jail_addresses(params, family.list);
        if (wanted.empty()) {
            continue;
        }
        const JailState* parent = find_jail_by_id(jails, seat.parent);
        if (has_jail_restriction(jails, seat.parent, family.mode)
            && !contains_all(jail_addresses(parent->params, family.list), wanted)) {
            refuse_jail_param(EPERM, fmt::format("{}={}", family.list, wanted.front()));
        }
        check_clash(jails, seat, family, wanted);
    }
}

void check_permissions(const Jails& jails, const JailSeat& seat, const ParamList& params) {
    for (const Param& param : params) {
        if (param.name.starts_with(kAllow) && param.is_true() && param.name != kMayDiffer
            && !jail_allows(jails, seat.parent, param.name)) {
            refuse_jail_param(EPERM, param.name);
        }
    }
}

int depth_below(const Jails& jails, int id, int ancestor) {
    int depth = 0;
    for (const JailState* jail = find_jail_by_id(jails, id);
         jail != nullptr && jail->id != ancestor;
         jail = find_jail_by_id(jails, jail->parent)) {
        ++depth;
    }
    return depth;
}

void set_number(JailState& jail, std::string_view name, long long number) {
    const auto param = std::find_if(jail.params.begin(), jail.params.end(), [&](const Param& each) {
        return each.name == name;
    });
    const std::string text = std::to_string(number);
    if (param != jail.params.end()) {
        param->values = {text};
    } else {
        jail.params.push_back(
            {std::string{name}, ParamType::integer, ParamPerformer::kernel, {text}, {}});
    }
}

void restrict_numbers(const Jails& jails, JailState& jail, int above) {
    const auto own = [&](std::string_view name) { return jail_limit(jails, jail.id, name); };
    const auto limit = [&](std::string_view name) { return jail_limit(jails, above, name); };
    for (const char* name : {"securelevel", "enforce_statfs"}) {
        if (own(name) < limit(name)) {
            set_number(jail, name, limit(name));
        }
    }
    const long long most =
        std::max(limit("children.max") - depth_below(jails, jail.id, above), 0LL);
    if (own("children.max") > most) {
        set_number(jail, "children.max", most);
    }
    if (own("devfs_ruleset") != limit("devfs_ruleset")) {
        set_number(jail, "devfs_ruleset", limit("devfs_ruleset"));
    }
}

void restrict_permissions(const Jails& jails, JailState& jail, int above) {
    for (Param& param : jail.params) {
        if (param.name.starts_with(kAllow) && !jail_allows(jails, above, param.name)) {
            param.values = {"false"};
        }
    }
    for (const std::string_view name : kUsuallyAllowed) {
        if (!jail_allows(jails, above, name) && find_param(jail.params, name) == nullptr) {
            jail.params.push_back(
                {std::string{name}, ParamType::boolean, ParamPerformer::kernel, {"false"}, {}});
        }
    }
}

void restrict_addresses(const Jails& jails, JailState& jail, int above) {
    for (Param& param : jail.params) {
        const auto* family =
            std::find_if(kFamilies.begin(), kFamilies.end(), [&](const Family& each) {
                return each.list == param.name;
            });
        if (family == kFamilies.end() || !has_jail_restriction(jails, above, family->mode)
            || stack_of(jails, jail.id) != stack_of(jails, above)) {
            continue;
        }
        const auto left = jail_addresses(find_jail_by_id(jails, above)->params, family->list);
        auto& values = param.values;
        values.erase(
            std::remove_if(values.begin(),
                           values.end(),
                           [&](const std::string& value) { return !contains_all(left, {value}); }),
            values.end());
    }
}

}  // namespace

const JailState* find_jail_by_id(const Jails& jails, int id) noexcept {
    const auto jail = std::find_if(
        jails.begin(), jails.end(), [id](const JailState& each) { return each.id == id; });
    return jail == jails.end() ? nullptr : &*jail;
}

bool is_jail_below(const Jails& jails, int id, int ancestor) noexcept {
    const JailState* jail = find_jail_by_id(jails, id);
    while (jail != nullptr && jail->parent != ancestor) {
        jail = find_jail_by_id(jails, jail->parent);
    }
    return jail != nullptr;
}

long long jail_limit(const Jails& jails, int id, std::string_view name) {
    const auto* limit = std::find_if(
        kLimits.begin(), kLimits.end(), [&](const Limit& each) { return each.name == name; });
    const JailState* jail = find_jail_by_id(jails, id);
    return jail == nullptr ? limit->of_host : jail_number(jail->params, name, limit->of_new_jail);
}

bool jail_allows(const Jails& jails, int id, std::string_view name) {
    const JailState* jail = find_jail_by_id(jails, id);
    if (jail == nullptr) {
        return true;
    }
    const bool usually =
        std::find(kUsuallyAllowed.begin(), kUsuallyAllowed.end(), name) != kUsuallyAllowed.end();
    return jail_value(jail->params, name, usually ? "true" : "false") == "true";
}

bool has_jail_restriction(const Jails& jails, int id, std::string_view mode) {
    const JailState* jail = find_jail_by_id(jails, id);
    while (jail != nullptr && !has_own_stack(*jail) && !is_restricted(*jail, mode)) {
        jail = find_jail_by_id(jails, jail->parent);
    }
    return jail != nullptr && !has_own_stack(*jail);
}

void check_jail_limits(const Jails& jails, const JailSeat& seat, const ParamList& params) {
    check_numbers(jails, seat, params);
    check_addresses(jails, seat, params);
    check_permissions(jails, seat, params);
}

void inherit_jail_permissions(const Jails& jails, JailState& jail) {
    restrict_permissions(jails, jail, jail.parent);
}

void restrict_jails_below(Jails& jails, int id) {
    for (JailState& jail : jails) {
        if (is_jail_below(jails, jail.id, id)) {
            restrict_numbers(jails, jail, id);
            restrict_permissions(jails, jail, id);
            restrict_addresses(jails, jail, id);
        }
    }
}

}  // namespace brig
