// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_get.hpp"

#include "host/freebsd/jail_param_list.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "host/freebsd/kernel_params.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace brig::freebsd {

namespace {

using NameBuffer = std::array<char, MAXHOSTNAMELEN>;
using PathBuffer = std::array<char, MAXPATHLEN>;

std::vector<std::string> values_of(ParamType type, const std::string& text) {
    const bool list = type == ParamType::ip4_list || type == ParamType::ip6_list;
    if (!list) {
        return {text};
    }
    return text.empty() ? std::vector<std::string>{} : split(text, ',');
}

/// FreeBSD 15 gives `meta` and `env` as lines of "key=value"; ours are one parameter a key.
void add_keys(ParamList& params, const std::string& name, const std::string& lines) {
    for (const std::string& line : split(lines, '\n')) {
        const std::size_t equals = line.find('=');
        if (equals != std::string::npos) {
            params.push_back(Param{name + "." + line.substr(0, equals),
                                   ParamType::key_value,
                                   ParamPerformer::kernel,
                                   {line.substr(equals + 1)},
                                   {}});
        }
    }
}

/// The jail is named by "jid", which therefore comes first.
void request_all(JailParamList& list, const Jail& jail, const std::vector<ParamInfo>& known) {
    list.add("jid", std::to_string(static_cast<int>(jail.id)));
    for (const ParamInfo& info : known) {
        if (info.name != "jid") {
            list.add_wanted(info.name);
        }
    }
}

ParamList read_all(JailParamList& list, const std::vector<ParamInfo>& known) {
    ParamList params;
    std::size_t index = 0;
    for (const ParamInfo& info : known) {
        const std::string text = list.text(info.name == "jid" ? 0 : ++index);
        if (info.type == ParamType::key_value) {
            add_keys(params, info.name, text);
            continue;
        }
        params.push_back(
            Param{info.name, info.type, ParamPerformer::kernel, values_of(info.type, text), {}});
    }
    return params;
}

/// The id of the jail after `id`, and its name; -1 after the last.
int next_jail(int id, NameBuffer& name) {
    const std::string last = std::to_string(id);
    const int next =
        ::jail_getv(0, "lastjid", last.c_str(), "name", name.data(), static_cast<char*>(nullptr));
    if (next < 0 && errno != ENOENT) {
        in_context("list the jails", [] { throw_jail_error(); });
    }
    return next;
}

}  // namespace

std::optional<Jail> find_jail(const std::string& name, const std::filesystem::path& folder) {
    PathBuffer path{};
    const int id =
        ::jail_getv(0, "name", name.c_str(), "path", path.data(), static_cast<char*>(nullptr));
    if (id < 0 && errno == ENOENT) {
        return std::nullopt;
    }
    if (id < 0) {
        in_context(fmt::format("find the jail '{}'", name), [] { throw_jail_error(); });
    }
    return Jail{JailId{id}, name, path.data(), folder};
}

std::optional<JailRemains> find_remains(const std::string& name) {
    return in_context(fmt::format("find the jail '{}'", name), [&]() -> std::optional<JailRemains> {
        JailParamList list;
        list.add("name", name);
        for (const char* wanted : {"path", "allow.mount"}) {
            list.add_wanted(wanted);
        }
        const int id = list.get(JAIL_DYING);
        if (id < 0 && errno == ENOENT) {
            return std::nullopt;
        }
        if (id < 0) {
            throw_jail_error();
        }
        return JailRemains{id, list.text(1), list.text(2) == "true"};
    });
}

ParamList jail_params(const Jail& jail) {
    const std::vector<ParamInfo> known = present_params();
    return in_context(fmt::format("read the parameters of the jail '{}'", jail.name), [&] {
        JailParamList list;
        request_all(list, jail, known);
        if (list.get(0) < 0) {
            throw_jail_error();
        }
        return read_all(list, known);
    });
}

std::vector<int> family_of(const std::string& name) {
    const std::string children = name + ".";
    std::vector<int> ids;
    NameBuffer found{};
    for (int id = next_jail(0, found); id >= 0; id = next_jail(id, found)) {
        const std::string_view text{found.data()};
        if (text == name || text.starts_with(children)) {
            ids.push_back(id);
        }
    }
    return ids;
}

bool is_left(int id) {
    NameBuffer name{};
    const std::string text = std::to_string(id);
    return ::jail_getv(
               JAIL_DYING, "jid", text.c_str(), "name", name.data(), static_cast<char*>(nullptr))
           >= 0;
}

}  // namespace brig::freebsd
