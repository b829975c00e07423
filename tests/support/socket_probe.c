// SPDX-License-Identifier: BSD-2-Clause
// What a process may do with addresses: tests run it in a jail and on the host. A static program
// without arguments of its own making, so that it runs in any root. It says in one line what came
// of it: addresses as the kernel has them, or the name of the errno.
//
//     socket_probe bind KIND ADDRESS PORT            the address that the socket has then
//     socket_probe connect KIND ADDRESS PORT         LOCAL PEER
//     socket_probe serve KIND ADDRESS PORT [FILE]    ready: in FILE; LOCAL PEER of the first who
//     comes socket_probe listen-unbound KIND FILE          the same, bound by listen(2) alone
//     socket_probe send KIND ADDRESS PORT [SOURCE]   a datagram, its source named in the message
//     socket_probe raw SOURCE DESTINATION            a packet made by hand
//     socket_probe ping SOURCE DESTINATION           an echo request of a raw socket bound to
//     SOURCE socket_probe hostile OWN FOREIGN PORT          tries to get at what is not the jail's
//
// KIND: tcp4, tcp6, udp4, udp6. ADDRESS may be IPv4 for the last: it is mapped.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

union address {
    struct sockaddr any;
    struct sockaddr_in ip4;
    struct sockaddr_in6 ip6;
};

static const char* name_of(int error) {
    return error == 0 ? "ok" : strerrorname_np(error);
}

static int fail(void) {
    puts(name_of(errno));
    return 1;
}

static int is_six(const char* kind) {
    return kind[3] == '6';
}

static int is_stream(const char* kind) {
    return kind[0] == 't';
}

static socklen_t make_address(union address* to, int six, const char* text, int port) {
    memset(to, 0, sizeof *to);
    char mapped[64];
    if (!six) {
        to->ip4.sin_family = AF_INET;
        to->ip4.sin_port = htons((unsigned short)port);
        if (inet_pton(AF_INET, text, &to->ip4.sin_addr) != 1) {
            exit(2);
        }
        return sizeof to->ip4;
    }
    snprintf(mapped, sizeof mapped, strchr(text, ':') != NULL ? "%s" : "::ffff:%s", text);
    to->ip6.sin6_family = AF_INET6;
    to->ip6.sin6_port = htons((unsigned short)port);
    if (inet_pton(AF_INET6, mapped, &to->ip6.sin6_addr) != 1) {
        exit(2);
    }
    return sizeof to->ip6;
}

static void print_address(const union address* address) {
    char text[64] = "?";
    if (address->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &address->ip4.sin_addr, text, sizeof text);
    } else if (address->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &address->ip6.sin6_addr, text, sizeof text);
    }
    printf("%s", text);
}

static void print_ends(int fd) {
    union address local = {0};
    union address peer = {0};
    socklen_t size = sizeof local;
    getsockname(fd, &local.any, &size);
    size = sizeof peer;
    getpeername(fd, &peer.any, &size);
    print_address(&local);
    printf(" ");
    print_address(&peer);
    printf("\n");
}

static int open_socket(const char* kind) {
    const int on = 1;
    const int fd =
        socket(is_six(kind) ? AF_INET6 : AF_INET, is_stream(kind) ? SOCK_STREAM : SOCK_DGRAM, 0);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    return fd;
}

static int bound_socket(const char* kind, const char* text, int port) {
    union address address;
    const socklen_t size = make_address(&address, is_six(kind), text, port);
    const int fd = open_socket(kind);
    return fd >= 0 && bind(fd, &address.any, size) == 0 ? fd : -1;
}

static int do_bind(const char* kind, const char* text, int port) {
    union address local = {0};
    socklen_t size = sizeof local;
    const int fd = bound_socket(kind, text, port);
    if (fd < 0) {
        return fail();
    }
    getsockname(fd, &local.any, &size);
    print_address(&local);
    printf("\n");
    return 0;
}

static int do_connect(const char* kind, const char* text, int port) {
    union address address;
    const socklen_t size = make_address(&address, is_six(kind), text, port);
    const int fd = open_socket(kind);
    if (fd < 0 || connect(fd, &address.any, size) != 0) {
        return fail();
    }
    print_ends(fd);
    return 0;
}

static void say_ready(const char* file, int port) {
    FILE* ready = file == NULL ? NULL : fopen(file, "w");
    if (ready != NULL) {
        fprintf(ready, "%d\n", port);
        fclose(ready);
    }
}

static int take_one(int fd, int stream) {
    char byte;
    union address peer = {0};
    socklen_t size = sizeof peer;
    if (stream) {
        const int connection = accept(fd, NULL, NULL);
        if (connection < 0) {
            return fail();
        }
        print_ends(connection);
        return 0;
    }
    if (recvfrom(fd, &byte, 1, 0, &peer.any, &size) < 0) {
        return fail();
    }
    print_address(&peer);
    printf("\n");
    return 0;
}

static int do_serve(const char* kind, const char* text, int port, const char* file) {
    const int fd = bound_socket(kind, text, port);
    if (fd < 0 || (is_stream(kind) && listen(fd, 8) != 0)) {
        return fail();
    }
    say_ready(file, port);
    return take_one(fd, is_stream(kind));
}

static int do_listen_unbound(const char* kind, const char* file) {
    union address local = {0};
    socklen_t size = sizeof local;
    const int fd = open_socket(kind);
    if (fd < 0 || listen(fd, 8) != 0 || getsockname(fd, &local.any, &size) != 0) {
        return fail();
    }
    say_ready(file, ntohs(local.ip4.sin_port));
    return take_one(fd, 1);
}

// One datagram, with IP_PKTINFO if there is a source. -1 and errno, or 0.
static int send_from(int fd, const union address* to, socklen_t size, const char* source) {
    char space[CMSG_SPACE(sizeof(struct in_pktinfo))] = {0};
    struct iovec part = {"x", 1};
    struct msghdr message = {0};
    message.msg_name = (void*)to;
    message.msg_namelen = size;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (source != NULL) {
        struct in_pktinfo info = {0};
        inet_pton(AF_INET, source, &info.ipi_spec_dst);
        message.msg_control = space;
        message.msg_controllen = sizeof space;
        struct cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = IPPROTO_IP;
        header->cmsg_type = IP_PKTINFO;
        header->cmsg_len = CMSG_LEN(sizeof info);
        memcpy(CMSG_DATA(header), &info, sizeof info);
    }
    return sendmsg(fd, &message, 0) < 0 ? -1 : 0;
}

static int do_send(const char* kind, const char* text, int port, const char* source) {
    union address address;
    const socklen_t size = make_address(&address, is_six(kind), text, port);
    const int fd = open_socket(kind);
    if (fd < 0 || send_from(fd, &address, size, source) != 0) {
        return fail();
    }
    puts("ok");
    return 0;
}

// A UDP datagram to port 9 with a header of our own making.
static int raw_packet(int fd, const char* source, const char* destination, int version) {
    struct {
        struct iphdr ip;
        unsigned short udp[4];
    } packet;
    union address to;
    const socklen_t size = make_address(&to, 0, destination, 0);
    memset(&packet, 0, sizeof packet);
    packet.ip.version = (unsigned)version & 15U;
    packet.ip.ihl = 5;
    packet.ip.ttl = 64;
    packet.ip.protocol = IPPROTO_UDP;
    packet.ip.tot_len = htons(sizeof packet);
    inet_pton(AF_INET, source, &packet.ip.saddr);
    packet.ip.daddr = to.ip4.sin_addr.s_addr;
    packet.udp[0] = packet.udp[1] = htons(9);
    packet.udp[2] = htons(8);
    return sendto(fd, &packet, sizeof packet, 0, &to.any, size) < 0 ? -1 : 0;
}

static int do_raw(const char* source, const char* destination) {
    const int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    if (fd < 0 || raw_packet(fd, source, destination, 4) != 0) {
        return fail();
    }
    puts("ok");
    return 0;
}

static unsigned short checksum(const unsigned short* words, size_t count) {
    unsigned long sum = 0;
    for (size_t i = 0; i < count; ++i) {
        sum += words[i];
    }
    sum = (sum >> 16U) + (sum & 0xffffU);
    return (unsigned short)~(sum + (sum >> 16U));
}

static int do_ping(const char* source, const char* destination) {
    struct icmphdr request = {0};
    union address from;
    union address to;
    char answer[256];
    socklen_t size = make_address(&from, 0, source, 0);
    const int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    if (fd < 0 || bind(fd, &from.any, size) != 0) {
        return fail();
    }
    size = make_address(&to, 0, destination, 0);
    request.type = ICMP_ECHO;
    request.un.echo.id = 77;
    request.checksum = checksum((const unsigned short*)&request, sizeof request / 2);
    if (sendto(fd, &request, sizeof request, 0, &to.any, size) < 0) {
        return fail();
    }
    struct pollfd wait = {fd, POLLIN, 0};
    while (poll(&wait, 1, 3000) > 0) {
        const ssize_t got = recv(fd, answer, sizeof answer, 0);
        if (got >= 28 && answer[20] == ICMP_ECHOREPLY) {
            puts("ok");
            return 0;
        }
    }
    puts("no answer");
    return 1;
}

static int attempts;
static int escapes;

// `result` is that of a system call which should have failed.
static void must_fail(const char* what, long result) {
    ++attempts;
    if (result >= 0) {
        ++escapes;
        printf("escaped: %s\n", what);
    }
}

// Bound to another address than asked for is fine: to what the jail may have.
static void must_not_bind(const char* what, int fd, int six, const char* text) {
    union address address;
    union address local = {0};
    socklen_t size = make_address(&address, six, text, 0);
    const int bound = fd >= 0 && bind(fd, &address.any, size) == 0;
    size = sizeof local;
    getsockname(fd, &local.any, &size);
    const int same = six ? memcmp(&local.ip6.sin6_addr, &address.ip6.sin6_addr, 16) == 0
                         : local.ip4.sin_addr.s_addr == address.ip4.sin_addr.s_addr;
    must_fail(what, bound && same ? 0 : -1);
    if (fd >= 0) {
        close(fd);
    }
}

static void must_not_reach(const char* kind, const char* text, int port) {
    union address address;
    union address peer = {0};
    char what[96];
    const socklen_t size = make_address(&address, is_six(kind), text, port);
    const int fd = open_socket(kind);
    socklen_t peer_size = sizeof peer;
    snprintf(what, sizeof what, "connect %s %s", kind, text);
    if (is_stream(kind)) {
        must_fail(what, fd < 0 ? -1 : connect(fd, &address.any, size));
        close(fd);
        const int fast = open_socket(kind);
        snprintf(what, sizeof what, "fast open %s %s", kind, text);
        must_fail(what, fast < 0 ? -1 : sendto(fast, "x", 1, MSG_FASTOPEN, &address.any, size));
        close(fast);
        return;
    }
    // Whoever listens there counts what comes; here only that the socket goes elsewhere.
    if (fd >= 0) {
        sendto(fd, "x", 1, 0, &address.any, size);
        if (connect(fd, &address.any, size) == 0) {
            send(fd, "x", 1, 0);
            getpeername(fd, &peer.any, &peer_size);
        }
        close(fd);
    }
    ++attempts;
}

static void try_binding(const char* foreign) {
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    must_not_bind("bind tcp4", fd, 0, foreign);
    must_not_bind("bind udp4", socket(AF_INET, SOCK_DGRAM, 0), 0, foreign);
    must_not_bind("bind tcp6 mapped", socket(AF_INET6, SOCK_STREAM, 0), 1, foreign);
    must_not_bind("bind udp6 mapped", socket(AF_INET6, SOCK_DGRAM, 0), 1, foreign);
    must_not_bind("bind 127.0.0.1", socket(AF_INET, SOCK_STREAM, 0), 0, "127.0.0.1");
    must_not_bind("bind 127.0.0.2", socket(AF_INET, SOCK_STREAM, 0), 0, "127.0.0.2");
    must_not_bind("bind multicast", socket(AF_INET, SOCK_DGRAM, 0), 0, "224.0.0.1");
    must_not_bind("bind broadcast", socket(AF_INET, SOCK_DGRAM, 0), 0, "255.255.255.255");
    must_not_bind("bind ::1", socket(AF_INET6, SOCK_STREAM, 0), 1, "::1");
    must_not_bind("bind ::", socket(AF_INET6, SOCK_STREAM, 0), 1, "::");
    must_not_bind("bind wildcard", socket(AF_INET, SOCK_STREAM, 0), 0, "0.0.0.0");
    must_not_bind("bind mapped wildcard", socket(AF_INET6, SOCK_STREAM, 0), 1, "0.0.0.0");
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
    must_not_bind("free bind", fd, 0, foreign);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_IP, IP_TRANSPARENT, &on, sizeof on);
    must_not_bind("transparent bind", fd, 0, foreign);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    must_not_bind("bind without a port", fd, 0, foreign);
}

static void try_protocols(void) {
    must_fail("mptcp", socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP));
    must_fail("sctp", socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP));
    must_fail("sctp seqpacket", socket(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP));
    must_fail("udplite", socket(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE));
    must_fail("dccp", socket(AF_INET, 6, 33));
    must_fail("packet", socket(AF_PACKET, SOCK_RAW, htons(3)));
    must_fail("netfilter", socket(AF_NETLINK, SOCK_RAW, 12));
    must_fail("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
    must_fail("bpf", syscall(SYS_bpf, 0, NULL, 0));
    must_fail("clone3", syscall(SYS_clone3, NULL, 0));
    must_fail("unshare", syscall(SYS_unshare, 0x40000000));
    must_fail("cgroup2", syscall(SYS_fsopen, "cgroup2", 0));
    must_fail("mount", syscall(SYS_mount, "none", "/tmp", "cgroup2", 0, NULL));
}

static void try_sources(const char* own, const char* foreign, int port) {
    union address to;
    const socklen_t size = make_address(&to, 0, own, port);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    must_fail("source in a message", send_from(fd, &to, size, foreign));
    close(fd);
    fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (connect(fd, &to.any, size) == 0) {
        must_fail("source in a message, connected", send_from(fd, NULL, 0, foreign));
    }
    close(fd);
}

static void try_raw(const char* own, const char* foreign) {
    union address address;
    const int fd = socket(AF_INET, SOCK_RAW, IPPROTO_RAW);
    must_fail("raw from another", fd < 0 ? -1 : raw_packet(fd, foreign, own, 4));
    must_fail("raw of a false version", fd < 0 ? -1 : raw_packet(fd, foreign, own, 6));
    must_fail("raw to the loopback", fd < 0 ? -1 : raw_packet(fd, own, "127.0.0.1", 4));
    const int icmp = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    const socklen_t size = make_address(&address, 0, foreign, 0);
    if (icmp >= 0 && bind(icmp, &address.any, size) == 0) {
        struct icmphdr request = {.type = ICMP_ECHO};
        request.checksum = checksum((const unsigned short*)&request, sizeof request / 2);
        must_fail("ping from another",
                  sendto(icmp, &request, sizeof request, 0, &address.any, size));
    }
}

static int do_hostile(const char* own, const char* foreign, int port) {
    static const char* const kLoopbacks4[] = {"127.0.0.1", "0.0.0.0"};
    static const char* const kLoopbacks6[] = {"::1", "::", "127.0.0.1", "0.0.0.0"};
    try_binding(foreign);
    try_protocols();
    try_sources(own, foreign, port);
    try_raw(own, foreign);
    for (size_t i = 0; i < 2; ++i) {
        must_not_reach("tcp4", kLoopbacks4[i], port);
        must_not_reach("udp4", kLoopbacks4[i], port);
    }
    for (size_t i = 0; i < 4; ++i) {
        must_not_reach("tcp6", kLoopbacks6[i], port);
        must_not_reach("udp6", kLoopbacks6[i], port);
    }
    printf("%d attempts, %d escapes\n", attempts, escapes);
    return escapes == 0 ? 0 : 1;
}

int main(int argc, char** argv) {
    const char* verb = argc > 1 ? argv[1] : "";
    const char* optional = argc > 5 ? argv[5] : NULL;
    alarm(30);
    if (argc >= 5 && strcmp(verb, "bind") == 0) {
        return do_bind(argv[2], argv[3], atoi(argv[4]));
    }
    if (argc >= 5 && strcmp(verb, "connect") == 0) {
        return do_connect(argv[2], argv[3], atoi(argv[4]));
    }
    if (argc >= 5 && strcmp(verb, "serve") == 0) {
        return do_serve(argv[2], argv[3], atoi(argv[4]), optional);
    }
    if (argc >= 4 && strcmp(verb, "listen-unbound") == 0) {
        return do_listen_unbound(argv[2], argv[3]);
    }
    if (argc >= 5 && strcmp(verb, "send") == 0) {
        return do_send(argv[2], argv[3], atoi(argv[4]), optional);
    }
    if (argc >= 4 && strcmp(verb, "raw") == 0) {
        return do_raw(argv[2], argv[3]);
    }
    if (argc >= 4 && strcmp(verb, "ping") == 0) {
        return do_ping(argv[2], argv[3]);
    }
    if (argc >= 5 && strcmp(verb, "hostile") == 0) {
        return do_hostile(argv[2], argv[3], atoi(argv[4]));
    }
    fputs("usage: see the source\n", stderr);
    return 2;
}
