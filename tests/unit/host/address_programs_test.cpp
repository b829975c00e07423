// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/address_programs.hpp"

#include "support/bpf_machine.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace brig::host_linux {
namespace {

using brig::testing::BpfMachine;
using brig::testing::BpfRun;

IpAddress ip(const std::string& text) {
    return *parse_ip_address(text);
}

FamilyRule only(const std::vector<std::string>& texts) {
    FamilyRule rule;
    for (const std::string& text : texts) {
        rule.addresses.push_back(ip(text));
    }
    return rule;
}

const FamilyRule kAll{false, {}, true};
const FamilyRule kNone{true, {}, false};
const AddressRules kBoth{only({"10.0.0.5", "10.0.0.6"}), only({"fd00::5", "fd00::6"})};

const AddressProgram& find(const std::vector<AddressProgram>& programs, bpf_attach_type hook) {
    const auto found = std::find_if(
        programs.begin(), programs.end(), [&](const auto& each) { return each.hook == hook; });
    if (found == programs.end()) {
        throw std::out_of_range{"no such program"};
    }
    return *found;
}

/// What became of a call with an address: the address it goes on with, or the errno.
std::string came_of(const BpfRun& run, const bpf_sock_addr& context, bool six) {
    char text[INET6_ADDRSTRLEN] = {};  // NOLINT(*-c-arrays)
    if (!run.refusal.empty()) {
        return run.refusal;
    }
    if (run.result != 1) {
        return run.error == 0 ? "EPERM" : ::strerrorname_np(run.error);
    }
    ::inet_ntop(six ? AF_INET6 : AF_INET,
                six ? static_cast<const void*>(context.user_ip6) : &context.user_ip4,
                text,
                sizeof text);
    return text;
}

bpf_sock_addr context_for(const std::string& address) {
    bpf_sock_addr context{};
    const IpAddress parsed = ip(address);
    std::memcpy(parsed.is_ip6 ? static_cast<void*>(context.user_ip6) : &context.user_ip4,
                parsed.bytes.data(),
                parsed.size());
    return context;
}

std::string bind_to(const AddressRules& rules, const std::string& address) {
    const bool six = ip(address).is_ip6;
    const auto programs = make_address_programs(rules, true);
    bpf_sock_addr context = context_for(address);
    BpfMachine machine;
    const auto hook = six ? BPF_CGROUP_INET6_BIND : BPF_CGROUP_INET4_BIND;
    return came_of(machine.run(find(programs, hook).code, &context), context, six);
}

struct Connected {
    std::string to;    ///< or the errno
    std::string from;  ///< what the socket was bound to
};

Connected connect_to(const AddressRules& rules, const std::string& address, int bind_result = 0) {
    const bool six = ip(address).is_ip6;
    const auto programs = make_address_programs(rules, true);
    bpf_sock_addr context = context_for(address);
    BpfMachine machine;
    machine.bind_result = bind_result;
    const auto hook = six ? BPF_CGROUP_INET6_CONNECT : BPF_CGROUP_INET4_CONNECT;
    const BpfRun run = machine.run(find(programs, hook).code, &context);
    Connected connected{came_of(run, context, six), ""};
    char text[INET6_ADDRSTRLEN] = {};  // NOLINT(*-c-arrays)
    if (run.bound_to.size() == sizeof(sockaddr_in)) {
        sockaddr_in from{};
        std::memcpy(&from, run.bound_to.data(), sizeof from);
        connected.from = ::inet_ntop(AF_INET, &from.sin_addr, text, sizeof text);
        EXPECT_EQ(from.sin_port, 0);
        EXPECT_EQ(from.sin_family, AF_INET);
    } else if (run.bound_to.size() == sizeof(sockaddr_in6)) {
        sockaddr_in6 from{};
        std::memcpy(&from, run.bound_to.data(), sizeof from);
        connected.from = ::inet_ntop(AF_INET6, &from.sin6_addr, text, sizeof text);
        EXPECT_EQ(from.sin6_port, 0);
        EXPECT_EQ(from.sin6_family, AF_INET6);
    }
    return connected;
}

/// Whether a packet passes, sent by `socket` or by the kernel itself.
bool passes(const AddressRules& rules,
            bool is_sent,
            const std::string& from,
            const std::string& to,
            std::uint16_t protocol = 0,
            bpf_sock* socket = nullptr) {
    const auto programs = make_address_programs(rules, true);
    const IpAddress source = ip(from);
    const IpAddress destination = ip(to);
    BpfMachine machine;
    machine.packet.resize(source.is_ip6 ? 8 : 12);
    const auto add = [&](const IpAddress& address) {
        machine.packet.insert(machine.packet.end(),
                              address.bytes.begin(),
                              address.bytes.begin() + static_cast<long>(address.size()));
    };
    add(source);
    add(destination);
    __sk_buff context{};
    context.sk = socket;
    context.protocol = htons(protocol != 0   ? protocol
                             : source.is_ip6 ? std::uint16_t{ETH_P_IPV6}
                                             : std::uint16_t{ETH_P_IP});
    const auto hook = is_sent ? BPF_CGROUP_INET_EGRESS : BPF_CGROUP_INET_INGRESS;
    const BpfRun run = machine.run(find(programs, hook).code, &context);
    EXPECT_EQ(run.refusal, "");
    return run.result == 1;
}

TEST(AddressPrograms, BindToNoCertainAddressToTheFirst) {
    for (const char* open : {"0.0.0.0", "127.0.0.1"}) {
        EXPECT_EQ(bind_to(kBoth, open), "10.0.0.5") << open;
    }
    for (const char* open : {"::", "::1"}) {
        EXPECT_EQ(bind_to(kBoth, open), "fd00::5") << open;
    }
    for (const char* open : {"::ffff:0.0.0.0", "::ffff:127.0.0.1"}) {
        EXPECT_EQ(bind_to(kBoth, open), "::ffff:10.0.0.5") << open;
    }
}

TEST(AddressPrograms, BindToAnyOfTheJails) {
    for (const char* own : {"10.0.0.5", "10.0.0.6", "fd00::5", "fd00::6", "::ffff:10.0.0.6"}) {
        EXPECT_EQ(bind_to(kBoth, own), own);
    }
    EXPECT_EQ(bind_to({only({"10.0.0.5", "127.0.0.1"}), kNone}, "127.0.0.1"), "127.0.0.1");
}

TEST(AddressPrograms, RefuseToBindToAnother) {
    for (const char* other : {"10.0.0.7",
                              "127.0.0.2",
                              "224.0.0.1",
                              "255.255.255.255",
                              "fd00::7",
                              "fd00::",
                              "ff02::1",
                              "::2",
                              "::10.0.0.5",
                              "::ffff:10.0.0.7",
                              "::fffe:10.0.0.5"}) {
        EXPECT_EQ(bind_to(kBoth, other), "EADDRNOTAVAIL") << other;
    }
}

TEST(AddressPrograms, LeaveAFamilyWithAllAddressesAlone) {
    const AddressRules six_is_free{only({"10.0.0.5"}), kAll};
    EXPECT_EQ(bind_to(six_is_free, "::"), "::");
    EXPECT_EQ(bind_to(six_is_free, "fd00::9"), "fd00::9");
    EXPECT_EQ(bind_to(six_is_free, "::ffff:10.0.0.9"), "EADDRNOTAVAIL");
    const AddressRules four_is_free{kAll, only({"fd00::5"})};
    EXPECT_EQ(bind_to(four_is_free, "::ffff:10.0.0.9"), "::ffff:10.0.0.9");
    EXPECT_EQ(bind_to(four_is_free, "fd00::9"), "EADDRNOTAVAIL");
    EXPECT_TRUE(make_address_programs({kAll, kAll}, true).empty());
}

TEST(AddressPrograms, HaveNothingForAFamilyWithoutAddresses) {
    const AddressRules lost{only({}), only({})};
    EXPECT_EQ(bind_to(lost, "0.0.0.0"), "EADDRNOTAVAIL");
    EXPECT_EQ(bind_to(lost, "::"), "EADDRNOTAVAIL");
    EXPECT_EQ(bind_to(lost, "::ffff:0.0.0.0"), "EADDRNOTAVAIL");
    EXPECT_EQ(connect_to(lost, "10.0.0.1").to, "EAFNOSUPPORT");
    EXPECT_EQ(connect_to(lost, "::1").to, "EAFNOSUPPORT");
    EXPECT_EQ(connect_to(lost, "::ffff:10.0.0.1").to, "EAFNOSUPPORT");
    EXPECT_FALSE(passes(lost, true, "10.0.0.5", "10.0.0.1"));
    EXPECT_FALSE(passes(lost, false, "fd00::1", "fd00::5"));
}

TEST(AddressPrograms, ConnectFromTheFirst) {
    EXPECT_EQ(connect_to(kBoth, "192.0.2.1").from, "10.0.0.5");
    EXPECT_EQ(connect_to(kBoth, "192.0.2.1").to, "192.0.2.1");
    EXPECT_EQ(connect_to(kBoth, "2001:db8::1").from, "fd00::5");
    EXPECT_EQ(connect_to(kBoth, "2001:db8::1").to, "2001:db8::1");
    EXPECT_EQ(connect_to(kBoth, "::ffff:192.0.2.1").from, "::ffff:10.0.0.5");
}

TEST(AddressPrograms, ConnectToTheirOwnLoopback) {
    for (const char* loopback : {"127.0.0.1", "0.0.0.0"}) {
        EXPECT_EQ(connect_to(kBoth, loopback).to, "10.0.0.5") << loopback;
    }
    for (const char* loopback : {"::1", "::"}) {
        EXPECT_EQ(connect_to(kBoth, loopback).to, "fd00::5") << loopback;
    }
    for (const char* loopback : {"::ffff:127.0.0.1", "::ffff:0.0.0.0"}) {
        EXPECT_EQ(connect_to(kBoth, loopback).to, "::ffff:10.0.0.5") << loopback;
    }
}

TEST(AddressPrograms, LeaveASocketThatIsBoundAsItIs) {
    EXPECT_EQ(connect_to(kBoth, "192.0.2.1", -EINVAL).to, "192.0.2.1");
    EXPECT_EQ(connect_to(kBoth, "192.0.2.1", -EADDRNOTAVAIL).to, "EADDRNOTAVAIL");
}

TEST(AddressPrograms, SendFromTheJailsAddresses) {
    const auto programs = make_address_programs(kBoth, true);
    const auto send = [&](const std::string& source) {
        bpf_sock_addr context = context_for("127.0.0.1");
        context.msg_src_ip4 = ::inet_addr(source.c_str());
        BpfMachine machine;
        const BpfRun run = machine.run(find(programs, BPF_CGROUP_UDP4_SENDMSG).code, &context);
        in_addr from{context.msg_src_ip4};
        EXPECT_EQ(context.user_ip4, ::inet_addr("10.0.0.5"));
        return run.result == 1 ? std::string{::inet_ntoa(from)} : ::strerrorname_np(run.error);
    };
    EXPECT_EQ(send("0.0.0.0"), "10.0.0.5");
    EXPECT_EQ(send("10.0.0.6"), "10.0.0.6");
    EXPECT_EQ(send("10.0.0.7"), "EADDRNOTAVAIL");
}

TEST(AddressPrograms, SendFromTheJailsAddressesOverIp6) {
    const auto programs = make_address_programs(kBoth, true);
    const auto send = [&](const std::string& source) {
        bpf_sock_addr context = context_for("::1");
        ::inet_pton(AF_INET6, source.c_str(), context.msg_src_ip6);
        BpfMachine machine;
        const BpfRun run = machine.run(find(programs, BPF_CGROUP_UDP6_SENDMSG).code, &context);
        char text[INET6_ADDRSTRLEN] = {};  // NOLINT(*-c-arrays)
        ::inet_ntop(AF_INET6, context.msg_src_ip6, text, sizeof text);
        EXPECT_EQ(run.refusal, "");
        return run.result == 1 ? std::string{text} : ::strerrorname_np(run.error);
    };
    EXPECT_EQ(send("::"), "fd00::5");
    EXPECT_EQ(send("fd00::6"), "fd00::6");
    EXPECT_EQ(send("fd00::7"), "EADDRNOTAVAIL");
}

TEST(AddressPrograms, LetOutWhatComesFromTheJail) {
    EXPECT_TRUE(passes(kBoth, true, "10.0.0.6", "192.0.2.1"));
    EXPECT_TRUE(passes(kBoth, true, "fd00::6", "2001:db8::1"));
    EXPECT_FALSE(passes(kBoth, true, "10.0.0.7", "192.0.2.1"));
    EXPECT_FALSE(passes(kBoth, true, "fd00::7", "2001:db8::1"));
    EXPECT_FALSE(passes(kBoth, true, "10.0.0.5", "127.0.0.1"));
    EXPECT_FALSE(passes(kBoth, true, "fd00::5", "::1"));
    EXPECT_TRUE(passes({only({"127.0.0.1"}), kNone}, true, "127.0.0.1", "127.0.0.1"));
}

/// Whether `socket`, whose own address is `own`, sends what leaves with the host's address: what
/// the firewall has translated looks so, and what somebody made up.
bool sends_as_host(const AddressRules& rules,
                   std::uint32_t type,
                   std::uint32_t protocol,
                   const std::string& own) {
    bpf_sock socket{};
    socket.type = type;
    socket.protocol = protocol;
    const IpAddress address = ip(own);
    std::memcpy(address.is_ip6 ? static_cast<void*>(socket.src_ip6) : &socket.src_ip4,
                address.bytes.data(),
                address.size());
    return passes(rules,
                  true,
                  address.is_ip6 ? "2001:db8::80" : "192.0.2.80",
                  address.is_ip6 ? "2001:db8::1" : "192.0.2.1",
                  0,
                  &socket);
}

TEST(AddressPrograms, JudgeTcpAndUdpByTheirSockets) {
    for (const char* own : {"10.0.0.6", "0.0.0.0", "fd00::6", "::"}) {
        EXPECT_TRUE(sends_as_host(kBoth, SOCK_STREAM, IPPROTO_TCP, own)) << own;
        EXPECT_TRUE(sends_as_host(kBoth, SOCK_DGRAM, IPPROTO_UDP, own)) << own;
    }
    for (const char* other : {"10.0.0.7", "192.0.2.80", "fd00::7", "::1"}) {
        EXPECT_FALSE(sends_as_host(kBoth, SOCK_STREAM, IPPROTO_TCP, other)) << other;
        EXPECT_FALSE(sends_as_host(kBoth, SOCK_DGRAM, IPPROTO_UDP, other)) << other;
    }
}

TEST(AddressPrograms, JudgeOtherSocketsByTheirPackets) {
    for (const char* own : {"10.0.0.5", "fd00::5"}) {
        for (const std::uint32_t protocol : {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_RAW}) {
            EXPECT_FALSE(sends_as_host(kBoth, SOCK_RAW, protocol, own)) << protocol;
        }
        EXPECT_FALSE(sends_as_host(kBoth, SOCK_DGRAM, IPPROTO_ICMP, own));
    }
}

TEST(AddressPrograms, BelieveNoSocketOfAFamilyThatTheJailHasNot) {
    // A socket of IPv6 may send IPv4: ::ffff:192.0.2.1.
    EXPECT_FALSE(sends_as_host({kNone, only({"fd00::5"})}, SOCK_DGRAM, IPPROTO_UDP, "0.0.0.0"));
    EXPECT_FALSE(sends_as_host({only({}), kAll}, SOCK_DGRAM, IPPROTO_UDP, "0.0.0.0"));
}

TEST(AddressPrograms, LetInWhatIsForTheJail) {
    EXPECT_TRUE(passes(kBoth, false, "192.0.2.1", "10.0.0.6"));
    EXPECT_TRUE(passes(kBoth, false, "2001:db8::1", "fd00::6"));
    EXPECT_FALSE(passes(kBoth, false, "192.0.2.1", "10.0.0.7"));
    EXPECT_FALSE(passes(kBoth, false, "10.0.0.5", "255.255.255.255"));
    EXPECT_FALSE(passes(kBoth, false, "fd00::5", "ff02::1"));
}

TEST(AddressPrograms, BelieveTheKernelWhatAPacketIs) {
    EXPECT_FALSE(passes(kBoth, true, "10.0.0.5", "192.0.2.1", ETH_P_ARP));
    EXPECT_FALSE(passes({only({"10.0.0.5"}), kAll}, true, "10.0.0.7", "192.0.2.1"));
    EXPECT_FALSE(passes(kBoth, true, "10.0.0.5", "192.0.2.1", ETH_P_IPV6));  // too short for it
}

TEST(AddressPrograms, RefuseProtocolsThatTheHooksDoNotSee) {
    const auto programs = make_address_programs(kBoth, true);
    const auto open = [&](std::uint32_t type, std::uint32_t protocol) {
        bpf_sock context{};
        context.type = type;
        context.protocol = protocol;
        BpfMachine machine;
        const BpfRun run = machine.run(find(programs, BPF_CGROUP_INET_SOCK_CREATE).code, &context);
        return run.result == 1 ? "ok" : ::strerrorname_np(run.error);
    };
    EXPECT_STREQ(open(SOCK_STREAM, IPPROTO_TCP), "ok");
    EXPECT_STREQ(open(SOCK_DGRAM, IPPROTO_UDP), "ok");
    EXPECT_STREQ(open(SOCK_RAW, IPPROTO_RAW), "ok");
    EXPECT_STREQ(open(SOCK_STREAM, 262), "EPROTONOSUPPORT");  // MPTCP
    EXPECT_STREQ(open(SOCK_STREAM, IPPROTO_SCTP), "EPROTONOSUPPORT");
    EXPECT_STREQ(open(SOCK_DGRAM, IPPROTO_UDPLITE), "EPROTONOSUPPORT");
}

TEST(AddressPrograms, RefuseWithoutAnErrnoWhereThereIsNone) {
    const auto programs = make_address_programs(kBoth, false);
    for (const AddressProgram& program : programs) {
        EXPECT_TRUE(std::none_of(program.code.begin(), program.code.end(), [](const auto& line) {
            return line.code == (BPF_JMP | BPF_CALL) && line.imm == BPF_FUNC_set_retval;
        })) << program.name;
    }
    bpf_sock_addr context = context_for("10.0.0.7");
    BpfMachine machine;
    EXPECT_EQ(machine.run(find(programs, BPF_CGROUP_INET4_BIND).code, &context).result, 0U);
}

TEST(AddressPrograms, HoldForAsManyAddressesAsThereMayBe) {
    std::vector<std::string> four;
    std::vector<std::string> six;
    for (int i = 1; i <= 255; ++i) {
        four.push_back("10.0.1." + std::to_string(i));
        six.push_back("fd00:1::" + std::to_string(i));
    }
    const AddressRules many{only(four), only(six)};
    EXPECT_EQ(bind_to(many, "10.0.1.255"), "10.0.1.255");
    EXPECT_EQ(bind_to(many, "fd00:1::255"), "fd00:1::255");
    EXPECT_EQ(bind_to(many, "10.0.2.1"), "EADDRNOTAVAIL");
    EXPECT_TRUE(passes(many, false, "fd00::1", "fd00:1::255"));
}

}  // namespace
}  // namespace brig::host_linux
