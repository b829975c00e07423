// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/kernel_params.hpp"

#include "host/freebsd/sysctl.hpp"
#include "params/builtin_catalogue.hpp"
#include "support/check.hpp"

#include <sys/sysctl.h>
#include <sys/types.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

namespace brig::freebsd {

namespace {

constexpr const char* kTree = "security.jail.param";

using Oid = std::vector<int>;

/// The kernel's own description of its tree, see sysctl(3) and <sys/sysctl.h>.
std::vector<int> query_oid(int query, const Oid& oid) {
    std::vector<int> whole{CTL_SYSCTL, query};
    whole.insert(whole.end(), oid.begin(), oid.end());
    return whole;
}

std::string ask(int query, const Oid& oid) {
    return sysctl_bytes(query_oid(query, oid), kTree);
}

std::string ask_text(int query, const Oid& oid) {
    return text_in(ask(query, oid));
}

/// The leaf after `oid`, in the whole tree; nothing after the last.
std::optional<Oid> next_leaf(const Oid& oid) {
    const std::vector<int> query = query_oid(CTL_SYSCTL_NEXT, oid);
    Oid next(CTL_MAXNAME);
    std::size_t size = next.size() * sizeof(int);
    const auto depth = static_cast<u_int>(query.size());
    if (::sysctl(query.data(), depth, next.data(), &size, nullptr, 0) < 0) {
        if (errno == ENOENT) {
            return std::nullopt;
        }
        check(-1, "list sysctl {}", kTree);
    }
    next.resize(size / sizeof(int));
    return next;
}

bool is_below(const Oid& oid, const Oid& tree) {
    return oid.size() > tree.size() && std::equal(tree.begin(), tree.end(), oid.begin());
}

struct Format {
    unsigned kind = 0;  ///< CTLTYPE_… and CTLFLAG_…
    std::string text;   ///< "I", "B", "E,jailsys", "S,in_addr,a", …
};

Format format_of(const Oid& oid) {
    const std::string bytes = ask(CTL_SYSCTL_OIDFMT, oid);
    Format format;
    if (bytes.size() > sizeof format.kind) {
        std::memcpy(&format.kind, bytes.data(), sizeof format.kind);
        format.text = text_in(bytes.substr(sizeof format.kind));
    }
    return format;
}

std::optional<ParamType> type_of(const Format& format) {
    switch (format.kind & CTLTYPE) {
        case CTLTYPE_INT:
            if (format.text.starts_with('B')) {
                return ParamType::boolean;
            }
            return format.text == "E,jailsys" ? ParamType::jailsys : ParamType::integer;
        case CTLTYPE_ULONG:
            return ParamType::ulong;
        case CTLTYPE_STRING:
            return format.text == "A,keyvalue" ? ParamType::key_value : ParamType::string;
        case CTLTYPE_STRUCT:
            if (format.text == "S,in_addr,a") {
                return ParamType::ip4_list;
            }
            if (format.text == "S,in6_addr,a") {
                return ParamType::ip6_list;
            }
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

ParamAccess access_of(unsigned kind) {
    if ((kind & CTLFLAG_WR) != 0) {
        return ParamAccess::read_write;
    }
    return (kind & CTLFLAG_TUN) != 0 ? ParamAccess::create_only : ParamAccess::read_only;
}

/// The rule of the parameter at `oid`; nothing when its type is one we do not know.
std::optional<ParamRule> rule_at(const Oid& oid) {
    const Format format = format_of(oid);
    const std::optional<ParamType> type = type_of(format);
    if (!type) {
        return std::nullopt;
    }
    ParamRule rule;
    rule.type = *type;
    rule.access = access_of(format.kind);
    if (rule.type == ParamType::string || rule.type == ParamType::key_value) {
        // A string parameter's value in the tree is the size of its buffer.
        rule.max_length = std::strtoul(sysctl_bytes(oid, kTree).c_str(), nullptr, 10);
    }
    return rule;
}

std::string name_of(const Oid& oid) {
    return ask_text(CTL_SYSCTL_NAME, oid).substr(std::strlen(kTree) + 1);
}

std::optional<ParamInfo> param_at(const Oid& oid) {
    const auto rule = rule_at(oid);
    if (!rule) {
        return std::nullopt;
    }
    ParamInfo info;
    static_cast<ParamRule&>(info) = *rule;
    info.name = name_of(oid);
    if (info.name.ends_with('.')) {
        info.name.pop_back();  // "ip4." is the parameter of the node "ip4"
    }
    info.summary = ask_text(CTL_SYSCTL_OIDDESCR, oid);
    info.manual = "jail(8)";
    return info;
}

/// What the kernel has at `name` in its tree: a parameter, or a node of parameters.
std::optional<Oid> find_oid(const std::string& name) {
    const std::string path = kTree + ("." + name);
    Oid oid(CTL_MAXNAME);
    std::size_t depth = oid.size();
    if (::sysctlnametomib(path.c_str(), oid.data(), &depth) < 0) {
        return std::nullopt;
    }
    oid.resize(depth);
    return oid;
}

/// The leaf of the parameter called `name`; nothing when the kernel has none.
std::optional<Oid> leaf_of(const std::string& name) {
    // The kernel would overlook a final dot, and all that follows a NUL.
    if (name.empty() || name.back() == '.' || name.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    const auto found = find_oid(name);
    if (!found || (format_of(*found).kind & CTLTYPE) != CTLTYPE_NODE) {
        return found;
    }
    // The parameter of a node is the leaf below it that has no name of its own.
    for (auto leaf = next_leaf(*found); leaf && is_below(*leaf, *found); leaf = next_leaf(*leaf)) {
        if (name_of(*leaf) == name + ".") {
            return leaf;
        }
    }
    return std::nullopt;
}

/// What no kernel tells: ranges, and which jailsys parameters can be disabled.
void add_limits(ParamRule& rule, const ParamRule& known) {
    if (rule.type == known.type) {
        rule.min = known.min;
        rule.max = known.max;
        rule.can_disable = known.can_disable;
    }
}

/// Limits, and what else no kernel tells: defaults and the manual page.
void add_what_we_know(ParamInfo& info) {
    const table::Table known = kernel_table();
    const table::PackedRow* row = known.find(info.name);
    if (row == nullptr || row->type != info.type) {
        return;
    }
    ParamInfo builtin = known.info(*row);
    add_limits(info, builtin);
    info.default_value = std::move(builtin.default_value);
    info.manual = std::move(builtin.manual);
    info.since = std::move(builtin.since);
}

/// The names for which libjail loads a module, see kldload_param() in its jail.c.
bool is_loadable(std::string_view name) {
    return name == "linux" || name.starts_with("linux.") || name == "sysvmsg" || name == "sysvsem"
           || name == "sysvshm" || name.starts_with("allow.mount.");
}

/// What the kernel, or one of its modules that is not loaded, says of `name`.
std::optional<ParamRule> kernel_rule(const std::string& name) {
    const table::Table known = kernel_table();
    const table::PackedRow* row = known.find(name);
    if (const auto leaf = leaf_of(name)) {
        auto rule = rule_at(*leaf);
        if (rule && row != nullptr) {
            add_limits(*rule, known.rule(*row));
        }
        return rule;
    }
    return row != nullptr && is_loadable(name) ? std::optional{known.rule(*row)} : std::nullopt;
}

/// What the engine performs. The number of routing tables is this kernel's.
ParamRule engine_rule(const table::Table& table, const table::PackedRow& row) {
    ParamRule rule = table.rule(row);
    if (table.name(row) == "exec.fib") {
        rule.max = sysctl_int("net.fibs") - 1;
    }
    return rule;
}

std::vector<ParamInfo> loadable_params() {
    const table::Table known = kernel_table();
    std::vector<ParamInfo> params;
    for (const table::PackedRow& row : known) {
        if (is_loadable(known.name(row))) {
            params.push_back(known.info(row));
        }
    }
    return params;
}

std::vector<ParamInfo> engine_params() {
    const table::Table pseudo = pseudo_table();
    std::vector<ParamInfo> params;
    for (const table::PackedRow& row : pseudo) {
        params.push_back(pseudo.info(row));
        static_cast<ParamRule&>(params.back()) = engine_rule(pseudo, row);
    }
    return params;
}

}  // namespace

std::vector<ParamInfo> present_params() {
    const Oid tree = sysctl_oid(kTree);
    std::vector<ParamInfo> params;
    for (auto oid = next_leaf(tree); oid && is_below(*oid, tree); oid = next_leaf(*oid)) {
        if (std::optional<ParamInfo> info = param_at(*oid)) {
            params.push_back(std::move(*info));
        }
    }
    return params;
}

std::vector<ParamInfo> KernelCatalogue::rows() const {
    std::vector<ParamInfo> rows = present_params();
    for (ParamInfo& info : rows) {
        add_what_we_know(info);
    }
    for (const auto& more : {loadable_params(), engine_params()}) {
        rows.insert(rows.end(), more.begin(), more.end());
    }
    return sorted_by_name(std::move(rows));
}

std::optional<ParamRule> KernelCatalogue::find_whole(std::string_view name) const {
    if (const auto asked = asked_.find(name); asked != asked_.end()) {
        return asked->second;
    }
    const table::Table pseudo = pseudo_table();
    const table::PackedRow* row = pseudo.find(name);
    const auto rule =
        row == nullptr ? kernel_rule(std::string{name}) : std::optional{engine_rule(pseudo, *row)};
    return asked_.emplace(name, rule).first->second;
}

}  // namespace brig::freebsd
