// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/event.hpp"

#include <chrono>
#include <string>

namespace brig::cli {

/// A moment as a user writes it: "2026-01-31T12:00:00Z" (or without the Z, which is the same), the
/// seconds of date(1)'s %s, or how long before `now`: "90s", "10m", "2h", "1d".
/// @throws UsageError
[[nodiscard]] std::chrono::system_clock::time_point parse_moment(
    const std::string& text, std::chrono::system_clock::time_point now);

/// Adds what "KEY=VALUE" asks for: type, event, container, image, volume, network.
/// @throws UsageError
void add_filter(EventFilter& filter, const std::string& text);

}  // namespace brig::cli
