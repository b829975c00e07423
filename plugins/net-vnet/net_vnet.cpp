// SPDX-License-Identifier: BSD-2-Clause
#include "attachment.hpp"
#include "brig/driver.hpp"
#include "neighbours.hpp"
#include "network_options.hpp"
#include "os.hpp"
#include "rules.hpp"
#include "settings.hpp"

#include <optional>
#include <string>

namespace brig::net_vnet {

namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Error;
using sdk::Options;
using sdk::Target;

os::Jail jail_of(const Target& target) {
    return {target.jail().value_or(-1), target.netns()};
}

/// A stack of its own for each jail, connected to a network.
class VnetNetwork final : public sdk::NetworkDriver {
  public:
    static constexpr bool kHasShared = true;
    static constexpr bool kDetaches = os::kDetachesBeforeJail;

    static constexpr sdk::Option kOptions[] = {
        {.name = "mode",
         .type = BRIG_T_ENUM,
         .def = "bridge",
         .choices = "bridge|routed",
         .help = "Whether containers share a bridge, or the host routes to each.",
         .since = "1.0.0"},
        {.name = "bridge",
         .help = "A bridge that is there already, instead of one of the network's own.",
         .since = "1.0.0"},
        {.name = "interface",
         .help = "An interface of the host that is moved into the container.",
         .since = "1.0.0"},
        net::option::kSubnet,
        net::option::kSubnet6,
        net::option::kRange,
        net::option::kRange6,
        net::option::kExclude,
        net::option::kProbe,
        {.name = "gateway",
         .help = "Where the IPv4 default route goes, or none. Default: the subnet's first address, "
                 "which the network's own bridge has; none on another bridge.",
         .since = "1.0.0"},
        {.name = "gateway6", .help = "The same for IPv6.", .since = "1.0.0"},
        {.name = "mtu",
         .type = BRIG_T_INT,
         .min = 68,
         .max = 65535,
         .help = "The largest packet. Default: the bridge's, or 1500.",
         .since = "1.0.0"},
        {.name = "nat",
         .def = "false",
         .help = "Whether what leaves the network has the host's address: true, false, or the "
                 "interface that it leaves by.",
         .since = "1.0.0"},
        {.name = "internal",
         .type = BRIG_T_BOOL,
         .def = "false",
         .help = "Nothing is forwarded into the network or out of it.",
         .since = "1.0.0"},
        {.name = "forwarding",
         .type = BRIG_T_BOOL,
         .def = "false",
         .help = "brig may turn on the host's forwarding of packets for this network.",
         .since = "1.0.0"},
        {.name = "isolate",
         .type = BRIG_T_BOOL,
         .def = "false",
         .help = "Containers of this network cannot see each other.",
         .since = "1.0.0"},
        net::option::kIp,
        net::option::kIp6,
        {.name = "mac",
         .type = BRIG_T_MAC,
         .flags = BRIG_OPT_PER_CONTAINER,
         .help = "The link-layer address of its interface.",
         .since = "1.0.0"},
        net::option::kPublish,
        {.name = "ifname",
         .flags = BRIG_OPT_PER_CONTAINER,
         .help = "What the interface is called inside. Default: eth0, or the next that is free.",
         .since = "1.0.0"},
    };
    static constexpr sdk::About kAbout{
        .name = "net-vnet",
        .version = "1.0.0",
        .vendor = "brig",
        .license = "BSD-2-Clause",
        .summary = "A network stack of its own for each container, bridged or routed",
        .platforms = "freebsd>=13.2 linux>=5.15",
        .needs = "kld:if_epair kld:if_bridge",
        .params = "vnet vnet.interface",
        .caps = BRIG_CAP_VNET | BRIG_CAP_IP4 | BRIG_CAP_IP6 | BRIG_CAP_LIVE_ATTACH,
        .thread_model = BRIG_PARALLEL,
        .min_minor = 2};

    VnetNetwork(Call& /*call*/, const std::string& name, const Options& config)
        : settings_{read_settings(name, config)} {}

    void status(Call& /*call*/) override {
        os::require_ready(settings_.mode);
        require_host_interfaces();
    }

    void list(Call& call) override {
        for (const os::Tagged& interface : os::tagged_interfaces(net::tag_prefix(call))) {
            call.item(interface.tag, interface.name);
        }
        net::report_rules(call);
    }

    void prepare(Call& call, const Target& target) override {
        if (!target.dry_run()) {
            require_host_interfaces();
        }
        os::Attachment attachment = attachment_of(call, settings_, target);
        set_addresses(settings_, lease_all(call, target), attachment);
        record_results(call, settings_, attachment);
        if (net::claim_ports(call, target) != 0) {
            static_cast<void>(published_by(target, attachment));  // whether they lead somewhere
            if (!settings_.forwarding && !target.dry_run()) {
                warn_without_forwarding(
                    call, settings_, "published ports are reached from the host alone");
            }
        }
        call.set_param("vnet", "new");
        if (settings_.mode == Mode::interface) {
            call.append_param("vnet.interface", settings_.interface);
        }
        if (!target.dry_run()) {
            ensure(call, target.instance_tag(), target.recovery());
        }
    }

    void attach(Call& call, const Target& target) override {
        os::Attachment attachment = recorded_attachment(call, target);
        attachment.route4 = target.default_route(false);
        attachment.route6 = target.default_route(true);
        attachment.last_inner = target.prior().text("interface");
        call.result("interface", os::attach(attachment, jail_of(target)));
        const net::Published published = published_by(target, attachment);
        if (!published.ports.empty()) {
            net::set_published(call, net::rules_tag(target), published);
        }
    }

    void detach(Call& call, const Target& target) override { disconnect(call, target, true); }

    void teardown(Call& call, const Target& target) override {
        if (target.recovery() || target.prior().has("published")) {
            net::remove_rules(call, net::rules_tag(target));
        }
        disconnect(call, target, target.recovery() || target.jail().has_value());
    }

    Condition check(Call& call, const Target& target) override {
        const auto jail = target.jail() ? std::optional{jail_of(target)} : std::nullopt;
        const os::Attachment attachment = recorded_attachment(call, target);
        const Condition connected = os::check_attachment(attachment, jail);
        return connected != Condition::sound
                   ? connected
                   : net::check_published(
                       call, net::rules_tag(target), published_by(target, attachment));
    }

    void ensure_shared(Call& call, const Target& target) override {
        ensure(call, target.owner_tag(), true);
    }

    void remove_shared(Call& call, const Target& target) override {
        os::remove_bridge(own_bridge_name(call, settings_), target.owner_tag());
        net::remove_network_rules(call, target.owner_tag());
        give_back_forwarding(call);
    }

    Condition check_shared(Call& call, const Target& target) override {
        const std::string tag = target.owner_tag();
        const Condition bridge = settings_.owns_bridge()
                                     ? os::check_bridge(own_bridge(call, settings_, tag))
                                     : Condition::sound;
        return bridge != Condition::sound
                   ? bridge
                   : net::check_network_rules(call, tag, rules_of(call, settings_));
    }

  private:
    void disconnect(const Call& call, const Target& target, bool surely) const {
        if (settings_.mode != Mode::interface) {
            os::detach(call.name("v", kLongestInterface), target.owner_tag(), surely);
        }
    }

    [[nodiscard]] std::vector<IpAddress> lease_all(const Call& call, const Target& target) const {
        return net::lease_unused(call,
                                 target,
                                 settings_.probe ? settings_.wire_of_others() : "",
                                 [&](const std::vector<IpAddress>& avoided) {
                                     return lease_addresses(call, settings_, target, avoided);
                                 });
    }

    /// As prepare has set it up: nothing is leased for it again.
    [[nodiscard]] os::Attachment recorded_attachment(const Call& call, const Target& target) const {
        os::Attachment attachment = attachment_of(call, settings_, target);
        recall_addresses(settings_, target, attachment);
        return attachment;
    }

    void require_host_interfaces() const {
        if (settings_.mode == Mode::interface) {
            os::require_interface(settings_.interface);
        } else if (!settings_.bridge.empty()) {
            os::require_bridge(settings_.bridge);
        }
        if (!settings_.nat.interface.empty()) {
            os::require_interface(settings_.nat.interface);
        }
    }

    /// What belongs to the network itself. @param anew its rules may have been lost
    void ensure(Call& call, const std::string& tag, bool anew) const {
        if (settings_.mode == Mode::interface) {
            return;
        }
        const bool made =
            settings_.owns_bridge() && os::ensure_bridge(own_bridge(call, settings_, tag));
        if (settings_.forwarding) {
            ensure_forwarding(call);
        }
        const bool set =
            net::ensure_network_rules(call, tag, rules_of(call, settings_), anew || made);
        if (set && settings_.nat.on) {
            warn_without_forwarding(call, settings_, "nothing leaves the network");
        }
    }

    void ensure_forwarding(const Call& call) const {
        for (const bool is_ip6 : {false, true}) {
            if (settings_.family(is_ip6) && !os::forwards(is_ip6)) {
                call.put_state(forwarding_key(is_ip6), "off before");
                os::turn_on_forwarding(is_ip6);
            }
        }
    }

    /// Only what this network turned on.
    static void give_back_forwarding(const Call& call) {
        for (const bool is_ip6 : {false, true}) {
            if (call.state(forwarding_key(is_ip6))) {
                os::turn_off_forwarding(is_ip6);
                call.forget_state(forwarding_key(is_ip6));
            }
        }
    }

    static std::string forwarding_key(bool is_ip6) {
        return is_ip6 ? "forwarding6" : "forwarding4";
    }

    Settings settings_;
};

}  // namespace

}  // namespace brig::net_vnet

BRIG_SDK_DRIVER(brig::net_vnet::VnetNetwork)
