// SPDX-License-Identifier: BSD-2-Clause
#include "support/child.hpp"

#include "support/captured_text.hpp"
#include "support/check.hpp"
#include "support/pipe.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill(2) is POSIX, not C++
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace brig {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::string_view kSystemPath =
    "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin";
constexpr milliseconds kTick{100};         // how late a deadline or a cancellation is noticed
constexpr std::chrono::seconds kGrace{2};  // between SIGTERM and SIGKILL
constexpr int kNotExecuted = 127;

/// A file in memory rather than a pipe: a program that does not read all of its input cannot hit us
/// with SIGPIPE then.
UniqueFd open_input(const std::string& text) {
    if (text.empty()) {
        return UniqueFd{check(::open("/dev/null", O_RDONLY | O_CLOEXEC), "open /dev/null")};
    }
    UniqueFd file{check(::memfd_create("input", MFD_CLOEXEC), "create a file in memory")};
    for (std::string_view rest = text; !rest.empty();) {
        const ssize_t written = ::write(file.get(), rest.data(), rest.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        rest.remove_prefix(static_cast<std::size_t>(check(written, "write to a file in memory")));
    }
    check(::lseek(file.get(), 0, SEEK_SET), "rewind a file in memory");
    return file;
}

std::vector<char*> pointers_to(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const std::string& word : words) {
        pointers.push_back(const_cast<char*>(word.c_str()));  // execve(2) does not write to them
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// What the child needs between fork and execve, made before: nothing may be allocated there.
struct Execution {
    const char* program;
    char* const* argv;
    char* const* environment;
    std::array<int, 3> stdio;
    int inherited_fd;
    int failure_fd;
};

bool move_stdio(const std::array<int, 3>& stdio) noexcept {
    // Not below 3, so that no descriptor is overwritten before its turn.
    std::array<int, 3> high{};
    for (std::size_t i = 0; i < high.size(); ++i) {
        high.at(i) = ::fcntl(stdio.at(i), F_DUPFD_CLOEXEC, 3);
        if (high.at(i) < 0) {
            return false;
        }
    }
    for (std::size_t i = 0; i < high.size(); ++i) {
        if (::dup2(high.at(i), static_cast<int>(i)) < 0) {
            return false;
        }
    }
    return true;
}

void reset_signals() noexcept {
    for (const int number : {SIGHUP,
                             SIGINT,
                             SIGQUIT,
                             SIGPIPE,
                             SIGTERM,
                             SIGCHLD,
                             SIGTSTP,
                             SIGUSR1,
                             SIGUSR2,
                             SIGALRM,
                             SIGTTIN,
                             SIGTTOU,
                             SIGCONT,
                             SIGWINCH}) {
        static_cast<void>(::signal(number, SIG_DFL));
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Async-signal-safe calls only.
[[noreturn]] void become(const Execution& execution) noexcept {
    ::setpgid(0, 0);
    const bool ready =
        move_stdio(execution.stdio)
        && (execution.inherited_fd < 0 || ::fcntl(execution.inherited_fd, F_SETFD, 0) == 0);
    if (ready) {
        reset_signals();
        ::execve(execution.program, execution.argv, execution.environment);
    }
    const int error_number = errno;
    [[maybe_unused]] const ssize_t written =
        ::write(execution.failure_fd, &error_number, sizeof error_number);
    ::_exit(kNotExecuted);
}

int exit_code_of(int status) noexcept {
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void nap(milliseconds time) noexcept {
    ::poll(nullptr, 0, static_cast<int>(time.count()));
}

/// A running program.
class Child {
  public:
    Child(pid_t pid, CapturedText output, CapturedText errors)
        : pid_{pid}, output_{std::move(output)}, errors_{std::move(errors)} {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&&) = delete;
    Child& operator=(Child&&) = delete;

    ~Child() {
        if (!reaped_) {
            ::kill(-pid_, SIGKILL);
            while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
        }
    }

    ChildResult wait(const ChildRequest& request) {
        milliseconds pause{1};
        while (!reap()) {
            enforce(request);
            if (output_.fd() >= 0 || errors_.fd() >= 0) {
                read_some();
            } else {
                // It closed its output and works on; there is no portable descriptor to wait on.
                nap(pause);
                pause = std::min(pause * 2, milliseconds{20});
            }
        }
        // What it started may still hold the pipes: take what is there, do not wait for the end.
        output_.drain();
        errors_.drain();
        result_.output_size = output_.size();
        result_.output = output_.take();
        result_.errors = errors_.take();
        return std::move(result_);
    }

  private:
    bool reap() {
        int status = 0;
        const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
        if (ended < 0 && errno != EINTR) {
            throw_system_error(errno, "wait for a child process");
        }
        reaped_ = ended == pid_;
        if (reaped_) {
            result_.exit_code = exit_code_of(status);
        }
        return reaped_;
    }

    void read_some() {
        std::array<pollfd, 2> streams{pollfd{output_.fd(), POLLIN, 0},
                                      pollfd{errors_.fd(), POLLIN, 0}};
        ::poll(streams.data(), streams.size(), static_cast<int>(kTick.count()));
        output_.drain();
        errors_.drain();
    }

    void enforce(const ChildRequest& request) {
        if (kill_at_) {
            if (Clock::now() >= *kill_at_) {
                ::kill(-pid_, SIGKILL);
            }
        } else if (request.deadline && Clock::now() >= *request.deadline) {
            terminate(ChildResult::End::timed_out);
        } else if (request.cancelled && request.cancelled()) {
            terminate(ChildResult::End::cancelled);
        }
    }

    void terminate(ChildResult::End why) {
        result_.end = why;
        kill_at_ = Clock::now() + kGrace;
        ::kill(-pid_, SIGTERM);
    }

    pid_t pid_;
    CapturedText output_;
    CapturedText errors_;
    bool reaped_ = false;
    std::optional<Clock::time_point> kill_at_;
    ChildResult result_;
};

[[noreturn]] void throw_not_executed(const std::string& program, int error_number) {
    throw Error{
        error_number == ENOENT ? ErrorCode::command_not_found : ErrorCode::command_not_executable,
        fmt::format("cannot execute '{}': {}",
                    program,
                    std::error_code{error_number, std::generic_category()}.message()),
        std::error_code{error_number, std::generic_category()}};
}

/// The errno that the child reports, or 0 when execve succeeded and closed the pipe.
int read_failure(int fd) {
    int error_number = 0;
    ssize_t got = 0;
    do {
        got = ::read(fd, &error_number, sizeof error_number);
    } while (got < 0 && errno == EINTR);
    return got == static_cast<ssize_t>(sizeof error_number) ? error_number : 0;
}

}  // namespace

std::optional<std::string> find_program(const std::string& program) {
    if (program.find('/') != std::string::npos) {
        return ::access(program.c_str(), X_OK) == 0 ? std::optional{program} : std::nullopt;
    }
    for (const std::string& folder : split(kSystemPath, ':')) {
        std::string path = folder;
        path.append("/").append(program);
        if (!program.empty() && ::access(path.c_str(), X_OK) == 0) {
            return path;
        }
    }
    return std::nullopt;
}

std::string command_line(const std::vector<std::string>& argv) {
    std::vector<std::string> words;
    words.reserve(argv.size());
    std::transform(argv.begin(), argv.end(), std::back_inserter(words), [](const auto& word) {
        return shell_quote(word);
    });
    return join(words, " ");
}

ChildResult run_child(const ChildRequest& request) {
    const std::string name = request.argv.empty() ? "" : request.argv.front();
    const auto program = find_program(name);
    if (!program) {
        throw_not_executed(name, name.starts_with('/') ? errno : ENOENT);
    }
    std::vector<std::string> environment{"PATH=" + std::string{kSystemPath}, "LC_ALL=C"};
    environment.insert(environment.end(), request.environment.begin(), request.environment.end());

    const std::vector<char*> argv = pointers_to(request.argv);
    const std::vector<char*> variables = pointers_to(environment);
    const UniqueFd input = request.in < 0 ? open_input(request.input) : UniqueFd{};
    Pipe output = make_pipe();
    Pipe errors = make_pipe();
    Pipe failure = make_pipe();
    const Execution execution{program->c_str(),
                              argv.data(),
                              variables.data(),
                              {request.in < 0 ? input.get() : request.in,
                               request.out < 0 ? output.write.get() : request.out,
                               errors.write.get()},
                              request.inherited_fd,
                              failure.write.get()};
    const pid_t pid = check(::fork(), "fork to run '{}'", name);
    if (pid == 0) {
        become(execution);
    }
    output.write.reset();
    errors.write.reset();
    failure.write.reset();
    Child child{pid,
                CapturedText{std::move(output.read), request.max_output},
                CapturedText{std::move(errors.read), request.max_errors}};
    if (const int error_number = read_failure(failure.read.get()); error_number != 0) {
        throw_not_executed(name, error_number);
    }
    return child.wait(request);
}

}  // namespace brig
