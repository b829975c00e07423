// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "ledger/ledger.hpp"

#include <filesystem>
#include <string>
#include <vector>

/// Names: /etc/resolv.conf and /etc/hosts in a container's own root. Never in an image: what is
/// written to is the container's clone. Paths are resolved as the container would resolve them, the
/// files appear as a whole, and what cannot be written is warned of: its root is the container's
/// affair.
namespace brig {

/// A container that has its addresses.
struct NamedContainer {
    std::string id;
    std::vector<std::string> names;  ///< its host name and its name
    std::filesystem::path root;      ///< empty: its files are not ours to write
};

/// Writes its resolv.conf, as the network with its default route says.
void write_resolver(Context& context, const NamedContainer& container, const Ledger& ledger);

/// Makes it known on each of its networks where containers have names, and their names to it. What
/// was written down is not written down again.
void announce(Context& context, const NamedContainer& container, Ledger& ledger);

/// Writes the /etc/hosts of a container that has left a network and goes on: without those there.
void forget_names(Context& context, const std::string& id, const std::filesystem::path& root);

/// Takes it out of what others on the network know. Not there is fine.
void withdraw(Context& context, const std::string& network, const std::string& id);

}  // namespace brig
