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

std::optional<std::string> Store::find_lease(const std::string& pool, const LeaseHolder& holder) {
    Database* database = impl_->driver_data.reading();
    return database == nullptr ? std::nullopt
                               : first_text(database->query(
                                   "SELECT value FROM lease WHERE pool = ? AND container = ?"
                                   " AND instance = ? AND object = ? AND key = ?",
                                   pool,
                                   holder.container,
                                   holder.instance,
                                   holder.object,
                                   holder.key));
}

std::optional<LeaseHolder> Store::holder_of(const std::string& pool, const std::string& value) {
    Database* database = impl_->driver_data.reading();
    if (database == nullptr) {
        return std::nullopt;
    }
    Statement rows = database->query(
        "SELECT instance, container, object, key FROM lease WHERE pool = ? AND value = ?",
        pool,
        value);
    return rows.step()
               ? std::optional{LeaseHolder{rows.text(0), rows.text(1), rows.text(2), rows.text(3)}}
               : std::nullopt;
}

std::set<std::string> Store::leased_values(const std::string& pool) {
    std::set<std::string> values;
    if (Database* database = impl_->driver_data.reading(); database != nullptr) {
        Statement rows = database->query("SELECT value FROM lease WHERE pool = ?", pool);
        while (rows.step()) {
            values.insert(rows.text(0));
        }
    }
    return values;
}

bool Store::add_lease(const std::string& pool,
                      const LeaseHolder& holder,
                      const std::string& value) {
    Database& database = impl_->driver_data.writing();
    if (database.try_run("INSERT INTO lease VALUES (?, ?, ?, ?, ?, ?)",
                         pool,
                         holder.container,
                         holder.instance,
                         holder.object,
                         holder.key,
                         value)) {
        return true;
    }
    const std::optional<std::string> held = find_lease(pool, holder);
    if (held && *held != value) {
        throw Error{ErrorCode::conflict,
                    fmt::format("\"{}\" of \"{}\" has {} of pool \"{}\" already, not {}",
                                holder.key,
                                holder.container,
                                *held,
                                pool,
                                value)};
    }
    return held.has_value();
}

void Store::remove_lease(const std::string& pool, const LeaseHolder& holder) {
    if (impl_->driver_data.reading() != nullptr) {
        impl_->driver_data.writing().run(
            "DELETE FROM lease WHERE pool = ? AND container = ?"
            " AND instance = ? AND object = ? AND key = ?",
            pool,
            holder.container,
            holder.instance,
            holder.object,
            holder.key);
    }
}

void Store::remove_leases(const LeaseHolder& holder) {
    Database* database = impl_->driver_data.reading();
    // The end of every container asks this, and most have no leases: reading is cheaper by far.
    if (database != nullptr
        && first_text(database->query("SELECT value FROM lease WHERE container = ?"
                                      " AND instance = ? AND object = ? LIMIT 1",
                                      holder.container,
                                      holder.instance,
                                      holder.object))) {
        impl_->driver_data.writing().run(
            "DELETE FROM lease WHERE container = ? AND instance = ? AND object = ?",
            holder.container,
            holder.instance,
            holder.object);
    }
}

void Store::remove_leases_of(const std::string& container) {
    Database* database = impl_->driver_data.reading();
    if (database != nullptr
        && first_text(
            database->query("SELECT value FROM lease WHERE container = ? LIMIT 1", container))) {
        impl_->driver_data.writing().run("DELETE FROM lease WHERE container = ?", container);
    }
}

std::vector<Lease> Store::leases() {
    std::vector<Lease> all;
    if (Database* database = impl_->driver_data.reading(); database != nullptr) {
        Statement rows = database->query(
            "SELECT pool, instance, container, object, key, value FROM lease ORDER BY pool, value");
        while (rows.step()) {
            all.push_back({rows.text(0),
                           {rows.text(1), rows.text(2), rows.text(3), rows.text(4)},
                           rows.text(5)});
        }
    }
    return all;
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
