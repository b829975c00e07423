// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "launch.hpp"
#include "ledger/ledger.hpp"
#include "start.hpp"

#include <filesystem>
#include <memory>
#include <vector>

/// The verbs of `start`, in its order, one file each.
namespace brig {

/// Makes the container's run folder with a locked ledger that says who it is, and claims its name.
/// @throws Error{conflict} when it runs already, Error{already_exists} when the name is taken.
[[nodiscard]] Ledger open_ledger(Context& context, const Launch& launch);

/// Notes who the container is and what it depends on.
void note_container(Context& context, const Launch& launch, Ledger& ledger);

/// Writes down and claims the container's name, if it has one besides its id.
/// @throws Error{already_exists} when another container has it.
void claim_name(Context& context, const Launch& launch, Ledger& ledger);

/// What is said when another container has `name`.
[[nodiscard]] Error name_taken(const std::string& name);

/// Makes the root of an ephemeral container, and the root of any usable; returns where it is, and
/// what its storage contributes. A container with a root of its own gets just that.
[[nodiscard]] ActiveVolume provision_storage(Context& context,
                                             const Launch& launch,
                                             Ledger& ledger);

/// Makes the container's volume, a clone of its image.
void provision_volume(Context& context, const Launch& launch, Ledger& ledger);

/// What the networks of a container gave, in order of attachment.
struct Attachments {
    std::vector<DriverCall> calls;
    std::vector<int> effects;  ///< their numbers in the ledger
    std::vector<Contribution> contributions;
};

/// Prepares every network: the host's side and jail parameters. There is no jail yet.
[[nodiscard]] Attachments contribute_networks(Context& context,
                                              const Launch& launch,
                                              const std::filesystem::path& root,
                                              Ledger& ledger);

/// The final parameters, with what storage and networks really contributed.
[[nodiscard]] ParamList merge_final(Context& context,
                                    const Launch& launch,
                                    const ActiveVolume& volume,
                                    const Attachments& attachments);

/// Gives interfaces of the host the container's addresses: ip4.addr and ip6.addr with an interface.
void add_addresses(Context& context, const ParamList& params, Ledger& ledger);

/// What is to be mounted: what the parameters ask for, with data volumes in use and where they are
/// on the host. In an image's root mount points may be made; a root of its own stays as it is.
[[nodiscard]] std::vector<Mount> use_volumes(Context& context,
                                             const Launch& launch,
                                             const ParamList& params,
                                             const std::filesystem::path& root,
                                             Ledger& ledger);

/// Mounts it, on hosts where that happens outside the jail; elsewhere creating the jail does.
void mount_file_systems(Context& context,
                        const std::vector<Mount>& mounts,
                        const std::filesystem::path& root,
                        Ledger& ledger);

/// What a jail is made from.
struct JailParts {
    const ParamList& params;
    const std::vector<Mount>& mounts;
    const std::filesystem::path& root;
};

[[nodiscard]] Jail create_jail(Context& context,
                               const Launch& launch,
                               const JailParts& parts,
                               Ledger& ledger);

/// The inside of every network.
void attach_networks(Context& context,
                     const Launch& launch,
                     const Attachments& attachments,
                     const Jail& jail,
                     Ledger& ledger);

/// Writes who is where: resolv.conf, and /etc/hosts of all whom it concerns.
void write_names(Context& context,
                 const Launch& launch,
                 const ParamList& params,
                 const std::filesystem::path& root,
                 Ledger& ledger);

/// Lends the jail datasets and interfaces of the host: zfs.dataset, vnet.interface.
void lend_to_jail(Context& context, const ParamList& params, const Jail& jail, Ledger& ledger);

/// A command that was spawned, with the master of its terminal if it has one.
struct Command {
    std::unique_ptr<Process> process;
    UniqueFd terminal;
};

/// Starts the container's command inside the jail.
[[nodiscard]] Command spawn_command(Context& context,
                                    const Launch& launch,
                                    const ParamList& params,
                                    const Jail& jail,
                                    const SessionIo& io);

/// How a process inside a jail is connected.
struct CommandPlace {
    const Jail& jail;
    const SessionIo& io;
    const std::vector<std::string>& environment;  ///< over the base environment, in order
    bool interactive = false;
    bool terminal = false;
};

/// Spawns `request`, completed by `place`. Shared by `start` and `exec`.
[[nodiscard]] Command spawn_at(Context& context, ProcessRequest request, const CommandPlace& place);

/// Tells the world: what `ps`, `inspect`, `exec` and `stop` of other processes read.
void publish(const Launch& launch,
             const ParamList& params,
             const Jail& jail,
             const Process& process,
             Ledger& ledger);

/// Tells those that depend on the container that exec.poststart, where it has one, has ended.
void publish_ready(const ParamList& params, Ledger& ledger);

}  // namespace brig
