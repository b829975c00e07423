// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/update.hpp"
#include "host/host.hpp"

#include <map>
#include <string>
#include <string_view>

/// The values of parameters, whether they are set or not, and when a running container can have
/// others. Shared by `update` and by the comparison of a plan with a running container.
namespace brig {

/// Gives every parameter a value: the one that is set, or its default.
class EffectiveValues {
  public:
    explicit EffectiveValues(const Catalogue& catalogue);

    /// Nothing when `name` is not set in `params` and its default is not known.
    [[nodiscard]] Change::Values of(const ParamList& params, const std::string& name) const;

  private:
    std::map<std::string, Change::Values, std::less<>> defaults_;
};

/// Of the two lists, the kernel's parameters that differ, with the values of `to`.
[[nodiscard]] ParamList kernel_changes(const Catalogue& catalogue,
                                       const ParamList& from,
                                       const ParamList& to);

/// Whether a container that runs with the parameters `live` can be given the value `change` has.
[[nodiscard]] Changeability changeability(const Host& host,
                                          const ParamList& live,
                                          const Change& change);

}  // namespace brig
