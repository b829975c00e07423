// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/jail_conf.hpp"
#include "context.hpp"

namespace brig {

/// Makes containers of the jails of a jail.conf(5): all that were asked for, or none.
/// @throws Error{invalid_config} with every finding, each with file:line:column; Error{not_found}
///         for a file or jail that is not there; Error{already_exists} when a name is taken.
ImportReport import_jails(Context& context, const ImportSpec& request);

}  // namespace brig
