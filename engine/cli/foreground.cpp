// SPDX-License-Identifier: BSD-2-Clause
#include "foreground.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>

namespace brig::cli {

namespace {

constexpr std::array kForwarded{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH};

// What a signal handler can reach.
// NOLINTBEGIN(cppcoreguidelines-avoid-non-const-global-variables)
std::array<int, 2> signal_pipe{-1, -1};
volatile std::sig_atomic_t stop_requested = 0;
// NOLINTEND(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void on_signal(int number) {
    const int saved = errno;
    if (number == SIGINT || number == SIGTERM || number == SIGHUP) {
        stop_requested = number;
    }
    const auto byte = static_cast<char>(number);
    [[maybe_unused]] const ssize_t written = ::write(signal_pipe[1], &byte, 1);
    errno = saved;
}

/// Our own terminal in raw mode for as long as this lives.
class RawTerminal {
  public:
    RawTerminal() {
        if (::tcgetattr(STDIN_FILENO, &before_) != 0) {
            return;
        }
        struct termios raw = before_;
        ::cfmakeraw(&raw);
        changed_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
    }
    RawTerminal(const RawTerminal&) = delete;
    RawTerminal& operator=(const RawTerminal&) = delete;
    RawTerminal(RawTerminal&&) = delete;
    RawTerminal& operator=(RawTerminal&&) = delete;
    ~RawTerminal() {
        if (changed_) {
            ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
        }
    }

  private:
    struct termios before_ {};
    bool changed_ = false;
};

void write_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno != EINTR) {
            return;  // the reader is gone; the process is told by its terminal, not by us
        }
        bytes.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
    }
}

/// Copies what is there from one descriptor to another; false at the end of the input.
bool copy(int from, int to) {
    std::array<char, 16384> buffer{};
    const ssize_t count = ::read(from, buffer.data(), buffer.size());
    if (count > 0) {
        write_all(to, {buffer.data(), static_cast<std::size_t>(count)});
    }
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

void copy_window_size(int master) {
    struct winsize size {};
    if (::ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0) {
        ::ioctl(master, TIOCSWINSZ, &size);
    }
}

class Follower {
  public:
    explicit Follower(Session& session) : session_{session} {}

    void run() {
        if (session_.terminal() >= 0) {
            copy_window_size(session_.terminal());
        }
        while (!ended_) {
            step();
        }
        while (output_open_ && session_.terminal() >= 0 && drain()) {}
    }

  private:
    void step() {
        const int master = output_open_ ? session_.terminal() : -1;
        const bool typing = input_open_ && session_.terminal() >= 0;
        std::array<struct pollfd, 4> fds{{{session_.exit_fd(), POLLIN, 0},
                                          {SignalCatcher::fd(), POLLIN, 0},
                                          {master, POLLIN, 0},
                                          {typing ? STDIN_FILENO : -1, POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0) {
            return;
        }
        if (fds[1].revents != 0) {
            pass_on(SignalCatcher::take());
        }
        if (fds[2].revents != 0) {
            output_open_ = copy(master, STDOUT_FILENO);
        }
        if (fds[3].revents != 0) {
            input_open_ = copy(STDIN_FILENO, session_.terminal());
        }
        ended_ = fds[0].revents != 0;
    }

    /// What the process wrote before it ended.
    bool drain() {
        struct pollfd output {
            session_.terminal(), POLLIN, 0
        };
        return ::poll(&output, 1, 0) > 0 && (output.revents & POLLIN) != 0
               && copy(session_.terminal(), STDOUT_FILENO);
    }

    void pass_on(int number) {
        if (number == SIGWINCH && session_.terminal() >= 0) {
            copy_window_size(session_.terminal());
        } else if (number == SIGINT || number == SIGTERM) {
            // A process that does not listen can still be got rid of: the third time is final.
            constexpr int kPatience = 3;
            session_.signal(++asked_ < kPatience ? number : SIGKILL);
        } else if (number != 0 && number != SIGWINCH) {
            session_.signal(number);
        }
    }

    Session& session_;
    bool ended_ = false;
    bool output_open_ = true;
    bool input_open_ = true;
    int asked_ = 0;
};

}  // namespace

SignalCatcher::SignalCatcher() {
    stop_requested = 0;
    if (::pipe2(signal_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        throw std::system_error{errno, std::generic_category(), "make a pipe"};
    }
    for (const int number : kForwarded) {
        static_cast<void>(std::signal(number, on_signal));
    }
}

SignalCatcher::~SignalCatcher() {
    for (const int number : kForwarded) {
        static_cast<void>(std::signal(number, SIG_DFL));
    }
    ::close(signal_pipe[0]);
    ::close(signal_pipe[1]);
}

int SignalCatcher::fd() noexcept {
    return signal_pipe[0];
}

int SignalCatcher::take() noexcept {
    char number = 0;
    return ::read(signal_pipe[0], &number, 1) == 1 ? number : 0;
}

bool SignalCatcher::interrupted() noexcept {
    return stop_requested != 0;
}

int SignalCatcher::interruption() noexcept {
    return static_cast<int>(stop_requested);  // a long on FreeBSD
}

SessionIo own_io() {
    return {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, SignalCatcher::interrupted};
}

int follow(const std::function<std::unique_ptr<Session>()>& start) {
    const SignalCatcher signals;
    const std::unique_ptr<Session> session = start();
    {
        std::optional<RawTerminal> raw;
        if (session->terminal() >= 0) {
            raw.emplace();
        }
        Follower{*session}.run();
    }
    return session->finish().shell_status();
}

}  // namespace brig::cli
