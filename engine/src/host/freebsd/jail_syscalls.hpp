// SPDX-License-Identifier: BSD-2-Clause
#pragma once

// The jail headers want <sys/param.h> before them and do not include it.
// clang-format off
#include <sys/param.h>
#include <sys/jail.h>
#include <sys/uio.h>
#include <jail.h>
// clang-format on

namespace brig::freebsd {

/// jail_set(2): give back a descriptor that owns the jail. <sys/jail.h> has it from FreeBSD 15 on;
/// a program built on 13.2 uses it there as well.
#ifdef JAIL_OWN_DESC
constexpr int kOwnDescriptor = JAIL_OWN_DESC;
#else
constexpr int kOwnDescriptor = 0x80;
#endif

}  // namespace brig::freebsd
