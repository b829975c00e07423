// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "brig/engine.hpp"

#include <filesystem>
#include <span>

namespace brig {

/// A driver's tables in the layout of this engine: members that the driver does not have are stubs
/// (operations that may be missing) or null, members that only a newer driver knows are left out.
struct DriverTables {
    brig_driver driver;  ///< its `base`, `network` and `storage` are not to be used: see below
    brig_base_ops base;
    brig_network_ops network;      ///< of no use unless driver.kind is BRIG_KIND_NETWORK
    brig_storage_ops storage;      ///< of no use unless driver.kind is BRIG_KIND_STORAGE
    bool has_shared;               ///< BRIG_NETWORK_SHARED
    brig_network_shared shared;    ///< stubs without BRIG_NETWORK_SHARED
    brig_storage_inspect inspect;  ///< stubs without BRIG_STORAGE_INSPECT
    brig_storage_stream stream;    ///< stubs without BRIG_STORAGE_STREAM; format null then

    [[nodiscard]] std::span<const brig_option> options() const noexcept {
        return {driver.options, driver.n_options};
    }
};

/// What a driver offers, as far as this engine knows it. What the driver does not have is null;
/// only versions, kind and the tables' sizes were checked.
/// @throws Error{bad_driver} as negotiate() does
[[nodiscard]] DriverTables offered_tables(const brig_driver* offered,
                                          const std::filesystem::path& file);

/// Checks what a driver offers, and puts stubs where an operation may be missing.
/// @throws Error{bad_driver} as negotiate() does
[[nodiscard]] DriverTables accept(DriverTables tables, const std::filesystem::path& file);

/// Takes over what a driver offers: the two above.
///
/// @param offered what its entry returned
/// @param file    where it comes from; the driver must be called like it
/// @throws Error{bad_driver} with what is wrong and who must upgrade.
[[nodiscard]] DriverTables negotiate(const brig_driver* offered, const std::filesystem::path& file);

/// The driver for people, as its manifest would describe it.
[[nodiscard]] DriverInfo describe(const DriverTables& tables, const std::filesystem::path& file);

}  // namespace brig
