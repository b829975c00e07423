// SPDX-License-Identifier: BSD-2-Clause
#include "params/catalogue.hpp"

#include "support/text.hpp"

namespace brig {

namespace {

/// Beyond the length of any name with typing errors. Comparing takes time in proportion.
constexpr std::size_t kLongestMisspelling = 80;

}  // namespace

std::optional<ParamRule> Catalogue::find(std::string_view name) const {
    if (auto rule = find_whole(name)) {
        return rule;
    }
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos || dot + 1 == name.size()) {
        return std::nullopt;
    }
    const auto parent = find_whole(name.substr(0, dot));
    return parent && parent->type == ParamType::key_value ? parent : std::nullopt;
}

std::optional<std::string> Catalogue::nearest_to(std::string_view name) const {
    if (name.size() > kLongestMisspelling) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (ParamInfo& row : rows()) {
        names.push_back(std::move(row.name));
    }
    return nearest(name, names);
}

}  // namespace brig
