// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/host.hpp"

#include <filesystem>
#include <string>
#include <string_view>

/// What is known of a running jail. Its init keeps it in memory and gives it back when asked, so
/// that there is no file to be stale.
namespace brig::host_linux {

struct JailRecord {
    std::string name;
    std::filesystem::path root;
    ParamList params;  ///< those of the kernel
};

[[nodiscard]] std::string format_record(const JailRequest& request);

/// @throws Error{internal} when `text` is not a record.
[[nodiscard]] JailRecord parse_record(std::string_view text);

}  // namespace brig::host_linux
