// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brig {

/// Bytes that are no text, as a parameter of a statement.
struct Blob {
    std::string_view bytes;
};

struct SqliteStatementTraits {
    using Handle = sqlite3_stmt*;
    static constexpr Handle kNone = nullptr;

    static void close(Handle handle) noexcept { sqlite3_finalize(handle); }
};

struct SqliteDatabaseTraits {
    using Handle = sqlite3*;
    static constexpr Handle kNone = nullptr;

    static void close(Handle handle) noexcept { sqlite3_close(handle); }
};

/// A prepared statement. Must not outlive its Database. All errors are thrown as by Database.
class Statement {
  public:
    Statement(sqlite3* database, const std::filesystem::path& file, std::string_view sql);

    /// Sets the parameter `index`, from 1. The value is copied.
    void bind(int index, std::string_view text);
    void bind(int index, Blob blob);
    void bind(int index, std::int64_t number);
    void bind(int index, std::optional<std::int64_t> number);

    /// Goes to the next row; false when there is none.
    bool step();

    /// Runs a statement without rows; false when a constraint of the schema forbids it.
    [[nodiscard]] bool try_run();

    // The columns of the current row, from 0. Text and blobs alike are copied as bytes.
    [[nodiscard]] std::string text(int column) const;
    [[nodiscard]] std::int64_t integer(int column) const;
    [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const;

  private:
    void check_result(int result) const;

    sqlite3* database_;
    const std::filesystem::path* file_;
    UniqueResource<SqliteStatementTraits> handle_;
};

/// One connection to a database file.
///
/// Errors are thrown as Error: permission and system (disk full, busy for half a minute, damaged,
/// …) that name the file.
class Database {
  public:
    /// Opens `file`; nothing when it does not exist. Nothing is read yet.
    [[nodiscard]] static std::optional<Database> open(const std::filesystem::path& file);

    /// Runs one or more statements without parameters and rows.
    void execute(const char* sql);

    /// Prepares `sql`, and gives its parameters the values `arguments`, in order.
    template <typename... Arguments>
    [[nodiscard]] Statement query(std::string_view sql, const Arguments&... arguments) {
        Statement statement{handle_.get(), *file_, sql};
        int index = 0;
        (statement.bind(++index, arguments), ...);
        return statement;
    }

    /// Runs `sql`, which has no rows; false when a constraint of the schema forbids it.
    template <typename... Arguments>
    [[nodiscard]] bool try_run(std::string_view sql, const Arguments&... arguments) {
        return query(sql, arguments...).try_run();
    }

    /// Runs `sql`, which has no rows. A forbidden change is an Error{internal}.
    template <typename... Arguments>
    void run(std::string_view sql, const Arguments&... arguments) {
        query(sql, arguments...).step();
    }

    /// How many rows the last change changed.
    [[nodiscard]] int changes() const noexcept { return sqlite3_changes(handle_.get()); }

    /// Undoes the open transaction. SQLite may have done so itself after an error, which is as
    /// good.
    void roll_back() noexcept;

    /// The number in the file's header; 0 in a new one.
    [[nodiscard]] int schema_version();

  private:
    Database(UniqueResource<SqliteDatabaseTraits> handle, std::filesystem::path file);

    UniqueResource<SqliteDatabaseTraits> handle_;
    std::unique_ptr<const std::filesystem::path> file_;  ///< statements point to it
};

/// Takes the right to write at once, so that nothing is read that another process then changes.
/// Rolled back unless committed.
class WriteTransaction {
  public:
    explicit WriteTransaction(Database& database);
    WriteTransaction(const WriteTransaction&) = delete;
    WriteTransaction& operator=(const WriteTransaction&) = delete;
    WriteTransaction(WriteTransaction&&) = delete;
    WriteTransaction& operator=(WriteTransaction&&) = delete;
    ~WriteTransaction();

    void commit();

  private:
    Database& database_;
    bool open_ = true;
};

}  // namespace brig
