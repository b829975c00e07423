// SPDX-License-Identifier: BSD-2-Clause
#include "store/schema.hpp"

#include "brig/error.hpp"
#include "support/check.hpp"
#include "support/file_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <string>

namespace brig {

namespace {

namespace fs = std::filesystem;

/// What brings a database from version N to N + 1, in order. Released ones are never edited.
///
/// Times are nanoseconds since 1970. Lists of strings are blobs of NUL-terminated strings, as in
/// /proc/PID/environ.
constexpr std::array kContainers{
    R"sql(
CREATE TABLE container (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,
    image_id TEXT NOT NULL, storage TEXT NOT NULL,
    created INTEGER NOT NULL, started INTEGER, finished INTEGER,
    exit_code INTEGER, exit_signal INTEGER, needs_attention INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
    "ALTER TABLE container ADD COLUMN stopped_by_user INTEGER NOT NULL DEFAULT 0",
    R"sql(
CREATE TABLE volume (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, storage TEXT NOT NULL,
    options BLOB NOT NULL, created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
)sql",
};

constexpr std::array kDriverData{
    R"sql(
CREATE TABLE lease (
    pool TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (pool, key), UNIQUE (pool, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE driver_state (
    scope TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
)sql",
    // No driver that came with the first schema took leases.
    R"sql(
DROP TABLE lease;
CREATE TABLE lease (
    pool TEXT, container TEXT, instance TEXT, object TEXT, key TEXT, value TEXT NOT NULL,
    PRIMARY KEY (pool, container, instance, object, key), UNIQUE (pool, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX lease_container ON lease (container);
)sql",
};

int known_version(Schema schema) {
    return static_cast<int>(schema.size());
}

void refuse_newer(int version, Schema schema, const fs::path& file) {
    if (version > known_version(schema)) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("the database \"{}\" was made by a newer brig (schema {}, this "
                                "brig knows {})",
                                file.native(),
                                version,
                                known_version(schema))}
            .with_hint("use that brig, or choose another --state directory");
    }
}

void migrate(Database& database, Schema schema, const fs::path& file) {
    WriteTransaction transaction{database};
    // Another process may have done it, or more, while this one waited.
    const int version = database.schema_version();
    refuse_newer(version, schema, file);
    for (auto step = static_cast<std::size_t>(version); step < schema.size(); ++step) {
        database.execute(schema[step]);
    }
    database.execute(fmt::format("PRAGMA user_version = {}", known_version(schema)).c_str());
    transaction.commit();
}

/// Held while a database is made: SQLite does not wait when two processes switch a new one to WAL.
UniqueFd lock_state(const fs::path& folder) {
    UniqueFd fd{check(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open {}", folder.native())};
    lock_file(fd.get(), LOCK_EX, folder);
    return fd;
}

/// An empty file is a new database. The log files get its mode: environments may hold secrets.
void make_private_file(const fs::path& file) {
    const UniqueFd fd{check(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR),
                            "create {}",
                            file.native())};
}

}  // namespace

void make_private_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (error) {
        throw_system_error(error.value(), fmt::format("create {}", folder.parent_path().native()));
    }
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        throw_system_error(errno, fmt::format("create {}", folder.native()));
    }
}

Schema container_schema() {
    return kContainers;
}

Schema driver_data_schema() {
    return kDriverData;
}

std::optional<Database> open_store_database(const fs::path& file, Schema schema) {
    std::optional<Database> database = Database::open(file);
    if (!database) {
        return std::nullopt;
    }
    const int version = database->schema_version();
    refuse_newer(version, schema, file);
    if (version == 0) {
        return std::nullopt;
    }
    if (version < known_version(schema)) {
        migrate(*database, schema, file);
    }
    return database;
}

Database create_store_database(const fs::path& file, Schema schema) {
    const fs::path folder = file.parent_path();
    make_private_folder(folder);
    const UniqueFd lock = lock_state(folder);
    make_private_file(file);
    Database database = Database::open(file).value();
    // Small pages: a record is a few hundred bytes, and every change writes whole pages.
    database.execute("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL");
    migrate(database, schema, file);
    return database;
}

}  // namespace brig
