// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/catalogue.hpp"
#include "support/findings.hpp"

#include <string>
#include <vector>

namespace brig {

/// What a driver adds: an assignment, and whether it appends to a list.
struct Contribution {
    std::string name;
    std::vector<std::string> values;
    bool append = false;
    Origin origin;  ///< Kind::driver
};

/// Everything that has a say in the parameters of one container, weakest first.
struct ParamLayers {
    std::vector<Assignment> defaults;         ///< the engine's
    std::vector<Contribution> contributions;  ///< of storage, then networks in order of attachment
    std::vector<Assignment> image;
    std::vector<Assignment> configuration;  ///< [defaults.params]
    std::vector<Assignment> command_line;   ///< -u and -J, in order
};

/// Merges the layers, scalars: the last wins, lists: append (a bare list name clears what was set
/// before it). Everything that is wrong becomes a finding:
///  - a name that belongs to the engine (`path`, `name`, `jid`, `command`) or a read-only one,
///  - a value of the wrong type or out of range,
///  - two drivers that set one parameter differently (names both origins),
///  - a user's value that contradicts a driver's for vnet, ip4, ip6, ip4.addr, ip6.addr,
///    vnet.interface (names both origins); equal values and, for the lists, additions are fine,
///  - vnet=new together with an address restriction ("vnet jails cannot have IP address
///  restrictions").
/// Pure: touches no host. `shadowed`, if given, gets the values that others took the place of, in
/// order.
[[nodiscard]] ParamList merge_params(const ParamLayers& layers,
                                     const Catalogue& catalogue,
                                     Findings& findings,
                                     ParamList* shadowed = nullptr);

/// The engine's own defaults for a container (reference: README "Defaults"): host.hostname=`id`,
/// mount.devfs, exec.clean, exec.stop="/bin/sh /etc/rc.shutdown", and on Linux mount.procfs.
/// exec.jail_user is not among them: it comes from the image or is root.
[[nodiscard]] std::vector<Assignment> default_assignments(std::string_view id,
                                                          std::string_view platform);

/// Splits a hook's or command's string as jail(8) does: with a shell metacharacter
/// {"/bin/sh", "-c", text}, otherwise at blanks. A trailing lone `&` is removed and reported.
struct HookCommand {
    std::vector<std::string> argv;  ///< empty: nothing to run
    bool background = false;
};
[[nodiscard]] HookCommand parse_hook(std::string_view text);

}  // namespace brig
