// SPDX-License-Identifier: BSD-2-Clause
#include "alias.hpp"
#include "brig/driver.hpp"
#include "neighbours.hpp"
#include "network_options.hpp"
#include "os.hpp"
#include "publish.hpp"
#include "settings.hpp"

#include <optional>
#include <string>

namespace brig::net_loopback {

namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Error;
using sdk::Options;
using sdk::Target;

/// The host's stack with addresses of one's own: `ip4.addr` and `ip6.addr` of jail(8), on an
/// interface without a wire, or one that is there.
class LoopbackNetwork final : public sdk::NetworkDriver {
  public:
    static constexpr bool kHasShared = true;

    static constexpr sdk::Option kOptions[] = {
        {.name = "interface",
         .help = "An interface of the host that gets the addresses. Default: one of the network's "
                 "own, without a wire.",
         .since = "1.0.0"},
        net::option::kSubnet,
        net::option::kSubnet6,
        net::option::kRange,
        net::option::kRange6,
        net::option::kExclude,
        net::option::kProbe,
        {.name = "nat",
         .def = "false",
         .help = "Whether what leaves the host has the host's address: true, false, or the "
                 "interface that it leaves by.",
         .since = "1.0.0"},
        net::option::kIp,
        net::option::kIp6,
        net::option::kPublish,
    };
    static constexpr sdk::About kAbout{
        .name = "net-loopback",
        .version = "1.0.0",
        .vendor = "brig",
        .license = "BSD-2-Clause",
        .summary = "The host's network stack, with addresses of its own for each container",
        .platforms = "freebsd>=13.2 linux>=5.15",
        .params = "ip4.addr ip6.addr",
        .caps = BRIG_CAP_IP4 | BRIG_CAP_IP6,
        .thread_model = BRIG_PARALLEL,
        .min_minor = 2};

    LoopbackNetwork(Call& /*call*/, const std::string& name, const Options& config)
        : settings_{read_settings(name, config)} {}

    void status(Call& /*call*/) override {
        require_subnet(settings_);
        require_interface();
    }

    /// The interfaces that are ours. Addresses bear no tag: those on an interface of the host's are
    /// known by the notes of their containers alone.
    void list(Call& call) override {
        for (const os::Interface& each : os::all_tagged(net::tag_prefix(call))) {
            call.item(each.tag, each.name);
        }
        net::report_rules(call);
    }

    void prepare(Call& call, const Target& target) override {
        require_subnet(settings_);
        require_interface();
        const auto lease = [&](const std::vector<net::IpAddress>& avoided) {
            return lease_all(call, target, avoided);
        };
        Alias alias{
            settings_.interface,
            net::lease_unused(call, target, settings_.probe ? settings_.interface : "", lease)};
        for (const net::IpAddress& address : alias.addresses) {
            call.append_param(address.is_ip6 ? "ip6.addr" : "ip4.addr", address.to_string());
            call.result(address.is_ip6 ? "ip6" : "ip4", address.to_string());
        }
        net::claim_ports(call, target);
        const net::Published published = published_at(target, addresses_of(alias));
        if (target.dry_run()) {
            return;
        }
        if (settings_.owns_interface()) {
            alias.interface = ensure(call, target.instance_tag());
        }
        ensure_rules(call, target.instance_tag(), target.recovery());
        call.result("interface", alias.interface);
        call.stop_point();
        make_alias(call, target, alias, settings_.owns_interface());
        if (!published.ports.empty()) {
            net::set_published(call, net::rules_tag(target), published);
        }
    }

    void teardown(Call& call, const Target& target) override {
        if (target.recovery() || target.prior().has("published")) {
            net::remove_rules(call, net::rules_tag(target));
        }
        remove_alias(call, target);
    }

    Condition check(Call& call, const Target& target) override {
        const Condition alias = check_alias(call, target);
        if (alias != Condition::sound || !target.prior().has("published")) {
            return alias;
        }
        return net::check_published(
            call, net::rules_tag(target), published_at(target, recorded_addresses(target)));
    }

    void ensure_shared(Call& call, const Target& target) override {
        require_interface();
        if (settings_.owns_interface()) {
            static_cast<void>(ensure(call, target.owner_tag()));
        }
        ensure_rules(call, target.owner_tag(), true);
    }

    void remove_shared(Call& call, const Target& target) override {
        const auto interface = os::find_tagged(target.owner_tag());
        if (interface && !target.force()) {
            refuse_used(*interface);
        }
        net::remove_network_rules(call, target.owner_tag());
        if (interface) {
            os::remove_interface(interface->name);
        }
    }

    Condition check_shared(Call& call, const Target& target) override {
        const auto interface = settings_.owns_interface() ? os::find_tagged(target.owner_tag())
                                                          : os::find_interface(settings_.interface);
        if (!interface) {
            return Condition::absent;
        }
        return interface->is_up ? net::check_network_rules(call, target.owner_tag(), rules())
                                : Condition::drifted;
    }

  private:
    static void refuse_used(const os::Interface& interface) {
        for (const os::HostAddress& address : os::all_addresses()) {
            if (address.interface == interface.name) {
                throw Error{BRIG_BUSY,
                            "interface '" + interface.name + "' still has address "
                                + address.address.to_string(),
                            "stop the containers that use the network"};
            }
        }
    }

    void require_interface() const {
        if (!settings_.owns_interface() && !os::find_interface(settings_.interface)) {
            throw Error{BRIG_UNAVAILABLE,
                        "network '" + settings_.name + "': there is no interface '"
                            + settings_.interface + "'",
                        "leave 'interface' out for one of the network's own"};
        }
    }

    [[nodiscard]] std::vector<net::IpAddress> lease_all(
        const Call& call, const Target& target, const std::vector<net::IpAddress>& avoided) const {
        std::vector<net::IpAddress> addresses;
        for (const bool is_ip6 : {false, true}) {
            const std::string option = is_ip6 ? "ip6" : "ip";
            const std::string wanted = target.options().text(option);
            const auto& pool = settings_.pool(is_ip6);
            if (pool) {
                addresses.push_back(
                    net::lease_address(call, *pool, {settings_.name, option, wanted, avoided}));
            } else if (!wanted.empty()) {
                throw Error{BRIG_INVALID,
                            "'" + option + "': network '" + settings_.name + "' has no "
                                + (is_ip6 ? "'subnet6'" : "'subnet'")};
            }
        }
        return addresses;
    }

    /// As prepare has set it up: nothing is leased for it again.
    [[nodiscard]] static net::ContainerAddresses recorded_addresses(const Target& target) {
        return {target.prior().text("ip4"), target.prior().text("ip6")};
    }

    [[nodiscard]] static net::ContainerAddresses addresses_of(const Alias& alias) {
        net::ContainerAddresses addresses;
        for (const net::IpAddress& address : alias.addresses) {
            (address.is_ip6 ? addresses.ip6 : addresses.ip4) = address.to_string();
        }
        return addresses;
    }

    [[nodiscard]] static net::Published published_at(const Target& target,
                                                     const net::ContainerAddresses& addresses) {
        return {net::published_ports(target, addresses), "", true};
    }

    [[nodiscard]] net::NetworkRules rules() const {
        net::NetworkRules rules;
        rules.subnet4 = settings_.ip4 ? settings_.ip4->subnet.to_string() : "";
        rules.subnet6 = settings_.ip6 ? settings_.ip6->subnet.to_string() : "";
        rules.nat = settings_.nat.on;
        rules.nat_interface = settings_.nat.interface;
        rules.is_on_host = true;
        rules.owns_subnets = settings_.owns_interface();
        return rules;
    }

    void ensure_rules(const Call& call, const std::string& tag, bool anew) const {
        net::ensure_network_rules(call, tag, rules(), anew);
    }

    /// The network's own interface, up. Its name.
    [[nodiscard]] std::string ensure(const Call& call, const std::string& tag) const {
        const auto present = os::find_tagged(tag);
        std::string name = present
                               ? present->name
                               : os::make_interface(net::network_key(call, settings_.name), tag);
        if (!present || !present->is_up) {
            os::bring_up(name);
        }
        return name;
    }

    Settings settings_;
};

}  // namespace

}  // namespace brig::net_loopback

BRIG_SDK_DRIVER(brig::net_loopback::LoopbackNetwork)
