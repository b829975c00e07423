// SPDX-License-Identifier: BSD-2-Clause
#include "support/net_sandbox.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>

namespace brig::test {

namespace {

constexpr std::string_view kQuestion = "question";
constexpr std::string_view kAnswer = "answer";

int checked(int result, const char* attempt) {
    if (result < 0) {
        throw std::runtime_error{std::string{attempt} + ": " + std::strerror(errno)};
    }
    return result;
}

struct Fd {
    explicit Fd(int number) : fd{number} {}
    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;
    Fd(Fd&&) = delete;
    Fd& operator=(Fd&&) = delete;
    ~Fd() {
        if (fd >= 0) {
            ::close(fd);
        }
    }
    int fd;
};

struct Address {
    sockaddr_storage storage{};
    socklen_t length = sizeof(sockaddr_storage);

    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }

    [[nodiscard]] std::string text() const {
        std::array<char, INET6_ADDRSTRLEN> text{};
        const void* bytes = storage.ss_family == AF_INET6
                                ? static_cast<const void*>(
                                    &reinterpret_cast<const sockaddr_in6*>(&storage)->sin6_addr)
                                : static_cast<const void*>(
                                    &reinterpret_cast<const sockaddr_in*>(&storage)->sin_addr);
        ::inet_ntop(storage.ss_family, bytes, text.data(), text.size());
        return text.data();
    }
};

/// `text` "": any address of the family.
Address make_address(bool ip6, const std::string& text, std::uint16_t port) {
    Address address;
    if (ip6) {
        auto* in6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(port);
        checked(::inet_pton(AF_INET6, text.empty() ? "::" : text.c_str(), &in6->sin6_addr) - 1,
                "inet_pton");
        address.length = sizeof(sockaddr_in6);
    } else {
        auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
        in->sin_family = AF_INET;
        in->sin_port = htons(port);
        checked(::inet_pton(AF_INET, text.empty() ? "0.0.0.0" : text.c_str(), &in->sin_addr) - 1,
                "inet_pton");
        address.length = sizeof(sockaddr_in);
    }
    return address;
}

int make_socket(Transport transport, bool ip6, int flags) {
    const int type = transport == Transport::tcp ? SOCK_STREAM : SOCK_DGRAM;
    return checked(::socket(ip6 ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC | flags, 0), "socket");
}

bool wait_for(int fd, short events, int milliseconds) {
    pollfd one{fd, events, 0};
    return ::poll(&one, 1, milliseconds) == 1;
}

bool receives(int fd, std::string_view wanted, int patience) {
    std::array<char, 64> buffer{};
    if (!wait_for(fd, POLLIN, patience)) {
        return false;
    }
    const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
    return got >= 0 && std::string_view(buffer.data(), static_cast<std::size_t>(got)) == wanted;
}

std::string reach_tcp(int client, const Listener& listener, int patience) {
    int error = 0;
    socklen_t length = sizeof error;
    if (!wait_for(client, POLLOUT, patience)
        || ::getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
        return "";
    }
    if (!wait_for(listener.fd(), POLLIN, 1000)) {
        return "another";
    }
    Address peer;
    const Fd server{
        checked(::accept4(listener.fd(), peer.get(), &peer.length, SOCK_CLOEXEC), "accept")};
    checked(static_cast<int>(::send(server.fd, kAnswer.data(), kAnswer.size(), 0)), "send");
    return receives(client, kAnswer, patience) ? peer.text() : "no answer";
}

std::string reach_udp(int client, const Listener& listener, int patience) {
    if (::send(client, kQuestion.data(), kQuestion.size(), 0) < 0
        || !wait_for(listener.fd(), POLLIN, patience)) {
        return "";
    }
    Address peer;
    std::array<char, 64> buffer{};
    checked(static_cast<int>(::recvfrom(
                listener.fd(), buffer.data(), buffer.size(), 0, peer.get(), &peer.length)),
            "recvfrom");
    ::sendto(listener.fd(), kAnswer.data(), kAnswer.size(), 0, peer.get(), peer.length);
    return receives(client, kAnswer, patience) ? peer.text() : "no answer";
}

}  // namespace

void run_shell(const std::string& script) {
    static_cast<void>(shell_output(script));
}

std::string shell_output(const std::string& script) {
    const std::string command = "set -e\nexec 2>&1\n" + script;
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe{::popen(command.c_str(), "re"),
                                                     [](FILE*) { return 0; }};
    if (pipe == nullptr) {
        throw std::runtime_error{"popen"};
    }
    std::string output;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
        output.append(buffer.data(), got);
    }
    if (::pclose(pipe.get()) != 0) {
        throw std::runtime_error{script + "\nfailed:\n" + output};
    }
    return output;
}

NetSandbox::NetSandbox(const std::vector<std::string>& hosts)
    : prefix_{"brig-test-" + std::to_string(::getpid()) + "-"}, hosts_{hosts} {
    for (const std::string& host : hosts_) {
        run_shell("ip netns add " + name(host));
    }
}

NetSandbox::~NetSandbox() {
    std::string script;
    for (const std::string& host : hosts_) {
        script += "ip netns del " + name(host) + " || :\n";
    }
    try {
        run_shell(script);
    } catch (const std::exception& error) {
        std::fputs(error.what(), stderr);
    }
}

std::string NetSandbox::variables() const {
    std::string script;
    for (const std::string& host : hosts_) {
        script += host + "=" + name(host) + "\n";
    }
    return script;
}

InNamespace::InNamespace(const std::string& name)
    : before_{checked(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open")} {
    const Fd there{checked(::open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC), "open")};
    checked(::setns(there.fd, CLONE_NEWNET), "setns");
}

InNamespace::~InNamespace() {
    if (::setns(before_, CLONE_NEWNET) != 0) {
        std::abort();  // what follows would happen to another host
    }
    ::close(before_);
}

Listener::Listener(const std::string& name_space, Transport transport, bool ip6, std::uint16_t port)
    : transport_{transport} {
    const InNamespace inside{name_space};
    fd_ = make_socket(transport, ip6, 0);
    const int on = 1;
    checked(::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on), "setsockopt");
    if (ip6) {
        checked(::setsockopt(fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), "setsockopt");
    }
    Address any = make_address(ip6, "", port);
    checked(::bind(fd_, any.get(), any.length), "bind");
    if (transport == Transport::tcp) {
        checked(::listen(fd_, SOMAXCONN), "listen");
    }
}

Listener::Listener(Listener&& other) noexcept
    : fd_{std::exchange(other.fd_, -1)}, transport_{other.transport_} {}

Listener::~Listener() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

std::string reach(const std::string& from,
                  const std::string& address,
                  std::uint16_t port,
                  const Listener& listener,
                  int patience) {
    const bool ip6 = address.find(':') != std::string::npos;
    const InNamespace inside{from};
    const Fd client{make_socket(listener.transport(), ip6, SOCK_NONBLOCK)};
    Address there = make_address(ip6, address, port);
    if (::connect(client.fd, there.get(), there.length) != 0 && errno != EINPROGRESS) {
        return "";
    }
    return listener.transport() == Transport::tcp ? reach_tcp(client.fd, listener, patience)
                                                  : reach_udp(client.fd, listener, patience);
}

}  // namespace brig::test
