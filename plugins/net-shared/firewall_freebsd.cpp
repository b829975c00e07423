// SPDX-License-Identifier: BSD-2-Clause
#include "firewall.hpp"
#include "freebsd_interfaces.hpp"
#include "pf_rules.hpp"
#include "rule_words.hpp"
#include "run_program.hpp"
#include "system.hpp"

// The last one needs those before it.
// clang-format off
#include <sys/param.h>
#include <sys/socket.h>
#include <net/if.h>
#include <netinet/in.h>
#include <net/pfvar.h>
// clang-format on
#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sysctl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

namespace brig::net {

namespace {

constexpr const char* kLoadHint =
    "load it with 'kldload pf', or at every start with 'sysrc pf_enable=YES'";

/// One change at a time: pfctl(8) fails if another one commits between its steps. The device is the
/// lock: it leaves no file behind.
class PfLock {
  public:
    /// Nothing: this kernel has no pf, or not yet.
    static std::optional<PfLock> take() {
        UniqueFd device{::open("/dev/pf", O_RDWR | O_CLOEXEC)};
        if (!device && (errno == ENOENT || errno == ENXIO)) {
            return std::nullopt;
        }
        check(device ? 0 : -1, "open '/dev/pf'");
        while (::flock(device.get(), LOCK_EX) != 0) {
            check(errno == EINTR ? 0 : -1, "lock '/dev/pf'");
        }
        return PfLock{std::move(device)};
    }

    static PfLock require() {
        if (std::optional<PfLock> lock = take()) {
            return *std::move(lock);
        }
        throw Error{BRIG_UNAVAILABLE, "the packet filter pf is not loaded", kLoadHint};
    }

    [[nodiscard]] int device() const noexcept { return device_.get(); }

  private:
    explicit PfLock(UniqueFd device) : device_{std::move(device)} {}

    UniqueFd device_;
};

sdk::Finished run_pfctl(const sdk::Call& call,
                        std::vector<std::string> arguments,
                        const std::string& input = {}) {
    arguments.insert(arguments.begin(), {"/sbin/pfctl", "-q"});
    return run_program(call, arguments, input, "pfctl(8) is part of FreeBSD's base system");
}

/// What `pfctl -s what` says of an anchor; of the main ruleset without one. An anchor that is not
/// there has no rules.
std::string show(const sdk::Call& call, const char* what, const std::string& anchor = {}) {
    std::vector<std::string> arguments{"-s", what};
    if (!anchor.empty()) {
        arguments.insert(arguments.begin(), {"-a", anchor});
    }
    return run_pfctl(call, std::move(arguments)).output;
}

sdk::Condition compare(const sdk::Call& call, const std::string& tag, const PfRules& wanted) {
    const std::string anchor = pf_anchor(tag);
    return compare_pf_rules(show(call, "nat", anchor), show(call, "rules", anchor), tag, wanted);
}

/// Rules that nobody asks are no failure of ours: the administrator may be about to write the rest.
void warn_if_without_effect(const sdk::Call& call) {
    if (show(call, "info").find("Status: Enabled") == std::string::npos) {
        call.warn(
            "pf is off, so that networks neither masquerade nor publish ports nor are kept "
            "apart; turn it on with 'pfctl -e', and with 'sysrc pf_enable=YES'");
    }
    const std::vector<std::string> missing =
        missing_anchor_lines(show(call, "nat"), show(call, "rules"));
    if (missing.empty()) {
        return;
    }
    std::string lines;
    for (const std::string& line : missing) {
        lines += (lines.empty() ? "" : "; ") + line;
    }
    call.warn(
        "the rules of pf do not lead to those of brig, which have no effect: add these lines to "
        "/etc/pf.conf, nat-anchor and rdr-anchor before its rules that filter and anchor after "
        "them, and load it with 'pfctl -f /etc/pf.conf': "
        + lines);
}

/// The tag's anchor and those in it, as far as they are there: the outer one first, since it refers
/// to the others. pf removes one that is empty and that nothing refers to; rules that were flushed
/// do until pf comes to purging them, some seconds later.
std::vector<std::string> anchors_of(const sdk::Call& call, const std::string& tag) {
    const sdk::Finished listing = run_pfctl(call, {"-a", "brig", "-v", "-s", "Anchors"});
    return anchors_within(listing.output, pf_anchor(tag));
}

/// Empties them all in one transaction. Not by pfctl(8), which leaves alone the anchors that it
/// made itself within others.
void empty_anchors(const PfLock& lock, const std::vector<std::string>& anchors) {
    constexpr int kKinds[] = {PF_RULESET_FILTER, PF_RULESET_NAT, PF_RULESET_RDR, PF_RULESET_TABLE};
    std::vector<pfioc_trans::pfioc_trans_e> parts;
    for (const std::string& anchor : anchors) {
        for (const int kind : kKinds) {
            pfioc_trans::pfioc_trans_e& part = parts.emplace_back();
            part.rs_num = kind;
            ::strlcpy(part.anchor, anchor.c_str(), sizeof part.anchor);
        }
    }
    pfioc_trans transaction{};
    transaction.size = static_cast<int>(parts.size());
    transaction.esize = sizeof(pfioc_trans::pfioc_trans_e);
    transaction.array = parts.data();
    check(::ioctl(lock.device(), DIOCXBEGIN, &transaction), "begin a transaction of pf");
    check(::ioctl(lock.device(), DIOCXCOMMIT, &transaction),
          "empty anchor '",
          anchors.front(),
          "' of pf");
}

/// False: they were there already.
bool load(const sdk::Call& call, const std::string& tag, const PfRules& wanted) {
    if (compare(call, tag, wanted) == sdk::Condition::sound) {
        return false;
    }
    // Rejected rules leave those that are loaded: pfctl reads all before it begins. Not optimized,
    // so that they can be found again as they were written.
    const sdk::Finished finished =
        run_pfctl(call, {"-o", "none", "-a", pf_anchor(tag), "-f", "-"}, wanted.text);
    if (finished.exit_code != 0) {
        throw Error{BRIG_INTERNAL,
                    "pfctl refused the rules of '" + tag + "' (anchor '" + pf_anchor(tag) + "')"};
    }
    return true;
}

void replace(const sdk::Call& call, const std::string& tag, const PfRules& wanted) {
    if (wanted.empty()) {
        remove_rules(call, tag);
        return;
    }
    const PfLock lock = PfLock::require();
    if (load(call, tag, wanted)) {
        warn_if_without_effect(call);
    }
}

// ---- Interfaces ----

/// Interfaces of networks are in the group `brig`, which the rules refer to as well.
bool is_of_a_network(int socket, const char* name) {
    ifgroupreq request{};
    ::strlcpy(request.ifgr_name, name, sizeof request.ifgr_name);
    if (::ioctl(socket, SIOCGIFGROUP, &request) != 0) {
        return false;
    }
    std::vector<ifg_req> groups(request.ifgr_len / sizeof(ifg_req));
    request.ifgr_groups = groups.data();
    return !groups.empty() && ::ioctl(socket, SIOCGIFGROUP, &request) == 0
           && std::any_of(groups.begin(), groups.end(), [](const ifg_req& group) {
                  return std::strcmp(group.ifgrq_group, kInterfaceGroup) == 0;
              });
}

/// Interfaces that packets of networks may leave by: those with addresses, without loopback and the
/// networks themselves.
std::vector<Egress> find_egress(const NetworkRules& rules) {
    std::vector<Egress> egress;
    if (!rules.nat) {
        return egress;
    }
    // A named one may get its addresses later.
    if (!rules.nat_interface.empty()) {
        return {{rules.nat_interface, true, true}};
    }
    const UniqueFd socket{check(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "make a socket")};
    for (const Interface& each : all_interfaces()) {
        if (each.addresses.empty() || each.is_loopback || rules.interface == each.name
            || !is_interface_name(each.name) || is_of_a_network(socket.get(), each.name.c_str())) {
            continue;
        }
        Egress way{each.name, false, false};
        for (const IpPrefix& prefix : each.addresses) {
            (prefix.address.is_ip6 ? way.has_ip6 : way.has_ip4) = true;
        }
        egress.push_back(std::move(way));
    }
    return egress;
}

}  // namespace

void set_network(const sdk::Call& call, const std::string& tag, const NetworkRules& rules) {
    replace(call, tag, pf_rules(tag, rules, find_egress(rules)));
}

void set_published(const sdk::Call& call, const std::string& tag, const Published& published) {
    replace(call, tag, pf_rules(tag, published));
}

void remove_rules(const sdk::Call& call, const std::string& tag) {
    required_tag(tag);
    const std::optional<PfLock> lock = PfLock::take();
    const std::vector<std::string> anchors =
        lock ? anchors_of(call, tag) : std::vector<std::string>{};
    if (!anchors.empty()) {
        empty_anchors(*lock, anchors);
    }
}

sdk::Condition check_network(const sdk::Call& call,
                             const std::string& tag,
                             const NetworkRules& rules) {
    return compare(call, tag, pf_rules(tag, rules, find_egress(rules)));
}

sdk::Condition check_published(const sdk::Call& call,
                               const std::string& tag,
                               const Published& published) {
    return compare(call, tag, pf_rules(tag, published));
}

std::vector<std::string> list_rules(const sdk::Call& call, std::string_view prefix) {
    std::vector<std::string> tags;
    if (!PfLock::take()) {
        return tags;
    }
    for (const std::string& anchor : anchors_within(show(call, "Anchors", "brig"), "")) {
        std::string tag = pf_tag(show(call, "rules", anchor));
        if (!tag.empty() && tag.compare(0, prefix.size(), prefix) == 0) {
            tags.push_back(std::move(tag));
        }
    }
    std::sort(tags.begin(), tags.end());
    return tags;
}

std::string boot_id() {
    std::array<unsigned char, 16> bytes{};
    std::size_t size = bytes.size();
    check(::sysctlbyname("kern.boot_id", bytes.data(), &size, nullptr, 0), "read 'kern.boot_id'");
    std::string text;
    for (const unsigned char byte : bytes) {
        constexpr const char* kDigits = "0123456789abcdef";
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 0xfU];
    }
    return text;
}

}  // namespace brig::net
