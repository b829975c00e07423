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
    /// Says in a rule what a host makes of the parameter `name`.
    using Limit = void (*)(std::string_view name, ParamRule& rule);

    /// The parameters of a release of FreeBSD, and those that the engine performs on any.
    explicit BuiltinCatalogue(Release release) noexcept : release_{release} {}

    /// All parameters, on a host that makes of them what it can.
    BuiltinCatalogue(const char* platform, Limit limit) noexcept
        : platform_{platform}, limit_{limit} {}

    [[nodiscard]] std::string_view platform() const noexcept override { return platform_; }
    [[nodiscard]] std::vector<ParamInfo> rows() const override;

  private:
    [[nodiscard]] std::optional<ParamRule> find_whole(std::string_view name) const override;

    const char* platform_ = "freebsd";
    Release release_ = Release::freebsd_15;
    Limit limit_ = nullptr;
};

/// The first release whose kernel has a parameter `name`, in a module perhaps.
[[nodiscard]] std::optional<Release> release_with(std::string_view name);

/// Sorts `rows` by name. Of several of one name the first stays.
[[nodiscard]] std::vector<ParamInfo> sorted_by_name(std::vector<ParamInfo> rows);

}  // namespace brig
