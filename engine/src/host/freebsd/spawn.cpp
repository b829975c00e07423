// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/spawn.hpp"

#include "host/freebsd/child.hpp"
#include "host/freebsd/process.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <paths.h>
#include <sys/procdesc.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

namespace brig::freebsd {

namespace {

/// Blocks all signals of this thread while it lives, so that no handler of ours runs in the child.
class SignalBlock {
  public:
    SignalBlock() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalBlock(const SignalBlock&) = delete;
    SignalBlock& operator=(const SignalBlock&) = delete;
    SignalBlock(SignalBlock&&) = delete;
    SignalBlock& operator=(SignalBlock&&) = delete;
    ~SignalBlock() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_{};
};

/// The descriptors that the child starts with, out of the way of where it puts them.
struct ChildDescriptors {
    std::array<UniqueFd, 3> stdio;
    UniqueFd report_in;
    UniqueFd report_out;
};

UniqueFd out_of_the_way(int fd) {
    return UniqueFd{check(::fcntl(fd, F_DUPFD_CLOEXEC, kReportFd + 1), "duplicate a descriptor")};
}

UniqueFd standard_descriptor(int given) {
    if (given >= 0) {
        return out_of_the_way(given);
    }
    const UniqueFd null{check(::open(_PATH_DEVNULL, O_RDWR | O_CLOEXEC), "open {}", _PATH_DEVNULL)};
    return out_of_the_way(null.get());
}

ChildDescriptors make_descriptors(const ProcessStdio& stdio) {
    std::array<int, 2> ends{-1, -1};
    check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
    const UniqueFd writing{ends[1]};
    ChildDescriptors made;
    made.report_in.reset(ends[0]);
    made.report_out = out_of_the_way(writing.get());
    made.stdio = {standard_descriptor(stdio.in),
                  standard_descriptor(stdio.out),
                  standard_descriptor(stdio.err)};
    return made;
}

/// Where `name` is looked for. An empty directory in PATH would be the working directory, where
/// anybody may have put anything; it is left out.
std::vector<std::string> programs_for(const std::string& name,
                                      const std::vector<std::string>& environment) {
    if (name.find('/') != std::string::npos) {
        return {name};
    }
    std::string path = "/bin:/usr/bin";
    for (const std::string& variable : environment) {
        if (variable.starts_with("PATH=")) {
            path = variable.substr(std::string_view{"PATH="}.size());
        }
    }
    std::vector<std::string> programs;
    for (const std::string& directory : split(path, ':')) {
        if (!directory.empty() && !name.empty()) {
            programs.push_back(fmt::format("{}/{}", directory, name));
        }
    }
    return programs;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// setgroups(2) takes the primary group as the first of the list before FreeBSD 15, and does not
/// mind it later.
std::vector<gid_t> groups_of(const Credentials& credentials) {
    std::vector<gid_t> groups{credentials.gid};
    for (const gid_t group : credentials.groups) {
        if (group != credentials.gid) {
            groups.push_back(group);
        }
    }
    return groups;
}

std::string describe(ChildStep step, const ProcessRequest& request) {
    const Credentials& who = request.credentials;
    switch (step) {
        case ChildStep::descriptors:
            return "arrange its descriptors";
        case ChildStep::session:
            return "start a session";
        case ChildStep::terminal:
            return "take its terminal";
        case ChildStep::fib:
            return fmt::format("setfib {}", request.fib.value_or(0));
        case ChildStep::login_class:
            return fmt::format("enter the login class of '{}'", who.user);
        case ChildStep::priority:
            return fmt::format("set the priority of '{}'", who.user);
        case ChildStep::limits:
            return fmt::format("set the resource limits of '{}'", who.user);
        case ChildStep::attach:
            return "enter the jail";
        case ChildStep::login_name:
            return fmt::format("setlogin '{}'", who.user);
        case ChildStep::groups:
            return fmt::format("setgroups of '{}'", who.user);
        case ChildStep::group:
            return fmt::format("setgid {}", who.gid);
        case ChildStep::user:
            return fmt::format("setuid {}", who.uid);
        case ChildStep::workdir:
            return fmt::format("chdir '{}'", request.workdir);
        case ChildStep::execute:
            break;
    }
    return "execute it";
}

[[noreturn]] void throw_failure(const ChildFailure& failure, const ProcessRequest& request) {
    const std::string& name = request.argv.front();
    const std::error_code cause{failure.error_number, std::generic_category()};
    if (failure.step != ChildStep::execute) {
        throw_system_error(failure.error_number,
                           fmt::format("start '{}': {}", name, describe(failure.step, request)));
    }
    if (failure.error_number == ENOENT || failure.error_number == ENOTDIR) {
        throw Error{
            ErrorCode::command_not_found, fmt::format("no such command: '{}'", name), cause};
    }
    throw Error{ErrorCode::command_not_executable,
                fmt::format("cannot execute '{}': {}", name, cause.message()),
                cause};
}

/// Nothing when the child has become the command: execve(2) closed its end.
std::optional<ChildFailure> read_report(int report) {
    ChildFailure failure;
    ssize_t length = 0;
    do {
        length = ::read(report, &failure, sizeof failure);
    } while (length < 0 && errno == EINTR);
    check(length, "read what a child reports");
    return length == static_cast<ssize_t>(sizeof failure) ? std::optional{failure} : std::nullopt;
}

std::unique_ptr<Process> fork_child(const ChildPlan& plan, Orphan orphan) {
    int descriptor = -1;
    const int flags = PD_CLOEXEC | (orphan == Orphan::lives ? PD_DAEMON : 0);
    pid_t pid = -1;
    {
        const SignalBlock block;
        pid = ::pdfork(&descriptor, flags);
        if (pid == 0) {
            run_child(plan);
        }
    }
    check(pid, "fork");
    return std::make_unique<SpawnedProcess>(pid, UniqueFd{descriptor}, orphan);
}

struct Place {
    std::optional<int> jail;
    Orphan orphan = Orphan::lives;
};

std::unique_ptr<Process> spawn_at(const Place& place, const ProcessRequest& request) {
    if (request.argv.empty()) {
        throw Error{ErrorCode::internal, "a process was requested without a command"};
    }
    ChildPlan plan;
    plan.login_class = request.login_class;
    std::vector<std::string> environment = request.environment;
    std::vector<std::string> argv = request.argv;
    ChildDescriptors descriptors = make_descriptors(request.stdio);
    plan.programs = programs_for(argv.front(), environment);
    plan.argv = pointers_to(argv);
    plan.environment = pointers_to(environment);
    plan.workdir = request.workdir;
    plan.login_name = request.credentials.user;
    plan.groups = groups_of(request.credentials);
    plan.uid = request.credentials.uid;
    std::transform(descriptors.stdio.begin(),
                   descriptors.stdio.end(),
                   plan.stdio.begin(),
                   [](const UniqueFd& fd) { return fd.get(); });
    plan.report = descriptors.report_out.get();
    plan.controlling_terminal = request.stdio.controlling_terminal;
    plan.jail = place.jail;
    plan.fib = request.fib;

    std::unique_ptr<Process> process = fork_child(plan, place.orphan);
    descriptors.report_out.reset();
    if (const auto failure = read_report(descriptors.report_in.get())) {
        process->wait();
        throw_failure(*failure, request);
    }
    return process;
}

}  // namespace

std::unique_ptr<Process> spawn(const Jail& jail, const ProcessRequest& request) {
    return spawn_at({static_cast<int>(jail.id), Orphan::dies}, request);
}

std::unique_ptr<Process> spawn_on_host(const ProcessRequest& request) {
    return spawn_at({std::nullopt, Orphan::lives}, request);
}

}  // namespace brig::freebsd
