// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"

#include <fmt/core.h>

namespace brig {

namespace {

std::optional<std::string> first_text(Statement rows) {
    return rows.step() ? std::optional{rows.text(0)} : std::nullopt;
}

}  // namespace

std::optional<std::string> Store::find_lease(const std::string& pool, const std::string& key) {
    Database* database = impl_->driver_data.reading();
    return database == nullptr
               ? std::nullopt
               : first_text(database->query(
                   "SELECT value FROM lease WHERE pool = ? AND key = ?", pool, key));
}

bool Store::add_lease(const std::string& pool, const std::string& key, const std::string& value) {
    Database& database = impl_->driver_data.writing();
    if (database.try_run("INSERT INTO lease VALUES (?, ?, ?)", pool, key, value)) {
        return true;
    }
    const std::optional<std::string> held = find_lease(pool, key);
    if (held && *held != value) {
        throw Error{
            ErrorCode::conflict,
            fmt::format("\"{}\" has {} of pool \"{}\" already, not {}", key, *held, pool, value)};
    }
    return held.has_value();
}

void Store::remove_lease(const std::string& pool, const std::string& key) {
    if (impl_->driver_data.reading() != nullptr) {
        impl_->driver_data.writing().run("DELETE FROM lease WHERE pool = ? AND key = ?", pool, key);
    }
}

void Store::remove_leases(const std::string& key_prefix) {
    Database* database = impl_->driver_data.reading();
    if (database == nullptr) {
        return;
    }
    // The end of every container asks this, and most have no leases: reading is cheaper by far.
    if (first_text(database->query(
            "SELECT key FROM lease WHERE substr(key, 1, length(?1)) = ?1 LIMIT 1", key_prefix))) {
        impl_->driver_data.writing().run("DELETE FROM lease WHERE substr(key, 1, length(?1)) = ?1",
                                         key_prefix);
    }
}

void Store::put_state(const std::string& scope, const std::string& key, const std::string& value) {
    impl_->driver_data.writing().run(
        "INSERT INTO driver_state VALUES (?, ?, ?)"
        " ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value",
        scope,
        key,
        Blob{value});
}

std::optional<std::string> Store::get_state(const std::string& scope, const std::string& key) {
    Database* database = impl_->driver_data.reading();
    return database == nullptr
               ? std::nullopt
               : first_text(database->query(
                   "SELECT value FROM driver_state WHERE scope = ? AND key = ?", scope, key));
}

void Store::remove_state(const std::string& scope, const std::string& key) {
    if (impl_->driver_data.reading() != nullptr) {
        impl_->driver_data.writing().run(
            "DELETE FROM driver_state WHERE scope = ? AND key = ?", scope, key);
    }
}

}  // namespace brig
