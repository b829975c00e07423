// SPDX-License-Identifier: BSD-2-Clause
#include "params/spelling.hpp"

#include "support/text.hpp"

namespace brig {

namespace {

std::size_t last_component(std::string_view name) noexcept {
    const std::size_t dot = name.rfind('.');
    return dot == std::string_view::npos ? 0 : dot + 1;
}

}  // namespace

std::string with_no(std::string_view name) {
    return std::string{name}.insert(last_component(name), "no");
}

std::optional<std::string> without_no(std::string_view name) {
    const std::size_t begin = last_component(name);
    const std::string_view component = name.substr(begin);
    if (!component.starts_with("no") || component.size() == 2) {
        return std::nullopt;
    }
    return std::string{name}.erase(begin, 2);
}

bool takes_no(const ParamRule& rule) noexcept {
    const bool clearable = rule.type == ParamType::string || rule.type == ParamType::string_list;
    return rule.type == ParamType::boolean
           || (clearable && rule.performer == ParamPerformer::engine);
}

bool is_list(ParamType type) noexcept {
    return type == ParamType::ip4_list || type == ParamType::ip6_list
           || type == ParamType::string_list;
}

std::string place_of(const Assignment& assignment) {
    const std::string origin = assignment.origin.to_string();
    // A line of a file says where to look by itself; an option may be there many times.
    return assignment.origin.kind == Origin::Kind::command_line
               ? origin + " " + shortened(assignment.text)
               : origin;
}

}  // namespace brig
