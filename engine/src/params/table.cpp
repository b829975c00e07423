// SPDX-License-Identifier: BSD-2-Clause
#include "params/table.hpp"

#include <algorithm>

namespace brig::table {

const PackedRow* Table::find(std::string_view wanted) const noexcept {
    const std::uint64_t letters = first_letters(wanted);
    const PackedRow* const row = std::lower_bound(
        begin_, end_, wanted, [&](const PackedRow& each, std::string_view name_wanted) {
            return each.letters != letters ? each.letters < letters : name(each) < name_wanted;
        });
    return row != end_ && name(*row) == wanted ? row : nullptr;
}

ParamRule Table::rule(const PackedRow& row) const noexcept {
    ParamRule rule;
    rule.type = row.type;
    rule.access = row.access;
    rule.performer = performer_;
    rule.enforcement = row.enforcement;
    rule.can_disable = row.can_disable;
    rule.max_length = row.max_length;
    if (row.range.min != Range{}.min) {
        rule.min = row.range.min;
    }
    if (row.range.max != Range{}.max) {
        rule.max = row.range.max;
    }
    return rule;
}

ParamInfo Table::info(const PackedRow& row) const {
    const char* text = text_ + row.texts;
    const auto next = [&text] {
        const std::string_view one{text};
        text += one.size() + 1;
        return std::string{one};
    };
    ParamInfo info;
    static_cast<ParamRule&>(info) = rule(row);
    info.name = name(row);
    info.default_value = next();
    info.summary = next();
    info.manual = next();
    info.since = to_string(row.since);
    return info;
}

}  // namespace brig::table
