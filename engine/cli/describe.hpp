// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/update.hpp"
#include "output.hpp"

#include <string>

namespace brig::cli {

/// "running", "stopped (3)", "stopped (signal 9)", …
[[nodiscard]] std::string describe_state(const ContainerInfo& container);

/// "boolean", "integer 0 to 2", "new|inherit", …: what a parameter takes, as one would write it.
[[nodiscard]] std::string describe_type(const ParamInfo& param);

/// "enforced", "recorded" or "refused".
[[nodiscard]] const char* effect_of(Enforcement enforcement);

/// "now", "at the next start" or "never".
[[nodiscard]] const char* describe_time(ChangeTime time);

/// "a, b", or "-" where there is none.
[[nodiscard]] std::string describe_values(const Change::Values& values);

[[nodiscard]] Json to_json(const ParamInfo& param);
[[nodiscard]] Json to_json(const Change& change);
[[nodiscard]] Json to_json(const AttachmentInfo& attachment);
[[nodiscard]] Json to_json(const std::vector<AttachmentInfo>& attachments);
[[nodiscard]] Json to_json(const ContainerInfo& container);

}  // namespace brig::cli
