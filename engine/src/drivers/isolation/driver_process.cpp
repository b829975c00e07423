// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/driver_process.hpp"

#include "drivers/isolation/protocol.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace brig::isolation {

namespace {

constexpr std::chrono::milliseconds kTick{100};  // how late a deadline or a Ctrl-C is noticed
constexpr std::size_t kMostPrinted = std::size_t{16} * 1024;
constexpr int kAbortedBySignal = 128;

struct SocketPair {
    UniqueFd ours;
    UniqueFd theirs;
};

SocketPair make_socket_pair() {
    std::array<int, 2> ends{};
    check(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), "make a socket pair");
    const UniqueFd one{ends[0]};
    const UniqueFd other{ends[1]};
    return {copy_above_standard(one.get(), "make a socket pair"),
            copy_above_standard(other.get(), "make a socket pair")};
}

/// What the keeper of the driver ended with.
std::string words_for(int status) {
    if (WIFSIGNALED(status)) {
        return fmt::format("was ended from outside (signal {})", WTERMSIG(status));
    }
    const int code = WEXITSTATUS(status);
    if (code > kAbortedBySignal) {
        return fmt::format("crashed (signal {})", code - kAbortedBySignal);
    }
    return fmt::format("ended its own process (status {})", code);
}

}  // namespace

DriverProcess::DriverProcess(const std::filesystem::path& program,
                             const std::filesystem::path& driver)
    : owner_{::getpid()} {
    SocketPair sockets = make_socket_pair();
    Pipe output = make_pipe_above_standard();
    Pipe errors = make_pipe_above_standard();
    HelperIo io;
    io.out = output.write.get();
    io.status = errors.write.get();
    io.more = sockets.theirs.get();
    process_ = std::make_unique<HelperProcess>(
        program, std::vector<std::string>{driver.native(), std::to_string(owner_)}, io);
    output_ = std::make_unique<CapturedText>(std::move(output.read), kMostPrinted);
    errors_ = std::make_unique<CapturedText>(std::move(errors.read), kMostPrinted);
    channel_ = std::make_unique<Channel>(std::move(sockets.ours),
                                         [this](short events) { wait_for(events); });
}

DriverProcess::~DriverProcess() {
    if (is_ours()) {
        static_cast<void>(end());
    } else {
        process_->disown();
    }
}

bool DriverProcess::is_ours() const noexcept {
    return owner_ == ::getpid();
}

void DriverProcess::wait_for(short events) {
    while (true) {
        std::array<pollfd, 3> sources{pollfd{channel_->fd(), events, 0},
                                      pollfd{output_->fd(), POLLIN, 0},
                                      pollfd{errors_->fd(), POLLIN, 0}};
        const int ready = ::poll(sources.data(), sources.size(), static_cast<int>(kTick.count()));
        if (ready < 0 && errno != EINTR) {
            throw_system_error(errno, "wait for the driver's process");
        }
        lose_patience();
        if (ready > 0 && sources[0].revents != 0) {
            return;
        }
        output_->drain();
        errors_->drain();
    }
}

void DriverProcess::lose_patience() {
    const auto now = std::chrono::steady_clock::now();
    if (patience_ && now >= next_doubt_) {
        next_doubt_ = now + kTick;
        patience_();
    }
}

std::string DriverProcess::take_output() {
    output_->drain();
    return output_->take();
}

std::string DriverProcess::take_errors() {
    errors_->drain();
    return errors_->take();
}

std::string DriverProcess::end() {
    process_->ask_to_end();
    const std::optional<int> status = process_->wait();
    return status ? words_for(*status) : "ended";
}

}  // namespace brig::isolation
