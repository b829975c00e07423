// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/channel.hpp"

#include "drivers/isolation/message.hpp"
#include "support/check.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

namespace brig::isolation {

namespace {

constexpr std::size_t kMostMessage = std::size_t{80} * 1024 * 1024;
constexpr std::size_t kPiece = std::size_t{64} * 1024;
constexpr std::size_t kMostDescriptors = 4;  // with one message

/// Room for the descriptors that go with a message, aligned as CMSG_FIRSTHDR(3) wants it.
union ControlRoom {
    cmsghdr alignment;
    std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> bytes;
};

bool is_transient(int error_number) noexcept {
    return error_number == EINTR || error_number == EAGAIN || error_number == EWOULDBLOCK;
}

void put_descriptors(msghdr& header, ControlRoom& room, const std::vector<int>& descriptors) {
    const std::size_t size = descriptors.size() * sizeof(int);
    header.msg_control = room.bytes.data();
    header.msg_controllen = static_cast<decltype(header.msg_controllen)>(CMSG_SPACE(size));
    cmsghdr* const control = CMSG_FIRSTHDR(&header);
    control->cmsg_level = SOL_SOCKET;
    control->cmsg_type = SCM_RIGHTS;
    control->cmsg_len = static_cast<decltype(control->cmsg_len)>(CMSG_LEN(size));
    std::memcpy(CMSG_DATA(control), descriptors.data(), size);
}

void take_over_descriptors(msghdr& header, std::deque<UniqueFd>& descriptors) {
    for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
         control = CMSG_NXTHDR(&header, control)) {
        if (control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        const std::size_t count = (control->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int fd = -1;
            std::memcpy(&fd, CMSG_DATA(control) + i * sizeof fd, sizeof fd);
            descriptors.emplace_back(fd);
        }
    }
}

}  // namespace

Channel::Channel(UniqueFd socket, Wait wait) : socket_{std::move(socket)}, wait_{std::move(wait)} {}

void Channel::wait(short events) const {
    if (wait_) {
        wait_(events);
        return;
    }
    pollfd socket{socket_.get(), events, 0};
    if (::poll(&socket, 1, -1) < 0 && errno != EINTR) {
        throw_system_error(errno, "wait for the other process");
    }
}

std::size_t Channel::write_some(const char* bytes,
                                std::size_t size,
                                const std::vector<int>& descriptors) {
    ControlRoom room{};
    msghdr header{};
    iovec piece{const_cast<char*>(bytes), size};  // sendmsg(2) does not write to it
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    if (!descriptors.empty()) {
        put_descriptors(header, room, descriptors);
    }
    while (true) {
        const ssize_t sent = ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            return static_cast<std::size_t>(sent);
        }
        if (errno == EPIPE || errno == ECONNRESET) {
            throw PeerGone{};
        }
        if (!is_transient(errno)) {
            throw_system_error(errno, "send a message to the other process");
        }
        wait(POLLOUT);
    }
}

void Channel::send(const std::string& message, const std::vector<int>& descriptors) {
    if (message.size() > kMostMessage || descriptors.size() > kMostDescriptors) {
        throw BadMessage{"a message is too long"};
    }
    const auto length = static_cast<std::uint32_t>(message.size());
    std::string framed(sizeof length, '\0');
    std::memcpy(framed.data(), &length, sizeof length);
    framed += message;
    std::size_t sent = write_some(framed.data(), framed.size(), descriptors);
    while (sent < framed.size()) {
        sent += write_some(framed.data() + sent, framed.size() - sent, {});
    }
}

bool Channel::read_some() {
    ControlRoom room{};
    std::array<char, kPiece> bytes;  // NOLINT(*-member-init): recvmsg(2) fills it
    iovec piece{bytes.data(), bytes.size()};
    msghdr header{};
    header.msg_iov = &piece;
    header.msg_iovlen = 1;
    header.msg_control = room.bytes.data();
    header.msg_controllen = sizeof room.bytes;
    wait(POLLIN);
    const ssize_t got = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (got < 0) {
        if (errno == ECONNRESET) {
            return false;
        }
        if (!is_transient(errno)) {
            throw_system_error(errno, "receive a message from the other process");
        }
        return true;
    }
    take_over_descriptors(header, descriptors_);
    if ((header.msg_flags & MSG_CTRUNC) != 0 || descriptors_.size() > kMostDescriptors) {
        throw BadMessage{"a message brings too many descriptors"};
    }
    received_.append(bytes.data(), static_cast<std::size_t>(got));
    return got != 0;
}

std::optional<std::string> Channel::take_message() {
    std::uint32_t length = 0;
    if (received_.size() < sizeof length) {
        return std::nullopt;
    }
    std::memcpy(&length, received_.data(), sizeof length);
    if (length > kMostMessage) {
        throw BadMessage{"a message is too long"};
    }
    if (received_.size() < sizeof length + length) {
        return std::nullopt;
    }
    std::string message = received_.substr(sizeof length, length);
    received_.erase(0, sizeof length + length);
    return message;
}

std::optional<std::string> Channel::receive() {
    while (true) {
        if (auto message = take_message()) {
            return message;
        }
        if (!read_some()) {
            return std::nullopt;
        }
    }
}

UniqueFd Channel::take_descriptor() {
    if (descriptors_.empty()) {
        throw BadMessage{"a message lacks a descriptor"};
    }
    UniqueFd first = std::move(descriptors_.front());
    descriptors_.pop_front();
    return first;
}

}  // namespace brig::isolation
