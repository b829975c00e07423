// SPDX-License-Identifier: BSD-2-Clause
#include "networks/names.hpp"

#include "brig/driver.h"
#include "networks/attachments.hpp"
#include "networks/default_route.hpp"
#include "networks/root_file.hpp"
#include "run/network_members.hpp"
#include "support/check.hpp"
#include "support/ip_address.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace brig {

namespace {

// resolv.conf.

/// Where a resolver on the machine itself keeps those that it asks.
constexpr std::array kHostFiles{"/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"};

bool is_name_server(const std::string& line) {
    return line.starts_with("nameserver");
}

/// A server that only the host's own stack reaches.
bool is_on_loopback(const std::string& line) {
    const std::size_t begin = line.find_first_not_of(" \t", std::string_view{"nameserver"}.size());
    const std::string address = begin == std::string::npos ? "" : line.substr(begin);
    return address.starts_with("127.") || address.starts_with("::1");
}

/// Without servers that the container could not reach. Nothing if none is left.
std::optional<std::string> reachable_servers(const std::string& text, bool own_stack) {
    std::string kept;
    bool has_server = false;
    for (const std::string& line : split(text, '\n')) {
        if (is_name_server(line) && own_stack && is_on_loopback(line)) {
            continue;
        }
        has_server = has_server || is_name_server(line);
        kept += line.empty() ? "" : line + "\n";
    }
    return has_server ? std::optional{kept} : std::nullopt;
}

std::optional<std::string> host_resolver(bool own_stack) {
    for (const char* path : kHostFiles) {
        const UniqueFd fd{::open(path, O_RDONLY | O_CLOEXEC)};
        auto servers = fd ? reachable_servers(read_text(fd.get(), path), own_stack) : std::nullopt;
        if (servers) {
            return servers;
        }
    }
    return std::nullopt;
}

std::string configured_resolver(const NetworkTraits& traits) {
    std::string text;
    for (const std::string& server : traits.resolver) {
        text += "nameserver " + server + "\n";
    }
    return text;
}

/// The network that the container's default route goes through, or else its first.
const RecordedAttachment* leading(Context& context,
                                  const std::vector<RecordedAttachment>& attachments) {
    std::vector<RouteCandidate> candidates;
    for (const RecordedAttachment& each : attachments) {
        candidates.push_back({&context.instances.network(each.network), &each.results});
    }
    const std::vector<unsigned> routes = default_routes(candidates);
    for (const unsigned protocol : {BRIG_F_ROUTE4, BRIG_F_ROUTE6}) {
        const auto route = std::find_if(
            routes.begin(), routes.end(), [&](unsigned each) { return (each & protocol) != 0; });
        if (route != routes.end()) {
            return &attachments[static_cast<std::size_t>(route - routes.begin())];
        }
    }
    return attachments.empty() ? nullptr : &attachments.front();
}

// /etc/hosts.

bool is_host_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-'
               || letter == '.' || letter == '_';
    });
}

std::vector<std::string> addresses_of(const RecordedAttachment& attachment) {
    std::vector<std::string> addresses;
    for (const char* key : {"ip4", "ip6"}) {
        const auto result = attachment.results.find(key);
        if (result != attachment.results.end() && parse_ip_address(result->second)) {
            addresses.push_back(result->second);
        }
    }
    return addresses;
}

void add_lines(const NetworkMember& member, std::string& text) {
    for (const std::string& address : member.addresses) {
        text += address + "\t" + join(member.names, " ") + "\n";
    }
}

/// The members of a network, read once: while it is locked they do not change.
struct LockedNetwork {
    std::string name;
    std::vector<NetworkMember> members;
};

/// Its own names first, then those of all whom it shares a network with.
std::string hosts_of(const std::filesystem::path& run,
                     const std::string& id,
                     const LockedNetwork& locked) {
    std::string text = "127.0.0.1\tlocalhost\n::1\tlocalhost\n";
    std::string others;
    const auto add = [&](const std::vector<NetworkMember>& members) {
        for (const NetworkMember& member : members) {
            add_lines(member, member.container == id ? text : others);
        }
    };
    for (const std::string& network : networks_with(run, id)) {
        if (network == locked.name) {
            add(locked.members);
        } else {
            add(members_of(run, network));
        }
    }
    return text + others;
}

void write_hosts(Context& context, const NetworkMember& member, const LockedNetwork& locked) {
    if (!member.root.empty()) {
        replace_in_root(context,
                        member.root,
                        {"/etc", "hosts", hosts_of(context.run.path(), member.container, locked)});
    }
}

void write_all_hosts(Context& context, const std::string& network) {
    const LockedNetwork locked{network, members_of(context.run.path(), network)};
    for (const NetworkMember& member : locked.members) {
        write_hosts(context, member, locked);
    }
}

bool is_recorded(const Ledger& ledger, const std::string& network) {
    const auto& effects = ledger.effects();
    return std::any_of(effects.begin(), effects.end(), [&](const Effect& effect) {
        return effect.kind == effect::kMember && effect.facts.at("network") == network;
    });
}

std::vector<std::string> distinct(const std::vector<std::string>& names) {
    std::vector<std::string> kept;
    for (const std::string& name : names) {
        if (is_host_name(name) && std::find(kept.begin(), kept.end(), name) == kept.end()) {
            kept.push_back(name);
        }
    }
    return kept;
}

}  // namespace

void write_resolver(Context& context, const NamedContainer& container, const Ledger& ledger) {
    const std::vector<RecordedAttachment> attachments = attachments_in(ledger);
    const RecordedAttachment* first = leading(context, attachments);
    if (first == nullptr || container.root.empty()) {
        return;
    }
    const NetworkTraits& traits = context.instances.network(first->network).traits();
    const std::string word = traits.resolver.size() == 1 ? traits.resolver.front() : "";
    const bool is_auto = word == "auto";
    if (word == "image" || (is_auto && addresses_of(*first).empty())) {
        return;
    }
    const bool from_host = is_auto || word == "host";
    const bool own_stack = first->results.contains("interface");
    std::string search = traits.search.empty() ? "" : "search " + join(traits.search, " ") + "\n";
    const auto text =
        from_host ? host_resolver(own_stack) : std::optional{configured_resolver(traits)};
    if (text) {
        replace_in_root(context, container.root, {"/etc", "resolv.conf", search + *text});
    }
}

void announce(Context& context, const NamedContainer& container, Ledger& ledger) {
    const std::vector<std::string> names = distinct(container.names);
    for (const RecordedAttachment& attachment : attachments_in(ledger)) {
        const std::vector<std::string> addresses = addresses_of(attachment);
        const bool named = context.instances.network(attachment.network).traits().names;
        if (addresses.empty() || names.empty() || !named) {
            continue;
        }
        if (!is_recorded(ledger, attachment.network)) {
            ledger.record(effect::kMember,
                          fmt::format("names on network '{}'", attachment.network),
                          {{"network", attachment.network}});
        }
        NetworkMembers members{context.run.path(), attachment.network};
        members.add({container.id, container.root, addresses, names});
        write_all_hosts(context, attachment.network);
    }
}

void forget_names(Context& context, const std::string& id, const std::filesystem::path& root) {
    write_hosts(context, {id, root, {}, {}}, {});
}

void withdraw(Context& context, const std::string& network, const std::string& id) {
    NetworkMembers members{context.run.path(), network};
    members.remove(id);
    write_all_hosts(context, network);
}

}  // namespace brig
