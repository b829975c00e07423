// SPDX-License-Identifier: BSD-2-Clause
#include "params/builtin_catalogue.hpp"

#include <algorithm>

namespace brig {

std::vector<ParamInfo> BuiltinCatalogue::rows() const {
    std::vector<ParamInfo> rows;
    const auto add = [&](const table::Table& part, const table::PackedRow& row) {
        if (const auto rule = find_whole(part.name(row))) {
            rows.push_back(part.info(row));
            static_cast<ParamRule&>(rows.back()) = *rule;
        }
    };
    for (const table::Table& part : {kernel_table(), pseudo_table()}) {
        for (const table::PackedRow& row : part) {
            add(part, row);
        }
    }
    return sorted_by_name(std::move(rows));
}

std::optional<ParamRule> BuiltinCatalogue::find_whole(std::string_view name) const {
    for (const table::Table& part : {kernel_table(), pseudo_table()}) {
        const table::PackedRow* row = part.find(name);
        if (row == nullptr) {
            continue;
        }
        ParamRule rule = part.rule(*row);
        if (rule.performer == ParamPerformer::kernel && row->since > release_) {
            return std::nullopt;
        }
        if (limit_ != nullptr) {
            limit_(name, rule);
        }
        return rule;
    }
    return std::nullopt;
}

std::optional<Release> release_with(std::string_view name) {
    for (const Release release :
         {Release::freebsd_13_2, Release::freebsd_14, Release::freebsd_15}) {
        const BuiltinCatalogue catalogue{release};
        const auto rule = catalogue.find(name);
        if (rule && rule->performer == ParamPerformer::kernel) {
            return release;
        }
    }
    return std::nullopt;
}

std::vector<ParamInfo> sorted_by_name(std::vector<ParamInfo> rows) {
    std::stable_sort(rows.begin(), rows.end(), [](const ParamInfo& a, const ParamInfo& b) {
        return a.name < b.name;
    });
    const auto same_name = [](const ParamInfo& a, const ParamInfo& b) { return a.name == b.name; };
    rows.erase(std::unique(rows.begin(), rows.end(), same_name), rows.end());
    return rows;
}

}  // namespace brig
