// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/jail_conf.hpp"
#include "launch.hpp"

namespace brig {

/// `launch` as jail(8) would have to be told of it, with `root` as its path.
[[nodiscard]] ContainerDefinition define(const Context& context,
                                         const Launch& launch,
                                         const std::string& root);

/// The same of a container that is kept. Nothing is touched.
[[nodiscard]] ContainerDefinition define_container(Context& context, const std::string& id);

}  // namespace brig
