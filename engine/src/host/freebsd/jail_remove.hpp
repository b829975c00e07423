// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace brig::freebsd {

/// Kills everything in the jail called `name` and in its children, removes them, and returns when
/// no process of theirs is left. Absent is fine. What a jail with allow.mount has mounted below its
/// root is unmounted: it would keep the root busy, and the jail dying.
///
/// Of the jail itself nothing may be left either, but that is waited for only briefly: a socket in
/// TIME_WAIT, or a zombie whose parent has not asked for it, keeps a jail dying for long, and the
/// network stack of a vnet jail goes in its own time.
void remove_jail(const std::string& name);

}  // namespace brig::freebsd
