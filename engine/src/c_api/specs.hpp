// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "c_api/barrier.hpp"

namespace brig::c_api {

/// @throws Error{invalid_config}
[[nodiscard]] ContainerSpec spec_of(const brig_container_spec* passed);
[[nodiscard]] ExecSpec exec_of(const brig_exec_spec* passed);

}  // namespace brig::c_api
