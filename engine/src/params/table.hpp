// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"

#include <limits>
#include <string_view>

namespace brig::table {

/// The lowest and the highest of all numbers stand for no limit.
struct Range {
    long long min = std::numeric_limits<long long>::min();
    long long max = std::numeric_limits<long long>::max();
};

/// A ParamInfo that can be a constant: the built-in tables are data, and cost nothing to load.
/// The performer belongs to the table as a whole.
struct Row {
    std::string_view name;
    std::string_view default_value;
    std::string_view summary;
    std::string_view manual = "jail(8)";
    std::size_t max_length = 0;
    Range range;
    ParamType type = ParamType::string;
    ParamAccess access = ParamAccess::read_write;
    Enforcement enforcement = Enforcement::enforced;
    bool can_disable = true;  ///< jailsys: takes `disable`
};

constexpr Range at_least(long long min) {
    Range range;
    range.min = min;
    return range;
}

constexpr Row of_type(ParamType type,
                      std::string_view name,
                      std::string_view default_value,
                      std::string_view summary) {
    Row row;
    row.name = name;
    row.type = type;
    row.default_value = default_value;
    row.summary = summary;
    return row;
}

constexpr Row boolean(std::string_view name,
                      std::string_view default_value,
                      std::string_view summary) {
    return of_type(ParamType::boolean, name, default_value, summary);
}

constexpr Row integer(std::string_view name,
                      std::string_view default_value,
                      Range range,
                      std::string_view summary) {
    Row row = of_type(ParamType::integer, name, default_value, summary);
    row.range = range;
    return row;
}

/// `max_length` counts the NUL, as the kernel does; 0: unlimited.
constexpr Row string(std::string_view name,
                     std::string_view default_value,
                     std::size_t max_length,
                     std::string_view summary) {
    Row row = of_type(ParamType::string, name, default_value, summary);
    row.max_length = max_length;
    return row;
}

constexpr Row string_list(std::string_view name,
                          std::string_view default_value,
                          std::string_view summary) {
    return of_type(ParamType::string_list, name, default_value, summary);
}

constexpr Row jailsys(std::string_view name,
                      std::string_view default_value,
                      std::string_view summary) {
    return of_type(ParamType::jailsys, name, default_value, summary);
}

/// A jailsys parameter that the kernel only lets be `new` or `inherit`.
constexpr Row new_or_inherit(Row row) {
    row.can_disable = false;
    return row;
}

constexpr Row create_only(Row row) {
    row.access = ParamAccess::create_only;
    return row;
}

constexpr Row read_only(Row row) {
    row.access = ParamAccess::read_only;
    return row;
}

constexpr Row recorded(Row row) {
    row.enforcement = Enforcement::recorded;
    return row;
}

constexpr Row in_manual(std::string_view manual, Row row) {
    row.manual = manual;
    return row;
}

/// `row` as a row of the catalogue.
[[nodiscard]] ParamInfo to_info(const Row& row, ParamPerformer performer);

}  // namespace brig::table
