// SPDX-License-Identifier: BSD-2-Clause
#include "launch.hpp"

#include "brig/driver.h"
#include "fstab.hpp"
#include "param_values.hpp"
#include "params/parse.hpp"
#include "process/environment.hpp"
#include "process/resolve_name.hpp"
#include "spec/image_reference.hpp"
#include "spec/names.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "volumes/use_volume.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace brig {

std::string new_id() {
    std::string id;
    do {
        std::array<unsigned char, 6> bytes{};
        check(::getentropy(bytes.data(), bytes.size()), "get random bytes");
        id.clear();
        for (const unsigned char byte : bytes) {
            id += fmt::format("{:02x}", byte);
        }
    } while (id.find_first_not_of("0123456789") == std::string::npos);
    return id;
}

namespace {

bool could_be_id(const std::string& text) {
    return !text.empty() && text.size() <= 12
           && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Error no_such_image(Store& store, const std::string& reference) {
    std::vector<std::string> names;
    for (const ImageInfo& image : store.images()) {
        names.push_back(image.tag == "latest" ? image.name : image.name + ":" + image.tag);
    }
    const auto similar = nearest(reference, names);
    return Error{ErrorCode::not_found, fmt::format("no image '{}'", reference)}.with_hint(
        similar         ? fmt::format("did you mean '{}'?", *similar)
        : names.empty() ? "make one with: brig image create NAME --from-tar FILE"
                        : "brig image ls shows what there is");
}

/// Reads one assignment after the other into a layer.
class LayerReader {
  public:
    LayerReader(const Context& context, Findings& findings)
        : catalogue_{context.catalogue}, findings_{findings} {}

    void read(std::vector<Assignment>& layer, const std::string& text, const Origin& origin) {
        if (auto assignment = parse_assignment(text, origin, catalogue_, findings_)) {
            layer.push_back(std::move(*assignment));
        }
    }

  private:
    const Catalogue& catalogue_;
    Findings& findings_;
};

Origin origin_of_param(const ContainerSpec& spec, std::size_t index) {
    return index < spec.param_origins.size() && !spec.param_origins[index].empty()
               ? Origin{Origin::Kind::configuration, spec.param_origins[index]}
               : Origin{Origin::Kind::command_line, "-J"};
}

/// Everything with a say in the parameters but the networks.
ParamLayers user_layers(const Context& context, const Launch& launch, Findings& findings) {
    LayerReader reader{context, findings};
    ParamLayers layers;
    if (launch.spec.root.empty()) {
        layers.defaults = default_assignments(launch.id, context.catalogue.platform());
        layers.configuration = configured_assignments(context, findings);
    }
    if (!launch.image.defaults.user.empty()) {
        reader.read(layers.image,
                    "exec.jail_user=" + launch.image.defaults.user,
                    {Origin::Kind::image, fmt::format("image '{}'", launch.image.name)});
    }
    if (launch.spec.user) {
        layers.command_line.push_back({"exec.jail_user",
                                       *launch.spec.user,
                                       false,
                                       *launch.spec.user,
                                       {Origin::Kind::command_line, "-u"}});
    }
    layers.command_line.reserve(launch.spec.params.size() + 1);
    for (std::size_t i = 0; i < launch.spec.params.size(); ++i) {
        reader.read(layers.command_line, launch.spec.params[i], origin_of_param(launch.spec, i));
    }
    return layers;
}

/// What each network would do; what it cannot do becomes a finding.
void contribute_dry(Context& context, Launch& launch, Findings& findings) {
    for (LaunchAttachment& each : launch.attachments) {
        collect("", findings, [&] {
            DriverCall attachment = call_for_attachment(context, launch, each);
            attachment.flags = BRIG_F_DRY_RUN;
            NetworkContribution contribution = each.network->prepare(attachment);
            each.expected = std::move(contribution.results);
            launch.layers.contributions.insert(launch.layers.contributions.end(),
                                               contribution.params.begin(),
                                               contribution.params.end());
        });
    }
}

/// A volume must be there; how it is mounted is as with any directory.
void check_mount(const Context& context, Mount mount) {
    if (mount.type == kVolumeMount) {
        static_cast<void>(require_volume(context.store, mount.source));
        std::erase(mount.options, kPopulate);
        mount.type = "nullfs";
    }
    context.host.check_mount(mount);
}

void check_mounts(const Context& context, const Launch& launch, Findings& findings) {
    const std::vector<Mount> mounts = mounts_of(launch.params, launch.spec.root, findings);
    if (&context.catalogue != &context.host.catalogue()) {
        return;  // it is for another host
    }
    for (const Mount& mount : mounts) {
        collect("", findings, [&] { check_mount(context, mount); });
    }
}

void warn_of_recorded(const Catalogue& catalogue, Launch& launch) {
    for (const Param& param : launch.params) {
        const auto rule = catalogue.find(param.name);
        const bool by_user = param.origin.kind == Origin::Kind::command_line
                             || param.origin.kind == Origin::Kind::configuration;
        if (rule && by_user && rule->enforcement == Enforcement::recorded) {
            launch.warnings.push_back(
                fmt::format("{}: recorded, but nothing enforces it on this host (see brig params)",
                            param.name));
        }
    }
}

}  // namespace

std::vector<Assignment> configured_assignments(const Context& context, Findings& findings) {
    LayerReader reader{context, findings};
    std::vector<Assignment> assignments;
    for (const DefaultParam& param : context.settings.default_params) {
        reader.read(assignments, param.text, {Origin::Kind::configuration, param.where});
    }
    return assignments;
}

namespace {

/// ip_hostname: the addresses of host.hostname join ip4.addr and ip6.addr, by the one who asked.
void add_addresses_of_hostname(const std::filesystem::path& libexec,
                               const ParamList& params,
                               ParamLayers& layers) {
    const Param* wanted = find_param(params, "ip_hostname");
    for (const IpAddress& address : in_context("ip_hostname", [&] {
             return resolve_name(libexec, param_value(params, "host.hostname", ""));
         })) {
        const std::string name = address.is_ip6 ? "ip6.addr" : "ip4.addr";
        layers.command_line.push_back(
            {name, address.to_string(), false, "ip_hostname", wanted->origin});
    }
}

ParamList merge_with_hostname(const Context& context,
                              const ParamLayers& layers,
                              Findings& findings) {
    Findings found;
    ParamList params = merge_params(layers, context.catalogue, found);
    if (!found.empty() || !is_set(params, "ip_hostname")) {
        std::for_each(found.all().begin(), found.all().end(), [&](const Finding& finding) {
            findings.add(finding);
        });
        return params;
    }
    ParamLayers more = layers;
    add_addresses_of_hostname(context.settings.libexec, params, more);
    return merge_params(more, context.catalogue, findings);
}

}  // namespace

ParamList merge_launch_params(const Context& context,
                              const ParamLayers& layers,
                              Findings& findings) {
    ParamList params = merge_with_hostname(context, layers, findings);
    for (const Param& param : params) {
        const auto rule = context.catalogue.find(param.name);
        const bool is_off =
            param.values.empty() || param.values.front().empty() || param.values.front() == "false";
        if (rule && rule->enforcement == Enforcement::refused && !is_off) {
            findings.add({param.origin.to_string(),
                          fmt::format("{}: {}", param.name, rule->refusal),
                          "leave it out"});
        }
    }
    return params;
}

ImageInfo resolve_image(Store& store, const std::string& reference) {
    const ImageReference parsed = parse_image_reference(reference);
    if (auto image = store.find_image(parsed.name, parsed.tag)) {
        return *image;
    }
    if (could_be_id(reference)) {
        const std::vector<ImageInfo> images = store.images_with_id_prefix(reference);
        if (images.size() == 1) {
            return images.front();
        }
        if (images.size() > 1) {
            throw Error{
                ErrorCode::conflict,
                fmt::format("'{}' is the beginning of {} image ids", reference, images.size())}
                .with_hint("give more digits");
        }
        if (auto retired = store.find_retired_image(reference)) {
            return *retired;
        }
    }
    throw no_such_image(store, reference);
}

namespace {

/// What a jail without a command does until it is stopped. jail(8) has the kernel keep such a jail
/// (`persist`); a container is a process that somebody waits for.
const std::vector<std::string> kIdle{"/bin/sh", "-c", "while :; do sleep 86400; done"};

/// A snapshot that is asked for must be there.
void require_source(const Context& context, const std::string& volume, const Launch& launch) {
    const std::string snapshot = launch.source.substr(volume.size() + 1);
    std::vector<std::string> names;
    for (const SnapshotInfo& each : launch.storage->snapshots(context.call_for(volume, volume))) {
        if (each.name == snapshot) {
            return;
        }
        names.push_back(each.name);
    }
    throw Error{ErrorCode::not_found,
                fmt::format("'{}' has no snapshot '{}'", launch.spec.image, snapshot)}
        .with_hint(names.empty() ? "" : "there are: " + join(names, ", "));
}

void find_image_source(Context& context, const std::string& name, Launch& launch) {
    launch.image = resolve_image(context.store, name);
    launch.storage = &context.instances.storage(launch.image.storage);
    launch.source = launch.image.volume;
}

/// CONTAINER@SNAPSHOT: the root is a clone of that container's, and all else as its image has it.
bool find_container_source(Context& context, const std::string& name, Launch& launch) {
    const auto id = context.store.find_container_id(name);
    const auto record = id ? context.store.find_container_by_id(*id) : std::nullopt;
    if (!record || record->storage.empty()) {
        return false;
    }
    launch.image = resolve_image(context.store, record->image_id);
    launch.storage = &context.instances.storage(record->storage);
    launch.source = *id;
    return true;
}

/// IMAGE[@SNAPSHOT], or CONTAINER@SNAPSHOT where there is no such image.
void find_source(Context& context, const std::string& reference, Launch& launch) {
    const std::size_t at = std::min(reference.find('@'), reference.size());
    const std::string name = reference.substr(0, at);
    const std::string snapshot = at < reference.size() ? reference.substr(at + 1) : "";
    if (at == reference.size()) {
        find_image_source(context, name, launch);
        launch.source += std::string{"@"} + kImageSnapshot;
        return;
    }
    require_snapshot_name(snapshot);
    try {
        find_image_source(context, name, launch);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::not_found || !find_container_source(context, name, launch)) {
            throw;
        }
    }
    const std::string volume = std::exchange(launch.source, launch.source + "@" + snapshot);
    require_source(context, volume, launch);
}

/// What the spec names, looked up.
Launch find_parts(Context& context, const ContainerSpec& spec, const std::string& id) {
    Launch launch;
    launch.id = id;
    launch.spec = spec;
    launch.name = spec.name.empty() ? id : spec.name;
    if (spec.root.empty()) {
        find_source(context, spec.image, launch);
    }
    for (const std::string& text : networks_of(context, spec)) {
        AttachmentSpec attachment = parse_attachment(text);
        launch.attachments.push_back({&context.instances.network(attachment.network),
                                      std::move(attachment.options),
                                      {},
                                      {}});
    }
    const std::vector<std::string>& otherwise =
        spec.root.empty() ? launch.image.defaults.command : kIdle;
    launch.command = spec.command.empty() ? otherwise : spec.command;
    return launch;
}

/// Whether `path` leads to `folder` or into it, whatever links are on the way.
bool is_in(const std::filesystem::path& path, const std::filesystem::path& folder) {
    std::error_code error;
    const std::filesystem::path real = std::filesystem::weakly_canonical(path, error);
    const std::filesystem::path outer = std::filesystem::weakly_canonical(folder, error);
    return std::mismatch(outer.begin(), outer.end(), real.begin(), real.end()).first == outer.end();
}

/// A root that is used must be there, and must not be one that brig owns and may remove.
void check_own_root(const Context& context, const ContainerSpec& spec, Findings& findings) {
    const std::filesystem::path root{spec.root};
    const auto refuse = [&](std::string_view why, std::string hint) {
        findings.add({"", fmt::format("the root '{}' {}", spec.root, why), std::move(hint)});
    };
    std::error_code error;
    if (!spec.image.empty()) {
        refuse("and an image exclude each other", "name one of them");
    } else if (!root.is_absolute()) {
        refuse("is not an absolute path", "");
    } else if (!std::filesystem::is_directory(root, error)) {
        refuse("is not a directory", "make it, or mount what is to be there");
    } else if (is_in(root, context.settings.state) || is_in(root, context.settings.run)) {
        refuse("belongs to brig itself", "use the image that it was made from");
    }
}

/// Published ports are for the first network that can publish.
void add_published_ports(Launch& launch, Findings& findings) {
    if (launch.spec.publish.empty()) {
        return;
    }
    const auto publisher = std::find_if(
        launch.attachments.begin(), launch.attachments.end(), [](const LaunchAttachment& each) {
            return each.network->has_option("publish");
        });
    if (publisher == launch.attachments.end()) {
        findings.add(
            {"-p " + launch.spec.publish.front(),
             "none of the container's networks publishes ports",
             "on a network that shares the host's stack, as 'host', a container listens on "
             "the host's own addresses; for others see: brig network ls"});
        return;
    }
    for (const std::string& ports : launch.spec.publish) {
        publisher->written.push_back("publish=" + ports);
    }
}

void resolve_attachments(Launch& launch, Findings& findings) {
    add_published_ports(launch, findings);
    std::set<const Network*> seen;
    for (LaunchAttachment& each : launch.attachments) {
        if (!seen.insert(each.network).second) {
            findings.add({"-n " + each.network->name(),
                          "a container is on a network once",
                          "leave one of them out"});
        }
        each.options = each.network->options_for(each.written, findings);
    }
}

}  // namespace

std::vector<std::string> networks_of(const Context& context, const ContainerSpec& spec) {
    const bool has_default = spec.networks.empty() && spec.root.empty();
    return has_default ? std::vector{context.settings.default_network} : spec.networks;
}

DriverCall call_for_attachment(const Context& context,
                               const Launch& launch,
                               const LaunchAttachment& attachment) {
    DriverCall call = context.call_for(launch.id, attachment.network->name());
    call.options = attachment.options;
    return call;
}

Launch resolve_launch(Context& context, const ContainerSpec& spec, const std::string& id) {
    Findings findings;
    Launch launch = resolve_launch(context, spec, id, findings);
    findings.throw_if_any();
    return launch;
}

Launch resolve_record(Context& context, const ContainerRecord& record) {
    ContainerSpec spec = record.spec;
    if (!record.image_id.empty()) {
        spec.image = record.image_id;
    }
    Launch launch = resolve_launch(context, spec, record.id);
    launch.name = record.name;
    return launch;
}

Launch resolve_launch(Context& context,
                      const ContainerSpec& spec,
                      const std::string& id,
                      Findings& findings) {
    if (!spec.name.empty()) {
        require_container_name(spec.name);
    }
    Launch launch = find_parts(context, spec, id);
    if (!spec.root.empty()) {
        check_own_root(context, spec, findings);
    }
    if (launch.command.empty() || launch.command.front().empty()) {
        findings.add({"",
                      fmt::format("no command: image '{}' has none", launch.image.name),
                      "give one after the image"});
    }
    if (spec.ephemeral && spec.restart != RestartPolicy{}) {
        findings.add({"--restart " + to_string(spec.restart),
                      "a container that is removed when it ends (--rm) cannot be started again",
                      "leave one of the two out"});
    }
    for (const std::string& variable : spec.environment) {
        check_variable(variable, findings);
    }
    if (launch.storage != nullptr) {
        launch.storage_options = launch.storage->options_for(spec.storage_options, findings);
    }
    launch.layers = user_layers(context, launch, findings);
    resolve_attachments(launch, findings);
    contribute_dry(context, launch, findings);
    launch.params = merge_launch_params(context, launch.layers, findings);
    check_mounts(context, launch, findings);
    warn_of_recorded(context.catalogue, launch);
    return launch;
}

}  // namespace brig
