// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/address_programs.hpp"

#include "host/linux/bpf_assembler.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace brig::host_linux {

namespace {

using Label = BpfAssembler::Label;

constexpr Register kContext = Register::r6;

/// What programs of these hooks return.
constexpr std::uint32_t kAllow = 1;
constexpr std::uint32_t kRefuse = 0;

/// An address as the kernel's memory has it, word by word. A word of a context or a packet that was
/// loaded compares equal to it, whatever the order of bytes of the machine.
using Words = std::array<std::uint32_t, 4>;

Words words_of(const IpAddress& address) {
    Words words{};
    std::memcpy(words.data(), address.bytes.data(), address.size());
    return words;
}

std::uint32_t word_of(const IpAddress& ip4) {
    return words_of(ip4)[0];
}

const std::uint32_t kLoopback4 = htonl(INADDR_LOOPBACK);
const std::uint32_t kLastWordOfLoopback6 = htonl(1);
const std::uint32_t kMappedMark = htonl(0xffff);  ///< the third word of ::ffff:a.b.c.d

/// Where the four words of an IPv6 address are.
constexpr std::array kIp6{Register::r2, Register::r3, Register::r4, Register::r5};

/// The parts that the programs have in common.
class ProgramWriter {
  public:
    ProgramWriter(const AddressRules& rules, bool can_set_errno)
        : rules_{rules}, can_set_errno_{can_set_errno} {
        assembler_.move(kContext, Register::r1);
    }

    [[nodiscard]] std::vector<bpf_insn> socket_create();
    [[nodiscard]] std::vector<bpf_insn> bind4();
    [[nodiscard]] std::vector<bpf_insn> bind6();
    [[nodiscard]] std::vector<bpf_insn> connect4();
    [[nodiscard]] std::vector<bpf_insn> connect6();
    [[nodiscard]] std::vector<bpf_insn> send4();
    [[nodiscard]] std::vector<bpf_insn> send6();
    [[nodiscard]] std::vector<bpf_insn> packets(bool are_sent);

  private:
    void allow() { assembler_.finish_with(kAllow); }
    void refuse(int error);
    void load_ip6(Register base, int offset);
    void store_ip6(Register base, int offset, const IpAddress& address);
    void store_ip4(std::size_t offset, const IpAddress& address);
    void jump_if_one_of4(Register word, Label found);
    void jump_if_one_of6(Label found);
    void jump_if_unspecified6(Label found);
    void jump_if_unspecified_or_loopback6(Label found);
    void jump_if_mapped(Label found);
    void bind_source4();
    void bind_source6(const Words& address);
    void bind_to(int start, std::uint32_t size);
    void to_own4(std::size_t offset, Register word);
    void to_own6();
    void source_of_datagram4();
    void source_of_datagram6();
    void load_addresses_of_packet(std::uint32_t offset, std::uint32_t size);
    void judge_by_socket(const FamilyRule& rule, bool is_ip6);
    void packet4(bool is_sent);
    void packet6(bool is_sent);

    const AddressRules& rules_;
    bool can_set_errno_;
    BpfAssembler assembler_;
};

void ProgramWriter::refuse(int error) {
    if (can_set_errno_) {
        assembler_.set(Register::r1, static_cast<std::uint32_t>(-error));
        assembler_.call(BPF_FUNC_set_retval);
    }
    assembler_.finish_with(kRefuse);
}

void ProgramWriter::load_ip6(Register base, int offset) {
    for (std::size_t i = 0; i < kIp6.size(); ++i) {
        assembler_.load(Width::word, kIp6.at(i), base, offset + static_cast<int>(4 * i));
    }
}

void ProgramWriter::store_ip4(std::size_t offset, const IpAddress& address) {
    // A context takes registers only.
    assembler_.set(Register::r2, word_of(address));
    assembler_.store(Width::word, kContext, static_cast<int>(offset), Register::r2);
}

void ProgramWriter::store_ip6(Register base, int offset, const IpAddress& address) {
    const Words words = words_of(address);
    for (std::size_t i = 0; i < words.size(); ++i) {
        assembler_.set(kIp6.at(i), words.at(i));
        assembler_.store(Width::word, base, offset + static_cast<int>(4 * i), kIp6.at(i));
    }
}

void ProgramWriter::jump_if_one_of4(Register word, Label found) {
    for (const IpAddress& address : rules_.ip4.addresses) {
        assembler_.jump_if_equal(word, word_of(address), found);
    }
}

void ProgramWriter::jump_if_one_of6(Label found) {
    for (const IpAddress& address : rules_.ip6.addresses) {
        const Words words = words_of(address);
        const Label next = assembler_.new_label();
        for (std::size_t i = 0; i < 3; ++i) {
            assembler_.jump_unless_equal(kIp6.at(i), words.at(i), next);
        }
        assembler_.jump_if_equal(kIp6[3], words[3], found);
        assembler_.place(next);
    }
}

void ProgramWriter::jump_if_unspecified6(Label found) {
    const Label other = assembler_.new_label();
    for (std::size_t i = 0; i < 3; ++i) {
        assembler_.jump_unless_equal(kIp6.at(i), 0, other);
    }
    assembler_.jump_if_equal(kIp6[3], 0, found);
    assembler_.place(other);
}

void ProgramWriter::jump_if_unspecified_or_loopback6(Label found) {
    const Label neither = assembler_.new_label();
    for (std::size_t i = 0; i < 3; ++i) {
        assembler_.jump_unless_equal(kIp6.at(i), 0, neither);
    }
    assembler_.jump_if_equal(kIp6[3], 0, found);
    assembler_.jump_if_equal(kIp6[3], kLastWordOfLoopback6, found);
    assembler_.place(neither);
}

void ProgramWriter::jump_if_mapped(Label found) {
    const Label other = assembler_.new_label();
    assembler_.jump_unless_equal(kIp6[0], 0, other);
    assembler_.jump_unless_equal(kIp6[1], 0, other);
    assembler_.jump_if_equal(kIp6[2], kMappedMark, found);
    assembler_.place(other);
}

/// Only protocols whose sockets all hooks see, and that have one address. MPTCP would open
/// connections from others, SCTP and UDP-Lite are bound behind our backs. Raw sockets the jail has
/// only if allow.raw_sockets says so, and they get no further than packets() lets them.
std::vector<bpf_insn> ProgramWriter::socket_create() {
    const Label fine = assembler_.new_label();
    assembler_.load(Width::word, Register::r2, kContext, offsetof(bpf_sock, type));
    assembler_.load(Width::word, Register::r3, kContext, offsetof(bpf_sock, protocol));
    assembler_.jump_if_equal(Register::r2, SOCK_RAW, fine);
    for (const int protocol :
         std::array<int, 4>{IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6}) {
        assembler_.jump_if_equal(Register::r3, static_cast<std::uint32_t>(protocol), fine);
    }
    refuse(EPROTONOSUPPORT);
    assembler_.place(fine);
    allow();
    return assembler_.code();
}

/// prison_local_ip4: 0.0.0.0 and 127.0.0.1 become the jail's address, so that several jails can
/// have one port; its own ones stay.
std::vector<bpf_insn> ProgramWriter::bind4() {
    if (rules_.ip4.addresses.empty()) {
        refuse(EADDRNOTAVAIL);
        return assembler_.code();
    }
    const Label fine = assembler_.new_label();
    const Label to_first = assembler_.new_label();
    assembler_.load(Width::word, Register::r2, kContext, offsetof(bpf_sock_addr, user_ip4));
    jump_if_one_of4(Register::r2, fine);
    assembler_.jump_if_equal(Register::r2, INADDR_ANY, to_first);
    assembler_.jump_if_equal(Register::r2, kLoopback4, to_first);
    refuse(EADDRNOTAVAIL);
    assembler_.place(to_first);
    store_ip4(offsetof(bpf_sock_addr, user_ip4), rules_.ip4.addresses.front());
    assembler_.place(fine);
    allow();
    return assembler_.code();
}

/// The same for IPv6, and for IPv4 in its disguise, ::ffff:a.b.c.d.
std::vector<bpf_insn> ProgramWriter::bind6() {
    constexpr std::size_t kLastWord = offsetof(bpf_sock_addr, user_ip6) + 12;
    const Label fine = assembler_.new_label();
    const Label to_first = assembler_.new_label();
    const Label to_first4 = assembler_.new_label();
    const Label mapped = assembler_.new_label();
    load_ip6(kContext, offsetof(bpf_sock_addr, user_ip6));
    if (rules_.ip4.is_restricted) {
        jump_if_mapped(mapped);
    } else {
        jump_if_mapped(fine);
    }
    if (!rules_.ip6.is_restricted) {
        assembler_.jump(fine);
    } else {
        jump_if_one_of6(fine);
        if (!rules_.ip6.addresses.empty()) {
            jump_if_unspecified_or_loopback6(to_first);
        }
        refuse(EADDRNOTAVAIL);
    }
    if (assembler_.is_used(mapped)) {
        assembler_.place(mapped);
        jump_if_one_of4(kIp6[3], fine);
        if (!rules_.ip4.addresses.empty()) {
            assembler_.jump_if_equal(kIp6[3], INADDR_ANY, to_first4);
            assembler_.jump_if_equal(kIp6[3], kLoopback4, to_first4);
        }
        refuse(EADDRNOTAVAIL);
    }
    if (assembler_.is_used(to_first4)) {
        assembler_.place(to_first4);
        store_ip4(kLastWord, rules_.ip4.addresses.front());
        assembler_.jump(fine);
    }
    if (assembler_.is_used(to_first)) {
        assembler_.place(to_first);
        store_ip6(kContext, offsetof(bpf_sock_addr, user_ip6), rules_.ip6.addresses.front());
    }
    if (assembler_.is_used(fine)) {
        assembler_.place(fine);
        allow();
    }
    return assembler_.code();
}

/// prison_remote_ip4: a jail's loopback is its own address. To connect to 0.0.0.0 means the same.
void ProgramWriter::to_own4(std::size_t offset, Register word) {
    const Label fine = assembler_.new_label();
    const Label own = assembler_.new_label();
    jump_if_one_of4(word, fine);
    assembler_.jump_if_equal(word, INADDR_ANY, own);
    assembler_.jump_unless_equal(word, kLoopback4, fine);
    assembler_.place(own);
    store_ip4(offset, rules_.ip4.addresses.front());
    assembler_.place(fine);
}

void ProgramWriter::to_own6() {
    const Label fine = assembler_.new_label();
    const Label own = assembler_.new_label();
    jump_if_one_of6(fine);
    jump_if_unspecified_or_loopback6(own);
    assembler_.jump(fine);
    assembler_.place(own);
    store_ip6(kContext, offsetof(bpf_sock_addr, user_ip6), rules_.ip6.addresses.front());
    assembler_.place(fine);
}

/// Binds the socket to the address that begins at `start` of the stack, without a port. One that is
/// bound already, to an address that was looked at or by having sent something, is not bound again:
/// EINVAL.
void ProgramWriter::bind_to(int start, std::uint32_t size) {
    const Label fine = assembler_.new_label();
    assembler_.move(Register::r1, kContext);
    assembler_.move(Register::r2, Register::r10);
    assembler_.add(Register::r2, start);
    assembler_.set(Register::r3, size);
    assembler_.call(BPF_FUNC_bind);
    assembler_.jump_if_equal(Register::r0, 0, fine);
    assembler_.jump_if_equal(Register::r0, static_cast<std::uint32_t>(-EINVAL), fine);
    refuse(EADDRNOTAVAIL);
    assembler_.place(fine);
    allow();
}

void ProgramWriter::bind_source4() {
    constexpr int kStart = -static_cast<int>(sizeof(sockaddr_in));
    assembler_.store(Width::double_word, Register::r10, kStart, 0U);
    assembler_.store(Width::double_word, Register::r10, kStart + 8, 0U);
    assembler_.store(Width::half, Register::r10, kStart, std::uint32_t{AF_INET});
    assembler_.store(Width::word,
                     Register::r10,
                     kStart + static_cast<int>(offsetof(sockaddr_in, sin_addr)),
                     word_of(rules_.ip4.addresses.front()));
    bind_to(kStart, sizeof(sockaddr_in));
}

void ProgramWriter::bind_source6(const Words& address) {
    constexpr int kStart = -32;  // sockaddr_in6 is 28 bytes, and the stack is for double words
    for (int offset = kStart; offset < 0; offset += 8) {
        assembler_.store(Width::double_word, Register::r10, offset, 0U);
    }
    assembler_.store(Width::half, Register::r10, kStart, std::uint32_t{AF_INET6});
    for (std::size_t i = 0; i < address.size(); ++i) {
        const std::size_t place = offsetof(sockaddr_in6, sin6_addr) + 4 * i;
        assembler_.store(
            Width::word, Register::r10, kStart + static_cast<int>(place), address.at(i));
    }
    bind_to(kStart, sizeof(sockaddr_in6));
}

std::vector<bpf_insn> ProgramWriter::connect4() {
    if (rules_.ip4.addresses.empty()) {
        refuse(EAFNOSUPPORT);
        return assembler_.code();
    }
    assembler_.load(Width::word, Register::r2, kContext, offsetof(bpf_sock_addr, user_ip4));
    to_own4(offsetof(bpf_sock_addr, user_ip4), Register::r2);
    bind_source4();
    return assembler_.code();
}

std::vector<bpf_insn> ProgramWriter::connect6() {
    const Label mapped = assembler_.new_label();
    const Label unrestricted = assembler_.new_label();
    load_ip6(kContext, offsetof(bpf_sock_addr, user_ip6));
    jump_if_mapped(rules_.ip4.is_restricted ? mapped : unrestricted);
    if (!rules_.ip6.is_restricted) {
        allow();
    } else if (rules_.ip6.addresses.empty()) {
        refuse(EAFNOSUPPORT);
    } else {
        to_own6();
        bind_source6(words_of(rules_.ip6.addresses.front()));
    }
    if (assembler_.is_used(unrestricted)) {
        assembler_.place(unrestricted);
        allow();
        return assembler_.code();
    }
    assembler_.place(mapped);
    if (rules_.ip4.addresses.empty()) {
        refuse(EAFNOSUPPORT);
    } else {
        to_own4(offsetof(bpf_sock_addr, user_ip6) + 12, kIp6[3]);
        bind_source6({0, 0, kMappedMark, word_of(rules_.ip4.addresses.front())});
    }
    return assembler_.code();
}

/// A datagram of a socket that is not connected: it may be bound, or name its source in the
/// message.
void ProgramWriter::source_of_datagram4() {
    const Label fine = assembler_.new_label();
    const Label open = assembler_.new_label();
    assembler_.load(Width::word, Register::r2, kContext, offsetof(bpf_sock_addr, msg_src_ip4));
    jump_if_one_of4(Register::r2, fine);
    assembler_.jump_if_equal(Register::r2, INADDR_ANY, open);
    refuse(EADDRNOTAVAIL);
    assembler_.place(open);
    store_ip4(offsetof(bpf_sock_addr, msg_src_ip4), rules_.ip4.addresses.front());
    assembler_.place(fine);
    allow();
}

void ProgramWriter::source_of_datagram6() {
    const Label fine = assembler_.new_label();
    const Label open = assembler_.new_label();
    load_ip6(kContext, offsetof(bpf_sock_addr, msg_src_ip6));
    jump_if_one_of6(fine);
    jump_if_unspecified6(open);
    refuse(EADDRNOTAVAIL);
    assembler_.place(open);
    store_ip6(kContext, offsetof(bpf_sock_addr, msg_src_ip6), rules_.ip6.addresses.front());
    assembler_.place(fine);
    allow();
}

std::vector<bpf_insn> ProgramWriter::send4() {
    if (rules_.ip4.addresses.empty()) {
        refuse(EAFNOSUPPORT);
        return assembler_.code();
    }
    assembler_.load(Width::word, Register::r2, kContext, offsetof(bpf_sock_addr, user_ip4));
    to_own4(offsetof(bpf_sock_addr, user_ip4), Register::r2);
    source_of_datagram4();
    return assembler_.code();
}

std::vector<bpf_insn> ProgramWriter::send6() {
    if (rules_.ip6.addresses.empty()) {
        refuse(EAFNOSUPPORT);
        return assembler_.code();
    }
    load_ip6(kContext, offsetof(bpf_sock_addr, user_ip6));
    to_own6();
    source_of_datagram6();
    return assembler_.code();
}

/// Copies a part of the packet to the end of the stack; what is too short for it is dropped.
void ProgramWriter::load_addresses_of_packet(std::uint32_t offset, std::uint32_t size) {
    const Label fine = assembler_.new_label();
    assembler_.move(Register::r1, kContext);
    assembler_.set(Register::r2, offset);
    assembler_.move(Register::r3, Register::r10);
    assembler_.add(Register::r3, -static_cast<int>(size));
    assembler_.set(Register::r4, size);
    assembler_.call(BPF_FUNC_skb_load_bytes);
    assembler_.jump_if_equal(Register::r0, 0, fine);
    assembler_.finish_with(kRefuse);
    assembler_.place(fine);
}

/// Lets a TCP or UDP socket send if it has an address of the jail's, and drops what it sends if it
/// has another. One without an address sends from one of the jail's, too: a datagram from the one
/// that send4() and send6() put there, a listening socket from the one that was connected to. All
/// others are left to be judged by their packets.
void ProgramWriter::judge_by_socket(const FamilyRule& rule, bool is_ip6) {
    if (rule.addresses.empty() || !rule.has_sockets) {
        return;  // no hook has looked at these
    }
    const Label by_packet = assembler_.new_label();
    const Label by_socket = assembler_.new_label();
    const Label fine = assembler_.new_label();
    assembler_.load(Width::double_word, Register::r1, kContext, offsetof(__sk_buff, sk));
    assembler_.jump_if_null(Register::r1, by_packet);
    assembler_.call(BPF_FUNC_sk_fullsock);
    assembler_.jump_if_null(Register::r0, by_packet);
    assembler_.load(Width::word, Register::r2, Register::r0, offsetof(bpf_sock, type));
    assembler_.jump_if_equal(Register::r2, SOCK_RAW, by_packet);
    assembler_.load(Width::word, Register::r2, Register::r0, offsetof(bpf_sock, protocol));
    assembler_.jump_if_equal(Register::r2, IPPROTO_TCP, by_socket);
    assembler_.jump_unless_equal(Register::r2, IPPROTO_UDP, by_packet);
    assembler_.place(by_socket);
    if (is_ip6) {
        load_ip6(Register::r0, offsetof(bpf_sock, src_ip6));
        jump_if_one_of6(fine);
        jump_if_unspecified6(fine);
    } else {
        assembler_.load(Width::word, Register::r2, Register::r0, offsetof(bpf_sock, src_ip4));
        jump_if_one_of4(Register::r2, fine);
        assembler_.jump_if_equal(Register::r2, INADDR_ANY, fine);
    }
    assembler_.finish_with(kRefuse);
    assembler_.place(fine);
    allow();
    assembler_.place(by_packet);
}

/// prison_check_ip4.
void ProgramWriter::packet4(bool is_sent) {
    constexpr std::uint32_t kAddresses = 12;  // the source, then the destination
    if (!rules_.ip4.is_restricted) {
        allow();
        return;
    }
    if (is_sent) {
        judge_by_socket(rules_.ip4, false);
    }
    const Label fine = assembler_.new_label();
    const Label drop = assembler_.new_label();
    const Label own = assembler_.new_label();
    load_addresses_of_packet(kAddresses, 8);
    assembler_.load(Width::word, Register::r2, Register::r10, -8);
    assembler_.load(Width::word, Register::r3, Register::r10, -4);
    if (is_sent) {
        jump_if_one_of4(Register::r3, own);
        assembler_.jump_if_equal(Register::r3, kLoopback4, drop);
        if (assembler_.is_used(own)) {
            assembler_.place(own);
        }
    }
    jump_if_one_of4(is_sent ? Register::r2 : Register::r3, fine);
    if (assembler_.is_used(drop)) {
        assembler_.place(drop);
    }
    assembler_.finish_with(kRefuse);
    if (assembler_.is_used(fine)) {
        assembler_.place(fine);
        allow();
    }
}

void ProgramWriter::packet6(bool is_sent) {
    constexpr std::uint32_t kAddresses = 8;
    constexpr int kSource = -32;
    constexpr int kDestination = -16;
    if (!rules_.ip6.is_restricted) {
        allow();
        return;
    }
    if (is_sent) {
        judge_by_socket(rules_.ip6, true);
    }
    const Label fine = assembler_.new_label();
    const Label drop = assembler_.new_label();
    const Label own = assembler_.new_label();
    load_addresses_of_packet(kAddresses, 32);
    load_ip6(Register::r10, kDestination);
    if (is_sent) {
        jump_if_one_of6(own);
        jump_if_unspecified_or_loopback6(drop);
        if (assembler_.is_used(own)) {
            assembler_.place(own);
        }
        load_ip6(Register::r10, kSource);
    }
    jump_if_one_of6(fine);
    if (assembler_.is_used(drop)) {
        assembler_.place(drop);
    }
    assembler_.finish_with(kRefuse);
    if (assembler_.is_used(fine)) {
        assembler_.place(fine);
        allow();
    }
}

/// What is neither IPv4 nor IPv6 is no packet of these sockets. The kernel's word for what it is
/// counts, not the packet's: a raw socket writes its own.
std::vector<bpf_insn> ProgramWriter::packets(bool are_sent) {
    const Label ip4 = assembler_.new_label();
    const Label ip6 = assembler_.new_label();
    assembler_.load(Width::word, Register::r2, kContext, offsetof(__sk_buff, protocol));
    assembler_.jump_if_equal(Register::r2, htons(ETH_P_IP), ip4);
    assembler_.jump_if_equal(Register::r2, htons(ETH_P_IPV6), ip6);
    assembler_.finish_with(kRefuse);
    assembler_.place(ip4);
    packet4(are_sent);
    assembler_.place(ip6);
    packet6(are_sent);
    return assembler_.code();
}

}  // namespace

std::vector<AddressProgram> make_address_programs(const AddressRules& rules, bool can_set_errno) {
    std::vector<AddressProgram> programs;
    const auto add = [&](const char* name, bpf_prog_type type, bpf_attach_type hook, auto write) {
        ProgramWriter writer{rules, can_set_errno};
        programs.push_back({name, type, hook, write(writer)});
    };
    using W = ProgramWriter;
    constexpr auto kAddress = BPF_PROG_TYPE_CGROUP_SOCK_ADDR;
    constexpr auto kPacket = BPF_PROG_TYPE_CGROUP_SKB;
    if (!rules.restrict_something()) {
        return programs;
    }
    // The line first.
    add("brig_send", kPacket, BPF_CGROUP_INET_EGRESS, [](W& w) { return w.packets(true); });
    add("brig_receive", kPacket, BPF_CGROUP_INET_INGRESS, [](W& w) { return w.packets(false); });
    add("brig_socket", BPF_PROG_TYPE_CGROUP_SOCK, BPF_CGROUP_INET_SOCK_CREATE, [](W& w) {
        return w.socket_create();
    });
    if (rules.ip4.is_restricted && rules.ip4.has_sockets) {
        add("brig_bind4", kAddress, BPF_CGROUP_INET4_BIND, [](W& w) { return w.bind4(); });
        add("brig_connect4", kAddress, BPF_CGROUP_INET4_CONNECT, [](W& w) { return w.connect4(); });
        add("brig_send4", kAddress, BPF_CGROUP_UDP4_SENDMSG, [](W& w) { return w.send4(); });
    }
    if (rules.ip6.has_sockets) {
        add("brig_bind6", kAddress, BPF_CGROUP_INET6_BIND, [](W& w) { return w.bind6(); });
        add("brig_connect6", kAddress, BPF_CGROUP_INET6_CONNECT, [](W& w) { return w.connect6(); });
    }
    if (rules.ip6.is_restricted && rules.ip6.has_sockets) {
        add("brig_send6", kAddress, BPF_CGROUP_UDP6_SENDMSG, [](W& w) { return w.send6(); });
    }
    return programs;
}

}  // namespace brig::host_linux
