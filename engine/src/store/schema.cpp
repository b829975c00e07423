// SPDX-License-Identifier: BSD-2-Clause
#include "store/schema.hpp"

#include "brig/error.hpp"
#include "support/check.hpp"

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
constexpr std::array kMigrations{
    R"sql(
CREATE TABLE image (
    id TEXT PRIMARY KEY, storage TEXT NOT NULL, volume TEXT NOT NULL, user TEXT NOT NULL,
    environment BLOB NOT NULL, command BLOB NOT NULL, workdir TEXT NOT NULL,
    source TEXT NOT NULL, created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE image_name (
    name TEXT, tag TEXT, image_id TEXT NOT NULL REFERENCES image ON DELETE CASCADE,
    PRIMARY KEY (name, tag)
) STRICT, WITHOUT ROWID;
CREATE TABLE container (
    id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, spec TEXT NOT NULL,
    image_id TEXT NOT NULL REFERENCES image, storage TEXT NOT NULL,
    created INTEGER NOT NULL, started INTEGER, finished INTEGER,
    exit_code INTEGER, exit_signal INTEGER, needs_attention INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE lease (
    pool TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (pool, key), UNIQUE (pool, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE driver_state (
    scope TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
)sql",
};

constexpr int kKnownVersion = static_cast<int>(kMigrations.size());

void refuse_newer(int version, const fs::path& file) {
    if (version > kKnownVersion) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("the database \"{}\" was made by a newer brig (schema {}, this "
                                "brig knows {})",
                                file.native(),
                                version,
                                kKnownVersion)}
            .with_hint("use that brig, or choose another --state directory");
    }
}

void migrate(Database& database, const fs::path& file) {
    WriteTransaction transaction{database};
    // Another process may have done it, or more, while this one waited.
    const int version = database.schema_version();
    refuse_newer(version, file);
    for (auto step = static_cast<std::size_t>(version); step < kMigrations.size(); ++step) {
        database.execute(kMigrations[step]);
    }
    database.execute(fmt::format("PRAGMA user_version = {}", kKnownVersion).c_str());
    transaction.commit();
}

/// Held while a database is made: SQLite does not wait when two processes switch a new one to WAL.
UniqueFd lock_folder(const fs::path& folder) {
    UniqueFd fd{check(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open {}", folder.native())};
    check(::flock(fd.get(), LOCK_EX), "lock {}", folder.native());
    return fd;
}

void make_folder(const fs::path& folder) {
    std::error_code error;
    fs::create_directories(folder.parent_path(), error);
    if (error) {
        throw_system_error(error.value(), fmt::format("create {}", folder.parent_path().native()));
    }
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) {
        throw_system_error(errno, fmt::format("create {}", folder.native()));
    }
}

/// An empty file is a new database. The log files get its mode: environments may hold secrets.
void make_private_file(const fs::path& file) {
    const UniqueFd fd{check(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR),
                            "create {}",
                            file.native())};
}

}  // namespace

std::optional<Database> open_store_database(const fs::path& file) {
    std::optional<Database> database = Database::open(file);
    if (!database) {
        return std::nullopt;
    }
    const int version = database->schema_version();
    refuse_newer(version, file);
    if (version == 0) {
        return std::nullopt;
    }
    if (version < kKnownVersion) {
        migrate(*database, file);
    }
    return database;
}

Database create_store_database(const fs::path& file) {
    const fs::path folder = file.parent_path();
    make_folder(folder);
    const UniqueFd lock = lock_folder(folder);
    make_private_file(file);
    Database database = Database::open(file).value();
    // Small pages: a record is a few hundred bytes, and every change writes whole pages.
    database.execute("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL");
    migrate(database, file);
    return database;
}

}  // namespace brig
