// SPDX-License-Identifier: BSD-2-Clause
#include "params/release.hpp"

#include "brig/error.hpp"

#include <fmt/core.h>

namespace brig {

std::string_view to_string(Release release) noexcept {
    switch (release) {
        case Release::freebsd_13_2:
            return "13.2";
        case Release::freebsd_14:
            return "14";
        case Release::freebsd_15:
            break;
    }
    return "15";
}

Release parse_target(std::string_view text) {
    for (const Release release :
         {Release::freebsd_13_2, Release::freebsd_14, Release::freebsd_15}) {
        if (text == fmt::format("freebsd-{}", to_string(release))) {
            return release;
        }
    }
    throw Error{ErrorCode::invalid_config, fmt::format("there is no target '{}'", text)}.with_hint(
        "one of freebsd-13.2, freebsd-14, freebsd-15");
}

}  // namespace brig
