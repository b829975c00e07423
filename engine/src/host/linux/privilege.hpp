// SPDX-License-Identifier: BSD-2-Clause
#pragma once

namespace brig::host_linux {

/// @throws Error{permission} that names the privilege this process lacks for making jails.
void require_root();

/// Says why namespaces were refused with `error`, as precisely as can be found out.
/// @throws Error{permission} or Error{unsupported}; returns when there is nothing to add.
void explain_refusal(int error);

}  // namespace brig::host_linux
