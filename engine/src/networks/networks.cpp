// SPDX-License-Identifier: BSD-2-Clause
#include "networks/networks.hpp"

#include "events/announce.hpp"
#include "find.hpp"
#include "launch.hpp"
#include "networks/attachments.hpp"
#include "spec/created_networks.hpp"
#include "spec/names.hpp"
#include "store/schema.hpp"
#include "support/check.hpp"
#include "support/ip_address.hpp"
#include "support/read_write.hpp"
#include "support/remove_tree.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <variant>

namespace brig {

std::string_view to_string(NetworkState state) noexcept {
    switch (state) {
        case NetworkState::ready:
            return "ready";
        case NetworkState::absent:
            return "absent";
        case NetworkState::drifted:
            return "drifted";
    }
    return "";
}

namespace {

const InstanceSettings* find_settings(const Context& context, const std::string& name) {
    const auto& all = context.settings.networks;
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const InstanceSettings& each) { return each.name == name; });
    return found == all.end() ? nullptr : &*found;
}

const InstanceSettings& require_settings(Context& context, const std::string& name) {
    if (const InstanceSettings* settings = find_settings(context, name)) {
        return *settings;
    }
    static_cast<void>(context.instances.network(name));  // says what there is
    throw Error{ErrorCode::not_found, fmt::format("no network '{}'", name)};
}

// Creating.

void require_new_name(const Context& context, const std::string& name, Findings& findings) {
    if (const auto problem = name_problem(name)) {
        findings.add(
            {"", fmt::format("the network name {} {}", quoted_for_message(name), *problem), ""});
    }
    if (const InstanceSettings* other = find_settings(context, name)) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("there is a network '{}' already{}",
                                name,
                                other->where.empty() ? "" : ", " + other->where)};
    }
}

/// The networks that an instance's options speak of: its subnets.
std::vector<IpNetwork> subnets_of(const InstanceSettings& settings) {
    std::vector<IpNetwork> subnets;
    for (const auto& [key, option] : settings.options) {
        const auto* text = std::get_if<std::string>(&option.value);
        const auto network =
            text != nullptr && key.starts_with("subnet") ? parse_ip_network(*text) : std::nullopt;
        if (network) {
            subnets.push_back(*network);
        }
    }
    return subnets;
}

void refuse_overlap(const IpNetwork& subnet, const InstanceSettings& other, Findings& findings) {
    for (const IpNetwork& taken : subnets_of(other)) {
        if (overlap(subnet, taken)) {
            findings.add({"",
                          fmt::format("subnet {} overlaps with {} of network '{}'",
                                      to_string(subnet),
                                      to_string(taken),
                                      other.name),
                          "choose another"});
        }
    }
}

void refuse_overlaps(const Context& context, const InstanceSettings& created, Findings& findings) {
    for (const IpNetwork& subnet : subnets_of(created)) {
        for (const InstanceSettings& other : context.settings.networks) {
            refuse_overlap(subnet, other, findings);
        }
    }
}

/// Everything that is wrong with what is to be created.
InstanceSettings check_new(Context& context, const NetworkSpec& spec, const std::string& text) {
    Findings findings;
    require_new_name(context, spec.name, findings);
    for (const std::string& option : spec.options) {
        if (option.find('=') == std::string::npos || option.front() == '=') {
            findings.add({"-o " + option, "this is no option", "write KEY=VALUE"});
        }
    }
    findings.throw_if_any();
    InstanceSettings settings = parse_created_network(
        text, created_network_file(context.settings.state, spec.name).native(), findings);
    // Where it was written says nothing to whom wrote it on the command line.
    for (auto& [key, option] : settings.options) {
        option.where.clear();
    }
    refuse_overlaps(context, settings, findings);
    findings.throw_if_any();
    static_cast<void>(context.instances.open_network(settings));
    return settings;
}

/// The file appears as a whole, or not at all, and never in the place of another.
void write_new_file(const std::filesystem::path& file, const std::string& text) {
    make_private_folder(file.parent_path());
    const std::filesystem::path made =
        file.parent_path() / fmt::format(".{}.{}", file.stem().native(), ::getpid());
    {
        const UniqueFd fd{
            check(::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR),
                  "create {}",
                  made.native())};
        write_text(fd.get(), text, made.native());
        check(::fsync(fd.get()), "write {} to disk", made.native());
    }
    const int result = ::link(made.c_str(), file.c_str());
    const int error = errno;
    ::unlink(made.c_str());
    if (result != 0 && error == EEXIST) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("there is a network '{}' already", file.stem().native())};
    }
    if (result != 0) {
        throw_system_error(error, fmt::format("create {}", file.native()));
    }
}

// Who is on it.

bool is_on(const Context& context, const ContainerSpec& spec, const std::string& network) {
    const std::vector<std::string> names = network_names(networks_of(context, spec));
    return std::find(names.begin(), names.end(), network) != names.end();
}

/// The containers that run and are attached, by id.
std::vector<std::string> running_users(Context& context, const std::string& network) {
    std::vector<std::string> ids;
    for (const std::string& id : context.run.ids()) {
        const auto ledger = Ledger::peek(context.run.ledger_file(id));
        const auto all = ledger ? attachments_in(*ledger) : std::vector<RecordedAttachment>{};
        if (std::any_of(all.begin(), all.end(), [&](const RecordedAttachment& each) {
                return each.network == network;
            })) {
            ids.push_back(id);
        }
    }
    return ids;
}

void require_unused(Context& context, const std::string& name) {
    const std::vector<std::string> users = users_of_network(context, name);
    if (!users.empty()) {
        throw Error{ErrorCode::conflict,
                    fmt::format("network '{}' is used by {}", name, join(users, ", "))}
            .with_hint("remove these containers first, or: brig network disconnect");
    }
}

/// With the lock held.
void remove_unused(Context& context, const InstanceSettings& network) {
    context.instances.network(network.name).remove_shared();
    if (network.is_created) {
        remove_if_there(created_network_file(context.settings.state, network.name));
        announce_network(context, EventAction::removed, network.name, {{"driver", network.driver}});
    }
}

/// Whether pruning would do something to it.
bool is_prunable(Context& context, const InstanceSettings& network) {
    Network& instance = context.instances.network(network.name);
    if (network.is_created) {
        return users_of_network(context, network.name).empty();
    }
    return instance.has_shared() && running_users(context, network.name).empty()
           && instance.check_shared() != DriverCondition::absent;
}

}  // namespace

InstanceSettings create_network(Context& context, const NetworkSpec& spec) {
    const std::string text = format_created_network(spec, [&](const std::string& option) {
        return context.instances.network_option_type(spec.driver, option);
    });
    InstanceSettings settings = check_new(context, spec, text);
    write_new_file(created_network_file(context.settings.state, spec.name), text);
    announce_network(context, EventAction::created, settings.name, {{"driver", settings.driver}});
    return settings;
}

void remove_network(Context& context, const std::string& name) {
    const InstanceSettings settings = require_settings(context, name);
    if (!settings.is_created) {
        throw Error{ErrorCode::conflict,
                    settings.where.empty()
                        ? fmt::format("network '{}' is one that brig brings along", name)
                        : fmt::format("network '{}' is configured, {}", name, settings.where)}
            .with_hint(settings.where.empty()
                           ? ""
                           : "take it out there; what it has on the host goes with: brig network "
                             "prune");
    }
    const UniqueFd lock = context.run.lock_networks(NetworkUse::remove);
    require_unused(context, name);
    remove_unused(context, settings);
}

std::vector<std::string> prune_networks(Context& context, bool dry_run) {
    const UniqueFd lock = context.run.lock_networks(NetworkUse::remove);
    std::vector<std::string> pruned;
    for (const InstanceSettings& network : context.settings.networks) {
        if (!is_prunable(context, network)) {
            continue;
        }
        pruned.push_back(network.name);
        if (!dry_run) {
            remove_unused(context, network);
        }
    }
    return pruned;
}

std::vector<std::string> users_of_network(Context& context, const std::string& name) {
    static_cast<void>(require_settings(context, name));
    std::vector<std::string> names;
    for (const std::string& id : running_users(context, name)) {
        names.push_back(name_of_container(context, id));
    }
    for (const ContainerRecord& record : context.store.containers()) {
        if (is_on(context, record.spec, name)) {
            names.push_back(record.name);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

NetworkState network_state(Context& context, const std::string& name) {
    static_cast<void>(require_settings(context, name));
    Network& network = context.instances.network(name);
    if (!network.has_shared()) {
        return NetworkState::ready;
    }
    switch (network.check_shared()) {
        case DriverCondition::absent:
            return NetworkState::absent;
        case DriverCondition::drifted:
            return NetworkState::drifted;
        default:
            return NetworkState::ready;
    }
}

std::vector<LeaseInfo> list_leases(Context& context, const std::string& network) {
    constexpr std::string_view kPrefix = "network/";
    if (!network.empty()) {
        static_cast<void>(require_settings(context, network));
    }
    std::vector<LeaseInfo> found;
    for (const Lease& lease : context.store.leases()) {
        const LeaseHolder& holder = lease.holder;
        if (!holder.instance.starts_with(kPrefix)) {
            continue;
        }
        const std::string name = holder.instance.substr(kPrefix.size());
        if (network.empty() || name == network) {
            found.push_back({name,
                             holder.container,
                             name_of_container(context, holder.container),
                             holder.key,
                             lease.value});
        }
    }
    return found;
}

}  // namespace brig
