// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/catalogue.hpp"
#include "params/release.hpp"
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

    /// The parameters of a release of FreeBSD, and those that the engine performs on any.
    explicit BuiltinCatalogue(Release release) noexcept : release_{release} {}

    /// All parameters, on a host that enforces some of them.
    BuiltinCatalogue(const char* platform, EnforcementOf enforcement_of) noexcept
        : platform_{platform}, enforcement_of_{enforcement_of} {}

    [[nodiscard]] std::string_view platform() const noexcept override { return platform_; }
    [[nodiscard]] std::vector<ParamInfo> rows() const override;

  private:
    [[nodiscard]] std::optional<ParamRule> find_whole(std::string_view name) const override;

    const char* platform_ = "freebsd";
    Release release_ = Release::freebsd_15;
    EnforcementOf enforcement_of_ = nullptr;
};

/// The first release whose kernel has a parameter `name`, in a module perhaps.
[[nodiscard]] std::optional<Release> release_with(std::string_view name);

/// Sorts `rows` by name. Of several of one name the first stays.
[[nodiscard]] std::vector<ParamInfo> sorted_by_name(std::vector<ParamInfo> rows);

}  // namespace brig
