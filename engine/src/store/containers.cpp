// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "spec/container_spec.hpp"
#include "store/store.hpp"
#include "store/store_impl.hpp"

#include <fmt/core.h>

#include <sys/file.h>

#include <string_view>

namespace brig {

namespace {

using OptionalTime = std::optional<std::chrono::system_clock::time_point>;

constexpr std::string_view kSelect =
    "SELECT id, name, spec, image_id, storage, created, started, finished, exit_code, exit_signal,"
    " needs_attention, stopped_by_user FROM container ";

OptionalTime optional_time(std::optional<std::int64_t> nanoseconds) {
    return nanoseconds ? OptionalTime{from_nanoseconds(*nanoseconds)} : std::nullopt;
}

std::optional<std::int64_t> optional_nanoseconds(const OptionalTime& time) {
    return time ? std::optional{to_nanoseconds(*time)} : std::nullopt;
}

std::optional<std::int64_t> exit_code(const ContainerRecord& record) {
    return record.exit ? std::optional<std::int64_t>{record.exit->code} : std::nullopt;
}

std::optional<std::int64_t> exit_signal(const ContainerRecord& record) {
    return record.exit ? std::optional<std::int64_t>{record.exit->signal} : std::nullopt;
}

/// The current row of `kSelect`.
ContainerRecord read_record(const Statement& row) {
    ContainerRecord record;
    record.id = row.text(0);
    record.name = row.text(1);
    record.spec = container_spec_from_toml(row.text(2), "container " + record.id);
    record.image_id = row.text(3);
    record.storage = row.text(4);
    record.created = from_nanoseconds(row.integer(5));
    record.started = optional_time(row.optional_integer(6));
    record.finished = optional_time(row.optional_integer(7));
    if (const auto code = row.optional_integer(8)) {
        record.exit = ExitStatus{static_cast<int>(*code), static_cast<int>(row.integer(9))};
    }
    record.needs_attention = row.integer(10) != 0;
    record.stopped_by_user = row.integer(11) != 0;
    return record;
}

std::vector<ContainerRecord> read_records(Statement rows) {
    std::vector<ContainerRecord> records;
    while (rows.step()) {
        records.push_back(read_record(rows));
    }
    return records;
}

std::optional<ContainerRecord> read_one(Statement rows) {
    return rows.step() ? std::optional{read_record(rows)} : std::nullopt;
}

std::string select_where(std::string_view condition) {
    return std::string{kSelect}.append(condition);
}

/// Why the database refused to keep `record`.
[[noreturn]] void throw_refusal(Database& database, const ContainerRecord& record) {
    Statement holder = database.query("SELECT id FROM container WHERE name = ?", record.name);
    if (holder.step() && holder.text(0) != record.id) {
        throw Error{
            ErrorCode::already_exists,
            fmt::format("the name \"{}\" is taken by container {}", record.name, holder.text(0))}
            .with_hint("choose another name, or remove that container with `brig rm`");
    }
    throw Error{ErrorCode::already_exists,
                fmt::format("there is a container {} already", record.id)};
}

/// A container with a root of its own has no image.
void require_image(const ImageFiles& images, const ContainerRecord& record) {
    if (!record.image_id.empty() && !images.has(record.image_id)) {
        throw Error{ErrorCode::not_found, fmt::format("there is no image {}", record.image_id)};
    }
}

void insert(Database& database, const ContainerRecord& record) {
    const bool added =
        database.try_run("INSERT INTO container VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         record.id,
                         record.name,
                         to_toml(record.spec),
                         record.image_id,
                         record.storage,
                         to_nanoseconds(record.created),
                         optional_nanoseconds(record.started),
                         optional_nanoseconds(record.finished),
                         exit_code(record),
                         exit_signal(record),
                         static_cast<std::int64_t>(record.needs_attention),
                         static_cast<std::int64_t>(record.stopped_by_user));
    if (!added) {
        throw_refusal(database, record);
    }
}

}  // namespace

void Store::prepare_to_add_container() {
    static_cast<void>(impl_->containers.writing());
}

void Store::add_container(const ContainerRecord& record) {
    const auto lock = impl_->images.lock(LOCK_SH);
    require_image(impl_->images, record);
    insert(impl_->containers.writing(), record);
}

void Store::add_containers(const std::vector<ContainerRecord>& records) {
    const auto lock = impl_->images.lock(LOCK_SH);
    Database& database = impl_->containers.writing();
    WriteTransaction transaction{database};
    for (const ContainerRecord& record : records) {
        require_image(impl_->images, record);
        insert(database, record);
    }
    transaction.commit();
}

void Store::update_container(const ContainerRecord& record) {
    Database& database = impl_->containers.writing();
    const bool updated = database.try_run(
        "UPDATE container SET name = ?2, image_id = ?3, storage = ?4, started = ?5, finished = ?6,"
        " exit_code = ?7, exit_signal = ?8, needs_attention = ?9 WHERE id = ?1",
        record.id,
        record.name,
        record.image_id,
        record.storage,
        optional_nanoseconds(record.started),
        optional_nanoseconds(record.finished),
        exit_code(record),
        exit_signal(record),
        static_cast<std::int64_t>(record.needs_attention));
    if (!updated) {
        throw_refusal(database, record);
    }
    if (database.changes() == 0) {
        throw Error{ErrorCode::not_found, fmt::format("there is no container {}", record.id)};
    }
}

void Store::change_spec(const std::string& id, const std::function<void(ContainerSpec&)>& change) {
    Database& database = impl_->containers.writing();
    WriteTransaction transaction{database};
    auto record = read_one(database.query(select_where("WHERE id = ?"), id));
    if (!record) {
        throw Error{ErrorCode::not_found, fmt::format("there is no container {}", id)};
    }
    change(record->spec);
    database.run("UPDATE container SET spec = ?2 WHERE id = ?1", id, to_toml(record->spec));
    transaction.commit();
}

void Store::set_stopped_by_user(const std::string& id, bool stopped) {
    if (impl_->containers.reading() != nullptr) {
        impl_->containers.writing().run(
            "UPDATE container SET stopped_by_user = ?2 WHERE id = ?1 AND stopped_by_user <> ?2",
            id,
            static_cast<std::int64_t>(stopped));
    }
}

void Store::remove_container(const std::string& id) {
    if (impl_->containers.reading() != nullptr) {
        impl_->containers.writing().run("DELETE FROM container WHERE id = ?", id);
    }
}

std::optional<std::string> Store::find_container_id(const std::string& name) {
    Database* database = impl_->containers.reading();
    if (database == nullptr) {
        return std::nullopt;
    }
    Statement rows = database->query("SELECT id FROM container WHERE name = ?", name);
    return rows.step() ? std::optional{rows.text(0)} : std::nullopt;
}

std::optional<ContainerRecord> Store::find_container_by_id(const std::string& id) {
    Database* database = impl_->containers.reading();
    return database == nullptr ? std::nullopt
                               : read_one(database->query(select_where("WHERE id = ?"), id));
}

std::vector<ContainerRecord> Store::containers_with_id_prefix(const std::string& prefix) {
    Database* database = impl_->containers.reading();
    if (database == nullptr) {
        return {};
    }
    // "~" sorts after every hexadecimal digit, so that the index answers.
    return read_records(
        database->query(select_where("WHERE id >= ?1 AND id < ?1 || '~' ORDER BY id"), prefix));
}

std::vector<ContainerRecord> Store::containers() {
    Database* database = impl_->containers.reading();
    return database == nullptr
               ? std::vector<ContainerRecord>{}
               : read_records(database->query(select_where("ORDER BY created, id")));
}

}  // namespace brig
