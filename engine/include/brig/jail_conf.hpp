// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"
#include "brig/param.hpp"
#include "brig/spec.hpp"

#include <string>
#include <vector>

namespace BRIG_API brig {

/// What is to be imported from a jail.conf(5).
struct ImportSpec {
    std::string file;
    std::vector<std::string> jails;  ///< their names in the file; empty: all of them
    bool dry_run = false;            ///< only says what would be made
};

/// Something that a file says and a container cannot have.
struct ImportNote {
    std::string where;  ///< "jail.conf:12:5"
    std::string message;
    std::string hint;  ///< what to do; may be empty
};

/// What an import made, or would make.
struct ImportReport {
    std::vector<std::string> ids;      ///< of the containers made; empty for a dry run
    std::vector<ContainerSpec> specs;  ///< of all containers, in the order of the file
    std::vector<ImportNote> left_out;  ///< in the order of the file
};

/// A container as jail(8) would have to be told of it.
struct ContainerDefinition {
    std::string id;
    ContainerSpec spec;  ///< as it was given
    std::string root;    ///< the jail's `path`; that of a clone of an image is there while it runs
    std::vector<std::string> command;  ///< empty: it runs until it is stopped
    /// All parameters but `path`, `name` and `command`, with the defaults that jail(8) does not
    /// have.
    ParamList params;
};

/// A section of a jail.conf(5). Importing it into a container with a root of its own gives the same
/// parameters and the same command. Environment, working directory and networks, which jail(8) does
/// not know, become a comment.
[[nodiscard]] std::string format_jail_conf(const ContainerDefinition& container);

/// A command line of jail(8) that creates the jail, quoted for a shell.
[[nodiscard]] std::string format_jail_command(const ContainerDefinition& container);

/// The specification as a table `[container.NAME]` of TOML.
[[nodiscard]] std::string format_toml(const ContainerDefinition& container);

}  // namespace brig
