// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// The parameters that exist on a host. Asking for one by its name is cheap and builds nothing;
/// the rows with all their texts are made when somebody wants to read them.
class Catalogue {
  public:
    Catalogue() = default;
    Catalogue(const Catalogue&) = delete;
    Catalogue& operator=(const Catalogue&) = delete;
    Catalogue(Catalogue&&) = delete;
    Catalogue& operator=(Catalogue&&) = delete;
    virtual ~Catalogue() = default;

    /// The rule for `name`, if there is such a parameter. For the members of a key_value parameter
    /// ("meta.colour") that of the parameter itself.
    [[nodiscard]] std::optional<ParamRule> find(std::string_view name) const;

    /// The known name most like `name`, for "did you mean".
    [[nodiscard]] std::optional<std::string> nearest_to(std::string_view name) const;

    /// What the jails run on: "freebsd", "linux".
    [[nodiscard]] virtual std::string_view platform() const noexcept = 0;

    /// All rows, sorted by name.
    [[nodiscard]] virtual std::vector<ParamInfo> rows() const = 0;

  private:
    [[nodiscard]] virtual std::optional<ParamRule> find_whole(std::string_view name) const = 0;
};

}  // namespace brig
