// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"
#include "host/host.hpp"
#include "ledger/ledger.hpp"
#include "params/catalogue.hpp"
#include "support/findings.hpp"

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

/// What the stories read out of a container's merged parameters.
namespace brig {

/// The parameter's first value, or `otherwise` when it is not set.
[[nodiscard]] std::string param_value(const ParamList& params,
                                      std::string_view name,
                                      const std::string& otherwise);

/// True when the boolean `name` is set to true.
[[nodiscard]] bool is_set(const ParamList& params, std::string_view name);

/// The values of a list; empty when it is not set.
[[nodiscard]] std::vector<std::string> param_list(const ParamList& params, std::string_view name);

/// A time in seconds, such as stop.timeout.
[[nodiscard]] std::chrono::seconds param_seconds(const ParamList& params,
                                                 std::string_view name,
                                                 std::chrono::seconds otherwise);

/// The file systems that the parameters ask for, in jail(8)'s order: mount, mount.fstab, devfs,
/// fdescfs, procfs. Targets are paths in the container; those of jail(8), in `root`, are made such.
/// A line that is none of fstab(5) is a finding, as is a file that cannot be read.
[[nodiscard]] std::vector<Mount> mounts_of(const ParamList& params,
                                           const std::filesystem::path& root,
                                           Findings& findings);

/// The same. @throws Error{invalid_config} with all findings.
[[nodiscard]] std::vector<Mount> mounts_of(const ParamList& params,
                                           const std::filesystem::path& root);

/// The addresses that are to be given to interfaces of the host: those of ip4.addr and ip6.addr
/// that name one ("em0|10.0.0.2/24"), and with `interface` all. Without a prefix it is the whole
/// address.
[[nodiscard]] std::vector<InterfaceAddress> interface_addresses(const ParamList& params);

/// `address` is "10.0.0.2/24".
[[nodiscard]] InterfaceAddress interface_address(const std::string& interface,
                                                 const std::string& address);

/// The parameters as a note of the ledger, and back. Types come from the catalogue.
[[nodiscard]] Facts to_facts(const ParamList& params);
[[nodiscard]] ParamList params_from_facts(const Facts& facts, const Catalogue& catalogue);

}  // namespace brig
