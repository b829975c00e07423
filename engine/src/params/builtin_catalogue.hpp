// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/catalogue.hpp"
#include "params/table.hpp"

namespace brig {

/// The kernel parameters of FreeBSD, for hosts that cannot be asked.
[[nodiscard]] table::Table kernel_table() noexcept;

/// jail(8)'s pseudo-parameters, which the engine performs on every host.
[[nodiscard]] table::Table pseudo_table() noexcept;

/// The built-in tables as a catalogue.
class BuiltinCatalogue final : public Catalogue {
  public:
    /// What a host makes of a kernel parameter.
    using EnforcementOf = Enforcement (*)(std::string_view name);

    explicit BuiltinCatalogue(EnforcementOf enforcement_of) noexcept
        : enforcement_of_{enforcement_of} {}

    [[nodiscard]] std::vector<ParamInfo> rows() const override;

  private:
    [[nodiscard]] std::optional<ParamRule> find_whole(std::string_view name) const override;

    EnforcementOf enforcement_of_;
};

/// Sorts `rows` by name. Of several of one name the first stays.
[[nodiscard]] std::vector<ParamInfo> sorted_by_name(std::vector<ParamInfo> rows);

}  // namespace brig
