// SPDX-License-Identifier: BSD-2-Clause
#include "container_options.hpp"

#include "output.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

namespace brig::cli {

Json to_json(const Plan& plan) {
    Json params = Json::array();
    for (const Param& param : plan.params) {
        params.add(Json::object()
                       .add("name", param.name)
                       .add("values", param.values)
                       .add("origin", param.origin.to_string()));
    }
    Json shadowed = Json::array();
    for (const Param& param : plan.shadowed) {
        shadowed.add(Json::object()
                         .add("name", param.name)
                         .add("values", param.values)
                         .add("origin", param.origin.to_string()));
    }
    Json steps = Json::array();
    for (const Plan::Step& step : plan.steps) {
        steps.add(Json::object().add("verb", step.verb).add("object", step.object));
    }
    return Json::object()
        .add("id", plan.id)
        .add("name", plan.name)
        .add("image", plan.image)
        .add("root", plan.root)
        .add("networks", plan.networks)
        .add("command", plan.command)
        .add("steps", steps)
        .add("params", params)
        .add("shadowed", shadowed)
        .add("warnings", plan.warnings)
        .add("jail_command", plan.jail_command);
}

void add_container_options(Options& options) {
    const auto text = [] { return po::value<std::string>(); };
    const auto list = [] { return po::value<Strings>()->composing(); };
    options.add()("param,J", list(), "a jail parameter: NAME, noNAME or NAME=VALUE; repeatable");
    options.add()("user,u", text(), "USER[:GROUP], by name or number");
    options.add()("env,e", list(), "NAME=VALUE for its environment; repeatable");
    options.add()("workdir,w", text(), "where it starts, inside the container");
    options.add()(
        "network,n",
        list(),
        "a network to attach to: NAME, or NAME:OPTION=VALUE,… for this container alone, as "
        "lan:ip=10.0.0.5; repeatable");
    options.add()("ip", text(), "its IPv4 address on the first network");
    options.add()("ip6", text(), "its IPv6 address on the first network");
    options.add()("publish,p",
                  list(),
                  "[IFACE:|ADDR:]HOST:CONT[/tcp|udp]: a port or a range of ports of the host that "
                  "leads to it; repeatable");
    options.add()("mount,m",
                  list(),
                  "SOURCE:TARGET[:OPTION,…]: a path of the host, or a volume by its name; options "
                  "are ro, nosuid, noexec, and of volumes populate; repeatable");
    options.add()(
        "storage-opt", list(), "NAME=VALUE for the storage of its root, as quota=10G; repeatable");
    options.add()("name", text(), "the container's name");
    options.add()(
        "restart", text(), "in the background: no, on-failure[:N], always or unless-stopped");
    options.add()("interactive,i", "pass on standard input");
    options.add()("tty,t", "give it a terminal");
}

namespace {

bool is_path(const std::string& source) {
    return source.starts_with('/') || source.starts_with("./") || source.starts_with("../")
           || source == "." || source == "..";
}

/// -m as the parameter that it stands for.
std::string mount_param(const Options& options, const std::string& text) {
    const std::size_t first = std::min(text.find(':'), text.size());
    const std::size_t second = std::min(text.find(':', first + 1), text.size());
    const std::string target = first < second ? text.substr(first + 1, second - first - 1) : "";
    const std::string flags = second < text.size() ? text.substr(second + 1) : "";
    if (first == 0 || !target.starts_with('/') || flags.find(':') != std::string::npos) {
        throw options.error(fmt::format(
            "-m {}: write SOURCE:TARGET or SOURCE:TARGET:ro, with an absolute target", text));
    }
    std::string source = text.substr(0, first);
    const bool from_host = is_path(source);
    if (from_host) {
        source = std::filesystem::absolute(source).lexically_normal();
    }
    return mount_assignment(source, target, from_host, flags);
}

/// --ip and --ip6, as options of the first network.
void add_addresses(const Options& options, ContainerSpec& spec) {
    for (const char* option : {"ip", "ip6"}) {
        const auto address = options.find<std::string>(option);
        if (!address) {
            continue;
        }
        if (spec.networks.empty()) {
            throw options.error(fmt::format(
                "--{} is for the first network that -n names, and there is none", option));
        }
        AttachmentSpec first = parse_attachment(spec.networks.front());
        first.options.push_back(fmt::format("{}={}", option, *address));
        spec.networks.front() = to_string(first);
    }
}

}  // namespace

ContainerSpec container_spec(const Options& options) {
    options.require_operands(1, kMany);
    ContainerSpec spec = container_spec(options, options.operands().front());
    spec.command.erase(spec.command.begin());
    return spec;
}

ContainerSpec container_spec(const Options& options, const std::string& image) {
    ContainerSpec spec;
    spec.image = image;
    spec.command = options.operands();
    spec.params = options.get("param", Strings{});
    for (const std::string& mount : options.get("mount", Strings{})) {
        spec.params.push_back(mount_param(options, mount));
    }
    spec.storage_options = options.get("storage-opt", Strings{});
    spec.user = options.find<std::string>("user");
    spec.environment = options.get("env", Strings{});
    spec.workdir = options.find<std::string>("workdir");
    spec.networks = options.get("network", Strings{});
    add_addresses(options, spec);
    spec.publish = options.get("publish", Strings{});
    spec.name = options.get("name", std::string{});
    if (options.has("name") && spec.name.empty()) {
        throw options.error("--name is empty");
    }
    if (const auto policy = options.find<std::string>("restart")) {
        spec.restart = parse_restart_policy(*policy);
    }
    spec.interactive = options.has("interactive");
    spec.terminal = options.has("tty");
    return spec;
}

void print_plan(const Plan& plan, bool as_json) {
    if (as_json) {
        print(to_json(plan));
        return;
    }
    const std::string source = plan.image.empty() ? fmt::format("in root '{}'", plan.root)
                                                  : fmt::format("from image '{}'", plan.image);
    print_line(fmt::format("brig would run '{}' {}:\n", plan.name, source));
    int number = 0;
    for (const Plan::Step& step : plan.steps) {
        print_line(fmt::format("  {:>2}. {:<15} {}", ++number, step.verb, step.object));
    }
    print_line("\nparameters:\n");
    Table table{{"  NAME", "VALUE", "ORIGIN"}};
    for (const Param& param : plan.params) {
        table.add({"  " + param.name, joined(param.values, ", "), param.origin.to_string()});
    }
    table.print();
    if (!plan.shadowed.empty()) {
        print_line("\nreplaced by others:\n");
        Table replaced{{"  NAME", "VALUE", "ORIGIN"}};
        for (const Param& param : plan.shadowed) {
            replaced.add({"  " + param.name, joined(param.values, ", "), param.origin.to_string()});
        }
        replaced.print();
    }
    for (const std::string& warning : plan.warnings) {
        print_line("\nwarning: " + warning);
    }
    print_line("\nthe same with jail(8), in the image's own root:\n\n  " + plan.jail_command);
}

void add_dry_run_options(Options& options) {
    options.add()("dry-run", "show what would be done, and do nothing");
    options.add()(
        "target",
        po::value<std::string>(),
        "with --dry-run: check the parameters for freebsd-13.2, freebsd-14 or freebsd-15");
}

bool dry_run(Invocation& call, const Options& options, const ContainerSpec& spec) {
    if (!options.has("dry-run")) {
        if (options.has("target")) {
            throw options.error("--target is for --dry-run: a container runs on this host");
        }
        return false;
    }
    print_plan(call.engine().plan(spec, options.get("target", std::string{})), call.json());
    return true;
}

}  // namespace brig::cli
