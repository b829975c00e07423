// SPDX-License-Identifier: BSD-2-Clause
#include "firewall.hpp"
#include "nft_program.hpp"
#include "nft_rules.hpp"
#include "rule_words.hpp"
#include "run_program.hpp"
#include "system.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <array>
#include <optional>

namespace brig::net {

namespace {

/// Reading the table and changing it is one step for every brig that works on this network
/// namespace. The namespace's own inode is the lock: it leaves no file behind. The kernel lets go
/// of it with the process.
class NamespaceLock {
  public:
    NamespaceLock()
        : file_{check(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
                      "open '/proc/thread-self/ns/net'")} {
        while (::flock(file_.get(), LOCK_EX) != 0) {
            check(errno == EINTR ? 0 : -1, "lock the network namespace");
        }
    }

  private:
    UniqueFd file_;
};

/// Runs a script. `refused` and `not_found` are for the caller to explain.
struct Ran {
    NftStatus status = NftStatus::refused;
    std::string output;
};

Ran run_nft(const sdk::Call& call, const std::string& script) {
    sdk::Finished finished =
        run_program(call, {"brig-nft"}, script, "install brig's helper programs (libexec/brig)");
    return {static_cast<NftStatus>(finished.exit_code), std::move(finished.output)};
}

[[noreturn]] void throw_failure(NftStatus status, const std::string& attempt) {
    switch (status) {
        case NftStatus::not_permitted:
            throw Error{BRIG_PERMISSION,
                        attempt + ": not permitted",
                        "rules of nftables take root, or CAP_NET_ADMIN in this network namespace"};
        case NftStatus::no_netlink:
        case NftStatus::unsupported:
            throw Error{BRIG_UNSUPPORTED,
                        attempt + ": this kernel has no nftables",
                        "it needs CONFIG_NF_TABLES with CONFIG_NF_TABLES_INET; load module "
                        "'nf_tables'"};
        case NftStatus::not_found:
            throw Error{BRIG_UNSUPPORTED,
                        attempt + ": this kernel's nftables lacks something that rules need",
                        "load the modules nft_ct, nft_nat, nft_masq and nft_fib_inet"};
        default:
            throw Error{BRIG_INTERNAL, attempt + " failed"};
    }
}

/// The table as it is; empty if there is none, or nothing that could have one.
std::vector<ListedRule> read_table(const sdk::Call& call) {
    const Ran ran = run_nft(call, "list table inet brig\n");
    if (ran.status == NftStatus::done) {
        return parse_nft_table(ran.output);
    }
    if (ran.status == NftStatus::not_found || ran.status == NftStatus::unsupported
        || ran.status == NftStatus::no_netlink) {
        return {};
    }
    throw_failure(ran.status, "reading table 'inet brig' of nftables");
}

// ---- route_localnet ----

std::string sysctl_path(const std::string& interface) {
    return "/proc/sys/net/ipv4/conf/" + interface + "/route_localnet";
}

/// Nothing if there is no such interface.
std::optional<bool> is_routing_loopback(const std::string& interface) {
    const UniqueFd file{::open(sysctl_path(interface).c_str(), O_RDONLY | O_CLOEXEC)};
    char value = '0';
    if (!file || ::read(file.get(), &value, 1) != 1) {
        return std::nullopt;
    }
    return value != '0';
}

/// False if there is no such interface.
bool route_loopback(const std::string& interface, bool on) {
    const std::optional<bool> now = is_routing_loopback(interface);
    if (now && *now != on) {
        const std::string path = sysctl_path(interface);
        const UniqueFd file{check(::open(path.c_str(), O_WRONLY | O_CLOEXEC), "open '", path, "'")};
        check(::write(file.get(), on ? "1" : "0", 1), "write '", path, "'");
    }
    return now.has_value();
}

/// Interfaces that are not kept away from the host's loopback any more must not route it.
void close_unguarded(const std::vector<ListedRule>& listed,
                     const std::string& tag,
                     const std::string& kept) {
    const std::vector<std::string> others = guarded_interfaces(listed, tag, true);
    for (const std::string& name : guarded_interfaces(listed, tag, false)) {
        if (name != kept && std::find(others.begin(), others.end(), name) == others.end()) {
            route_loopback(name, false);
        }
    }
}

// ---- Changes ----

/// @param loopback the interface that 127.0.0.1 leads to, or ""
void replace(const sdk::Call& call,
             const std::string& tag,
             const std::vector<NftRule>& wanted,
             const std::string& loopback) {
    const NamespaceLock lock;
    // A second time only if somebody else removes rules at this moment ("flush ruleset").
    for (const bool again : {false, true}) {
        const std::vector<ListedRule> listed = read_table(call);
        const std::string script = replacement_script(listed, tag, wanted);
        close_unguarded(listed, tag, loopback);
        const NftStatus status = script.empty() ? NftStatus::done : run_nft(call, script).status;
        if (status == NftStatus::done) {
            break;
        }
        if (status != NftStatus::not_found || again) {
            throw_failure(status, "changing the rules of '" + tag + "' in nftables");
        }
    }
    // Last: the rules that make it harmless are there now.
    if (!loopback.empty() && !route_loopback(loopback, true)) {
        throw Error{BRIG_UNAVAILABLE, "interface '" + loopback + "' is not there"};
    }
}

sdk::Condition check_rules(const sdk::Call& call,
                           const std::string& tag,
                           const std::vector<NftRule>& wanted,
                           const std::string& loopback) {
    const sdk::Condition found = compare_rules(read_table(call), required_tag(tag), wanted);
    const bool closed = !loopback.empty() && is_routing_loopback(loopback) != std::optional{true};
    return found == sdk::Condition::sound && closed ? sdk::Condition::drifted : found;
}

}  // namespace

void set_network(const sdk::Call& call, const std::string& tag, const NetworkRules& rules) {
    replace(call, required_tag(tag), nft_rules(rules), loopback_interface(rules));
}

void set_published(const sdk::Call& call, const std::string& tag, const Published& published) {
    replace(call, required_tag(tag), nft_rules(published), loopback_interface(published));
}

void remove_rules(const sdk::Call& call, const std::string& tag) {
    replace(call, required_tag(tag), {}, "");
}

sdk::Condition check_network(const sdk::Call& call,
                             const std::string& tag,
                             const NetworkRules& rules) {
    return check_rules(call, tag, nft_rules(rules), loopback_interface(rules));
}

sdk::Condition check_published(const sdk::Call& call,
                               const std::string& tag,
                               const Published& published) {
    return check_rules(call, tag, nft_rules(published), loopback_interface(published));
}

std::vector<std::string> list_rules(const sdk::Call& call, std::string_view prefix) {
    std::vector<std::string> tags;
    for (const ListedRule& rule : read_table(call)) {
        if (!rule.tag().empty() && rule.tag().substr(0, prefix.size()) == prefix) {
            tags.emplace_back(rule.tag());
        }
    }
    std::sort(tags.begin(), tags.end());
    tags.erase(std::unique(tags.begin(), tags.end()), tags.end());
    return tags;
}

std::string boot_id() {
    constexpr const char* kPath = "/proc/sys/kernel/random/boot_id";
    const UniqueFd file{check(::open(kPath, O_RDONLY | O_CLOEXEC), "open '", kPath, "'")};
    std::array<char, 64> text{};
    const ssize_t size = check(::read(file.get(), text.data(), text.size()), "read '", kPath, "'");
    const std::string_view line{text.data(), static_cast<std::size_t>(size)};
    return std::string{line.substr(0, line.find('\n'))};
}

}  // namespace brig::net
