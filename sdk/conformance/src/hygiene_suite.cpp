// SPDX-License-Identifier: BSD-2-Clause
// What a driver does to the process that it lives in.
#include "hygiene.hpp"
#include "kit.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <clocale>
#include <csignal>
#include <cstdlib>

// NOLINTNEXTLINE: POSIX has it so, and FreeBSD declares it nowhere
extern "C" char** environ;

namespace brig::conformance {

namespace {

constexpr int kCycles = 200;
constexpr int kWarmUp = 20;
constexpr std::size_t kMostGrowth = std::size_t{64} * 1024;

void look_at_descriptors(ProcessState& state) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const int most = static_cast<int>(std::min<rlim_t>(limit.rlim_cur, 4096));
    for (int fd = 0; fd < most; ++fd) {
        struct stat status {};
        if (::fstat(fd, &status) == 0) {
            state[fmt::format("descriptor {}", fd)] =
                fmt::format("{}:{}", status.st_dev, status.st_ino);
        }
    }
}

void look_at_signals(ProcessState& state) {
    constexpr int kMostSignals = 31;
    sigset_t blocked{};
    ::sigprocmask(SIG_BLOCK, nullptr, &blocked);
    for (int signal = 1; signal <= kMostSignals; ++signal) {
        struct sigaction action {};
        if (::sigaction(signal, nullptr, &action) == 0) {
            state[fmt::format("handler of signal {}", signal)] =
                fmt::format("{}", reinterpret_cast<std::uintptr_t>(action.sa_handler));
        }
        state[fmt::format("signal {}", signal)] =
            ::sigismember(&blocked, signal) == 1 ? "blocked" : "let through";
    }
}

void one_life(Session& session, const std::vector<Action>& make) {
    do_all(session, make, rule::kIdempotent);
    do_all(session, life_of(session.subject()).remove, rule::kRemoves);
}

/// Of many lives: what they share stays.
void one_of_many(Session& session) {
    do_all(session, {life_of(session.subject()).make.front()}, rule::kIdempotent);
    do_all(session, own_removal(session.subject()), rule::kRemoves);
}

std::vector<Action> what_to_make(Session& session) {
    give_jail(session);
    return life_of(session.subject()).make;
}

void process_is_left(Bench& bench) {
    const ProcessState before = look_at_process();
    {
        Session session{bench.subject, bench.block, bench.world};
        const auto make = what_to_make(session);
        one_life(session, make);
        static_cast<void>(session.list());
        static_cast<void>(session.status());
        if (session.context().jail) {
            World::end_jail(*session.context().jail);
        }
    }
    expect_same_process(before, look_at_process(), "the driver changed the process");
    expect(::waitpid(-1, nullptr, WNOHANG) < 0,
           "the driver left a process that it started",
           rule::kPrograms);
}

void output_is_left(Bench& bench) {
    const off_t before = ::lseek(STDOUT_FILENO, 0, SEEK_CUR);
    {
        Session session{bench.subject, bench.block, bench.world};
        const auto make = what_to_make(session);
        one_life(session, make);
        static_cast<void>(session.list());
    }
    static_cast<void>(::fflush(nullptr));
    expect(::lseek(STDOUT_FILENO, 0, SEEK_CUR) == before,
           "the driver wrote to standard output or standard error",
           rule::kLeavesProcess);
}

void no_threads_left(Bench& bench) {
    const std::size_t before = count_threads();
    {
        Session session{bench.subject, bench.block, bench.world};
        const auto make = what_to_make(session);
        one_life(session, make);
    }
    expect(count_threads() == before,
           fmt::format("the driver left {} threads when it was closed", count_threads() - before),
           rule::kClose);
}

void no_processes_left(Bench& bench) {
    if (bench.world.plan().real) {
        throw Skip{"on the machine itself there are processes of others"};
    }
    const auto before = other_processes();
    {
        Session session{bench.subject, bench.block, bench.world};
        const auto make = what_to_make(session);
        one_life(session, make);
        if (session.context().jail) {
            World::end_jail(*session.context().jail);
        }
    }
    const auto now = other_processes();
    if (now.size() > before.size()) {
        throw Failure{"the driver left processes", rule::kPrograms, now};
    }
}

/// Many lives: what grows with them would end a long-running engine.
void cycles(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    for (int i = 0; i < kWarmUp; ++i) {
        one_of_many(session);
    }
    const ProcessState before = look_at_process();
    const std::size_t bytes = allocated_bytes();
    for (int i = 0; i < kCycles; ++i) {
        bench.block.clear_trace();
        one_of_many(session);
    }
    expect_same_process(
        before, look_at_process(), fmt::format("{} lives changed the process", kCycles));
    const std::size_t now = allocated_bytes();
    // The engine keeps a handle for each operation as long as the instance lives.
    const std::size_t engines =
        kCycles * (1 + own_removal(bench.subject).size()) * (sizeof(brig_call) + 64);
    expect(now <= bytes + engines + kMostGrowth,
           fmt::format("{} lives left {} bytes of memory", kCycles, now - bytes - engines),
           rule::kClose);
}

void instances(Bench& bench) {
    constexpr int kInstances = 50;
    const ProcessState before = look_at_process();
    const WorldState world = bench.world.look();
    for (int i = 0; i < kInstances; ++i) {
        const Session session{bench.subject, bench.block, bench.world};
    }
    expect_same_process(before, look_at_process(), "opening and closing changed the process");
    const auto changed = difference(world, bench.world.look());
    if (!changed.empty()) {
        throw Failure{"open touched the world", rule::kOpen, changed};
    }
}

}  // namespace

ProcessState look_at_process() {
    ProcessState state;
    look_at_descriptors(state);
    look_at_signals(state);
    state["working folder"] = std::filesystem::current_path().string();
    const mode_t mask = ::umask(0);
    ::umask(mask);
    state["umask"] = fmt::format("{:o}", mask);
    state["locale"] = ::setlocale(LC_ALL, nullptr);
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        const std::string text{*variable};
        state["environment " + text.substr(0, text.find('='))] = text;
    }
    return state;
}

void expect_same_process(const ProcessState& before,
                         const ProcessState& now,
                         std::string_view what) {
    std::vector<std::string> changed;
    for (const auto& [name, value] : now) {
        const auto old = before.find(name);
        if (old == before.end()) {
            changed.push_back("+ " + name);
        } else if (old->second != value) {
            changed.push_back("~ " + name);
        }
    }
    for (const auto& [name, value] : before) {
        if (!now.contains(name)) {
            changed.push_back("- " + name);
        }
    }
    if (!changed.empty()) {
        throw Failure{
            std::string{what} + ": " + changed.front().substr(2), rule::kLeavesProcess, changed};
    }
}

void add_hygiene_tests(const Subject& /*subject*/, Tests& tests) {
    tests.push_back({"hygiene.process_is_left", process_is_left});
    tests.push_back({"hygiene.output_is_left", output_is_left});
    tests.push_back({"hygiene.no_threads_left", no_threads_left});
    tests.push_back({"hygiene.no_processes_left", no_processes_left});
    tests.push_back({"hygiene.200_cycles", cycles, Company::none});
    tests.push_back({"hygiene.50_instances", instances});
}

}  // namespace brig::conformance
