// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/supervise.hpp"

#include "events/announce.hpp"
#include "find.hpp"
#include "remove.hpp"
#include "run/notes.hpp"
#include "start.hpp"
#include "supervise/log_file.hpp"
#include "supervise/report.hpp"
#include "supervise/restart.hpp"
#include "support/check.hpp"
#include "support/pipe.hpp"
#include "support/read_write.hpp"
#include "undo.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <exception>

namespace brig {

namespace {

constexpr const char* kStarted = "started";

/// The write end of a pipe that SIGTERM and SIGINT of the supervisor are reported through.
/// NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables): a handler sees nothing else
volatile std::sig_atomic_t signal_pipe = -1;

extern "C" void report_signal(int /*number*/) {
    const char byte = 0;
    [[maybe_unused]] const ssize_t written = ::write(static_cast<int>(signal_pipe), &byte, 1);
}

/// The supervisor's standard descriptors lead nowhere once it has reported.
void detach_stdio() {
    const UniqueFd null{check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null")};
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        check(::dup2(null.get(), fd), "detach descriptor {}", fd);
    }
}

using Clock = std::chrono::steady_clock;

/// Follows one container from its start to its end, and on through its restarts.
///
/// From the first start to the last end its run folder has a ledger that this process holds, also
/// while it waits: `stop` finds one at any moment, writes in it that it ends the container, and
/// then waits until nobody holds it. Both sides lock the folder, `stop` to write and the supervisor
/// from looking for that note until it has put another ledger there or removed the folder. So a
/// note is seen, or it is in the ledger of what was decided, where it is looked for again.
class Supervisor {
  public:
    Supervisor(Context& context, const Launch& launch) : context_{context}, launch_{launch} {}

    void start() {
        // Hooks at the end write to the log as well, so both write ends stay open.
        out_ = make_pipe();
        err_ = make_pipe();
        run_.emplace(brig::start(context_, launch_, io()));
        started_ = Clock::now();
        log_.emplace(log_folder(context_, launch_.id, launch_.spec.ephemeral));
        for (const int fd : {out_.read.get(), err_.read.get()}) {
            check(::fcntl(fd, F_SETFL, O_NONBLOCK), "make a pipe non-blocking");
        }
    }

    /// From here on SIGTERM and SIGINT end the container, for good.
    void catch_signals() {
        signals_ = make_pipe();
        signal_pipe = signals_.write.get();
        for (const int number : {SIGTERM, SIGINT}) {
            if (std::signal(number, report_signal) == SIG_ERR) {
                throw_system_error(errno, "catch a signal");
            }
        }
    }

    /// Until the command has ended and nothing else runs in the jail: a command like /etc/rc leaves
    /// daemons behind, and they are the container.
    void follow() {
        bool ended = false;
        while (!ended || context_.host.has_processes(run_->jail)) {
            ended = poll_once(ended) || ended;
        }
        drain();
    }

    /// Tears down what has ended. The run folder stays: restart() is to follow.
    void finish() {
        const auto ran_for =
            std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
        log_->finish();
        const ExitStatus status = brig::end(context_, *run_);
        drain();
        log_->finish();
        ledger_.emplace(std::move(run_->ledger));
        run_.reset();
        restarts_.ended({status.shell_status() != 0, ran_for});
    }

    /// Starts the container again, after a pause, when its policy asks for that. False: it stays
    /// ended, and its run folder is gone.
    bool restart() {
        while (const auto pause = decide(After::run)) {
            context_.store.close();
            asked_ = wait_for_signal(*pause) || asked_;
            if (!decide(After::pause)) {
                break;
            }
            restarts_.started();
            if (start_again()) {
                return true;
            }
            restarts_.ended({true, {}});
        }
        return false;
    }

  private:
    enum class After {
        run,
        pause
    };

    [[nodiscard]] SessionIo io() const { return {-1, out_.write.get(), err_.write.get()}; }

    /// The pause before the next start, or nothing, and then the run folder is removed.
    std::optional<std::chrono::milliseconds> decide(After what) {
        const UniqueFd lock = context_.run.lock(launch_.id);
        ledger_->reload();
        const auto pause = wanted_pause();
        if (!pause) {
            context_.run.close(launch_.id, *ledger_);
        } else if (what == After::run) {
            const Facts waiting{{"pid", std::to_string(::getpid())},
                                {"count", std::to_string(restarts_.count() + 1)}};
            *ledger_ =
                context_.run.renew(launch_.id,
                                   *ledger_,
                                   {{note::kContainer, *ledger_->find_note(note::kContainer)},
                                    {note::kRestart, waiting}});
            announce_container(
                context_,
                EventAction::restarting,
                launch_.id,
                name_of_container(context_, launch_.id),
                {{"count", waiting.at("count")}, {"pause_ms", std::to_string(pause->count())}});
        }
        return pause;
    }

    /// The policy is that of the record as it is now. An ephemeral container has none.
    [[nodiscard]] std::optional<std::chrono::milliseconds> wanted_pause() {
        if (asked_ || launch_.spec.ephemeral || is_restart_forbidden(*ledger_)) {
            return std::nullopt;
        }
        const auto record = context_.store.find_container_by_id(launch_.id);
        return record ? restarts_.pause(record->spec.restart) : std::nullopt;
    }

    /// True when a signal came before `pause` was over.
    [[nodiscard]] bool wait_for_signal(std::chrono::milliseconds pause) const {
        struct pollfd signalled {
            signals_.read.get(), POLLIN, 0
        };
        const Clock::time_point end = Clock::now() + pause;
        for (auto left = pause; left.count() > 0;
             left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now())) {
            if (::poll(&signalled, 1, static_cast<int>(left.count())) > 0) {
                return true;
            }
        }
        return false;
    }

    /// False when it could not be started; the log says why.
    bool start_again() {
        try {
            const auto record = context_.store.find_container_by_id(launch_.id);
            if (!record) {
                throw Error{ErrorCode::not_found, "its record is gone"};
            }
            run_.emplace(
                brig::start_again(context_, resolve_record(context_, *record), io(), *ledger_));
        } catch (const Error& failure) {
            drain();
            log_->write(true, "brig: starting it again: " + full_message(failure) + '\n');
            spend_ledger(context_, launch_.id, *ledger_);
            return false;
        }
        started_ = Clock::now();
        // A `stop` from before there was a jail had nothing to stop.
        run_->ledger.reload();
        if (is_restart_forbidden(run_->ledger)) {
            context_.host.signal_jail(run_->jail, SIGKILL);
        }
        return true;
    }

    /// Waits for output, the command's end or a signal. True when the command has ended.
    bool poll_once(bool ended) {
        constexpr int kDaemonInterval = 200;
        std::array<struct pollfd, 5> fds{{{out_.read.get(), POLLIN, 0},
                                          {err_.read.get(), POLLIN, 0},
                                          {run_->terminal.get(), POLLIN, 0},
                                          {signals_.read.get(), POLLIN, 0},
                                          {ended ? -1 : run_->process->exit_fd(), POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), ended ? kDaemonInterval : -1) < 0 && errno != EINTR) {
            throw_system_error(errno, "wait for the container");
        }
        drain();
        // A terminal whose last user is gone reports POLLHUP for ever.
        if ((fds[2].revents & POLLHUP) != 0) {
            run_->terminal.reset();
        }
        if ((fds[3].revents & POLLIN) != 0) {
            std::array<char, 16> bytes{};
            check(::read(signals_.read.get(), bytes.data(), bytes.size()), "read signals");
            asked_ = true;
            context_.host.signal_jail(run_->jail, SIGTERM);
        }
        return fds[4].revents != 0;
    }

    void drain() {
        drain(out_.read.get(), false);
        drain(err_.read.get(), true);
        if (run_ && run_->terminal) {
            check(::fcntl(run_->terminal.get(), F_SETFL, O_NONBLOCK), "make terminal non-blocking");
            drain(run_->terminal.get(), false);
        }
    }

    void drain(int fd, bool is_error) {
        std::array<char, 16384> buffer{};
        ssize_t count = 0;
        while ((count = ::read(fd, buffer.data(), buffer.size())) > 0) {
            log_->write(is_error, {buffer.data(), static_cast<std::size_t>(count)});
        }
    }

    Context& context_;
    const Launch& launch_;
    std::optional<LogWriter> log_;
    Pipe out_;
    Pipe err_;
    Pipe signals_;
    bool asked_ = false;  ///< by a signal, to end the container
    std::optional<Run> run_;
    Clock::time_point started_;
    std::optional<Ledger> ledger_;  ///< between two runs
    Restarts restarts_;
};

/// The handlers and the mask of the program that this was forked off from mean nothing here.
void reset_signals() {
    for (int number = 1; number < NSIG; ++number) {
        static_cast<void>(std::signal(number, SIG_DFL));  // fails for SIGKILL and SIGSTOP
    }
    static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Whoever asked may be gone. A container that runs goes on all the same: others know of it
/// already.
void answer(const UniqueFd& report, const std::string& text) noexcept {
    [[maybe_unused]] const ssize_t written = ::write(report.get(), text.data(), text.size());
}

/// The whole life of the supervisor process. Nothing may leave it but through _exit(2).
[[noreturn]] void supervise(Context& context, const Launch& launch, UniqueFd report) noexcept {
    try {
        reset_signals();
        Supervisor supervisor{context, launch};
        supervisor.start();
        answer(report, kStarted);
        report.reset();
        detach_stdio();
        supervisor.catch_signals();
        do {
            supervisor.follow();
            supervisor.finish();
        } while (supervisor.restart());
        ::_exit(0);
    } catch (const Error& error) {
        if (report) {
            answer(report, serialize(error));
        }
    } catch (const std::exception& error) {
        context.log.warn("supervisor: {}", full_message(error));
    }
    ::_exit(1);
}

}  // namespace

SupervisedStart::SupervisedStart(Context& context, const Launch& launch) {
    context.store.close();
    Pipe report = make_pipe();
    const pid_t child = check(::fork(), "fork the supervisor");
    if (child == 0) {
        // A second fork, so that the supervisor is nobody's child that must be waited for.
        ::setsid();
        const pid_t supervisor = ::fork();
        if (supervisor != 0) {
            ::_exit(supervisor < 0 ? 1 : 0);
        }
        report.read.reset();
        supervise(context, launch, std::move(report.write));
    }
    // ECHILD: the program around us ignores SIGCHLD, or waits for every child.
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {}
    report_ = std::move(report.read);
}

void SupervisedStart::wait() {
    const std::string answer = read_text(report_.get(), "the supervisor's report");
    if (answer != kStarted) {
        throw deserialize(answer);
    }
}

void start_supervised(Context& context, const Launch& launch) {
    SupervisedStart{context, launch}.wait();
}

}  // namespace brig
