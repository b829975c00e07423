// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brig::cli {

/// Columns for people: aligned, with a heading, safe for a terminal.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) : rows_{std::move(heading)} {}

    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

    void print() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// A JSON object or array, written piece by piece.
class Json {
  public:
    static Json object() { return Json{'{', '}'}; }
    static Json array() { return Json{'[', ']'}; }

    Json& add(std::string_view name, std::string_view text);
    Json& add(std::string_view name, const char* text) { return add(name, std::string_view{text}); }
    Json& add(std::string_view name, bool value);
    Json& add(std::string_view name, long long value);
    Json& add(std::string_view name, const std::vector<std::string>& texts);
    Json& add(std::string_view name, const Json& value);
    Json& add_null(std::string_view name);

    /// An element of an array.
    Json& add(const Json& value);

    [[nodiscard]] std::string text() const { return text_ + close_; }

  private:
    Json(char open, char close) : text_{open}, close_{close} {}

    Json& add_raw(std::string_view name, const std::string& value);

    std::string text_;
    char close_;
};

/// Prints one line of JSON to standard output.
void print(const Json& json);

/// Prints `text` to standard output, safe for a terminal; newlines stay.
void print_line(std::string_view text);

/// The same to standard error.
void complain(std::string_view text);

/// The door to the shell: every error is printed by this, once.
void print_error(const Error& error);

/// An id, alone or as {"id": …}.
void print_id(const std::string& id, bool as_json);

[[nodiscard]] std::string joined(const std::vector<std::string>& texts, std::string_view separator);

/// "2026-01-31T12:00:00Z"
[[nodiscard]] std::string format_time(std::chrono::system_clock::time_point time);

/// "1.5 MiB"
[[nodiscard]] std::string format_size(std::uint64_t bytes);

/// "5 minutes ago"
[[nodiscard]] std::string format_age(std::chrono::system_clock::time_point time);

}  // namespace brig::cli
