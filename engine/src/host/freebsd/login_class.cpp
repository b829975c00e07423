// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/login_class.hpp"

#include "support/check.hpp"

#include <login_cap.h>
#include <pwd.h>
#include <sys/param.h>

#include <array>
#include <cstring>
#include <memory>

namespace brig::freebsd {

namespace {

struct CloseLoginCap {
    void operator()(login_cap_t* capabilities) const noexcept { ::login_close(capabilities); }
};

using LoginCap = std::unique_ptr<login_cap_t, CloseLoginCap>;
using ReadLimit = rlim_t (*)(login_cap_t*, const char*, rlim_t, rlim_t);

struct Resource {
    const char* name;
    ReadLimit read;
    int number;
};

// login.conf(5), "RESOURCE LIMITS"
constexpr std::array<Resource, 15> kResources{{
    {"cputime", ::login_getcaptime, RLIMIT_CPU},
    {"filesize", ::login_getcapsize, RLIMIT_FSIZE},
    {"datasize", ::login_getcapsize, RLIMIT_DATA},
    {"stacksize", ::login_getcapsize, RLIMIT_STACK},
    {"memoryuse", ::login_getcapsize, RLIMIT_RSS},
    {"memorylocked", ::login_getcapsize, RLIMIT_MEMLOCK},
    {"maxproc", ::login_getcapnum, RLIMIT_NPROC},
    {"openfiles", ::login_getcapnum, RLIMIT_NOFILE},
    {"coredumpsize", ::login_getcapsize, RLIMIT_CORE},
    {"sbsize", ::login_getcapsize, RLIMIT_SBSIZE},
    {"vmemoryuse", ::login_getcapsize, RLIMIT_VMEM},
    {"pseudoterminals", ::login_getcapnum, RLIMIT_NPTS},
    {"swapuse", ::login_getcapsize, RLIMIT_SWAP},
    {"kqueues", ::login_getcapsize, RLIMIT_KQUEUES},
    {"umtxp", ::login_getcapnum, RLIMIT_UMTXP},
}};

struct Variable {
    const char* capability;
    const char* name;
    bool is_path;
};

// login.conf(5), "ENVIRONMENT". TERM is the caller's.
constexpr std::array<Variable, 7> kVariables{{
    {"path", "PATH", true},
    {"cdpath", "CDPATH", true},
    {"manpath", "MANPATH", true},
    {"lang", "LANG", false},
    {"charset", "MM_CHARSET", false},
    {"mail", "MAIL", false},
    {"timezone", "TZ", false},
}};

std::string class_name_of(const Credentials& credentials, UserOf whose) {
    if (whose == UserOf::host) {
        const passwd* entry = ::getpwnam(credentials.user.c_str());
        if (entry != nullptr && entry->pw_class != nullptr && *entry->pw_class != '\0') {
            return entry->pw_class;
        }
    }
    return credentials.uid == 0 ? LOGIN_DEFROOTCLASS : LOGIN_DEFCLASS;
}

/// `name` sets both limits, `name-cur` and `name-max` one of them.
rlimit limit_of(login_cap_t* capabilities, const Resource& resource) {
    rlimit limit{};
    check(::getrlimit(resource.number, &limit), "get the limit '{}'", resource.name);
    const rlim_t soft = resource.read(capabilities, resource.name, limit.rlim_cur, limit.rlim_cur);
    const rlim_t hard = resource.read(capabilities, resource.name, limit.rlim_max, limit.rlim_max);
    const std::string name = resource.name;
    limit.rlim_cur = resource.read(capabilities, (name + "-cur").c_str(), soft, soft);
    limit.rlim_max = resource.read(capabilities, (name + "-max").c_str(), hard, hard);
    return limit;
}

/// "~" is the home and "$" the name of the user, unless a backslash is before it.
std::string substitute(std::string_view text, const Credentials& credentials) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool escape = text[at] == '\\' && at + 1 < text.size()
                            && (text[at + 1] == '~' || text[at + 1] == '$');
        if (escape) {
            result += text[++at];
        } else if (text[at] == '~') {
            result += credentials.home == "/" ? "" : credentials.home;
        } else if (text[at] == '$') {
            result += credentials.user;
        } else {
            result += text[at];
        }
    }
    return result;
}

void add_named_variables(LoginClass& login,
                         login_cap_t* capabilities,
                         const Credentials& credentials) {
    for (const Variable& variable : kVariables) {
        const char* value =
            variable.is_path
                ? ::login_getpath(capabilities, variable.capability, nullptr)
                : ::login_getcapstr(capabilities, variable.capability, nullptr, nullptr);
        if (value != nullptr) {
            login.environment.push_back(
                fmt::format("{}={}", variable.name, substitute(value, credentials)));
        }
    }
}

/// The capability `setenv`: a list of NAME=value.
void add_listed_variables(LoginClass& login,
                          login_cap_t* capabilities,
                          const Credentials& credentials) {
    const char** listed = ::login_getcaplist(capabilities, "setenv", ",");
    for (; listed != nullptr && *listed != nullptr; ++listed) {
        const std::string_view entry{*listed};
        const std::size_t begin = entry.find_first_not_of(" \t");
        const std::size_t equals = entry.find('=');
        if (equals != std::string_view::npos && begin < equals) {
            login.environment.push_back(
                fmt::format("{}={}",
                            entry.substr(begin, equals - begin),
                            substitute(entry.substr(equals + 1), credentials)));
        }
    }
}

}  // namespace

LoginClass login_class_of(const Credentials& credentials, UserOf whose) {
    const std::string wanted = class_name_of(credentials, whose);
    const LoginCap capabilities{::login_getclass(wanted.c_str())};
    if (capabilities == nullptr) {
        check(-1, "read the login class '{}'", wanted);
    }
    LoginClass login;
    login.name = capabilities->lc_class;
    for (const Resource& resource : kResources) {
        login.limits.push_back({resource.number, limit_of(capabilities.get(), resource)});
    }
    login.umask = static_cast<mode_t>(
        ::login_getcapnum(capabilities.get(), "umask", login.umask, login.umask));
    add_named_variables(login, capabilities.get(), credentials);
    add_listed_variables(login, capabilities.get(), credentials);
    return login;
}

}  // namespace brig::freebsd
