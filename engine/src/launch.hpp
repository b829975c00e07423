// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "brig/spec.hpp"
#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// The snapshot of an image's volume that containers are cloned from.
inline constexpr const char* kImageSnapshot = "image";

/// A place on a network that the container is to have.
struct LaunchAttachment {
    Network* network = nullptr;        ///< owned by Context::instances
    std::vector<std::string> written;  ///< "ip=10.0.0.5"
    OptionMap options;                 ///< the same, for the network's driver
    ResultMap expected;                ///< what the driver would record
};

/// A container that could be started: everything that can be found out, and refused, before
/// anything is touched. `plan` shows it, `create` keeps it, `start` carries it out.
struct Launch {
    std::string id;
    std::string name;
    ContainerSpec spec;
    ImageInfo image;
    Storage* storage = nullptr;  ///< owned by Context::instances, as the networks; none for a
                                 ///< container with a root of its own
    std::string source;          ///< what its root is a clone of: "VOLUME@SNAPSHOT"
    OptionMap storage_options;   ///< of the storage's driver, for this root
    std::vector<LaunchAttachment> attachments;  ///< in order
    std::vector<std::string> command;
    ParamLayers layers;  ///< all that has a say, with the networks' dry-run contributions
    ParamList params;    ///< merged
    std::vector<std::string> warnings;
};

/// 12 lower-case hexadecimal digits, never all decimal, since that would read as a jid.
[[nodiscard]] std::string new_id();

/// The networks that a specification means, as for parse_attachment(): without any, and without a
/// root of its own, the configured default.
[[nodiscard]] std::vector<std::string> networks_of(const Context& context,
                                                   const ContainerSpec& spec);

/// Finds the image, the storage and the networks, checks names, environment and parameters.
/// @throws Error{not_found} for an unknown image, network or storage, Error{invalid_config} with
///         everything else that is wrong, all at once.
[[nodiscard]] Launch resolve_launch(Context& context,
                                    const ContainerSpec& spec,
                                    const std::string& id);

/// The same with what is wrong added to `findings`, for those who have more to find.
[[nodiscard]] Launch resolve_launch(Context& context,
                                    const ContainerSpec& spec,
                                    const std::string& id,
                                    Findings& findings);

/// A container that was kept, as it would be started.
[[nodiscard]] Launch resolve_record(Context& context, const ContainerRecord& record);

/// A driver's operation on a place of the container.
[[nodiscard]] DriverCall call_for_attachment(const Context& context,
                                             const Launch& launch,
                                             const LaunchAttachment& attachment);

/// The assignments of [defaults.params]; malformed and unknown ones become findings.
[[nodiscard]] std::vector<Assignment> configured_assignments(const Context& context,
                                                             Findings& findings);

/// The layers merged into a container's parameters. Findings: what merge_params finds, and
/// parameters that this version of brig does not perform.
[[nodiscard]] ParamList merge_launch_params(const Context& context,
                                            const ParamLayers& layers,
                                            Findings& findings);

/// The image that `reference` names: NAME[:TAG], or an unambiguous prefix of an id, without
/// "@SNAPSHOT".
[[nodiscard]] ImageInfo resolve_image(Store& store, const std::string& reference);

}  // namespace brig
