// SPDX-License-Identifier: BSD-2-Clause
#include "networks/orphans.hpp"

#include "brig/driver.h"
#include "networks/attachments.hpp"
#include "support/check.hpp"
#include "undo.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace brig {

namespace {

constexpr std::string_view kNetworkTag = "n-";

/// The part of an owner tag of this engine that says whose it is; nothing if it is another's.
std::optional<std::string> owner_in(const Context& context, const std::string& tag) {
    const std::string ours = context.owner_tag("");
    if (!tag.starts_with(ours)) {
        return std::nullopt;
    }
    // Behind a container's id there may be more: ":rm", or which of its networks it is.
    const std::string owner = tag.substr(ours.size());
    return owner.substr(0, owner.find(':'));
}

class NetworkOrphans {
  public:
    NetworkOrphans(Context& context, RecoveryReport& report) : context_{context}, report_{report} {}

    void search() {
        for (const InstanceSettings& settings : context_.settings.networks) {
            guarded("network " + settings.name, [&] { look_through(settings); });
        }
        for (const EmbeddedDriver& driver : context_.settings.embedded_drivers) {
            search_without_network(driver);
        }
    }

  private:
    /// A network that is away keeps nobody from the others.
    template <typename Step>
    void guarded(const std::string& what, Step step) {
        try {
            step();
        } catch (const Error& failure) {
            report_.items.push_back({what, {}, {}, {full_message(failure)}});
        }
    }

    void look_through(const InstanceSettings& settings) {
        Network& network = context_.instances.network(settings.name);
        repair_shared(network);
        if (seen_.insert(settings.driver).second) {
            note_all(settings.driver, network);
        }
        // All networks of one driver list the same. What an object is called says its container,
        // and only the network that it belongs to finds it when it is to be torn down.
        for (const std::string& id : orphans_[settings.driver]) {
            tear_down(settings.name, id);
        }
    }

    /// The last network of a driver may have been taken out of the configuration.
    void search_without_network(const EmbeddedDriver& driver) {
        if (driver.entry()->kind != BRIG_KIND_NETWORK || seen_.contains(driver.name)) {
            return;
        }
        guarded("driver " + driver.name, [&] {
            note_all(driver.name, *context_.instances.open_network({"none", driver.name, {}, ""}));
        });
    }

    void repair_shared(Network& network) {
        if (network.has_shared() && network.check_shared() == DriverCondition::drifted) {
            network.ensure_shared();
            report_.items.push_back(
                {"network " + network.name(), {}, {"what its containers share"}, {}});
        }
    }

    /// What belongs to containers is kept for each network of the driver; what belongs to a network
    /// that is no more goes at once.
    void note_all(const std::string& driver, Network& network) {
        std::set<std::string> gone;
        for (const ListedObject& object : network.list()) {
            const auto owner = owner_in(context_, object.owner_tag);
            if (!owner) {
                continue;
            }
            if (!owner->starts_with(kNetworkTag)) {
                note_container(driver, *owner);
            } else if (!is_configured(owner->substr(kNetworkTag.size()))) {
                // (Drivers of ours see rules of the firewall that are another's.)
                gone.insert(owner->substr(kNetworkTag.size()));
            }
        }
        for (const std::string& name : gone) {
            remove_shared({name, driver, {}, ""});
        }
    }

    void note_container(const std::string& driver, const std::string& id) {
        if (!std::filesystem::exists(context_.run.folder(id))) {
            orphans_[driver].insert(id);
        }
    }

    [[nodiscard]] bool is_configured(const std::string& name) const {
        const auto& all = context_.settings.networks;
        return std::any_of(all.begin(), all.end(), [&](const InstanceSettings& each) {
            return each.name == name;
        });
    }

    /// Through a ledger like everything else, so that two recoveries cannot meet.
    void tear_down(const std::string& network, const std::string& id) {
        Ledger ledger = context_.run.open(id);
        record_attachment(ledger, network, {}, false);
        const TearDownReport report = undo_all(context_, id, ledger, true);
        if (report.complete) {
            context_.run.close(id, ledger);
        }
        report_.items.push_back({id, report.undone, {}, report.failures});
    }

    void remove_shared(const InstanceSettings& gone) {
        guarded("network " + gone.name, [&] {
            context_.instances.open_network(gone)->remove_shared();
            report_.items.push_back({"network " + gone.name,
                                     {"what its containers shared: there is no such network"},
                                     {},
                                     {}});
        });
    }

    Context& context_;
    RecoveryReport& report_;
    std::set<std::string> seen_;                            ///< drivers
    std::map<std::string, std::set<std::string>> orphans_;  ///< containers, by driver
};

void forget_leases(Context& context) {
    std::set<std::string> holders;
    for (const Lease& lease : context.store.leases()) {
        holders.insert(lease.holder.container);
    }
    for (const std::string& id : holders) {
        // The run folder is asked first: a container gets its record before that goes.
        if (!std::filesystem::exists(context.run.folder(id))
            && !context.store.find_container_by_id(id)) {
            context.store.remove_leases_of(id);
        }
    }
}

}  // namespace

void recover_networks(Context& context, RecoveryReport& report) {
    NetworkOrphans{context, report}.search();
    forget_leases(context);
}

}  // namespace brig
