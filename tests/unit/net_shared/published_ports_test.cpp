// SPDX-License-Identifier: BSD-2-Clause
#include "published_ports.hpp"

#include "brig/driver.hpp"

#include <gtest/gtest.h>

#include <string>

namespace brig::net {
namespace {

/// What is read, in full; or why not.
std::string read(const std::string& text) {
    try {
        return to_string(parse_published_ports(text));
    } catch (const sdk::Error& error) {
        EXPECT_EQ(BRIG_INVALID, error.status());
        EXPECT_NE("", error.hint());
        return error.what();
    }
}

TEST(PublishedPorts, AreReadAsUsersWriteThem) {
    EXPECT_EQ("8080:80/tcp", read("8080:80"));
    EXPECT_EQ("8080:80/udp", read("8080:80/udp"));
    EXPECT_EQ("127.0.0.1:8080:80/tcp", read("127.0.0.1:8080:80/tcp"));
    EXPECT_EQ("[fd00::1]:8080:80/tcp", read("[fd00:0::0:1]:8080:80"));
    EXPECT_EQ("[::]:1:65535/udp", read("[::]:1:65535/udp"));
    EXPECT_EQ("0.0.0.0:8080:80/tcp", read("0.0.0.0:8080:80"));
    EXPECT_EQ("eth0:8080:80/tcp", read("eth0:8080:80"));
    EXPECT_EQ("vlan0.5:8080:80/tcp", read("vlan0.5:8080:80"));
    EXPECT_EQ("5000-5009:6000-6009/tcp", read("5000-5009:6000-6009"));
    EXPECT_EQ("5000:6000/tcp", read("5000-5000:6000"));
    EXPECT_EQ("1-65535:1-65535/tcp", read("1-65535:1-65535"));
}

TEST(PublishedPorts, KeepTheirParts) {
    const PublishedPorts ports = parse_published_ports("[fd00::1]:5000-5009:6000-6009/udp");
    EXPECT_EQ(Protocol::udp, ports.protocol);
    EXPECT_EQ("fd00::1", ports.host_address);
    EXPECT_EQ("", ports.host_interface);
    EXPECT_EQ(5000, ports.host_first);
    EXPECT_EQ(6000, ports.target_first);
    EXPECT_EQ(10, ports.count);
}

TEST(PublishedPorts, SayWhatIsWrong) {
    const auto refused = [](const std::string& why) { return "cannot publish " + why; };
    EXPECT_EQ(refused("'80': the port of the host has to be said, too"), read("80"));
    EXPECT_EQ(refused("':80': the port of the host has to be said, too"), read(":80"));
    EXPECT_EQ(refused("'127.0.0.1::80': the port of the host has to be said, too"),
              read("127.0.0.1::80"));
    EXPECT_EQ(refused("':8080:80': there is nothing before the first ':'"), read(":8080:80"));
    EXPECT_EQ(refused("'fd00::1:8080:80': an IPv6 address stands in brackets"),
              read("fd00::1:8080:80"));
    EXPECT_EQ(refused("'[10.0.0.1]:8080:80': '[10.0.0.1]' is neither an address nor the name of "
                      "an interface"),
              read("[10.0.0.1]:8080:80"));
    EXPECT_EQ(refused("'0:80': '0' is neither a port from 1 to 65535 nor a range of them"),
              read("0:80"));
    EXPECT_EQ(refused("'80:65536': '65536' is neither a port from 1 to 65535 nor a range of them"),
              read("80:65536"));
    EXPECT_EQ(refused("'20-10:1': the range '20-10' ends before it begins"), read("20-10:1"));
    EXPECT_EQ(refused("'10-20:10-21': the two ranges are not equally long"), read("10-20:10-21"));
    EXPECT_EQ(refused("'10-20:10': the two ranges are not equally long"), read("10-20:10"));
    EXPECT_EQ(refused("'80:80/sctp': only tcp and udp have ports that can be published"),
              read("80:80/sctp"));
}

TEST(PublishedPorts, RefuseHostileText) {
    for (const std::string text : {"",
                                   ":",
                                   "::",
                                   "/",
                                   "80:80/",
                                   "80:80 ",
                                   " 80:80",
                                   "+80:80",
                                   "-1:80",
                                   "80-:80",
                                   "0x50:80",
                                   "80:80\n",
                                   "eth0\":80:80",
                                   "a b:80:80",
                                   "eth*:80:80",
                                   "[fd00::1:80:80",
                                   "fd00::1]:80:80",
                                   "[fd00::1%eth0]:80:80",
                                   "[]:80:80",
                                   "127.0.0.1.1:80:80x",
                                   "a-name-too-long-for-it:80:80"}) {
        EXPECT_EQ(0U, read(text).rfind("cannot publish '", 0)) << text;
    }
    EXPECT_EQ(std::string::npos, read("a\x1b[31m:80:80").find('\x1b'));
    EXPECT_GT(300U, read(std::string(100000, ':')).size());
    EXPECT_EQ(0U, read(std::string{"80:80\0", 6}).rfind("cannot publish '", 0));
}

TEST(PublishedPorts, LeadToTheAddressOfTheirFamily) {
    const auto targets = [](const std::string& text, const char* ip4, const char* ip6) {
        std::string all;
        for (const PublishedPorts& each : aim({parse_published_ports(text)}, ip4, ip6)) {
            all += each.target_address + " ";
        }
        return all;
    };
    EXPECT_EQ("10.0.0.2 fd00::2 ", targets("80:80", "10.0.0.2", "fd00::2"));
    EXPECT_EQ("10.0.0.2 ", targets("80:80", "10.0.0.2", ""));
    EXPECT_EQ("10.0.0.2 ", targets("0.0.0.0:80:80", "10.0.0.2", "fd00::2"));
    EXPECT_EQ("fd00::2 ", targets("[::]:80:80", "10.0.0.2", "fd00::2"));
    EXPECT_THROW(targets("[fd00::1]:80:80", "10.0.0.2", ""), sdk::Error);
    EXPECT_THROW(targets("127.0.0.1:80:80", "", "fd00::2"), sdk::Error);
    EXPECT_THROW(targets("80:80", "", ""), sdk::Error);
}

}  // namespace
}  // namespace brig::net
