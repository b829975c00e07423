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
    /// Says in a rule what a host makes of the parameter `name`.
    using Limit = void (*)(std::string_view name, ParamRule& rule);

    explicit BuiltinCatalogue(Limit limit) noexcept : limit_{limit} {}

    [[nodiscard]] std::vector<ParamInfo> rows() const override;

  private:
    [[nodiscard]] std::optional<ParamRule> find_whole(std::string_view name) const override;

    Limit limit_;
};

/// Sorts `rows` by name. Of several of one name the first stays.
[[nodiscard]] std::vector<ParamInfo> sorted_by_name(std::vector<ParamInfo> rows);

}  // namespace brig
