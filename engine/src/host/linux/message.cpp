// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/message.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace brig::host_linux {

namespace {

constexpr std::size_t kFdsSpace = CMSG_SPACE(sizeof(int) * kMaxFds);

void attach(msghdr& message, std::span<char> space, std::span<const int> fds) noexcept {
    message.msg_control = space.data();
    // The type of a length depends on the C library.
    message.msg_controllen =
        static_cast<decltype(message.msg_controllen)>(CMSG_SPACE(fds.size_bytes()));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = static_cast<decltype(header->cmsg_len)>(CMSG_LEN(fds.size_bytes()));
    std::memcpy(CMSG_DATA(header), fds.data(), fds.size_bytes());
}

void collect(const cmsghdr& header, ReceivedFds& fds) noexcept {
    const std::size_t count = (header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(&header) + i * sizeof(int), sizeof(int));
        if (fds.count < kMaxFds) {
            fds.fd[fds.count++] = fd;
        } else {
            ::close(fd);
        }
    }
}

}  // namespace

void ReceivedFds::close_all() noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        if (fd[i] >= 0) {
            ::close(fd[i]);
        }
    }
    count = 0;
}

int send_all(int socket, std::span<const char> bytes, std::span<const int> fds) noexcept {
    alignas(cmsghdr) char space[kFdsSpace] = {};
    while (!bytes.empty()) {
        iovec part = {const_cast<char*>(bytes.data()), bytes.size()};  // only read from
        msghdr message = {};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        if (!fds.empty()) {
            attach(message, space, fds);
        }
        const ssize_t sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return -1;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(sent));
        fds = {};
    }
    return 0;
}

ssize_t receive_some(int socket, std::span<char> bytes, ReceivedFds& fds) noexcept {
    alignas(cmsghdr) char space[kFdsSpace];
    iovec part = {bytes.data(), bytes.size()};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof(space);
    const ssize_t size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    if (size < 0) {
        return size;
    }
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
            collect(*header, fds);
        }
    }
    return size;
}

}  // namespace brig::host_linux
