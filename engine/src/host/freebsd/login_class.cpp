// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/login_class.hpp"

#include "host/freebsd/child.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "support/check.hpp"
#include "support/open_inside_walk.hpp"
#include "support/pipe.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <login_cap.h>
#include <poll.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string_view>

extern char** environ;  // NOLINT(readability-redundant-declaration): not in any header there

namespace brig::freebsd {

namespace {

constexpr std::size_t kMaxPasswd = std::size_t{1} << 20U;
constexpr std::size_t kMaxReport = std::size_t{1} << 18U;
constexpr std::chrono::seconds kTimeToAnswer{10};
constexpr int kReport = 3;  // where the process that asks has its end of the pipe

/// As jail(8) does it, but for what a process cannot tell of itself.
constexpr unsigned kWhatCounts =
    LOGIN_SETALL & ~(LOGIN_SETGROUP | LOGIN_SETLOGIN | LOGIN_SETMAC | LOGIN_SETCPUMASK);

UniqueFd open_root(const Jail* jail) {
    const char* root = jail == nullptr ? "/" : jail->root.c_str();
    return UniqueFd{
        check(::open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open the root '{}'", root)};
}

/// Whether there is anything that could say more than the system's defaults do.
bool has_login_conf(int root, const std::string& home) {
    const std::array<std::string, 3> files{
        "/etc/login.conf", "/etc/login.conf.db", home + "/.login_conf"};
    return std::any_of(files.begin(), files.end(), [&](const std::string& file) {
        return static_cast<bool>(open_inside_walk(root, file, O_RDONLY));
    });
}

/// The user's class in master.passwd(5), which is read as text: getpwnam(3) could load modules of
/// the jail's into this process.
std::string class_in_passwd(int root, const std::string& user) {
    const UniqueFd file = open_inside_walk(root, "/etc/master.passwd", O_RDONLY);
    if (!file) {
        return {};
    }
    for (const std::string& line :
         split(read_text(file.get(), "/etc/master.passwd", kMaxPasswd), '\n')) {
        const std::vector<std::string> entry = split(line, ':');
        if (entry.size() >= 10 && entry[0] == user) {
            return entry[4];
        }
    }
    return {};
}

/// One fact of a report: "KIND VALUE", and a NUL.
void report(std::string_view kind, const std::string& value) {
    std::string fact{kind};
    fact += ' ';
    fact += value;
    fact += '\0';
    write_text(kReport, fact, "a report");
}

void report_myself() {
    std::array<char, 256> name{};
    check(::getloginclass(name.data(), name.size()), "get the login class");
    report("class", name.data());
    report("priority", fmt::format("{}", ::getpriority(PRIO_PROCESS, 0)));
    report("umask", fmt::format("{}", ::umask(0)));
    for (int resource = 0; resource < RLIM_NLIMITS; ++resource) {
        rlimit limit{};
        check(::getrlimit(resource, &limit), "get limit {}", resource);
        report("limit", fmt::format("{} {} {}", resource, limit.rlim_cur, limit.rlim_max));
    }
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        report("variable", *variable);
    }
}

void enter(int jail) {
    check(forbid_tracing(), "forbid tracing");
    check(::jail_attach(jail), "enter the jail");
    check(::chdir("/"), "go to its root");
}

/// Becomes a process of the user's, as far as login.conf(5) is concerned.
void become(const Credentials& user, std::string& class_name) {
    passwd entry{};
    std::string name = user.user;
    std::string home = user.home;
    std::string shell = user.shell;
    std::string nothing;
    entry.pw_name = name.data();
    entry.pw_dir = home.data();
    entry.pw_shell = shell.data();
    entry.pw_passwd = entry.pw_gecos = nothing.data();
    entry.pw_class = class_name.data();
    entry.pw_uid = user.uid;
    entry.pw_gid = user.gid;

    check(::setgroups(1, &user.gid), "setgroups");
    check(::setgid(user.gid), "setgid {}", user.gid);
    std::array<char*, 1> no_variables{nullptr};
    environ = no_variables.data();
    login_cap_t* const capabilities = ::login_getpwclass(&entry);
    if (capabilities == nullptr) {
        check(-1, "read the login class '{}'", class_name);
    }
    check(::setusercontext(capabilities, &entry, user.uid, kWhatCounts), "take the login class");
    report_myself();
}

/// The life of the process that asks.
[[noreturn]] void ask(const Jail* jail, const Credentials& user, std::string& class_name, int out) {
    try {
        const int null = check(::open("/dev/null", O_RDWR), "open /dev/null");
        check(::fcntl(out, F_DUP2FD, kReport), "move a descriptor");
        for (int fd = 0; fd < kReport; ++fd) {
            check(::dup2(null, fd), "move a descriptor");
        }
        ::closefrom(kReport + 1);
        if (jail != nullptr) {
            enter(static_cast<int>(jail->id));
        }
        become(user, class_name);
        report("end", "");
    } catch (const std::exception& error) {
        try {
            report("error", error.what());
        } catch (const std::exception&) {
            ::_exit(2);
        }
    }
    ::_exit(0);
}

/// Everything up to the end; what has come so far when that takes too long.
std::string read_patiently(int fd) {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + kTimeToAnswer;
    std::string text;
    std::array<char, 4096> buffer{};
    while (text.size() < kMaxReport) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        pollfd waiting{fd, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, std::max(0, static_cast<int>(left.count())));
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        const ssize_t count = ready == 1 ? ::read(fd, buffer.data(), buffer.size()) : 0;
        if (count <= 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

std::string ask_in_process(const Jail* jail, const Credentials& user, std::string class_name) {
    Pipe pipe = make_pipe();
    // Not pdfork(2): after fork(2) a child may allocate, also that of a program with threads.
    const pid_t pid = check(::fork(), "fork");
    if (pid == 0) {
        ask(jail, user, class_name, pipe.write.get());
    }
    pipe.write.reset();
    std::string said = read_patiently(pipe.read.get());
    ::kill(pid, SIGKILL);  // not reaped yet, so the number is still its own
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}
    return said;
}

LoginClass parse_report(const std::string& said, const Credentials& user) {
    LoginClass login;
    bool whole = false;
    for (const std::string& fact : split(said, '\0')) {
        const std::string kind = fact.substr(0, fact.find(' '));
        const std::string value = fact.substr(std::min(fact.size(), kind.size() + 1));
        if (kind == "class") {
            login.name = value;
        } else if (kind == "priority") {
            login.priority = std::stoi(value);
        } else if (kind == "umask") {
            login.umask = static_cast<mode_t>(std::stoul(value));
        } else if (kind == "limit") {
            const std::vector<std::string> words = split(value, ' ');
            login.limits.push_back(
                {std::stoi(words.at(0)), std::stoull(words.at(1)), std::stoull(words.at(2))});
        } else if (kind == "variable") {
            login.environment.push_back(value);
        } else if (kind == "error") {
            throw Error{ErrorCode::system,
                        fmt::format("find out the login class of '{}': {}", user.user, value)};
        } else if (kind == "end") {
            whole = true;
        }
    }
    if (!whole) {
        throw Error{ErrorCode::system,
                    fmt::format("find out the login class of '{}': no answer in {} s",
                                user.user,
                                kTimeToAnswer.count())}
            .with_hint("see whether its /etc/login.conf and ~/.login_conf are in order");
    }
    return login;
}

}  // namespace

LoginClass login_class_of(const Jail* jail, const Credentials& user) {
    const UniqueFd root = open_root(jail);
    if (!has_login_conf(root.get(), user.home)) {
        LoginClass none;
        none.name = LOGIN_DEFCLASS;
        return none;
    }
    return parse_report(ask_in_process(jail, user, class_in_passwd(root.get(), user.user)), user);
}

}  // namespace brig::freebsd
