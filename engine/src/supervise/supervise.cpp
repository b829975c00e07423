// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/supervise.hpp"

#include "remove.hpp"
#include "start.hpp"
#include "supervise/log_file.hpp"
#include "supervise/report.hpp"
#include "support/check.hpp"
#include "support/pipe.hpp"
#include "support/read_write.hpp"
#include "wind_down.hpp"

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

/// Follows one container from its start to its end.
class Supervisor {
  public:
    Supervisor(Context& context, const Launch& launch) : context_{context}, launch_{launch} {}

    void start() {
        Pipe out = make_pipe();
        Pipe err = make_pipe();
        run_.emplace(brig::start(context_, launch_, {-1, out.write.get(), err.write.get()}));
        log_.emplace(log_folder(context_, launch_.id, launch_.spec.ephemeral));
        // Hooks at the end write to the log as well, so both write ends stay open.
        out_ = std::move(out);
        err_ = std::move(err);
        run_->io = {-1, out_.write.get(), err_.write.get()};
        for (const int fd : {out_.read.get(), err_.read.get()}) {
            check(::fcntl(fd, F_SETFL, O_NONBLOCK), "make a pipe non-blocking");
        }
    }

    /// Until the command has ended and nothing else runs in the jail: a command like /etc/rc leaves
    /// daemons behind, and they are the container.
    void follow() {
        signals_ = make_pipe();
        signal_pipe = signals_.write.get();
        for (const int number : {SIGTERM, SIGINT}) {
            if (std::signal(number, report_signal) == SIG_ERR) {
                throw_system_error(errno, "catch a signal");
            }
        }
        bool ended = false;
        while (!ended || context_.host.has_processes(run_->jail)) {
            ended = poll_once(ended) || ended;
        }
        drain();
    }

    void finish() {
        // The log's folder may go with the container, so what there is to write is written before.
        log_->finish();
        brig::finish(context_, *run_);
        drain();
        log_->finish();
    }

  private:
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
            context_.host.signal_jail(run_->jail, SIGTERM);
        }
        return fds[4].revents != 0;
    }

    void drain() {
        drain(out_.read.get(), false);
        drain(err_.read.get(), true);
        if (run_->terminal) {
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
    std::optional<Run> run_;
};

/// The whole life of the supervisor process. Nothing may leave it but through _exit(2).
[[noreturn]] void supervise(Context& context, const Launch& launch, UniqueFd report) noexcept {
    try {
        Supervisor supervisor{context, launch};
        supervisor.start();
        write_text(report.get(), kStarted, "the report to brig");
        report.reset();
        detach_stdio();
        supervisor.follow();
        supervisor.finish();
        ::_exit(0);
    } catch (const Error& error) {
        if (report) {
            const std::string text = serialize(error);
            [[maybe_unused]] const ssize_t written =
                ::write(report.get(), text.data(), text.size());
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
    int status = 0;
    check(::waitpid(child, &status, 0), "wait for the fork of the supervisor");
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
