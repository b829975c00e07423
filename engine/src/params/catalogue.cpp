// SPDX-License-Identifier: BSD-2-Clause
#include "params/catalogue.hpp"

#include "support/text.hpp"

#include <algorithm>

namespace brig {

namespace {

/// Beyond the length of any name with typing errors. Comparing takes time in proportion.
constexpr std::size_t kLongestMisspelling = 80;

const ParamInfo* find_row(const std::vector<ParamInfo>& rows, std::string_view name) noexcept {
    const auto row = std::lower_bound(
        rows.begin(), rows.end(), name, [](const ParamInfo& info, std::string_view wanted) {
            return info.name < wanted;
        });
    return row != rows.end() && row->name == name ? &*row : nullptr;
}

}  // namespace

Catalogue::Catalogue(std::vector<ParamInfo> rows) {
    // Rows are large, so they are moved but once.
    std::vector<ParamInfo*> order;
    order.reserve(rows.size());
    for (ParamInfo& row : rows) {
        order.push_back(&row);
    }
    std::stable_sort(order.begin(), order.end(), [](const ParamInfo* a, const ParamInfo* b) {
        return a->name < b->name;
    });
    rows_.reserve(rows.size());
    for (ParamInfo* row : order) {
        if (rows_.empty() || rows_.back().name != row->name) {
            rows_.push_back(std::move(*row));
        }
    }
}

const ParamInfo* Catalogue::find(std::string_view name) const noexcept {
    if (const ParamInfo* row = find_row(rows_, name)) {
        return row;
    }
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || dot + 1 == name.size()) {
        return nullptr;
    }
    const ParamInfo* parent = find_row(rows_, name.substr(0, dot));
    return parent != nullptr && parent->type == ParamType::key_value ? parent : nullptr;
}

std::optional<std::string> Catalogue::nearest_to(std::string_view name) const {
    if (name.size() > kLongestMisspelling) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    names.reserve(rows_.size());
    for (const ParamInfo& row : rows_) {
        names.push_back(row.name);
    }
    return nearest(name, names);
}

}  // namespace brig
