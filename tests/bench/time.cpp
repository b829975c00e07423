// SPDX-License-Identifier: BSD-2-Clause
// Runs commands in turn, A B C A B C…, and says how long each run took from its start to its end
// and how much memory was resident. Small and static, so that it adds little itself.

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;  // NOLINT(readability-redundant-declaration): not in FreeBSD's headers

namespace {

using Clock = std::chrono::steady_clock;
using Command = std::vector<std::string>;

constexpr const char* kUsage =
    "usage: bench_time ROUNDS JOBS COMMAND [ARG]... [--- COMMAND [ARG]...]...\n"
    "Runs each command ROUNDS times, JOBS at a time; {} in an argument is the number of the "
    "round.\n"
    "Prints 'COMMAND-NUMBER NANOSECONDS MAX-RSS-KB STATUS' for each run, at last 'total "
    "NANOSECONDS'.\n";

constexpr std::string_view kSeparator = "---";
constexpr int kInterrupted = 130;

struct Plan {
    int rounds = 0;
    int jobs = 0;
    std::vector<Command> commands;
};

struct Run {
    std::size_t command = 0;
    Clock::time_point started;
};

struct Result {
    Run run;
    Clock::duration took = {};
    long max_rss = 0;
    int status = 0;
};

bool read_number(std::string_view text, int& number) {
    const char* end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, number);
    return error == std::errc{} && last == end && number > 0;
}

bool read_plan(const std::vector<std::string>& arguments, Plan& plan) {
    if (arguments.size() < 3 || !read_number(arguments[0], plan.rounds)
        || !read_number(arguments[1], plan.jobs)) {
        return false;
    }
    plan.commands.emplace_back();
    for (std::size_t i = 2; i < arguments.size(); ++i) {
        if (arguments[i] == kSeparator) {
            plan.commands.emplace_back();
        } else {
            plan.commands.back().push_back(arguments[i]);
        }
    }
    for (const Command& command : plan.commands) {
        if (command.empty()) {
            return false;
        }
    }
    return true;
}

std::string with_number(std::string argument, int number) {
    if (const auto found = argument.find("{}"); found != std::string::npos) {
        argument.replace(found, 2, std::to_string(number));
    }
    return argument;
}

/// Signals that ask to end are taken between runs: what runs is waited for.
class Interruption {
  public:
    Interruption() {
        ::sigemptyset(&signals_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
            ::sigaddset(&signals_, signal);
        }
        ::sigprocmask(SIG_BLOCK, &signals_, &before_);
    }

    [[nodiscard]] bool asked() const {
        sigset_t pending;
        ::sigpending(&pending);
        return ::sigismember(&pending, SIGINT) == 1 || ::sigismember(&pending, SIGTERM) == 1
               || ::sigismember(&pending, SIGHUP) == 1;
    }

    [[nodiscard]] const sigset_t& mask_before() const { return before_; }

  private:
    sigset_t signals_ = {};
    sigset_t before_ = {};
};

/// How children are started: reading nothing, and with standard output thrown away.
class Spawner {
  public:
    explicit Spawner(const sigset_t& mask) {
        ::posix_spawn_file_actions_init(&actions_);
        ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawnattr_init(&attributes_);
        ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGMASK);
        ::posix_spawnattr_setsigmask(&attributes_, &mask);
    }
    Spawner(const Spawner&) = delete;
    Spawner& operator=(const Spawner&) = delete;
    Spawner(Spawner&&) = delete;
    Spawner& operator=(Spawner&&) = delete;
    ~Spawner() {
        ::posix_spawn_file_actions_destroy(&actions_);
        ::posix_spawnattr_destroy(&attributes_);
    }

    /// 0 and the process, or errno. glibc does it with the semantics of vfork.
    int start(const Command& command, int number, std::pair<pid_t, Clock::time_point>& started) {
        std::vector<std::string> arguments;
        for (const std::string& argument : command) {
            arguments.push_back(with_number(argument, number));
        }
        std::vector<char*> argv;
        for (std::string& argument : arguments) {
            argv.push_back(argument.data());
        }
        argv.push_back(nullptr);
        started.second = Clock::now();
        return ::posix_spawn(
            &started.first, argv[0], &actions_, &attributes_, argv.data(), environ);
    }

  private:
    posix_spawn_file_actions_t actions_ = {};
    posix_spawnattr_t attributes_ = {};
};

class Timer {
  public:
    explicit Timer(Plan plan) : plan_(std::move(plan)), spawner_(interruption_.mask_before()) {}

    int run_all() {
        const auto begin = Clock::now();
        for (int round = 0; round < plan_.rounds; ++round) {
            for (std::size_t command = 0; command < plan_.commands.size(); ++command) {
                if (!start(command, round)) {
                    wait_until_running(0);
                    return interruption_.asked() ? kInterrupted : 1;
                }
                wait_until_running(static_cast<std::size_t>(plan_.jobs) - 1);
            }
        }
        wait_until_running(0);
        print(Clock::now() - begin);
        return 0;
    }

  private:
    bool start(std::size_t command, int round) {
        if (interruption_.asked()) {
            return false;
        }
        std::pair<pid_t, Clock::time_point> started;
        const Command& arguments = plan_.commands[command];
        if (const int error = spawner_.start(arguments, round, started); error != 0) {
            std::fprintf(
                stderr, "bench_time: %s: %s\n", arguments.front().c_str(), std::strerror(error));
            return false;
        }
        running_[started.first] = Run{command, started.second};
        return true;
    }

    void wait_until_running(std::size_t count) {
        while (running_.size() > count) {
            int status = 0;
            rusage usage = {};
            const pid_t pid = ::wait4(-1, &status, 0, &usage);
            const auto ended = Clock::now();
            const auto found = running_.find(pid);
            if (found == running_.end()) {
                continue;
            }
            results_.push_back(
                Result{found->second, ended - found->second.started, usage.ru_maxrss, status});
            running_.erase(found);
        }
    }

    /// At the end, so that whoever reads it does not compete with what is measured.
    void print(Clock::duration total) const {
        using std::chrono::nanoseconds;
        for (const Result& result : results_) {
            const int status = WIFEXITED(result.status) ? WEXITSTATUS(result.status)
                                                        : 128 + WTERMSIG(result.status);
            std::printf("%zu %lld %ld %d\n",
                        result.run.command,
                        static_cast<long long>(nanoseconds{result.took}.count()),
                        result.max_rss,
                        status);
        }
        std::printf("total %lld\n", static_cast<long long>(nanoseconds{total}.count()));
    }

    Plan plan_;
    Interruption interruption_;
    Spawner spawner_;
    std::map<pid_t, Run> running_;
    std::vector<Result> results_;
};

}  // namespace

int main(int argc, char** argv) {
    Plan plan;
    if (!read_plan({argv + 1, argv + argc}, plan)) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    return Timer{std::move(plan)}.run_all();
}
