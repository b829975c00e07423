// SPDX-License-Identifier: BSD-2-Clause
#include "brig/param.hpp"

#include <algorithm>

namespace brig {

std::string Origin::to_string() const {
    if (!detail.empty()) {
        return detail;
    }
    switch (kind) {
        case Kind::engine_default:
            return "default";
        case Kind::driver:
            return "driver";
        case Kind::image:
            return "image";
        case Kind::configuration:
            return "configuration";
        case Kind::command_line:
            break;
    }
    return "command line";
}

const Param* find_param(const ParamList& params, std::string_view name) noexcept {
    const auto param = std::find_if(
        params.begin(), params.end(), [name](const Param& each) { return each.name == name; });
    return param != params.end() ? &*param : nullptr;
}

}  // namespace brig
