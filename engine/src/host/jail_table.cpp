// SPDX-License-Identifier: BSD-2-Clause
#include "host/jail_table.hpp"

#include "host/jail_error.hpp"
#include "host/jail_limits.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace brig {

namespace {

constexpr std::size_t kLongestName = 255;  // MAXHOSTNAMELEN - 1

/// jail_get(2) has them, jail_set(2) does not.
constexpr std::array<std::string_view, 4> kReadOnly{"cpuset.id", "parent", "children.cur", "dying"};

/// They say which jail is meant, and are kept beside the parameters.
bool is_identity(std::string_view name) {
    return name == "jid" || name == "name";
}

void put(ParamList& params, const Param& param) {
    const auto present = std::find_if(
        params.begin(), params.end(), [&](const Param& each) { return each.name == param.name; });
    if (present == params.end()) {
        params.push_back(param);
    } else {
        *present = param;
    }
}

void put(ParamList& params, const std::string& name, ParamType type, std::string value) {
    put(params, Param{name, type, ParamPerformer::kernel, {std::move(value)}, {}});
}

template <typename Predicate>
void drop_if(ParamList& params, Predicate predicate) {
    params.erase(std::remove_if(params.begin(), params.end(), predicate), params.end());
}

void drop(ParamList& params, const std::string& name) {
    drop_if(params, [&](const Param& param) { return param.name == name; });
}

/// A member of `meta` or `env` without a value.
bool is_taken_away(const Param& param) {
    return param.type == ParamType::key_value && param.values.empty();
}

/// The number that a jid or a name is, if it is one.
std::optional<int> number_of(const std::string& text) {
    if (text.empty() || text.size() > 9
        || text.find_first_not_of("0123456789") != std::string::npos) {
        return std::nullopt;
    }
    return std::stoi(text);
}

void settle_host(ParamList& params, const ParamList& given) {
    const auto is_name = [](const Param& param) { return param.name.starts_with("host."); };
    if (std::any_of(given.begin(), given.end(), is_name)) {
        put(params, "host", ParamType::jailsys, "new");
    } else if (jail_value(given, "host", "new") == "inherit") {
        drop_if(params, is_name);
    }
}

/// An address list restricts the jail to it, whatever the mode says; `new` is read as `disable`.
void settle_addresses(ParamList& params, const ParamList& given, const std::string& mode) {
    if (jail_value(params, "vnet", "inherit") == "new") {
        put(params, mode, ParamType::jailsys, "inherit");
    } else if (find_param(given, mode + ".addr") != nullptr
               || jail_value(params, mode, "disable") == "new") {
        put(params, mode, ParamType::jailsys, "disable");
    }
}

/// One call of jail_set(2), step by step in the kernel's order.
class JailCall {
  public:
    JailCall(Jails& jails, JailOperation operation, const ParamList& params, int caller)
        : jails_{jails},
          params_{params},
          operation_{operation},
          seat_{kHostJailId, caller, caller} {}

    JailState& perform(int free_id) {
        if (is_create() && jail_limit(jails_, seat_.caller, "children.max") == 0) {
            refuse_jail_param(EPERM, "jail_set");
        }
        check_jail_values(operation_, params_);
        find_by_id();
        find_by_name();
        if (seat_.jail == kHostJailId) {
            check_room();
            id_ = id_ == 0 ? free_id : id_;
        }
        check_jail_limits(jails_, seat_, params_);
        check_name();
        check_known();
        JailState& jail = seat_.jail == kHostJailId ? add() : own(seat_.jail);
        rename(jail);
        change(jail);
        restrict_jails_below(jails_, jail.id);
        return jail;
    }

  private:
    [[nodiscard]] bool is_create() const { return operation_ != JailOperation::update; }
    [[nodiscard]] bool is_only_create() const { return operation_ == JailOperation::create; }

    /// The jail with `id`, which is there.
    [[nodiscard]] JailState& own(int id) {
        return *std::find_if(
            jails_.begin(), jails_.end(), [id](const JailState& each) { return each.id == id; });
    }

    /// The name of `id` with a final dot, or nothing for the host: what its children begin with.
    [[nodiscard]] std::string prefix_of(int id) const {
        const JailState* jail = find_jail_by_id(jails_, id);
        return jail == nullptr ? "" : jail->name + ".";
    }

    void find_by_id() {
        const Param* name = find_param(params_, "name");
        id_ = static_cast<int>(jail_number(params_, "jid", 0));
        if (is_only_create() && id_ == 0 && name != nullptr) {
            const std::string& text = name->values.front();
            id_ = number_of(text.substr(text.rfind('.') + 1)).value_or(0);
        }
        if (id_ < 0) {
            refuse_jail(EINVAL, "negative jid");
        }
        const JailState* jail = id_ == 0 ? nullptr : find_jail_by_id(jails_, id_);
        if (jail != nullptr && is_only_create()) {
            refuse_jail(EEXIST, fmt::format("jail {} already exists", id_));
        }
        const bool is_hidden = jail != nullptr && !is_jail_below(jails_, id_, seat_.caller);
        if (is_hidden || (id_ != 0 && jail == nullptr && !is_create())) {
            refuse_jail(ENOENT, fmt::format("jail {} not found", id_));
        }
        if (jail != nullptr) {
            if (jail->is_dying) {
                refuse_jail(ENOENT, fmt::format("jail {} is dying", id_));
            }
            seat_.jail = jail->id;
            seat_.parent = jail->parent;
        }
    }

    void find_by_name() {
        const Param* name = find_param(params_, "name");
        if (name == nullptr) {
            if (seat_.jail == kHostJailId && !is_create()) {
                refuse_jail(ENOENT, "update specified no jail");
            }
            return;
        }
        const std::string& text = name->values.front();
        const std::size_t dot = text.rfind('.');
        if (dot != std::string::npos) {
            find_parent(text.substr(0, dot));
        }
        component_ = text.substr(dot + 1);
        if (!component_->empty()) {
            find_sibling(text);
        }
    }

    void find_parent(const std::string& text) {
        const std::string name = prefix_of(seat_.caller) + text;
        if (seat_.jail != kHostJailId) {
            if (prefix_of(seat_.parent) != name + ".") {
                refuse_jail(EINVAL, "cannot change jail's parent");
            }
            return;
        }
        bool is_dying = false;
        for (const JailState& jail : jails_) {
            if (jail.name == name && !jail.is_dying) {
                seat_.parent = jail.id;
                return;
            }
            is_dying |= jail.name == name;
        }
        refuse_jail(ENOENT,
                    fmt::format("jail \"{}\" {}", text, is_dying ? "is dying" : "not found"));
    }

    /// Finds the jail to update by its name, and refuses a name that another one has.
    void find_sibling(const std::string& text) {
        const std::string name = prefix_of(seat_.parent) + *component_;
        bool is_dying = false;
        for (const JailState& jail : jails_) {
            if (jail.name != name || jail.id == seat_.jail) {
                continue;
            }
            if (jail.is_dying) {
                is_dying = true;
                continue;
            }
            if (seat_.jail != kHostJailId || is_only_create()) {
                refuse_jail(EEXIST, fmt::format("jail \"{}\" already exists", text));
            }
            seat_.jail = jail.id;
            return;
        }
        if (seat_.jail == kHostJailId && !is_create()) {
            refuse_jail(ENOENT,
                        fmt::format("jail \"{}\" {}", text, is_dying ? "is dying" : "not found"));
        }
    }

    /// The caller's limit counts, and those of the jails around it, not that of the parent.
    void check_room() const {
        for (int id = seat_.caller;;) {
            const auto below =
                std::count_if(jails_.begin(), jails_.end(), [&](const JailState& jail) {
                    return is_jail_below(jails_, jail.id, id);
                });
            if (below >= jail_limit(jails_, id, "children.max")) {
                refuse_jail(EPERM, "prison limit exceeded");
            }
            const JailState* jail = find_jail_by_id(jails_, id);
            if (jail == nullptr) {
                return;
            }
            id = jail->parent;
        }
    }

    void check_name() const {
        if (!component_) {
            return;
        }
        const int id = seat_.jail == kHostJailId ? id_ : seat_.jail;
        const bool is_number = !component_->empty()
                               && component_->find_first_not_of("0123456789") == std::string::npos;
        if (is_number && *component_ != std::to_string(id)) {
            refuse_jail(EINVAL, "name cannot be numeric (unless it is the jid)");
        }
        if (prefix_of(seat_.parent).size() + component_->size() > kLongestName) {
            refuse_jail_param(ENAMETOOLONG, "name");
        }
    }

    void check_known() const {
        for (const Param& param : params_) {
            if (std::find(kReadOnly.begin(), kReadOnly.end(), param.name) != kReadOnly.end()) {
                refuse_jail(EINVAL, fmt::format("unknown parameter: {}", param.name));
            }
        }
    }

    JailState& add() {
        JailState jail;
        jail.id = id_;
        jail.parent = seat_.parent;
        if (!component_) {
            component_.emplace();
        }
        inherit(jail);
        inherit_jail_permissions(jails_, jail);
        jails_.push_back(std::move(jail));
        return jails_.back();
    }

    /// What a new jail has from its parent.
    void inherit(JailState& jail) const {
        const JailState* parent = find_jail_by_id(jails_, jail.parent);
        if (parent == nullptr) {
            return;
        }
        for (const char* name : {"securelevel", "devfs_ruleset", "osrelease", "osreldate"}) {
            if (const Param* param = find_param(parent->params, name)) {
                jail.params.push_back(*param);
            }
        }
        for (const char* mode : {"ip4", "ip6"}) {
            const Param* list = find_param(parent->params, fmt::format("{}.addr", mode));
            if (list != nullptr && jail_value(params_, mode, "disable") == "inherit") {
                jail.params.push_back(*list);
            }
        }
    }

    void rename(JailState& jail) {
        if (!component_) {
            return;
        }
        const std::string before = jail.name + ".";
        jail.name =
            prefix_of(jail.parent) + (component_->empty() ? std::to_string(jail.id) : *component_);
        for (JailState& below : jails_) {
            if (is_jail_below(jails_, below.id, jail.id)) {
                below.name.replace(0, before.size(), jail.name + ".");
            }
        }
    }

    void change(JailState& jail) const {
        for (const Param& param : params_) {
            if (is_taken_away(param)) {
                drop(jail.params, param.name);
            } else if (!is_identity(param.name)) {
                put(jail.params, param);
            }
        }
        settle_jail_params(jail.params, params_);
    }

    Jails& jails_;
    const ParamList& params_;
    JailOperation operation_;
    JailSeat seat_;
    int id_ = 0;                            ///< asked for, or that of a numeric name
    std::optional<std::string> component_;  ///< the last one of the name, if there is a name
};

bool is_address_list(ParamType type) {
    return type == ParamType::ip4_list || type == ParamType::ip6_list;
}

/// False for a number that only FreeBSD has.
bool has_default(const ParamInfo& info) {
    return !info.default_value.empty() || info.type == ParamType::string
           || is_address_list(info.type);
}

Param default_of(const ParamInfo& info) {
    Param param{info.name, info.type, ParamPerformer::kernel, {}, {}};
    if (!is_address_list(info.type)) {
        param.values = {info.default_value};
    }
    return param;
}

/// What the host itself has and gives to a jail that does not have its own.
bool is_hosts(const JailState& jail, std::string_view name) {
    return name == "osrelease" || name == "osreldate"
           || (name.starts_with("host.") && jail_value(jail.params, "host", "new") == "inherit");
}

}  // namespace

void settle_jail_params(ParamList& params, const ParamList& given) {
    settle_host(params, given);
    settle_addresses(params, given, "ip4");
    settle_addresses(params, given, "ip6");
}

const JailState& JailTable::set(JailOperation operation,
                                const ParamList& params,
                                int free_id,
                                int caller) {
    return JailCall{jails_, operation, params, caller}.perform(free_id);
}

ParamList JailTable::get(const JailState& jail,
                         const std::vector<ParamInfo>& known,
                         int caller) const {
    ParamList shown = jail.params;
    const JailState* from = find_jail_by_id(jails_, caller);
    const std::size_t hidden = from == nullptr ? 0 : from->name.size() + 1;
    const auto children = std::count_if(jails_.begin(), jails_.end(), [&](const JailState& each) {
        return is_jail_below(jails_, each.id, jail.id);
    });
    const auto put_number = [&](const char* name, long long number) {
        put(shown, name, ParamType::integer, std::to_string(number));
    };
    put_number("jid", jail.id);
    put_number("parent", jail.parent == caller ? kHostJailId : jail.parent);
    put_number("children.cur", children);
    put(shown, "name", ParamType::string, jail.name.substr(hidden));
    put(shown, "dying", ParamType::boolean, jail.is_dying ? "true" : "false");
    put(shown, "persist", ParamType::boolean, jail_value(jail.params, "persist", "true"));
    for (Param& param : shown) {
        if (is_address_list(param.type)) {
            param.values = jail_addresses(shown, param.name);
        }
    }
    for (const ParamInfo& info : known) {
        const bool is_missing = info.performer == ParamPerformer::kernel
                                && info.type != ParamType::key_value
                                && find_param(shown, info.name) == nullptr;
        const Param* hosts = is_hosts(jail, info.name) ? find_param(host_, info.name) : nullptr;
        if (is_missing && hosts != nullptr) {
            shown.push_back(*hosts);
        } else if (is_missing && has_default(info)) {
            shown.push_back(default_of(info));
        }
    }
    return shown;
}

std::vector<int> JailTable::family_of(int id) const {
    std::vector<int> family{id};
    for (const JailState& jail : jails_) {
        if (is_jail_below(jails_, jail.id, id)) {
            family.push_back(jail.id);
        }
    }
    return family;
}

}  // namespace brig
