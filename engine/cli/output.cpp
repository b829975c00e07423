// SPDX-License-Identifier: BSD-2-Clause
#include "output.hpp"

#include "escape.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <iostream>

namespace brig::cli {

std::string joined(const std::vector<std::string>& texts, std::string_view separator) {
    std::string all;
    for (const std::string& text : texts) {
        all.append(all.empty() ? "" : separator).append(text);
    }
    return all;
}

void Table::print() const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], printable(row[i]).size());
        }
    }
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::size_t width = i + 1 == row.size() ? 0 : widths[i] + 2;
            line += fmt::format("{:<{}}", printable(row[i]), width);
        }
        std::cout << line << '\n';
    }
}

Json& Json::add_raw(std::string_view name, const std::string& value) {
    text_ += (text_.size() == 1 ? "" : ",") + (name.empty() ? "" : json_string(name) + ":") + value;
    return *this;
}

Json& Json::add(std::string_view name, std::string_view text) {
    return add_raw(name, json_string(text));
}

Json& Json::add(std::string_view name, bool value) {
    return add_raw(name, value ? "true" : "false");
}

Json& Json::add(std::string_view name, long long value) {
    return add_raw(name, std::to_string(value));
}

Json& Json::add(std::string_view name, const std::vector<std::string>& texts) {
    Json list = array();
    for (const std::string& text : texts) {
        list.add_raw("", json_string(text));
    }
    return add(name, list);
}

Json& Json::add(std::string_view name, const Json& value) {
    return add_raw(name, value.text());
}

Json& Json::add_null(std::string_view name) {
    return add_raw(name, "null");
}

Json& Json::add(const Json& value) {
    return add_raw("", value.text());
}

void print(const Json& json) {
    std::cout << json.text() << '\n';
}

void print_line(std::string_view text) {
    std::cout << printable_lines(text) << '\n';
}

void complain(std::string_view text) {
    std::cerr << printable_lines(text) << '\n';
}

void print_error(const Error& error) {
    complain("brig: " + full_message(error));
    if (!error.hint().empty()) {
        complain("hint: " + error.hint());
    }
}

void print_id(const std::string& id, bool as_json) {
    if (as_json) {
        print(Json::object().add("id", id));
    } else {
        std::cout << id << '\n';
    }
}

std::string format_time(std::chrono::system_clock::time_point time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                       parts.tm_year + 1900,
                       parts.tm_mon + 1,
                       parts.tm_mday,
                       parts.tm_hour,
                       parts.tm_min,
                       parts.tm_sec);
}

std::string format_size(std::uint64_t bytes) {
    constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB"};
    if (bytes < 1024) {
        return fmt::format("{} B", bytes);
    }
    double count = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    while (count >= 1023.95 && unit + 1 < kUnits.size()) {
        count /= 1024;
        ++unit;
    }
    return fmt::format("{:.1f} {}", count, kUnits[unit]);
}

std::string format_age(std::chrono::system_clock::time_point time) {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now() - time)
            .count();
    struct Unit {
        long long seconds;
        const char* name;
    };
    for (const Unit unit : {Unit{86400, "day"}, Unit{3600, "hour"}, Unit{60, "minute"}}) {
        if (const long long count = seconds / unit.seconds; count > 0) {
            return fmt::format("{} {}{} ago", count, unit.name, count == 1 ? "" : "s");
        }
    }
    return "just now";
}

}  // namespace brig::cli
