// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/param.hpp"
#include "params/release.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

/// The built-in tables are written as rows of literals, which the compiler packs into numbers and
/// one text: a table of pointers would be written to at every start of a position-independent
/// program, which costs more than all look-ups of a run.
namespace brig::table {

/// The lowest and the highest of all numbers stand for no limit.
struct Range {
    std::int32_t min = std::numeric_limits<std::int32_t>::min();
    std::int32_t max = std::numeric_limits<std::int32_t>::max();
};

/// A row as it is written. The performer belongs to the table as a whole.
struct Row {
    std::string_view name;
    std::string_view default_value;
    std::string_view summary;
    std::string_view manual = "jail(8)";
    std::uint16_t max_length = 0;
    Range range;
    ParamType type = ParamType::string;
    ParamAccess access = ParamAccess::read_write;
    Enforcement enforcement = Enforcement::enforced;
    Release since = Release::freebsd_13_2;  ///< that or an older one
    bool can_disable = true;                ///< jailsys: takes `disable`
};

constexpr Range at_least(std::int32_t min) {
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
                     std::uint16_t max_length,
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

constexpr Row since(Release release, Row row) {
    row.since = release;
    return row;
}

/// `max_length` as of a string. The kernel keeps all keys of a parameter in one buffer.
constexpr Row key_value(std::string_view name, std::uint16_t max_length, std::string_view summary) {
    Row row = of_type(ParamType::key_value, name, "", summary);
    row.max_length = max_length;
    return row;
}

constexpr Row in_manual(std::string_view manual, Row row) {
    row.manual = manual;
    return row;
}

/// The first eight bytes of `name` as a number that compares as they do: most of a search is done
/// without the names.
constexpr std::uint64_t first_letters(std::string_view name) noexcept {
    std::uint64_t letters = 0;
    for (std::size_t i = 0; i < sizeof letters; ++i) {
        letters = letters << 8U | (i < name.size() ? static_cast<unsigned char>(name[i]) : 0U);
    }
    return letters;
}

/// A row as it is kept.
struct PackedRow {
    std::uint64_t letters = 0;  ///< first_letters() of the name
    std::uint16_t name = 0;     ///< where it begins in the text
    std::uint16_t texts = 0;    ///< where default, summary and manual begin, one after the other
    std::uint16_t max_length = 0;
    std::uint8_t name_size = 0;
    ParamType type = ParamType::string;
    ParamAccess access = ParamAccess::read_write;
    Enforcement enforcement = Enforcement::enforced;
    Release since = Release::freebsd_13_2;
    bool can_disable = true;
    Range range;
};

/// Every text ends with a NUL. The names come first: a search touches little else.
template <std::size_t kRows, std::size_t kBytes>
struct Packed {
    std::array<PackedRow, kRows> rows{};
    std::array<char, kBytes> text{};
};

class TextWriter {
  public:
    explicit constexpr TextWriter(char* text) : text_{text} {}

    /// Appends `text`; returns where it begins.
    constexpr std::uint16_t write(std::string_view text) {
        const std::uint16_t begin = size_;
        for (const char c : text) {
            text_[size_++] = c;
        }
        text_[size_++] = '\0';
        return begin;
    }

  private:
    char* text_;
    std::uint16_t size_ = 0;
};

/// `rows` by name. std::sort is no constant expression with the libc++ of FreeBSD 13.2.
template <std::size_t kRows>
constexpr std::array<Row, kRows> sorted(std::array<Row, kRows> rows) {
    for (std::size_t i = 1; i < kRows; ++i) {
        const Row row = rows[i];
        std::size_t at = i;
        for (; at > 0 && row.name < rows[at - 1].name; --at) {
            rows[at] = rows[at - 1];
        }
        rows[at] = row;
    }
    return rows;
}

template <std::size_t kRows>
constexpr std::size_t text_size(const std::array<Row, kRows>& rows) {
    std::size_t bytes = 0;
    for (const Row& row : rows) {
        bytes +=
            row.name.size() + row.default_value.size() + row.summary.size() + row.manual.size() + 4;
    }
    return bytes;
}

/// `kRows`, in any order, as they are kept.
template <const auto& kRows>
constexpr auto pack() {
    static_assert(text_size(kRows) <= std::numeric_limits<std::uint16_t>::max());
    Packed<kRows.size(), text_size(kRows)> packed;
    TextWriter text{packed.text.data()};
    const auto rows = sorted(kRows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        packed.rows[i].name = text.write(rows[i].name);
        packed.rows[i].letters = first_letters(rows[i].name);
        packed.rows[i].name_size = static_cast<std::uint8_t>(rows[i].name.size());
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const Row& row = rows[i];
        PackedRow& into = packed.rows[i];
        into.texts = text.write(row.default_value);
        text.write(row.summary);
        text.write(row.manual);
        into.max_length = row.max_length;
        into.type = row.type;
        into.access = row.access;
        into.enforcement = row.enforcement;
        into.since = row.since;
        into.can_disable = row.can_disable;
        into.range = row.range;
    }
    return packed;
}

/// A packed table to be searched.
class Table {
  public:
    template <std::size_t kRows, std::size_t kBytes>
    constexpr Table(const Packed<kRows, kBytes>& packed, ParamPerformer performer)
        : begin_{packed.rows.data()},
          end_{packed.rows.data() + kRows},
          text_{packed.text.data()},
          performer_{performer} {}

    [[nodiscard]] const PackedRow* begin() const noexcept { return begin_; }
    [[nodiscard]] const PackedRow* end() const noexcept { return end_; }

    /// The row of the name `wanted`, or nullptr.
    [[nodiscard]] const PackedRow* find(std::string_view wanted) const noexcept;

    [[nodiscard]] std::string_view name(const PackedRow& row) const noexcept {
        return {text_ + row.name, row.name_size};
    }
    [[nodiscard]] ParamRule rule(const PackedRow& row) const noexcept;
    [[nodiscard]] ParamInfo info(const PackedRow& row) const;

  private:
    const PackedRow* begin_;
    const PackedRow* end_;
    const char* text_;
    ParamPerformer performer_;
};

}  // namespace brig::table
