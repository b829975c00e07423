// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"
#include "instances.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <array>

namespace brig::cli {

namespace {

int create_network(Invocation& call, Strings arguments) {
    Options options{
        "network create [-d DRIVER] [--subnet NET]… [--gateway ADDR]… [-o NAME=VALUE]… NAME"};
    options.add()("driver,d", po::value<std::string>()->default_value("net-vnet"), "its driver");
    options.add()("subnet",
                  po::value<Strings>()->composing(),
                  "an IPv4 or IPv6 network that containers get addresses of; once of each");
    options.add()("gateway",
                  po::value<Strings>()->composing(),
                  "where their default route goes; once of each protocol");
    options.add()("internal", "nothing leads out of it");
    options.add()("opt,o",
                  po::value<Strings>()->composing(),
                  "NAME=VALUE, as in [network.NAME], for example nat=true; repeatable");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    NetworkSpec spec;
    spec.name = options.operands().front();
    spec.driver = options.get<std::string>("driver", "");
    const auto by_protocol = [&](const char* option) {
        for (const std::string& value : options.get(option, Strings{})) {
            const bool is_ip6 = value.find(':') != std::string::npos;
            spec.options.push_back(fmt::format("{}{}={}", option, is_ip6 ? "6" : "", value));
        }
    };
    by_protocol("subnet");
    by_protocol("gateway");
    if (options.has("internal")) {
        spec.options.emplace_back("internal=true");
    }
    for (const std::string& option : options.get("opt", Strings{})) {
        spec.options.push_back(option);
    }
    const InstanceInfo network = call.engine().create_network(spec);
    call.json() ? print(instance_json(network)) : print_line(network.name);
    return kDone;
}

int list_networks(Invocation& call, Strings arguments) {
    Options options{"network ls [-q]"};
    options.add()("quiet,q", "names only");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    const std::vector<InstanceInfo> networks = call.engine().networks();
    if (!options.has("quiet") || call.json()) {
        return list_instances(call, networks);
    }
    for (const InstanceInfo& network : networks) {
        print_line(network.name);
    }
    return kDone;
}

int inspect_network(Invocation& call, Strings arguments) {
    Options options{"network inspect NAME"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    const std::string& name = options.operands().front();
    Engine& engine = call.engine();
    const std::vector<InstanceInfo> networks = engine.networks();
    Json json = instance_json(find_instance(networks, "network", name));
    print(json.add("state", to_string(engine.network_state(name)))
              .add("used_by", engine.users_of_network(name)));
    return kDone;
}

int remove_networks(Invocation& call, Strings arguments) {
    Options options{"network rm NAME…"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, kMany);
    for (const std::string& name : options.operands()) {
        call.engine().remove_network(name);
    }
    return kDone;
}

int prune_networks(Invocation& call, Strings arguments) {
    Options options{"network prune [--dry-run]"};
    options.add()("dry-run", "show what would be removed, and remove nothing");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 0);
    const Strings pruned = call.engine().prune_networks(options.has("dry-run"));
    if (call.json()) {
        print(Json::object().add("pruned", pruned));
        return kDone;
    }
    for (const std::string& name : pruned) {
        print_line(name);
    }
    return kDone;
}

int connect_container(Invocation& call, Strings arguments) {
    Options options{"network connect NETWORK[:NAME=VALUE,…] CONTAINER"};
    options.add()("ip", po::value<std::string>(), "the IPv4 address that it gets there");
    options.add()("ip6", po::value<std::string>(), "the IPv6 address that it gets there");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, 2);
    AttachmentSpec attachment = parse_attachment(options.operands().front());
    for (const char* option : {"ip", "ip6"}) {
        if (options.has(option)) {
            attachment.options.push_back(
                fmt::format("{}={}", option, options.get<std::string>(option, "")));
        }
    }
    call.engine().connect(to_string(attachment), options.operands()[1]);
    return kDone;
}

int disconnect_container(Invocation& call, Strings arguments) {
    Options options{"network disconnect NETWORK CONTAINER"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, 2);
    call.engine().disconnect(options.operands()[0], options.operands()[1]);
    return kDone;
}

int list_leases(Invocation& call, Strings arguments) {
    Options options{"network leases [NETWORK]"};
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(0, 1);
    const std::string network = options.operands().empty() ? "" : options.operands().front();
    Table table{{"NETWORK", "CONTAINER", "WHAT", "VALUE"}};
    Json list = Json::array();
    for (const LeaseInfo& lease : call.engine().leases(network)) {
        list.add(Json::object()
                     .add("network", lease.network)
                     .add("container", lease.container)
                     .add("name", lease.container_name)
                     .add("key", lease.key)
                     .add("value", lease.value));
        table.add({lease.network, lease.container_name, lease.key, lease.value});
    }
    call.json() ? print(list) : table.print();
    return kDone;
}

constexpr std::array kNetworkVerbs{Verb{"create", create_network},
                                   Verb{"ls", list_networks},
                                   Verb{"inspect", inspect_network},
                                   Verb{"rm", remove_networks},
                                   Verb{"prune", prune_networks},
                                   Verb{"connect", connect_container},
                                   Verb{"disconnect", disconnect_container},
                                   Verb{"leases", list_leases}};

}  // namespace

int network(Invocation& call) {
    return run_verb(call, "network", kNetworkVerbs);
}

}  // namespace brig::cli
