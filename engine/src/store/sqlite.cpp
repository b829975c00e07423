// SPDX-License-Identifier: BSD-2-Clause
#include "store/sqlite.hpp"

#include "brig/error.hpp"
#include "support/check.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <utility>

namespace brig {

namespace {

namespace fs = std::filesystem;

/// A hundred containers that end at once on a slow disk take their turns, and in no order.
constexpr int kBusyMilliseconds = 30'000;

/// A commit that finds the log longer than this many pages moves them into the database, which
/// costs fsyncs; opening reads the whole log. Measured best for commands that live for one
/// transaction.
constexpr int kCheckpointPages = 128;

/// After every commit. SQLite's own checkpoint leaves it to the next one to begin the log anew, who
/// has to be the same process or one beside it: another cannot know how much of the log is in the
/// database already, and makes it longer for ever.
int empty_long_log(void* /*none*/, sqlite3* database, const char* name, int pages) {
    if (pages > kCheckpointPages) {
        sqlite3_busy_timeout(database, 0);  // where somebody reads, the next commit does it
        sqlite3_wal_checkpoint_v2(database, name, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
        sqlite3_busy_timeout(database, kBusyMilliseconds);
    }
    return SQLITE_OK;  // the commit is done, whatever became of the log
}

/// The extended result codes refine the primary one in their upper bytes.
int primary(int result) {
    return result & 0xff;
}

std::error_code errno_code(int number) {
    return {number, std::generic_category()};
}

Error disk_full(const fs::path& file) {
    return Error{ErrorCode::system,
                 fmt::format("disk is full: cannot write \"{}\"", file.native()),
                 errno_code(ENOSPC)}
        .with_hint("free some space there, or choose another --state directory");
}

Error damaged(const fs::path& file, std::string_view reason) {
    return Error{ErrorCode::system,
                 fmt::format("the database \"{}\" is damaged: {}", file.native(), reason)}
        .with_hint(
            "restore it from a backup, or move it away; `brig recover` then lists what is "
            "on this host");
}

Error read_only(const fs::path& file) {
    return Error{
        ErrorCode::permission,
        fmt::format("cannot write \"{}\": it or its directory is read-only", file.native())}
        .with_hint("become root, or choose another --state directory");
}

Error busy(const fs::path& file) {
    return Error{ErrorCode::system,
                 fmt::format("the database \"{}\" has been in use by another process for {} "
                             "seconds",
                             file.native(),
                             kBusyMilliseconds / 1000),
                 errno_code(EBUSY)}
        .with_hint("try again; `fuser` names the process");
}

[[noreturn]] void throw_database_error(sqlite3* database, int result, const fs::path& file) {
    const int system_errno = sqlite3_system_errno(database);
    const std::string reason = sqlite3_errmsg(database);
    switch (primary(result)) {
        case SQLITE_FULL:
            throw disk_full(file);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            throw damaged(file, reason);
        case SQLITE_READONLY:
            throw read_only(file);
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            throw busy(file);
        case SQLITE_CONSTRAINT:
            throw Error{ErrorCode::internal,
                        fmt::format("the database \"{}\": {}", file.native(), reason)};
        default:
            break;
    }
    if (system_errno == ENOSPC || system_errno == EDQUOT) {
        throw disk_full(file);
    }
    if (system_errno == EROFS) {
        throw read_only(file);
    }
    if (system_errno != 0) {
        throw_system_error(system_errno, fmt::format("use the database {}", file.native()));
    }
    throw Error{ErrorCode::system, fmt::format("the database \"{}\": {}", file.native(), reason)};
}

}  // namespace

Statement::Statement(sqlite3* database, const fs::path& file, std::string_view sql)
    : database_{database}, file_{&file} {
    sqlite3_stmt* handle = nullptr;
    check_result(
        sqlite3_prepare_v2(database, sql.data(), static_cast<int>(sql.size()), &handle, nullptr));
    handle_.reset(handle);
}

void Statement::check_result(int result) const {
    if (result != SQLITE_OK) {
        throw_database_error(database_, result, *file_);
    }
}

void Statement::bind(int index, std::string_view text) {
    check_result(sqlite3_bind_text64(
        handle_.get(), index, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, Blob blob) {
    check_result(sqlite3_bind_blob64(
        handle_.get(), index, blob.bytes.data(), blob.bytes.size(), SQLITE_TRANSIENT));
}

void Statement::bind(int index, std::int64_t number) {
    check_result(sqlite3_bind_int64(handle_.get(), index, number));
}

void Statement::bind(int index, std::optional<std::int64_t> number) {
    if (number) {
        bind(index, *number);
    } else {
        check_result(sqlite3_bind_null(handle_.get(), index));
    }
}

bool Statement::step() {
    const int result = sqlite3_step(handle_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        throw_database_error(database_, result, *file_);
    }
    return result == SQLITE_ROW;
}

bool Statement::try_run() {
    const int result = sqlite3_step(handle_.get());
    if (result != SQLITE_DONE && primary(result) != SQLITE_CONSTRAINT) {
        throw_database_error(database_, result, *file_);
    }
    return result == SQLITE_DONE;
}

std::string Statement::text(int column) const {
    // The length is only known once the bytes have been asked for.
    const void* bytes = sqlite3_column_blob(handle_.get(), column);
    const auto length = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
    return bytes == nullptr ? std::string{} : std::string{static_cast<const char*>(bytes), length};
}

std::int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(handle_.get(), column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL) {
        return std::nullopt;
    }
    return integer(column);
}

Database::Database(UniqueResource<SqliteDatabaseTraits> handle, fs::path file)
    : handle_{std::move(handle)}, file_{std::make_unique<const fs::path>(std::move(file))} {}

std::optional<Database> Database::open(const fs::path& file) {
    // Asked before SQLite is: most runs need no database, and its start costs a tenth of them.
    if (::access(file.c_str(), F_OK) != 0 && errno == ENOENT) {
        return std::nullopt;
    }
    sqlite3* raw = nullptr;
    const int result =
        sqlite3_open_v2(file.c_str(),
                        &raw,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                        nullptr);
    UniqueResource<SqliteDatabaseTraits> handle{raw};
    if (result != SQLITE_OK) {
        throw_database_error(raw, result, file);
    }
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    sqlite3_wal_hook(raw, empty_long_log, nullptr);
    sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    // The last one to close would move the log into the database, fsync twice and unlink the log:
    // milliseconds on the path of every command. The log is kept instead.
    sqlite3_db_config(raw, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return Database{std::move(handle), file};
}

void Database::execute(const char* sql) {
    const int result = sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) {
        throw_database_error(handle_.get(), result, *file_);
    }
}

void Database::roll_back() noexcept {
    sqlite3_exec(handle_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

int Database::schema_version() {
    Statement statement = query("PRAGMA user_version");
    return statement.step() ? static_cast<int>(statement.integer(0)) : 0;
}

WriteTransaction::WriteTransaction(Database& database) : database_{database} {
    database_.execute("BEGIN IMMEDIATE");
}

WriteTransaction::~WriteTransaction() {
    if (open_) {
        database_.roll_back();
    }
}

void WriteTransaction::commit() {
    database_.execute("COMMIT");
    open_ = false;
}

}  // namespace brig
