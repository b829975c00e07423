// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/catalogue.hpp"

#include <map>
#include <string>
#include <vector>

namespace brig::freebsd {

/// The jail parameters this kernel has now: the leaves of sysctl security.jail.param, where a
/// module adds its own when it is loaded.
[[nodiscard]] std::vector<ParamInfo> present_params();

/// Those; the ones libjail would load a module for (jailparam_init(3)), so that
/// `allow.mount.nullfs` is known before the first nullfs is mounted; and those that the engine
/// performs. The kernel is asked for a parameter when somebody looks it up.
class KernelCatalogue final : public Catalogue {
  public:
    [[nodiscard]] std::string_view platform() const noexcept override { return "freebsd"; }
    [[nodiscard]] std::vector<ParamInfo> rows() const override;

  private:
    [[nodiscard]] std::optional<ParamRule> find_whole(std::string_view name) const override;

    mutable std::map<std::string, std::optional<ParamRule>, std::less<>> asked_;
};

}  // namespace brig::freebsd
