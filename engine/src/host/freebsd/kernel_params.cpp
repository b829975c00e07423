// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/kernel_params.hpp"

#include "host/freebsd/sysctl.hpp"
#include "params/catalogue.hpp"
#include "support/check.hpp"

#include <sys/sysctl.h>
#include <sys/types.h>

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

/// The parameter at `oid`; nothing when its type is one we do not know.
std::optional<ParamInfo> param_at(const Oid& oid) {
    const Format format = format_of(oid);
    const std::optional<ParamType> type = type_of(format);
    if (!type) {
        return std::nullopt;
    }
    ParamInfo info;
    info.name = ask_text(CTL_SYSCTL_NAME, oid).substr(std::strlen(kTree) + 1);
    if (info.name.ends_with('.')) {
        info.name.pop_back();  // "ip4." is the parameter of the node "ip4"
    }
    info.type = *type;
    info.access = access_of(format.kind);
    info.summary = ask_text(CTL_SYSCTL_OIDDESCR, oid);
    info.manual = "jail(8)";
    if ((format.kind & CTLTYPE) == CTLTYPE_STRING) {
        // A string parameter's value in the tree is the size of its buffer.
        info.max_length = std::strtoul(sysctl_bytes(oid, info.name).c_str(), nullptr, 10);
    }
    return info;
}

/// What no kernel tells: defaults, ranges, and the manual page.
void add_what_we_know(ParamInfo& info, const Catalogue& known) {
    const ParamInfo* row = known.find(info.name);
    if (row == nullptr || row->type != info.type) {
        return;
    }
    info.default_value = row->default_value;
    info.min = row->min;
    info.max = row->max;
    info.manual = row->manual;
    info.choices = row->choices;
}

/// The names for which libjail loads a module, see kldload_param() in its jail.c.
bool is_loadable(const std::string& name) {
    return name == "linux" || name.starts_with("linux.") || name == "sysvmsg" || name == "sysvsem"
           || name == "sysvshm" || name.starts_with("allow.mount.");
}

/// exec.fib with the limit of this kernel. The engine's own row has none, and a host's goes first.
ParamInfo routing_table_param() {
    ParamInfo info = *Catalogue{pseudo_params()}.find("exec.fib");
    info.max = sysctl_int("net.fibs") - 1;
    return info;
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

std::vector<ParamInfo> kernel_params() {
    const Catalogue known{builtin_kernel_params()};
    const Catalogue present{present_params()};
    std::vector<ParamInfo> params = present.rows();
    for (ParamInfo& info : params) {
        add_what_we_know(info, known);
    }
    for (const ParamInfo& info : known.rows()) {
        if (is_loadable(info.name) && present.find(info.name) == nullptr) {
            params.push_back(info);
            params.back().enforcement = Enforcement::enforced;
        }
    }
    params.push_back(routing_table_param());
    return params;
}

}  // namespace brig::freebsd
