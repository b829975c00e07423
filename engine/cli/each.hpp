// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace brig::cli {

/// Does `work` with each of the containers, and goes on after failures, which are printed. Returns
/// the exit status: 1 when there was one.
int for_each_container(const std::vector<std::string>& containers,
                       const std::function<void(const std::string&)>& work);

}  // namespace brig::cli
