// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

namespace brig::freebsd {

/// What login.conf(5) gives to the processes of `user`, as setusercontext(3) would set it: by the
/// class that the user has in master.passwd(5) and by ~/.login_conf. Those are the jail's files, or
/// without one the host's. A cpumask or label of a class is not regarded.
///
/// A jail's files are hostile: they are read by a process in the jail, with what root in there may
/// do, for at most ten seconds.
///
/// @throws Error{system} when they could not be read in that time, or are not what they should be.
[[nodiscard]] LoginClass login_class_of(const Jail* jail, const Credentials& user);

}  // namespace brig::freebsd
