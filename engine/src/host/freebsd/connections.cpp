// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/connections.hpp"

#include "host/freebsd/jail_param_list.hpp"
#include "host/freebsd/jail_processes.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "host/freebsd/sysctl.hpp"
#include "process/wait.hpp"
#include "support/check.hpp"

// These need each other in this order.
// clang-format off
#include <sys/types.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/socketvar.h>
#include <netinet/in.h>
#include <netinet/in_pcb.h>
#include <netinet/tcp.h>
#include <netinet/tcp_fsm.h>
#include <netinet/tcp_var.h>
// clang-format on

#include <sys/mman.h>
#include <sys/sysctl.h>
#include <sys/thr.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>

namespace brig::freebsd {

namespace {

using namespace std::chrono_literals;

constexpr const char* kList = "net.inet.tcp.pcblist";
constexpr const char* kDrop = "net.inet.tcp.drop";
constexpr auto kSendingPatience = 2s;
constexpr int kTriesInside = 5;

/// What a connection is told by: the foreign end first, as the kernel wants it.
using Ends = std::array<sockaddr_storage, 2>;

struct Connection {
    Ends ends{};
    bool is_done = false;  ///< all has been sent, and the other side knows
};

template <typename Address>
sockaddr_storage storage_of(const Address& address) {
    static_assert(sizeof address <= sizeof(sockaddr_storage));
    sockaddr_storage storage{};
    std::memcpy(&storage, &address, sizeof address);
    return storage;
}

sockaddr_storage address4(const in_addr& address, std::uint16_t port) {
    sockaddr_in from{};
    from.sin_len = sizeof from;
    from.sin_family = AF_INET;
    from.sin_port = port;
    from.sin_addr = address;
    return storage_of(from);
}

/// Of an address that belongs to one link the kernel keeps the link's number within the address.
sockaddr_storage address6(const in6_addr& address, std::uint16_t port) {
    constexpr std::size_t kLink = 2;
    sockaddr_in6 from{};
    from.sin6_len = sizeof from;
    from.sin6_family = AF_INET6;
    from.sin6_port = port;
    from.sin6_addr = address;
    if (IN6_IS_ADDR_LINKLOCAL(&address)) {
        auto& bytes = from.sin6_addr.s6_addr;
        from.sin6_scope_id = (std::uint32_t{bytes[kLink]} << 8U) | bytes[kLink + 1];
        bytes[kLink] = 0;
        bytes[kLink + 1] = 0;
    }
    return storage_of(from);
}

Ends ends_of(const in_endpoints& ends, bool is_ip6) {
    return is_ip6 ? Ends{address6(ends.ie6_faddr, ends.ie_fport),
                         address6(ends.ie6_laddr, ends.ie_lport)}
                  : Ends{address4(ends.ie_faddr, ends.ie_fport),
                         address4(ends.ie_laddr, ends.ie_lport)};
}

/// No process has it open: it has no socket any more, or one without a file.
bool is_left_to_kernel(const xtcpcb& connection) {
    const xsocket& socket = connection.xt_inp.xi_socket;
    bool has_file = socket.xso_so != 0;
#ifdef SS_NOFDREF
    has_file = has_file && (static_cast<unsigned>(socket.so_state) & SS_NOFDREF) == 0;
#endif
    return connection.t_state == TCPS_TIME_WAIT
           || (connection.t_state >= TCPS_FIN_WAIT_1 && !has_file);
}

/// What is left in net.inet.tcp.pcblist: a head, the connections, and a foot like the head.
std::vector<Connection> left_in(const unsigned char* bytes, std::size_t size) {
    std::vector<Connection> left;
    std::size_t at = sizeof(xinpgen);
    while (at + sizeof(xtcpcb) <= size) {
        xtcpcb connection{};
        std::memcpy(&connection, bytes + at, sizeof connection);
        if (connection.xt_len < sizeof connection) {
            break;
        }
        if (is_left_to_kernel(connection)) {
            const bool is_ip6 = (connection.xt_inp.inp_vflag & INP_IPV6) != 0;
            left.push_back({ends_of(connection.xt_inp.inp_inc.inc_ie, is_ip6),
                            connection.t_state == TCPS_TIME_WAIT});
        }
        at += connection.xt_len;
    }
    return left;
}

void drop(const Ends& ends) noexcept {
    // Gone by itself: fine. Refused, where brig itself runs in a jail: it ends by itself later.
    static_cast<void>(::sysctlbyname(kDrop, nullptr, nullptr, ends.data(), sizeof ends));
}

// ---- In a jail ----

/// Memory that a child shares with us; only what is used of it is ever there.
struct Listing {
    std::size_t size = 0;
    std::array<unsigned char, std::size_t{16} * 1024 * 1024> bytes;
};

void unmap(Listing* listing) {
    ::munmap(listing, sizeof(Listing));
}

using SharedListing = std::unique_ptr<Listing, decltype(&unmap)>;

SharedListing share_listing() {
    void* memory =
        ::mmap(nullptr, sizeof(Listing), PROT_READ | PROT_WRITE, MAP_ANON | MAP_SHARED, -1, 0);
    check(memory == MAP_FAILED ? -1 : 0, "share memory with a child");
    return {static_cast<Listing*>(memory), &unmap};
}

/// Whoever ends the jail's processes leaves it alone.
void call_visitor() noexcept {
    long thread = 0;
    if (::thr_self(&thread) == 0) {
        static_cast<void>(::thr_set_name(thread, kVisitorName));
    }
}

/// False if the child was killed.
bool wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return !WIFSIGNALED(status);
}

/// Runs `work` in a child that has entered the jail. The child is forked from a program with
/// threads, so it makes system calls and nothing else. In a jail that is gone nothing is done.
template <typename Work>
void run_inside(int jail, const Work& work) {
    // Another process may be removing the jail: what it kills is tried again.
    for (int tries = 0; tries < kTriesInside; ++tries) {
        const pid_t child = check(::fork(), "start a process");
        if (child == 0) {
            call_visitor();
            ::closefrom(0);  // jail_attach(2) refuses a process that has a directory open
            if (::jail_attach(jail) == 0) {
                work();
            }
            ::_exit(0);
        }
        if (wait_for(child)) {
            return;
        }
    }
}

/// What the jail's processes have left: who is inside sees nobody else's connections.
std::vector<Connection> left_by(int jail) {
    const SharedListing shared = share_listing();
    Listing& listing = *shared;
    run_inside(jail, [&listing]() noexcept {
        std::size_t size = listing.bytes.size();
        // ENOMEM: there are more; the first of them are better than none.
        if (::sysctlbyname(kList, listing.bytes.data(), &size, nullptr, 0) == 0
            || errno == ENOMEM) {
            listing.size = std::min(size, listing.bytes.size());
        }
    });
    return left_in(listing.bytes.data(), listing.size);
}

bool all_are_done(const std::vector<Connection>& connections) {
    return std::all_of(connections.begin(), connections.end(), [](const Connection& each) {
        return each.is_done;
    });
}

/// Whatever is left on our own stack, whoever left it.
bool any_is_left() {
    const std::string list = sysctl_bytes(sysctl_oid(kList), kList);
    return !left_in(reinterpret_cast<const unsigned char*>(list.data()), list.size()).empty();
}

/// Of a jail on the host's stack, which outlives it: what is on its way may get there.
void end_on_host(int jail) {
    if (!any_is_left()) {
        return;  // cheaper than a child
    }
    std::vector<Connection> left;
    static_cast<void>(wait_until(
        [&] {
            left = left_by(jail);
            return all_are_done(left);
        },
        kSendingPatience));
    for (const Connection& connection : left) {
        drop(connection.ends);
    }
}

/// Of a jail with a stack of its own, whose interfaces are gone by now.
void end_inside(int jail) {
    const std::vector<Connection> left = left_by(jail);
    if (left.empty()) {
        return;
    }
    run_inside(jail, [&left]() noexcept {
        for (const Connection& connection : left) {
            drop(connection.ends);
        }
    });
}

// ---- Jails ----

/// Nothing: the jail is gone. (Whether it has any IP the kernel does not tell: of a jail with
/// addresses of its own FreeBSD 13 says ip4=disable.)
std::optional<bool> has_own_stack(int jail) {
    JailParamList list;
    list.add("jid", std::to_string(jail));
    list.add_wanted("vnet");
    return list.get(0) < 0 ? std::nullopt : std::optional{list.text(1) == "new"};
}

}  // namespace

void end_connections(int id, const std::vector<int>& family) {
    for (const int member : family) {
        const std::optional<bool> is_own = has_own_stack(member);
        if (is_own == true) {
            end_inside(member);
        } else if (is_own == false && member == id) {
            // Those of the jails within it can be seen from it.
            end_on_host(member);
        }
    }
}

}  // namespace brig::freebsd
