// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <optional>
#include <string>
#include <vector>

namespace BRIG_API brig {

/// Whether a container that runs in the background is started again when it has ended.
struct RestartPolicy {
    enum class Kind {
        no,
        on_failure,      ///< when its exit status is not 0
        always,          ///< also at the next boot
        unless_stopped,  ///< also at the next boot, but not when it was stopped before that
    };

    Kind kind = Kind::no;
    unsigned most = 0;  ///< of on_failure: restarts in a row; 0: no limit

    friend bool operator==(const RestartPolicy&, const RestartPolicy&) = default;
};

/// Reads "no", "on-failure", "on-failure:N", "always", "unless-stopped".
/// @throws Error{invalid_config} saying what is wrong with `text`.
[[nodiscard]] RestartPolicy parse_restart_policy(const std::string& text);

/// What `parse_restart_policy` reads.
[[nodiscard]] std::string to_string(const RestartPolicy& policy);

/// A network for a container, with what is asked of it for this container alone.
struct AttachmentSpec {
    std::string network;
    std::vector<std::string> options;  ///< "ip=10.0.0.5", for the network's driver
};

/// Reads "NAME" or "NAME:KEY=VALUE,KEY=VALUE…". An option that is a list is written several times.
[[nodiscard]] AttachmentSpec parse_attachment(const std::string& text);

/// The networks that such texts name.
[[nodiscard]] std::vector<std::string> network_names(const std::vector<std::string>& attachments);

/// What `parse_attachment` reads.
[[nodiscard]] std::string to_string(const AttachmentSpec& attachment);

/// What a user asks for: one container. Nothing in it has been checked yet; `Engine::plan`,
/// `create` and `run` check all of it and report everything that is wrong at once.
struct ContainerSpec {
    std::string image;  ///< NAME[:TAG] or an id, perhaps with @SNAPSHOT; or CONTAINER@SNAPSHOT;
                        ///< empty: it has a root of its own

    /// Instead of an image: a directory that is there already. It is used as the container's root
    /// and never owned, changed in its place or removed. Such a container is the jail that jail(8)
    /// would make of its parameters: brig's own defaults, `[defaults.params]` and the default
    /// network stay out of it. Without a command it runs until it is stopped.
    std::string root;
    std::string name;                   ///< empty: the id
    std::vector<std::string> networks;  ///< see parse_attachment(); empty: the configured default
    std::vector<std::string> publish;   ///< -p: ports of the host, for the first network that can
    std::vector<std::string> command;   ///< empty: the image's
    std::optional<std::string> user;    ///< -u: name, id or user:group
    std::vector<std::string> environment;  ///< "NAME=value", over the image's
    std::optional<std::string> workdir;    ///< inside the container; else the image's
    std::vector<std::string> params;       ///< -J, verbatim, in order

    /// Where the parameter of the same index was written ("jail.conf:12:5"), for those that are
    /// not from the command line. May be shorter than `params`.
    std::vector<std::string> param_origins;
    std::vector<std::string> storage_options;  ///< "quota=10G": of its root, for the image's
                                               ///< storage
    RestartPolicy restart;                     ///< --restart: when it runs in the background
    bool ephemeral = false;                    ///< --rm: the container goes when it ends
    bool interactive = false;                  ///< -i: standard input is passed on
    bool terminal = false;                     ///< -t: a pseudo-terminal
};

/// What is to be executed in a running container.
struct ExecSpec {
    std::vector<std::string> command;
    std::optional<std::string> user;
    std::vector<std::string> environment;
    std::optional<std::string> workdir;
    bool interactive = false;
    bool terminal = false;
};

/// The parameter, for ContainerSpec::params, that mounts something in a container.
///
/// @param source    a path of the host, or the name of a volume
/// @param target    an absolute path in the container
/// @param from_host which of both
/// @param options   separated by commas, perhaps none: "ro", "nosuid", "noexec"; of a volume also
///                  "populate": if it is empty, it gets what the root has at the target
[[nodiscard]] std::string mount_assignment(const std::string& source,
                                           const std::string& target,
                                           bool from_host,
                                           const std::string& options);

/// True for `[a-zA-Z0-9][a-zA-Z0-9_-]*` of at most 64 characters that is not all decimal.
/// Dots are refused: in a jail's name they mean parent.child.
/// @throws Error{invalid_config} saying what is wrong with `name`.
void require_container_name(const std::string& name);

}  // namespace brig
