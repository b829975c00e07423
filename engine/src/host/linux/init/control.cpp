// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/control.hpp"

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): POSIX's, with sigaction(2)
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace brig::host_linux {

namespace {

constexpr std::size_t kFirstBuffer = 4096;

/// What is polled: the owner, the listener, the jail's mount requests, then the connections.
constexpr std::size_t kFirstConnection = 3;

/// Only interrupts ppoll(2).
void note_child(int /*signal*/) {}

/// SIGCHLD is delivered in ppoll(2) and nowhere else, so that none is missed between a look and
/// the next wait.
void catch_children() noexcept {
    struct sigaction action = {};
    action.sa_handler = note_child;
    action.sa_flags = SA_NOCLDSTOP;
    ::sigaction(SIGCHLD, &action, nullptr);
    sigset_t children;
    ::sigemptyset(&children);
    ::sigaddset(&children, SIGCHLD);
    ::sigprocmask(SIG_BLOCK, &children, nullptr);
}

/// kill(2) to -1 reaches everything in the jail but init. False when there was nothing.
bool signal_others(int number) noexcept {
    return ::kill(-1, number) == 0 || errno != ESRCH;
}

/// The engine is outside of the jail, where pids have no number for us. A process of the jail
/// cannot even see the socket; this is a second lock on the door.
bool is_from_outside(int fd) noexcept {
    ucred peer = {};
    socklen_t size = sizeof(peer);
    return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == 0
           && peer.uid == 0;
}

bool send_frame(int socket, FrameType type, std::span<const char> payload) noexcept {
    const FrameHeader header{static_cast<std::uint32_t>(payload.size()), type, kProtocolVersion};
    return send_all(socket, bytes_of(header)) == 0 && send_all(socket, payload) == 0;
}

template <typename Payload>
struct SmallFrame {
    FrameHeader header;
    Payload payload;
};

/// One message for one wake-up of the receiver.
template <typename Payload>
bool send_small(int socket,
                FrameType type,
                const Payload& payload,
                std::span<const int> fds = {}) noexcept {
    const SmallFrame<Payload> frame{{sizeof(Payload), type, kProtocolVersion}, payload};
    return send_all(socket, bytes_of(frame), fds) == 0;
}

}  // namespace

void end_all_processes() noexcept {
    ::kill(-1, SIGKILL);
    while (::waitpid(-1, nullptr, 0) > 0 || errno == EINTR) {}
}

void Control::run() noexcept {
    catch_children();
    while (reserve_polls() && wait()) {}
}

bool Control::reserve_polls() noexcept {
    // Never fails in practice; a jail whose init has no memory left cannot be served any more.
    auto* polls =
        static_cast<pollfd*>(std::realloc(polls_, (count_ + kFirstConnection) * sizeof(pollfd)));
    polls_ = polls == nullptr ? polls_ : polls;
    return polls != nullptr;
}

/// One round. @return false when the owner is gone.
bool Control::wait() noexcept {
    polls_[0] = {owner_, POLLIN, 0};
    polls_[1] = {listener_, POLLIN, 0};
    polls_[2] = {mount_requests_.fd(), POLLIN, 0};
    const std::size_t watched = count_;
    for (std::size_t i = 0; i < watched; ++i) {
        polls_[i + kFirstConnection] = {connections_[i].fd, POLLIN, 0};
    }
    sigset_t none;
    ::sigemptyset(&none);
    const int ready = ::ppoll(polls_, watched + kFirstConnection, nullptr, &none);
    reap();
    if (ready <= 0) {
        return true;
    }
    if (polls_[0].revents != 0) {
        return false;
    }
    for (std::size_t i = 0; i < watched; ++i) {
        const pollfd& poll = polls_[i + kFirstConnection];
        if (poll.revents != 0 && connections_[i].fd == poll.fd) {
            serve(connections_[i]);
        }
    }
    if (polls_[1].revents != 0) {
        accept_one();
    }
    if (polls_[2].revents != 0) {
        mount_requests_.serve();
    }
    return true;
}

void Control::reap() noexcept {
    int status = 0;
    for (pid_t child = 0; (child = ::waitpid(-1, &status, WNOHANG)) > 0;) {
        mount_requests_.ended(child);
        report_exit(child, status);
    }
}

void Control::report_exit(pid_t child, int status) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
        if (connections_[i].child == child) {
            const Exited exited{WIFEXITED(status) ? WEXITSTATUS(status) : 0,
                                WIFSIGNALED(status) ? WTERMSIG(status) : 0,
                                signal_others(0) ? 0 : 1};
            send_small(connections_[i].fd, FrameType::exited, exited);
            connections_[i].child = 0;
            return;
        }
    }
}

void Control::accept_one() noexcept {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return;
    }
    Connection* connection = is_from_outside(fd) ? new_connection(fd) : nullptr;
    if (connection == nullptr) {
        ::close(fd);
        return;
    }
    serve(*connection);  // the request is usually there already
}

Connection* Control::new_connection(int fd) noexcept {
    std::size_t place = 0;
    while (place < count_ && connections_[place].fd >= 0) {
        ++place;
    }
    if (place == capacity_) {
        const std::size_t capacity = capacity_ == 0 ? 4 : capacity_ * 2;
        auto* grown =
            static_cast<Connection*>(std::realloc(connections_, capacity * sizeof(Connection)));
        if (grown == nullptr) {
            return nullptr;
        }
        connections_ = grown;
        capacity_ = capacity;
    }
    count_ = place == count_ ? count_ + 1 : count_;
    connections_[place] = Connection{};
    connections_[place].fd = fd;
    return &connections_[place];
}

void Control::close(Connection& connection) noexcept {
    if (connection.child > 0) {
        // Not reaped yet, so the pid is still this child's.
        ::kill(connection.child, SIGKILL);
    }
    connection.fds.close_all();
    std::free(connection.data);
    ::close(connection.fd);
    connection = Connection{};
}

void Control::serve(Connection& connection) noexcept {
    if (!receive(connection) || !handle_frames(connection)) {
        close(connection);
    }
}

/// @return false at the end of the connection.
bool Control::receive(Connection& connection) noexcept {
    std::size_t wanted = kFirstBuffer;
    if (connection.size >= sizeof(FrameHeader)) {
        FrameHeader header;
        std::memcpy(&header, connection.data, sizeof(header));
        wanted = sizeof(header) + header.size;
    }
    if (wanted > connection.capacity) {
        char* grown = static_cast<char*>(std::realloc(connection.data, wanted));
        if (grown == nullptr) {
            return false;
        }
        connection.data = grown;
        connection.capacity = wanted;
    }
    const std::span<char> room{connection.data + connection.size,
                               connection.capacity - connection.size};
    const ssize_t size = receive_some(connection.fd, room, connection.fds);
    if (size < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    connection.size += static_cast<std::size_t>(size);
    return size > 0;
}

/// @return false when the connection is of no use any more.
bool Control::handle_frames(Connection& connection) noexcept {
    while (connection.size >= sizeof(FrameHeader)) {
        FrameHeader header;
        std::memcpy(&header, connection.data, sizeof(header));
        if (header.version != kProtocolVersion || header.size > kMaxFrameSize) {
            return false;
        }
        const std::size_t frame_size = sizeof(header) + header.size;
        if (connection.size < frame_size) {
            return true;
        }
        const bool handled = handle(connection, header, connection.data + sizeof(header));
        connection.fds.close_all();
        if (!handled) {
            return false;
        }
        connection.size -= frame_size;
        std::memmove(connection.data, connection.data + frame_size, connection.size);
    }
    return true;
}

bool Control::handle(Connection& connection,
                     const FrameHeader& header,
                     const char* payload) noexcept {
    FrameReader reader{payload, header.size};
    switch (header.type) {
        case FrameType::describe:
            return send_frame(connection.fd, FrameType::record, record_);
        case FrameType::spawn:
            return spawn(connection, reader);
        case FrameType::signal:
        case FrameType::signal_group:
            if (const auto number = reader.value<std::int32_t>(); connection.child > 0) {
                const bool one = header.type == FrameType::signal;
                ::kill(one ? connection.child : -connection.child, number);
            }
            return true;
        case FrameType::forget:
            connection.child = 0;
            return true;
        case FrameType::signal_all:
            return signal_all(connection, reader.value<std::int32_t>());
        case FrameType::open_terminal:
            return open_terminal(connection);
        case FrameType::update:
            return update(connection, reader);
        default:
            return false;
    }
}

bool Control::spawn(Connection& connection, FrameReader& reader) noexcept {
    if (connection.child != 0) {
        return false;
    }
    const pid_t child = start_command(reader, connection.fds, plan_, parts_.null);
    if (child <= 0) {
        return false;
    }
    connection.child = child;
    return send_started(connection.fd, child);
}

bool Control::signal_all(const Connection& connection, int number) noexcept {
    return send_small(connection.fd, FrameType::answer, Answer{signal_others(number) ? 1 : 0, 0});
}

bool Control::open_terminal(const Connection& connection) const noexcept {
    // devpts lets nobody put another file there.
    const int master = parts_.terminals < 0
                           ? -1
                           : ::openat(parts_.terminals, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0) {
        const int error = parts_.terminals < 0 ? ENOENT : errno;
        return send_small(connection.fd, FrameType::answer, Answer{0, error});
    }
    const bool sent = send_small(connection.fd, FrameType::answer, Answer{}, {&master, 1});
    ::close(master);
    return sent;
}

bool Control::update(const Connection& connection, FrameReader& reader) noexcept {
    FrameReader names = reader;
    static_cast<void>(reader.value<UpdateHeader>());
    static_cast<void>(reader.string());
    static_cast<void>(reader.string());
    const std::string_view record = reader.bytes();
    char* memory = static_cast<char*>(std::malloc(record.size() + 1));
    if (!reader.ok() || memory == nullptr) {
        std::free(memory);
        return false;
    }
    const int error = set_names(names);
    if (error != 0) {
        std::free(memory);
        return send_small(connection.fd, FrameType::answer, Answer{0, error});
    }
    std::memcpy(memory, record.data(), record.size());
    std::free(record_memory_);
    record_memory_ = memory;
    record_ = {memory, record.size()};
    return send_small(connection.fd, FrameType::answer, Answer{});
}

}  // namespace brig::host_linux
