// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "brig/settings.hpp"
#include "drivers/option_value.hpp"
#include "support/findings.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace brig {

/// Which of a driver's options may be set: in its instance's table, or for one container.
enum class OptionScope {
    instance,
    container  ///< those with BRIG_OPT_PER_CONTAINER; no defaults, none required
};

/// Checks what the user wrote against the driver's rows, and fills in defaults. The values of the
/// result have the types of their rows: sizes in bytes, durations in milliseconds.
///
/// Findings: an unknown key (with the nearest one), a value of the wrong type or form, not among
/// the choices, out of bounds, a required option that is missing.
///
/// @param subject whose options they are, for messages: "network 'lan'"
[[nodiscard]] OptionMap resolve_options(const OptionMap& given,
                                        std::span<const brig_option> rows,
                                        OptionScope scope,
                                        const std::string& subject,
                                        Findings& findings);

/// The same for options of one container or volume that were written as "NAME=VALUE", with lists
/// separated by commas.
[[nodiscard]] OptionMap resolve_written_options(const std::vector<std::string>& written,
                                                std::span<const brig_option> rows,
                                                const std::string& subject,
                                                Findings& findings);

/// What is wrong with the rows themselves, as the end of a sentence about the driver, or nothing.
[[nodiscard]] std::optional<std::string> options_defect(std::span<const brig_option> rows);

/// Owns the C form of a map for the time of a call.
class DriverMap {
  public:
    /// Resolved options; `rows` give the types.
    DriverMap(const OptionMap& options, std::span<const brig_option> rows);

    /// Texts.
    explicit DriverMap(const std::map<std::string, std::string>& texts);

    DriverMap(const DriverMap&) = delete;
    DriverMap& operator=(const DriverMap&) = delete;
    DriverMap(DriverMap&&) = delete;
    DriverMap& operator=(DriverMap&&) = delete;
    ~DriverMap() = default;

    /// Valid as long as this object is.
    [[nodiscard]] brig_map view() const noexcept { return {entries_.data(), entries_.size()}; }

  private:
    const char* keep(std::string text);
    brig_value keep_value(std::uint32_t type, const OptionContent& content);
    brig_value keep_list(std::uint32_t type, const std::vector<std::string>& texts);

    std::deque<std::string> texts_;  // a deque: its elements stay where they are
    std::deque<std::vector<const char*>> lists_;
    std::vector<brig_kv> entries_;
};

}  // namespace brig
