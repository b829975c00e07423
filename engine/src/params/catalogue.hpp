// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// The parameters that exist, by name. Pure data: hosts fill it from their kernel, or from the
/// built-in table where the kernel has no jails.
class Catalogue {
  public:
    Catalogue() = default;
    explicit Catalogue(std::vector<ParamInfo> rows);

    /// The row of `name`, or nullptr. For the members of a key_value parameter ("meta.colour") that
    /// of the parameter itself.
    [[nodiscard]] const ParamInfo* find(std::string_view name) const noexcept;

    /// The known name most like `name`, for "did you mean".
    [[nodiscard]] std::optional<std::string> nearest_to(std::string_view name) const;

    /// All rows, sorted by name.
    [[nodiscard]] const std::vector<ParamInfo>& rows() const noexcept { return rows_; }

  private:
    std::vector<ParamInfo> rows_;
};

/// The kernel parameters of FreeBSD 13.2 as a table, for hosts without a catalogue of their own.
[[nodiscard]] std::vector<ParamInfo> builtin_kernel_params();

/// jail(8)'s pseudo-parameters, which the engine performs on every host.
[[nodiscard]] std::vector<ParamInfo> pseudo_params();

}  // namespace brig
