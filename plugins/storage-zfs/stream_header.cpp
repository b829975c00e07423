// SPDX-License-Identifier: BSD-2-Clause
#include "stream_header.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): pthread_sigmask(3) is POSIX, not C++

#include <array>
#include <cstring>
#include <string_view>
#include <thread>
#include <vector>

namespace brig::storage_zfs {
namespace {

/// sizeof(dmu_replay_record_t).
constexpr std::size_t kHeaderSize = 312;
constexpr std::uint64_t kMagic = 0x2F5bacbacULL;

using HeaderBytes = std::array<unsigned char, kHeaderSize>;

[[noreturn]] void refuse(const char* why, const char* hint) {
    throw Error{BRIG_INVALID, joined("this is no usable ZFS stream: ", why), hint};
}

/// Eight bytes, as the sender's machine or the other way round.
std::uint64_t number_at(const HeaderBytes& bytes, std::size_t at, bool swapped) {
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return swapped ? __builtin_bswap64(number) : number;
}

StreamHeader parse(const HeaderBytes& bytes) {
    constexpr std::size_t kMagicAt = 8;
    constexpr std::size_t kVersionAt = 16;
    constexpr std::size_t kToAt = 40;
    constexpr std::size_t kFromAt = 48;
    constexpr std::uint64_t kKinds = 3;
    constexpr std::uint64_t kSingle = 1;  // DMU_SUBSTREAM
    constexpr unsigned kResumingBit = 24 + 2;
    const bool swapped = number_at(bytes, kMagicAt, true) == kMagic;
    if (number_at(bytes, kMagicAt, swapped) != kMagic) {
        refuse("it does not begin like one", "");
    }
    const std::uint64_t version = number_at(bytes, kVersionAt, swapped);
    if ((version & kKinds) != kSingle) {
        refuse("it carries several snapshots, or properties", "send it without -R, -I and -p");
    }
    return {number_at(bytes, kToAt, swapped),
            number_at(bytes, kFromAt, swapped),
            ((version >> kResumingBit) & 1U) != 0};
}

/// As many bytes as there are, up to all.
std::size_t read_fully(int fd, HeaderBytes& bytes) {
    std::size_t length = 0;
    while (length < bytes.size()) {
        const ssize_t got = ::read(fd, bytes.data() + length, bytes.size() - length);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (check(got, "read the stream") == 0) {
            break;
        }
        length += static_cast<std::size_t>(got);
    }
    return length;
}

bool write_fully(int fd, const unsigned char* bytes, std::size_t length) {
    while (length > 0) {
        const ssize_t written = ::write(fd, bytes, length);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        bytes += written;
        length -= static_cast<std::size_t>(written);
    }
    return true;
}

}  // namespace

/// Passes a stream on, with the header that was read already before it.
class IncomingStream::Pump {
  public:
    Pump(int from, const HeaderBytes& header, std::function<void(std::uint64_t)> progress)
        : from_{from}, header_{header}, progress_{std::move(progress)} {
        std::array<int, 2> ends{};
        check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
        read_ = UniqueFd{ends[0]};
        write_ = UniqueFd{ends[1]};
        thread_ = std::thread{[this] { run(); }};
    }
    Pump(const Pump&) = delete;
    Pump& operator=(const Pump&) = delete;
    Pump(Pump&&) = delete;
    Pump& operator=(Pump&&) = delete;

    ~Pump() {
        read_.reset();  // wakes the thread, wherever it waits
        thread_.join();
    }

    [[nodiscard]] int fd() const noexcept { return read_.get(); }

  private:
    void run() {
        // Nobody may be left to read: the thread is to see EPIPE, and the process no SIGPIPE.
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
        if (write_fully(write_.get(), header_.data(), header_.size())) {
            while (pass_on()) {}
        }
        write_.reset();
    }

    bool pass_on() {
        std::array<pollfd, 2> both{pollfd{from_, POLLIN, 0}, pollfd{write_.get(), 0, 0}};
        if (::poll(both.data(), both.size(), -1) < 0) {
            return errno == EINTR;
        }
        if ((both[1].revents & (POLLERR | POLLHUP)) != 0) {
            return false;
        }
        const ssize_t got = ::read(from_, buffer_.data(), buffer_.size());
        if (got < 0) {
            return errno == EINTR || errno == EAGAIN;
        }
        if (got == 0 || !write_fully(write_.get(), buffer_.data(), static_cast<std::size_t>(got))) {
            return false;
        }
        passed_ += static_cast<std::uint64_t>(got);
        if (progress_) {
            progress_(passed_);
        }
        return true;
    }

    int from_;
    HeaderBytes header_;
    std::function<void(std::uint64_t)> progress_;
    std::uint64_t passed_ = kHeaderSize;
    UniqueFd read_;
    UniqueFd write_;
    std::vector<unsigned char> buffer_ = std::vector<unsigned char>(std::size_t{256} * 1024);
    std::thread thread_;
};

IncomingStream::IncomingStream(int fd, std::function<void(std::uint64_t)> progress) : fd_{fd} {
    HeaderBytes bytes{};
    const off_t position = ::lseek(fd, 0, SEEK_CUR);
    if (read_fully(fd, bytes) < bytes.size()) {
        refuse("it is cut short", "");
    }
    header_ = parse(bytes);
    if (position >= 0 && ::lseek(fd, position, SEEK_SET) == position) {
        return;
    }
    pump_ = std::make_unique<Pump>(fd, bytes, std::move(progress));
}

IncomingStream::~IncomingStream() = default;

int IncomingStream::fd() const noexcept {
    return pump_ ? pump_->fd() : fd_;
}

}  // namespace brig::storage_zfs
