// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"

#include <string>
#include <vector>

namespace brig {

/// Attaches the container `id` to a further network: at once if it runs, and at every start from
/// now on if it is kept.
/// @throws Error{conflict}: it is on it already, or its jail cannot be; Error{unsupported}: not
///         while it runs
void connect(Context& context, const AttachmentSpec& wanted, const std::string& id);

/// Takes it off a network, likewise.
void disconnect(Context& context, const std::string& network, const std::string& id);

/// Tells those on its networks what a container that runs is called now.
void announce_again(Context& context, const std::string& id);

/// Checks the attachments of a container that runs, and sets up again what is not as it was.
/// Returns what was repaired, for people.
[[nodiscard]] std::vector<std::string> mend_attachments(Context& context, const std::string& id);

}  // namespace brig
