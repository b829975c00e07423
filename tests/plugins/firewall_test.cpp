// SPDX-License-Identifier: BSD-2-Clause
// The rules of networks with real packets: an outside host, the host with bridges a, b and c, and
// two containers on each, all of them network namespaces.
#include "firewall.hpp"

#include "support/fake_driver_host.hpp"
#include "support/net_sandbox.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <utility>

namespace brig::test {
namespace {

using net::NetworkRules;
using net::Protocol;
using net::PublishedPorts;
using sdk::Condition;

constexpr int kCutOff = 250;  ///< milliseconds after which nothing is expected any more

constexpr const char* kTopology = R"(
for ns in $host $outside $a1 $a2 $b1 $b2 $c1 $c2; do
    # Addresses can be used at once.
    ip netns exec $ns sysctl -qw net.ipv6.conf.default.accept_dad=0 \
        net.ipv6.conf.default.router_solicitations=0
done
ip -n $host link set lo up
ip -n $outside link set lo up
ip link add out0 netns $outside type veth peer name up0 netns $host
ip -n $outside addr add 192.0.2.2/24 dev out0
ip -n $outside addr add 2001:db8::2/64 dev out0 nodad
ip -n $outside link set out0 up
ip -n $host addr add 192.0.2.1/24 dev up0
ip -n $host addr add 2001:db8::1/64 dev up0 nodad
ip -n $host link set up0 up
# The outside knows the way, and so do the networks of it.
ip -n $outside route add 10.77.0.0/16 via 192.0.2.1
ip -n $outside route add fd77::/16 via 2001:db8::1
ip netns exec $host sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
n=0
for net in a b c; do
    n=$((n + 1))
    ip -n $host link add br-$net type bridge
    ip -n $host addr add 10.77.$n.1/24 dev br-$net
    ip -n $host addr add fd77:$n::1/64 dev br-$net nodad
    ip -n $host link set br-$net up
    for m in 1 2; do
        eval c=\$$net$m
        ip -n $c link set lo up
        ip link add eth0 netns $c type veth peer name v-$net$m netns $host
        # hairpin: where bridges call nftables (module br_netfilter), what a container sends to its
        # own published port is translated and sent back before the host has it.
        ip -n $host link set v-$net$m master br-$net up
        ip -n $host link set v-$net$m type bridge_slave hairpin on
        ip -n $c addr add 10.77.$n.1$m/24 dev eth0
        ip -n $c addr add fd77:$n::1$m/64 dev eth0 nodad
        ip -n $c link set eth0 up
        ip -n $c route add default via 10.77.$n.1
        ip -n $c route add default via fd77:$n::1
    done
done
)";

class Firewall : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root";
        }
        const char* path = std::getenv("PATH");
        const std::string with_helpers =
            std::string{BRIG_TEST_LIBEXEC} + (path != nullptr ? ":" + std::string{path} : "");
        ::setenv("PATH", with_helpers.c_str(), 1);
        run_shell(sandbox_.variables() + kTopology);
    }

    [[nodiscard]] std::string ns(const std::string& host) const { return sandbox_.name(host); }

    // NOLINTNEXTLINE(modernize-use-nodiscard): some are run for their effect
    std::string on_host(const std::string& command) const {
        return shell_output("ip netns exec " + ns("host") + " " + command);
    }

    /// Runs `step(call)` as a driver on the host would.
    template <typename Step>
    auto as_host(Step&& step) {
        const InNamespace inside{ns("host")};
        return step(call_.get());
    }

    static NetworkRules network(const std::string& name) {
        const std::string number = name == "a" ? "1" : name == "b" ? "2" : "3";
        NetworkRules rules;
        rules.interface = "br-" + name;
        rules.subnet4 = "10.77." + number + ".0/24";
        rules.subnet6 = "fd77:" + number + "::/64";
        return rules;
    }

    void set(const NetworkRules& rules) {
        as_host([&](const sdk::Call& call) {
            net::set_network(call, "brig:test:n-" + rules.interface, rules);
        });
    }

    void publish(const std::string& tag, const std::vector<std::string>& texts) {
        std::vector<PublishedPorts> ports;
        for (const std::string& text : texts) {
            ports.push_back(net::parse_published_ports(text));
        }
        as_host([&](const sdk::Call& call) {
            net::set_published(call, tag, {net::aim(ports, "10.77.1.11", "fd77:1::11"), {}});
        });
    }

    Condition check(const NetworkRules& rules) {
        return as_host([&](const sdk::Call& call) {
            return net::check_network(call, "brig:test:n-" + rules.interface, rules);
        });
    }

    void remove(const std::string& tag) {
        as_host([&](const sdk::Call& call) { net::remove_rules(call, tag); });
    }

    std::vector<std::string> list(const std::string& prefix) {
        return as_host([&](const sdk::Call& call) { return net::list_rules(call, prefix); });
    }

    /// How many of these attempts get through: tcp and udp, to that host by either family.
    int attempts(const std::string& from, const std::string& to) {
        const std::string number = to.substr(0, 1) == "a"   ? "1"
                                   : to.substr(0, 1) == "b" ? "2"
                                                            : "3";
        const std::string member = "1" + to.substr(1);
        int through = 0;
        for (const Transport transport : {Transport::tcp, Transport::udp}) {
            for (const bool ip6 : {false, true}) {
                const Listener listener{ns(to), transport, ip6, 4000};
                const std::string address =
                    ip6 ? "fd77:" + number + "::" + member : "10.77." + number + "." + member;
                through += reach(ns(from), address, 4000, listener, kCutOff).empty() ? 0 : 1;
            }
        }
        return through;
    }

    NetSandbox sandbox_{{"outside", "host", "a1", "a2", "b1", "b2", "c1", "c2"}};
    FakeCall call_;
};

TEST_F(Firewall, PublishedPortsAreReachedFromOutside) {
    set(network("a"));
    publish("brig:test:c1:web", {"8080:80", "5353:53/udp"});
    for (const bool ip6 : {false, true}) {
        const std::string host = ip6 ? "2001:db8::1" : "192.0.2.1";
        const std::string outside = ip6 ? "2001:db8::2" : "192.0.2.2";
        const Listener web{ns("a1"), Transport::tcp, ip6, 80};
        EXPECT_EQ(outside, reach(ns("outside"), host, 8080, web));
        const Listener names{ns("a1"), Transport::udp, ip6, 53};
        EXPECT_EQ(outside, reach(ns("outside"), host, 5353, names));
        EXPECT_EQ("", reach(ns("outside"), host, 80, web, kCutOff));
    }
}

TEST_F(Firewall, PublishedPortsAreReachedFromTheHostItself) {
    set(network("a"));
    publish("brig:test:c1:web", {"8080:80", "8080:80/udp"});
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
        const Listener web{ns("a1"), transport, false, 80};
        EXPECT_EQ("10.77.1.1", reach(ns("host"), "127.0.0.1", 8080, web));
        EXPECT_EQ("10.77.1.1", reach(ns("host"), "127.1.2.3", 8080, web));
        EXPECT_EQ("192.0.2.1", reach(ns("host"), "192.0.2.1", 8080, web));
        EXPECT_EQ("10.77.2.1", reach(ns("host"), "10.77.2.1", 8080, web));
        const Listener web6{ns("a1"), transport, true, 80};
        EXPECT_EQ("2001:db8::1", reach(ns("host"), "2001:db8::1", 8080, web6));
        EXPECT_EQ("", reach(ns("host"), "::1", 8080, web6, kCutOff));
    }
}

TEST_F(Firewall, PublishedPortsAreReachedByTheContainerAndItsNeighbours) {
    set(network("a"));
    publish("brig:test:c1:web", {"8080:80", "8080:80/udp"});
    for (const Transport transport : {Transport::tcp, Transport::udp}) {
        for (const std::string from : {"a1", "a2"}) {
            const Listener web{ns("a1"), transport, false, 80};
            EXPECT_EQ("10.77.1.1", reach(ns(from), "192.0.2.1", 8080, web));
            const Listener web6{ns("a1"), transport, true, 80};
            EXPECT_EQ("fd77:1::1", reach(ns(from), "2001:db8::1", 8080, web6));
        }
    }
}

TEST_F(Firewall, PublishedPortsAreReachedFromOtherNetworks) {
    set(network("a"));
    set(network("b"));
    publish("brig:test:c1:web", {"8080:80"});
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    EXPECT_EQ("10.77.2.11", reach(ns("b1"), "192.0.2.1", 8080, web));
    EXPECT_EQ("", reach(ns("b1"), "10.77.1.11", 80, web, kCutOff));
}

TEST_F(Firewall, PortsArePublishedOnOneAddressOnly) {
    set(network("a"));
    publish("brig:test:c1:web",
            {"127.0.0.1:1000:80", "192.0.2.1:2000:80", "[2001:db8::1]:2000:80", "0.0.0.0:3000:80"});
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    const Listener web6{ns("a1"), Transport::tcp, true, 80};
    EXPECT_EQ("10.77.1.1", reach(ns("host"), "127.0.0.1", 1000, web));
    EXPECT_EQ("", reach(ns("host"), "192.0.2.1", 1000, web, kCutOff));
    EXPECT_EQ("", reach(ns("outside"), "192.0.2.1", 1000, web, kCutOff));
    // Not even by one who sends to 127.0.0.1 from outside.
    run_shell("ip netns exec " + ns("outside") + " sysctl -qw net.ipv4.conf.out0.route_localnet=1\n"
              + "ip -n " + ns("outside") + " addr del 127.0.0.1/8 dev lo\n" + "ip -n "
              + ns("outside") + " route add 127.0.0.1 via 192.0.2.1 src 192.0.2.2");
    EXPECT_EQ("", reach(ns("outside"), "127.0.0.1", 1000, web, kCutOff));
    EXPECT_EQ("192.0.2.2", reach(ns("outside"), "192.0.2.1", 2000, web));
    EXPECT_EQ("192.0.2.1", reach(ns("host"), "192.0.2.1", 2000, web));
    EXPECT_EQ("2001:db8::2", reach(ns("outside"), "2001:db8::1", 2000, web6));
    EXPECT_EQ("", reach(ns("host"), "127.0.0.1", 2000, web, kCutOff));
    EXPECT_EQ("192.0.2.2", reach(ns("outside"), "192.0.2.1", 3000, web));
    EXPECT_EQ("", reach(ns("outside"), "2001:db8::1", 3000, web6, kCutOff));
}

TEST_F(Firewall, PortsArePublishedOnOneInterfaceOnly) {
    set(network("a"));
    publish("brig:test:c1:web", {"up0:1000:80", "lo:2000:80"});
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    EXPECT_EQ("192.0.2.2", reach(ns("outside"), "192.0.2.1", 1000, web));
    EXPECT_EQ("", reach(ns("a2"), "192.0.2.1", 1000, web, kCutOff));
    EXPECT_EQ("10.77.1.1", reach(ns("host"), "127.0.0.1", 2000, web));
    EXPECT_EQ("", reach(ns("outside"), "192.0.2.1", 2000, web, kCutOff));
}

TEST_F(Firewall, RangesKeepTheirOrder) {
    set(network("a"));
    publish("brig:test:c1:web",
            {"5000-5002:5000-5002", "6000-6002:7000-7002", "6000-6002:7000-7002/udp"});
    for (const bool ip6 : {false, true}) {
        const std::string host = ip6 ? "2001:db8::1" : "192.0.2.1";
        for (const int i : {0, 1, 2}) {
            const auto port = [i](int base) { return static_cast<std::uint16_t>(base + i); };
            const Listener same{ns("a1"), Transport::tcp, ip6, port(5000)};
            EXPECT_NE("", reach(ns("outside"), host, port(5000), same));
            const Listener tcp{ns("a1"), Transport::tcp, ip6, port(7000)};
            EXPECT_NE("", reach(ns("outside"), host, port(6000), tcp));
            const Listener udp{ns("a1"), Transport::udp, ip6, port(7000)};
            EXPECT_NE("", reach(ns("outside"), host, port(6000), udp));
        }
    }
}

TEST_F(Firewall, NatShowsTheHostsAddress) {
    NetworkRules rules = network("a");
    set(rules);
    const Listener web{ns("outside"), Transport::tcp, false, 80};
    const Listener web6{ns("outside"), Transport::tcp, true, 80};
    const Listener names{ns("outside"), Transport::udp, false, 53};
    EXPECT_EQ("10.77.1.11", reach(ns("a1"), "192.0.2.2", 80, web));
    rules.nat = true;
    set(rules);
    EXPECT_EQ("192.0.2.1", reach(ns("a1"), "192.0.2.2", 80, web));
    EXPECT_EQ("2001:db8::1", reach(ns("a1"), "2001:db8::2", 80, web6));
    EXPECT_EQ("192.0.2.1", reach(ns("a1"), "192.0.2.2", 53, names));
    rules.nat_interface = "br-b";
    set(rules);
    EXPECT_EQ("10.77.1.11", reach(ns("a1"), "192.0.2.2", 80, web));
    rules.nat_interface = "up0";
    set(rules);
    EXPECT_EQ("192.0.2.1", reach(ns("a1"), "192.0.2.2", 80, web));
}

TEST_F(Firewall, NetworksAreApart) {
    EXPECT_EQ(4, attempts("a1", "b1"));
    set(network("a"));
    set(network("b"));
    EXPECT_EQ(0, attempts("a1", "b1"));
    EXPECT_EQ(0, attempts("b2", "a1"));
    EXPECT_EQ(4, attempts("a1", "a2"));
    // A router for the rest.
    EXPECT_EQ(4, attempts("a1", "c1"));
    EXPECT_EQ(4, attempts("outside", "a1"));
}

TEST_F(Firewall, InternalNetworksAreCutOff) {
    NetworkRules rules = network("a");
    rules.internal = true;
    rules.nat = true;
    set(rules);
    set(network("b"));
    publish("brig:test:c1:web", {"8080:80"});
    EXPECT_EQ(0, attempts("outside", "a1"));
    EXPECT_EQ(0, attempts("a1", "b1"));
    EXPECT_EQ(0, attempts("a1", "c1"));
    EXPECT_EQ(4, attempts("a1", "a2"));
    EXPECT_EQ(4, attempts("host", "a1"));
    const Listener out{ns("outside"), Transport::tcp, false, 80};
    EXPECT_EQ("", reach(ns("a1"), "192.0.2.2", 80, out, kCutOff));
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    EXPECT_EQ("", reach(ns("outside"), "192.0.2.1", 8080, web, kCutOff));
    EXPECT_EQ("", reach(ns("b1"), "192.0.2.1", 8080, web, kCutOff));
    EXPECT_EQ("10.77.1.1", reach(ns("host"), "127.0.0.1", 8080, web));
    const Listener host{ns("host"), Transport::tcp, false, 90};
    EXPECT_EQ("10.77.1.11", reach(ns("a1"), "10.77.1.1", 90, host));
}

TEST_F(Firewall, IsolationDropsWhatGoesThroughTheHost) {
    NetworkRules rules = network("a");
    rules.isolate = true;
    set(rules);
    publish("brig:test:c1:web", {"8080:80"});
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    EXPECT_EQ("", reach(ns("a2"), "192.0.2.1", 8080, web, kCutOff));
    EXPECT_EQ("192.0.2.2", reach(ns("outside"), "192.0.2.1", 8080, web));
    // By way of the host instead of directly, as with isolated ports of the bridge.
    run_shell("ip -n " + ns("a2") + " route add 10.77.1.11 via 10.77.1.1");
    EXPECT_EQ("", reach(ns("a2"), "10.77.1.11", 80, web, kCutOff));
}

TEST_F(Firewall, RoutedNetworksAreToldByTheirAddresses) {
    NetworkRules rules = network("a");
    const std::string interface = std::exchange(rules.interface, "");
    rules.nat = true;
    set(rules);
    set(network("b"));
    as_host([&](const sdk::Call& call) {
        const auto ports = net::aim({net::parse_published_ports("8080:80")}, "10.77.1.11", "");
        net::set_published(call, "brig:test:c1:web", {ports, interface});
    });
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    EXPECT_EQ("192.0.2.2", reach(ns("outside"), "192.0.2.1", 8080, web));
    EXPECT_EQ("10.77.1.1", reach(ns("host"), "127.0.0.1", 8080, web));
    EXPECT_EQ("10.77.1.1", reach(ns("a1"), "192.0.2.1", 8080, web));
    EXPECT_EQ("10.77.2.11", reach(ns("b1"), "192.0.2.1", 8080, web));
    EXPECT_EQ(0, attempts("a1", "b1"));
    EXPECT_EQ(0, attempts("b1", "a1"));
    EXPECT_EQ(4, attempts("a1", "a2"));
    EXPECT_EQ(4, attempts("outside", "a1"));
    const Listener out{ns("outside"), Transport::tcp, false, 80};
    EXPECT_EQ("192.0.2.1", reach(ns("a1"), "192.0.2.2", 80, out));
    EXPECT_EQ("1\n", on_host("sysctl -n net.ipv4.conf.br-a.route_localnet"));
    remove("brig:test:c1:web");
    EXPECT_EQ("0\n", on_host("sysctl -n net.ipv4.conf.br-a.route_localnet"));
    rules.internal = true;
    set(rules);
    EXPECT_EQ(0, attempts("outside", "a1"));
    EXPECT_EQ(4, attempts("host", "a1"));
    rules.isolate = true;
    set(rules);
    run_shell("ip -n " + ns("a2") + " route add 10.77.1.11 via 10.77.1.1");
    EXPECT_EQ("", reach(ns("a2"), "10.77.1.11", 80, web, kCutOff));
}

TEST_F(Firewall, TheHostsLoopbackStaysItsOwn) {
    set(network("a"));
    const Listener secret{ns("host"), Transport::tcp, false, 90};
    run_shell("ip netns exec " + ns("a1") + " sysctl -qw net.ipv4.conf.eth0.route_localnet=1\n"
              + "ip -n " + ns("a1") + " addr del 127.0.0.1/8 dev lo\n" + "ip -n " + ns("a1")
              + " route add 127.0.0.1 via 10.77.1.1 src 10.77.1.11");
    EXPECT_EQ("1\n", on_host("sysctl -n net.ipv4.conf.br-a.route_localnet"));
    EXPECT_EQ("", reach(ns("a1"), "127.0.0.1", 90, secret, kCutOff));
    // The rules are what keeps it: without them it would be open.
    on_host("nft flush chain inet brig guard");
    EXPECT_EQ("10.77.1.11", reach(ns("a1"), "127.0.0.1", 90, secret));
    EXPECT_EQ(Condition::drifted, check(network("a")));
    set(network("a"));
    EXPECT_EQ("", reach(ns("a1"), "127.0.0.1", 90, secret, kCutOff));
    remove("brig:test:n-br-a");
    EXPECT_EQ("0\n", on_host("sysctl -n net.ipv4.conf.br-a.route_localnet"));
    EXPECT_EQ("0\n", on_host("sysctl -n net.ipv4.conf.all.route_localnet"));
}

TEST_F(Firewall, LeavesNothingBehindAndNothingElseTouched) {
    on_host(
        "nft -f - <<END\n"
        "table ip theirs { chain forward { type filter hook forward priority 0; policy drop;\n"
        "    counter accept comment \"brig:test:n-br-a 12345678\"\n }\n }\n"
        "table inet filter { set s { type ipv4_addr; elements = { 10.77.1.11 }; }\n }\n"
        "END");
    const std::string before = on_host("nft list ruleset");
    set(network("a"));
    set(network("b"));
    publish("brig:test:c1:web", {"8080:80", "6000-6002:7000-7002"});
    publish("brig:test:c2:web", {"8081:80"});
    EXPECT_NE(before, on_host("nft list ruleset"));
    const std::vector<std::string> all{
        "brig:test:c1:web", "brig:test:c2:web", "brig:test:n-br-a", "brig:test:n-br-b"};
    EXPECT_EQ(all, list("brig:test:"));
    EXPECT_EQ(std::vector<std::string>{}, list("brig:other:"));
    for (const std::string& tag : all) {
        remove(tag);
        remove(tag);
    }
    EXPECT_EQ(before, on_host("nft list ruleset"));
    EXPECT_EQ(std::vector<std::string>{}, list("brig:"));
}

TEST_F(Firewall, SettingAgainChangesNothing) {
    set(network("a"));
    publish("brig:test:c1:web", {"8080:80"});
    const std::string before = on_host("nft -a list ruleset");
    set(network("a"));
    publish("brig:test:c1:web", {"8080:80"});
    EXPECT_EQ(before, on_host("nft -a list ruleset"));
    publish("brig:test:c1:web", {"8081:80"});
    const Listener web{ns("a1"), Transport::tcp, false, 80};
    EXPECT_EQ("", reach(ns("outside"), "192.0.2.1", 8080, web, kCutOff));
    EXPECT_EQ("192.0.2.2", reach(ns("outside"), "192.0.2.1", 8081, web));
    publish("brig:test:c1:web", {});
    EXPECT_EQ(std::vector<std::string>{"brig:test:n-br-a"}, list("brig:"));
}

TEST_F(Firewall, ComesBackAfterAReload) {
    NetworkRules rules = network("a");
    rules.nat = true;
    EXPECT_EQ(Condition::absent, check(rules));
    set(rules);
    EXPECT_EQ(Condition::sound, check(rules));
    const std::string before = on_host("nft list ruleset");
    on_host("nft flush ruleset");
    EXPECT_EQ(Condition::absent, check(rules));
    set(rules);
    EXPECT_EQ(before, on_host("nft list ruleset"));
    EXPECT_EQ(Condition::sound, check(rules));
    on_host(
        "sh -c 'nft delete rule inet brig apart handle $(nft -a list chain inet brig apart |"
        " sed -n \"s/.* handle //p\" | tail -n 1)'");
    EXPECT_EQ(Condition::drifted, check(rules));
    rules.isolate = true;
    EXPECT_EQ(Condition::drifted, check(rules));
    set(rules);
    EXPECT_EQ(Condition::sound, check(rules));
    on_host("sysctl -qw net.ipv4.conf.br-a.route_localnet=0");
    EXPECT_EQ(Condition::drifted, check(rules));
}

TEST_F(Firewall, ManyAtOnceAreAllThere) {
    constexpr int kMany = 32;
    const InNamespace inside{ns("host")};
    std::vector<std::thread> starts;
    for (int i = 0; i < kMany; ++i) {
        starts.emplace_back([i] {
            const FakeCall call;
            PublishedPorts ports = net::parse_published_ports(std::to_string(8000 + i) + ":80");
            const std::string tag = "brig:test:c" + std::to_string(i) + ":web";
            net::set_published(
                call.get(), tag, {net::aim({ports}, "10.77.1.11", "fd77:1::11"), {}});
            net::set_published(call.get(), tag, {net::aim({ports}, "10.77.1.12", ""), {}});
        });
    }
    for (std::thread& start : starts) {
        start.join();
    }
    EXPECT_EQ(kMany, static_cast<int>(net::list_rules(call_.get(), "brig:test:").size()));
    EXPECT_EQ(std::to_string(2 * kMany) + "\n",
              shell_output("nft list table inet brig | grep -c dnat\\ ip"));
    std::vector<std::thread> ends;
    for (int i = 0; i < kMany; ++i) {
        ends.emplace_back([i] {
            const FakeCall call;
            net::remove_rules(call.get(), "brig:test:c" + std::to_string(i) + ":web");
        });
    }
    for (std::thread& end : ends) {
        end.join();
    }
    EXPECT_EQ("", shell_output("nft list ruleset"));
}

TEST_F(Firewall, HostileNamesGetIntoNoRule) {
    NetworkRules rules = network("a");
    rules.interface = "br-a\" accept; flush ruleset #";
    EXPECT_THROW(set(rules), sdk::Error);
    rules = network("a");
    rules.subnet4 = "10.77.1.0/24 accept";
    EXPECT_THROW(set(rules), sdk::Error);
    rules = network("a");
    rules.nat = true;
    rules.nat_interface = "*";
    EXPECT_THROW(set(rules), sdk::Error);
    EXPECT_THROW(publish("brig:test:\"; flush ruleset", {"8080:80"}), sdk::Error);
    EXPECT_THROW(publish("else:test:c1", {"8080:80"}), sdk::Error);
    EXPECT_THROW(publish("brig:" + std::string(120, 'x'), {"8080:80"}), sdk::Error);
    publish("brig:" + std::string(std::size_t{105}, 'x'), {"8080:80"});
}

/// The status of setting rules without that privilege, and the hint.
TEST_F(Firewall, SaysThatAPrivilegeIsMissing) {
    const std::string output = shell_output("ip netns exec " + ns("host")
                                            + " setpriv --bounding-set=-net_admin,-sys_admin"
                                              " --inh-caps=-net_admin,-sys_admin sh -c '"
                                            + BRIG_TEST_LIBEXEC
                                            + "/brig-nft </dev/stdin; echo $?' <<END\n"
                                              "add table inet brig\nEND");
    EXPECT_NE(std::string::npos, output.find("Operation not permitted")) << output;
    EXPECT_NE(std::string::npos, output.find("\n11\n")) << output;
}

TEST_F(Firewall, SaysThatTheHelperIsMissing) {
    const std::string path = std::getenv("PATH");
    ::setenv("PATH", "/nonexistent", 1);
    brig_status status = BRIG_OK;
    try {
        set(network("a"));
    } catch (const sdk::Error& error) {
        status = error.status();
        EXPECT_NE("", error.hint());
    }
    ::setenv("PATH", path.c_str(), 1);
    EXPECT_EQ(BRIG_UNAVAILABLE, status);
}

}  // namespace
}  // namespace brig::test
