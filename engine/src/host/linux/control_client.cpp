// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/control_client.hpp"

#include "host/jail_error.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace brig::host_linux {

namespace {

sockaddr_un make_sockaddr(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
}

template <typename Call>
int with_address(int socket, const std::string& path, Call call) {
    const sockaddr_un address = make_sockaddr(path);
    return call(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

UniqueFd make_socket() {
    return UniqueFd{check(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "open a Unix socket")};
}

/// What recvmsg(2) gives beside the bytes.
struct Extras {
    UniqueFd fd;
    pid_t sender = -1;
};

void collect(const cmsghdr& header, Extras& extras) {
    if (header.cmsg_level != SOL_SOCKET) {
        return;
    }
    if (header.cmsg_type == SCM_RIGHTS) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(&header), sizeof(fd));
        extras.fd.reset(fd);
    }
    if (header.cmsg_type == SCM_CREDENTIALS) {
        ucred credentials = {};
        std::memcpy(&credentials, CMSG_DATA(&header), sizeof(credentials));
        extras.sender = credentials.pid;
    }
}

// NOLINTNEXTLINE(readability-non-const-parameter): recvmsg(2) writes through an iovec
ssize_t receive_part(int socket, char* data, std::size_t size, Extras& extras) {
    constexpr std::size_t kSpace = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(ucred));
    alignas(cmsghdr) char space[kSpace];
    iovec part = {data, size};
    msghdr message = {};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = space;
    message.msg_controllen = sizeof(space);
    ssize_t received = -1;
    do {
        received = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (received < 0 && errno == EINTR);
    if (received < 0) {
        return errno == ECONNRESET ? 0 : received;
    }
    for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
         header = CMSG_NXTHDR(&message, header)) {
        collect(*header, extras);
    }
    return received;
}

/// @return false at the end of the connection.
bool receive_exactly(int socket, char* data, std::size_t size, Extras& extras) {
    while (size > 0) {
        const ssize_t received =
            check(receive_part(socket, data, size, extras), "receive from a jail's init");
        if (received == 0) {
            return false;
        }
        data += received;
        size -= static_cast<std::size_t>(received);
    }
    return true;
}

}  // namespace

std::optional<ControlAddress> control_address(const std::filesystem::path& folder) {
    UniqueFd fd{::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)};
    if (!fd && errno == ENOENT) {
        return std::nullopt;
    }
    check(fd.get(), "open {}", folder.native());
    std::string path = fmt::format("/proc/self/fd/{}/{}", fd.get(), kControlSocket);
    return ControlAddress{std::move(fd), std::move(path)};
}

UniqueFd bind_control_socket(const std::filesystem::path& folder) {
    const auto address = control_address(folder);
    if (!address) {
        throw_system_error(ENOENT, fmt::format("open {}", folder.native()));
    }
    UniqueFd socket = make_socket();
    if (with_address(socket.get(), address->path, ::bind) == 0) {
        return socket;
    }
    if (errno == EADDRINUSE && ControlClient::connect(folder)) {
        refuse_jail(EEXIST, fmt::format("jail \"{}\" already exists", folder.filename().native()));
    }
    // Its jail is gone.
    ::unlinkat(address->folder.get(), kControlSocket, 0);
    check(with_address(socket.get(), address->path, ::bind),
          "bind {}/{}",
          folder.native(),
          kControlSocket);
    return socket;
}

std::optional<ControlClient> ControlClient::connect(const std::filesystem::path& folder) {
    const auto address = control_address(folder);
    if (!address) {
        return std::nullopt;
    }
    UniqueFd socket = make_socket();
    if (with_address(socket.get(), address->path, ::connect) == 0) {
        return ControlClient{std::move(socket)};
    }
    if (errno == ENOENT || errno == ECONNREFUSED) {
        return std::nullopt;
    }
    throw_system_error(errno, fmt::format("connect to {}/{}", folder.native(), kControlSocket));
}

pid_t ControlClient::init_pid() const {
    ucred peer = {};
    socklen_t size = sizeof(peer);
    check(::getsockopt(fd(), SOL_SOCKET, SO_PEERCRED, &peer, &size), "ask who a jail's init is");
    return peer.pid;
}

void ControlClient::send(const std::string& frame, std::span<const int> fds) const {
    if (send_all(fd(), frame, fds) != 0 && errno != EPIPE && errno != ECONNRESET) {
        throw_system_error(errno, "send to a jail's init");
    }
}

std::optional<ControlClient::Reply> ControlClient::receive() const {
    FrameHeader header;
    Extras extras;
    if (!receive_exactly(fd(), reinterpret_cast<char*>(&header), sizeof(header), extras)) {
        return std::nullopt;
    }
    if (header.version != kProtocolVersion || header.size > kMaxFrameSize) {
        throw Error{ErrorCode::conflict, "the jail was started by another version of brig"}
            .with_hint("restart the container");
    }
    Reply reply{header.type, std::string(header.size, '\0'), {}, -1};
    if (!receive_exactly(fd(), reply.payload.data(), header.size, extras)) {
        return std::nullopt;
    }
    reply.fd = std::move(extras.fd);
    reply.sender = extras.sender;
    return reply;
}

ControlClient::Reply ControlClient::ask(const std::string& frame) const {
    send(frame);
    auto reply = receive();
    if (!reply) {
        throw Error{ErrorCode::not_found, "the jail has just ended"};
    }
    return std::move(*reply);
}

}  // namespace brig::host_linux
