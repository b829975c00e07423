// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/conformance.hpp"
#include "brig/settings.hpp"
#include "drivers/tables.hpp"

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace brig::conformance {

/// The driver under test, loaded, and how its instances are configured.
struct Subject {
    CheckOptions options;
    std::filesystem::path file;
    const brig_driver* offered = nullptr;  ///< as its entry gave it
    DriverTables tables{};
    OptionMap instance;             ///< what `--config` says of an instance
    OptionMap container;            ///< what it says of one container or volume
    std::set<std::string> residue;  ///< what a life leaves by design, as World::anywhere()

    [[nodiscard]] bool is_network() const { return tables.driver.kind == BRIG_KIND_NETWORK; }
    [[nodiscard]] bool has(std::uint64_t cap) const { return (tables.driver.caps & cap) != 0; }
    [[nodiscard]] bool clones() const { return has(BRIG_CAP_CLONE) && has(BRIG_CAP_SNAPSHOT); }
    [[nodiscard]] bool has_extension(const char* id) const {
        return tables.driver.extension != nullptr && tables.driver.extension(id) != nullptr;
    }
};

/// Options for an instance: those of the subject, and for what is required and not there values of
/// its type. Folders are made below `folder`.
[[nodiscard]] OptionMap instance_options(const Subject& subject,
                                         const std::filesystem::path& folder);

/// Some value of that type that fits the row, as one would write it.
[[nodiscard]] OptionValue sample_value(const brig_option& row, const std::filesystem::path& folder);

/// Reads `--config` into the subject. @throws Error{invalid_config}
void read_configuration(Subject& subject);

}  // namespace brig::conformance
