// SPDX-License-Identifier: BSD-2-Clause
#include "launch.hpp"

#include "brig/driver.h"
#include "params/parse.hpp"
#include "process/environment.hpp"
#include "spec/image_reference.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

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

/// Everything with a say in the parameters but the networks.
ParamLayers user_layers(const Context& context, const Launch& launch, Findings& findings) {
    LayerReader reader{context, findings};
    ParamLayers layers;
    layers.defaults = default_assignments(launch.id, context.catalogue.platform());
    if (!launch.image.defaults.user.empty()) {
        reader.read(layers.image,
                    "exec.jail_user=" + launch.image.defaults.user,
                    {Origin::Kind::image, fmt::format("image '{}'", launch.image.name)});
    }
    layers.configuration = configured_assignments(context, findings);
    if (launch.spec.user) {
        layers.command_line.push_back({"exec.jail_user",
                                       *launch.spec.user,
                                       false,
                                       *launch.spec.user,
                                       {Origin::Kind::command_line, "-u"}});
    }
    layers.command_line.reserve(launch.spec.params.size() + 1);
    for (const std::string& param : launch.spec.params) {
        reader.read(layers.command_line, param, {Origin::Kind::command_line, "-J"});
    }
    return layers;
}

void contribute_dry(Context& context, Launch& launch) {
    for (Network* network : launch.networks) {
        DriverCall attachment = context.call_for(launch.id, network->name());
        attachment.flags = BRIG_F_DRY_RUN;
        const NetworkContribution contribution = network->prepare(attachment);
        launch.layers.contributions.insert(launch.layers.contributions.end(),
                                           contribution.params.begin(),
                                           contribution.params.end());
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

ParamList merge_launch_params(const Context& context,
                              const ParamLayers& layers,
                              Findings& findings) {
    ParamList params = merge_params(layers, context.catalogue, findings);
    for (const Param& param : params) {
        const auto rule = context.catalogue.find(param.name);
        const bool is_off =
            param.values.empty() || param.values.front().empty() || param.values.front() == "false";
        if (rule && rule->enforcement == Enforcement::refused && !is_off) {
            findings.add({param.origin.to_string(),
                          fmt::format("{}: this version of brig does not perform it", param.name),
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
    }
    throw no_such_image(store, reference);
}

namespace {

/// What the spec names, looked up.
Launch find_parts(Context& context, const ContainerSpec& spec, const std::string& id) {
    Launch launch;
    launch.id = id;
    launch.spec = spec;
    launch.name = spec.name.empty() ? id : spec.name;
    launch.image = resolve_image(context.store, spec.image);
    launch.storage = &context.instances.storage(launch.image.storage);
    const std::vector<std::string> networks =
        spec.networks.empty() ? std::vector{context.settings.default_network} : spec.networks;
    for (const std::string& name : networks) {
        launch.networks.push_back(&context.instances.network(name));
    }
    launch.command = spec.command.empty() ? launch.image.defaults.command : spec.command;
    return launch;
}

}  // namespace

Launch resolve_launch(Context& context, const ContainerSpec& spec, const std::string& id) {
    if (!spec.name.empty()) {
        require_container_name(spec.name);
    }
    Launch launch = find_parts(context, spec, id);
    Findings findings;
    if (launch.command.empty() || launch.command.front().empty()) {
        findings.add({"",
                      fmt::format("no command: image '{}' has none", launch.image.name),
                      "give one after the image"});
    }
    for (const std::string& variable : spec.environment) {
        check_variable(variable, findings);
    }
    launch.layers = user_layers(context, launch, findings);
    contribute_dry(context, launch);
    launch.params = merge_launch_params(context, launch.layers, findings);
    findings.throw_if_any();
    warn_of_recorded(context.catalogue, launch);
    return launch;
}

}  // namespace brig
