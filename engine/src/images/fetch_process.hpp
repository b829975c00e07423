// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace brig {

struct FetchRequest {
    std::filesystem::path libexec;
    std::string url;
    std::uint64_t offset = 0;  ///< what is before that is there already
};

/// Who gets what arrives.
struct FetchSink {
    /// Called once, before anything else: where the rest begins, 0 if the server gives all of it.
    std::function<void(std::uint64_t offset)> begin;
    std::function<void(std::string_view bytes)> take;
};

/// Runs brig-fetch to its end. @throws Error{system} with what the server or the network said;
/// Error{interrupted} when `progress` wants it.
void fetch(const FetchRequest& request, const FetchSink& sink, const ProgressSink& progress);

}  // namespace brig
