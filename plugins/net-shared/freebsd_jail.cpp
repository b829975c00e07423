// SPDX-License-Identifier: BSD-2-Clause
#include "freebsd_jail.hpp"

#include "system.hpp"

// The second needs the first.
// clang-format off
#include <sys/param.h>
#include <sys/jail.h>
// clang-format on

#include <fcntl.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/sockio.h>
#include <sys/sysctl.h>
#include <sys/wait.h>

#include <array>
#include <cstring>
#include <memory>

namespace brig::net {

namespace {

constexpr std::size_t kLongestList = std::size_t{4} * 1024 * 1024;
constexpr int kMostNames = 1000;

/// What the child tells, in memory that both have.
struct Told {
    int step = 0;        ///< the one that failed: -1 to attach, -2 to list; the number of all: none
    int error = 0;       ///< its errno
    bool ended = false;  ///< it got to an end at all
    char name[IFNAMSIZ] = {};
    std::size_t length = 0;
    unsigned char list[kLongestList] = {};
};

constexpr int kAttaching = -1;
constexpr int kListing = -2;

void unmap(Told* told) {
    ::munmap(told, sizeof(Told));
}

using Shared = std::unique_ptr<Told, decltype(&unmap)>;

Shared share() {
    void* memory =
        ::mmap(nullptr, sizeof(Told), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
    check(memory == MAP_FAILED ? -1 : 0, "share memory with a child");
    return {static_cast<Told*>(memory), &unmap};
}

bool fail(Told& told, int step) noexcept {
    told.error = errno;
    told.step = step;
    return false;
}

/// A process with an open directory may not enter a jail.
bool enter(Told& told, int jail) noexcept {
    ::closefrom(0);
    return ::jail_attach(jail) == 0 || fail(told, kAttaching);
}

/// Runs `work(told)` in a child that has entered the jail.
template <typename Work>
void run_in_jail(Told& told, int jail, const Work& work) {
    const pid_t child = check(::fork(), "start a process");
    if (child == 0) {
        if (enter(told, jail)) {
            work(told);
        }
        told.ended = true;
        ::_exit(0);
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    if (!told.ended) {
        throw Error{BRIG_INTERNAL, "the process in jail " + std::to_string(jail) + " was killed"};
    }
    if (told.step == kAttaching && told.error != 0) {
        // Of a jail that is gone the kernel says EINVAL.
        if (told.error == EINVAL) {
            throw Error{BRIG_UNAVAILABLE, "there is no jail " + std::to_string(jail)};
        }
        throw_errno(told.error, "enter jail " + std::to_string(jail));
    }
}

void list_interfaces(Told& told) noexcept {
    std::array<int, 6> name{CTL_NET, PF_ROUTE, 0, AF_UNSPEC, NET_RT_IFLISTL, 0};
    told.length = sizeof told.list;
    if (::sysctl(name.data(), name.size(), told.list, &told.length, nullptr, 0) != 0) {
        fail(told, kListing);
    }
}

}  // namespace

std::vector<Interface> interfaces_in_jail(int jail) {
    const Shared told = share();
    run_in_jail(*told, jail, list_interfaces);
    if (told->error != 0) {
        throw_errno(told->error, "list the interfaces of jail " + std::to_string(jail));
    }
    return parse_interfaces(told->list, told->length);
}

/// The child's side: no memory is allocated, no lock taken.
struct Child {
    Told& told;
    const std::vector<InnerPlan::Step>& steps;

    /// Requests are copied here, to be changed.
    unsigned char buffer[1024] = {};

    void run() noexcept {
        for (const InnerPlan::Step& step : steps) {
            const bool done = perform(step);
            if (!done && errno != step.tolerated) {
                told.error = errno;
                return;
            }
            ++told.step;
        }
    }

    bool perform(const InnerPlan::Step& step) noexcept {
        switch (step.kind) {
            case InnerPlan::Kind::request:
                return request(step);
            case InnerPlan::Kind::rename:
                return rename(reinterpret_cast<const char*>(step.bytes.data()));
            case InnerPlan::Kind::rename_to_free:
                return rename_to_free(reinterpret_cast<const char*>(step.bytes.data()));
            case InnerPlan::Kind::bring_up:
                return bring_up(step);
            case InnerPlan::Kind::route:
                return route(step);
        }
        return false;
    }

    /// Sends bytes that begin with a name.
    static bool send(int family, unsigned long command, void* bytes) noexcept {
        const int socket = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            return false;
        }
        const int result = ::ioctl(socket, command, bytes);
        const int error = errno;
        ::close(socket);
        errno = error;
        return result == 0;
    }

    bool request(const InnerPlan::Step& step) noexcept {
        std::memcpy(buffer, step.bytes.data(), step.bytes.size());
        if (!step.is_loopback) {
            std::memcpy(buffer, told.name, sizeof told.name);
        }
        return send(step.family, step.command, buffer);
    }

    bool rename(const char* name) noexcept {
        char wanted[IFNAMSIZ] = {};
        static_cast<void>(::strlcpy(wanted, name, sizeof wanted));
        ifreq request{};
        std::memcpy(request.ifr_name, told.name, sizeof told.name);
        request.ifr_data = wanted;
        if (!send(AF_LOCAL, SIOCSIFNAME, &request)) {
            return false;
        }
        std::memcpy(told.name, wanted, sizeof wanted);
        return true;
    }

    bool rename_to_free(const char* wanted) noexcept {
        if (*wanted != '\0' && rename(wanted)) {
            return true;
        }
        for (int number = 0; number < kMostNames; ++number) {
            char name[IFNAMSIZ] = {'e', 't', 'h'};
            write_number(name + 3, number);
            if (rename(name)) {
                return true;
            }
            if (errno != EEXIST) {
                return false;
            }
        }
        return false;
    }

    /// Of three digits at most.
    static void write_number(char* to, int number) noexcept {
        for (int power = 100; power > 0; power /= 10) {
            if (number >= power || power == 1) {
                *to++ = static_cast<char>('0' + number / power % 10);
            }
        }
    }

    bool bring_up(const InnerPlan::Step& step) noexcept {
        ifreq request{};
        static_cast<void>(
            ::strlcpy(request.ifr_name, step.is_loopback ? "lo0" : told.name, IFNAMSIZ));
        if (!send(AF_LOCAL, SIOCGIFFLAGS, &request)) {
            return false;
        }
        request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
        return send(AF_LOCAL, SIOCSIFFLAGS, &request);
    }

    bool route(const InnerPlan::Step& step) noexcept {
        std::memcpy(buffer, step.bytes.data(), step.bytes.size());
        if ((step.index_at != 0 || step.scope_at != 0) && !put_index(step)) {
            return false;
        }
        const int socket = ::socket(PF_ROUTE, SOCK_RAW | SOCK_CLOEXEC, 0);
        if (socket < 0) {
            return false;
        }
        const ssize_t written = ::write(socket, buffer, step.bytes.size());
        const int error = errno;
        ::close(socket);
        errno = error;
        return written >= 0;
    }

    bool put_index(const InnerPlan::Step& step) noexcept {
        ifreq request{};
        std::memcpy(request.ifr_name, told.name, sizeof told.name);
        if (!send(AF_LOCAL, SIOCGIFINDEX, &request)) {
            return false;
        }
        const auto index = static_cast<std::uint16_t>(request.ifr_index);
        const std::uint16_t scope = htons(index);
        if (step.index_at != 0) {
            std::memcpy(buffer + step.index_at, &index, sizeof index);
        }
        if (step.scope_at != 0) {
            std::memcpy(buffer + step.scope_at, &scope, sizeof scope);
        }
        return true;
    }
};

template <typename Request>
void InnerPlan::add_request(const std::string& attempt,
                            int family,
                            unsigned long command,
                            const Request& request) {
    const auto* begin = reinterpret_cast<const unsigned char*>(&request);
    Step step;
    step.attempt = attempt;
    step.family = family;
    step.command = command;
    step.bytes.assign(begin, begin + sizeof request);
    steps_.push_back(std::move(step));
}

void InnerPlan::rename(const std::string& name) {
    Step step;
    step.kind = Kind::rename;
    step.attempt = "call it '" + name + "'";
    step.bytes.assign(name.begin(), name.end());
    step.bytes.push_back(0);
    steps_.push_back(std::move(step));
}

void InnerPlan::rename_to_free(const std::string& wanted) {
    Step step;
    step.kind = Kind::rename_to_free;
    step.attempt = "call it 'eth0' or the next that is free";
    step.bytes.assign(wanted.begin(), wanted.end());
    step.bytes.push_back(0);
    steps_.push_back(std::move(step));
}

void InnerPlan::set_mtu(unsigned mtu) {
    ifreq request{};
    request.ifr_mtu = static_cast<int>(mtu);
    add_request("set its MTU to " + std::to_string(mtu), AF_LOCAL, SIOCSIFMTU, request);
}

void InnerPlan::turn_on_ip6() {
    add_request("turn on IPv6", AF_INET6, SIOCSIFINFO_FLAGS, neighbour_request(""));
}

void InnerPlan::bring_up() {
    Step step;
    step.kind = Kind::bring_up;
    step.attempt = "bring it up";
    steps_.push_back(std::move(step));
}

void InnerPlan::add_address(const IpPrefix& prefix) {
    const std::string attempt = "add address " + prefix.to_string();
    if (prefix.address.is_ip6) {
        add_request(attempt, AF_INET6, SIOCAIFADDR_IN6, address_request6("", prefix));
    } else {
        add_request(attempt, AF_INET, SIOCAIFADDR, address_request4("", prefix));
    }
}

void InnerPlan::add_message(const std::string& attempt, RouteMessage message, int tolerated) {
    Step step;
    step.kind = Kind::route;
    step.attempt = attempt;
    step.bytes = std::move(message.bytes);
    step.index_at = message.index_at;
    step.scope_at = message.scope_at;
    step.tolerated = tolerated;
    steps_.push_back(std::move(step));
}

void InnerPlan::add_route(const Route& route) {
    add_message("add the route to " + (route.to ? route.to->to_string() : "everywhere"),
                route_message(RTM_ADD, route),
                EEXIST);
}

void InnerPlan::add_neighbour(const IpAddress& address, const MacAddress& mac) {
    add_message("add neighbour " + address.to_string(), neighbour_message(address, mac), EEXIST);
}

void InnerPlan::remove_route(const Route& route) {
    add_message("remove the route to " + (route.to ? route.to->to_string() : "everywhere"),
                route_message(RTM_DELETE, route),
                ESRCH);
}

void InnerPlan::bring_up_loopback() {
    // The kernel gives it ::1 by itself then.
    Step step;
    step.kind = Kind::bring_up;
    step.attempt = "bring up 'lo0'";
    step.is_loopback = true;
    steps_.push_back(step);
    constexpr unsigned kLength = 8;
    const IpPrefix own{parse_ip("127.0.0.1").value(), kLength};
    add_request(
        "add address 127.0.0.1 to 'lo0'", AF_INET, SIOCAIFADDR, address_request4("lo0", own));
    steps_.back().is_loopback = true;
}

std::string InnerPlan::perform(int jail) const {
    const Shared told = share();
    set_name(told->name, interface_);
    run_in_jail(*told, jail, [this](Told& all) noexcept { Child{all, steps_}.run(); });
    if (told->error != 0) {
        const std::string& attempt = steps_.at(static_cast<std::size_t>(told->step)).attempt;
        throw_errno(told->error,
                    "interface '" + std::string{told->name} + "' in jail " + std::to_string(jail)
                        + ": " + attempt);
    }
    return told->name;
}

}  // namespace brig::net
