// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/options.hpp"

#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace brig {

namespace {

using Rows = std::span<const brig_option>;

bool has_flag(const brig_option& row, std::uint32_t flag) {
    return (row.flags & flag) != 0;
}

const brig_option* find_row(Rows rows, std::string_view name) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const brig_option& candidate) {
        return name == candidate.name;
    });
    return row == rows.end() ? nullptr : &*row;
}

const OptionValue* find_value(const OptionMap& options, std::string_view name) {
    const auto option = std::find_if(options.begin(), options.end(), [&](const auto& candidate) {
        return candidate.first == name;
    });
    return option == options.end() ? nullptr : &option->second;
}

Finding unknown_key(const std::string& key,
                    const std::string& where,
                    Rows rows,
                    const std::string& subject) {
    std::vector<std::string> names;
    for (const brig_option& row : rows) {
        names.emplace_back(row.name);
    }
    Finding finding{where, fmt::format("{} has no option '{}'", subject, key), {}};
    if (const auto likely = nearest(key, names)) {
        finding.hint = fmt::format("did you mean '{}'?", *likely);
    } else if (!names.empty()) {
        finding.hint = fmt::format("it has {}", join(names, ", "));
    }
    return finding;
}

/// The row that `key` may be set by in `scope`; otherwise nullptr and a finding.
const brig_option* settable_row(const std::pair<std::string, OptionValue>& option,
                                Rows rows,
                                OptionScope scope,
                                const std::string& subject,
                                Findings& findings) {
    const auto& [key, value] = option;
    const brig_option* row = find_row(rows, key);
    if (row == nullptr) {
        findings.add(unknown_key(key, value.where, rows, subject));
        return nullptr;
    }
    if (scope == OptionScope::container && !has_flag(*row, BRIG_OPT_PER_CONTAINER)) {
        findings.add({value.where,
                      fmt::format("'{}' of {} cannot be set for one container", key, subject),
                      "set it in the configuration file, for all"});
        return nullptr;
    }
    return row;
}

/// The type, where it is one that is known and a list only of texts.
bool is_known_type(std::uint32_t type) {
    const std::uint32_t element = type & ~std::uint32_t{BRIG_T_LIST};
    const bool text = element == BRIG_T_STR || element >= BRIG_T_ENUM;
    return element > BRIG_T_NONE && element <= BRIG_T_PATH && (type == element || text);
}

std::optional<std::string> row_defect(const brig_option& row) {
    if (row.name == nullptr || *row.name == '\0') {
        return "has an option without a name";
    }
    if (!is_known_type(row.type)) {
        return fmt::format("has an option '{}' of unknown type {}", row.name, row.type);
    }
    const bool is_enum = (row.type & ~std::uint32_t{BRIG_T_LIST}) == BRIG_T_ENUM;
    if (is_enum && (row.choices == nullptr || *row.choices == '\0')) {
        return fmt::format("has an option '{}' without choices", row.name);
    }
    if (row.def == nullptr) {
        return std::nullopt;
    }
    if (has_flag(row, BRIG_OPT_REQUIRED)) {
        return fmt::format("has a required option '{}' with a default", row.name);
    }
    const auto fitted = fit_default(row.def, row);
    if (const auto* misfit = std::get_if<Misfit>(&fitted)) {
        return fmt::format(
            "has an option '{}' whose default '{}' {}", row.name, row.def, misfit->reason);
    }
    return std::nullopt;
}

void add_absent(OptionMap& resolved, Rows rows, const std::string& subject, Findings& findings) {
    for (const brig_option& row : rows) {
        if (find_value(resolved, row.name) != nullptr) {
            continue;
        }
        if (has_flag(row, BRIG_OPT_REQUIRED)) {
            findings.add({{},
                          fmt::format("{} lacks the required option '{}'", subject, row.name),
                          row.help == nullptr ? "" : row.help});
        } else if (row.def != nullptr) {
            const auto fitted = fit_default(row.def, row);
            resolved.emplace_back(row.name, OptionValue{std::get<OptionContent>(fitted), {}});
        }
    }
}

}  // namespace

OptionMap resolve_options(const OptionMap& given,
                          Rows rows,
                          OptionScope scope,
                          const std::string& subject,
                          Findings& findings) {
    OptionMap resolved;
    for (const auto& option : given) {
        const auto& [key, value] = option;
        const brig_option* row = settable_row(option, rows, scope, subject, findings);
        if (row == nullptr) {
            continue;
        }
        auto fitted = fit_option(value.value, *row);
        if (const auto* misfit = std::get_if<Misfit>(&fitted)) {
            findings.add(
                {value.where, fmt::format("'{}' of {} {}", key, subject, misfit->reason), {}});
            // It stays as it is, so that its option does not count as missing as well.
            fitted = value.value;
        }
        resolved.emplace_back(key, OptionValue{std::get<OptionContent>(fitted), value.where});
    }
    if (scope == OptionScope::instance) {
        add_absent(resolved, rows, subject, findings);
    }
    return resolved;
}

namespace {

/// Of an option that is a list every value counts, of others the last one.
void set_or_append(OptionMap& resolved, const std::string& name, OptionContent content) {
    const auto earlier = std::find_if(
        resolved.begin(), resolved.end(), [&](const auto& other) { return other.first == name; });
    if (earlier == resolved.end()) {
        resolved.emplace_back(name, OptionValue{std::move(content), {}});
        return;
    }
    auto* list = std::get_if<std::vector<std::string>>(&earlier->second.value);
    if (list != nullptr) {
        const auto& more = std::get<std::vector<std::string>>(content);
        list->insert(list->end(), more.begin(), more.end());
    } else {
        earlier->second.value = std::move(content);
    }
}

}  // namespace

OptionMap resolve_written_options(const std::vector<std::string>& written,
                                  Rows rows,
                                  const std::string& subject,
                                  Findings& findings) {
    OptionMap resolved;
    for (const std::string& text : written) {
        const std::size_t equals = text.find('=');
        if (equals == std::string::npos || equals == 0) {
            findings.add(
                {{}, fmt::format("'{}' is no option of {}", text, subject), "write NAME=VALUE"});
            continue;
        }
        const std::pair<std::string, OptionValue> option{text.substr(0, equals), {}};
        const brig_option* row =
            settable_row(option, rows, OptionScope::container, subject, findings);
        if (row == nullptr) {
            continue;
        }
        auto fitted = fit_default(text.substr(equals + 1), *row);
        if (const auto* misfit = std::get_if<Misfit>(&fitted)) {
            findings.add(
                {{}, fmt::format("'{}' of {} {}", option.first, subject, misfit->reason), {}});
            continue;
        }
        set_or_append(resolved, option.first, std::get<OptionContent>(fitted));
    }
    return resolved;
}

std::optional<std::string> options_defect(Rows rows) {
    for (const brig_option& row : rows) {
        if (auto defect = row_defect(row)) {
            return defect;
        }
        if (find_row(rows, row.name) != &row) {
            return fmt::format("has two options '{}'", row.name);
        }
    }
    return std::nullopt;
}

const char* DriverMap::keep(std::string text) {
    return texts_.emplace_back(std::move(text)).c_str();
}

brig_value DriverMap::keep_list(std::uint32_t type, const std::vector<std::string>& texts) {
    std::vector<const char*>& list = lists_.emplace_back();
    for (const std::string& text : texts) {
        list.push_back(keep(text));
    }
    return {type,
            static_cast<std::uint32_t>(list.size()),
            0,
            nullptr,
            list.empty() ? nullptr : list.data()};
}

brig_value DriverMap::keep_value(std::uint32_t type, const OptionContent& content) {
    if (const auto* flag = std::get_if<bool>(&content)) {
        return {type, 1, *flag ? 1 : 0, keep(*flag ? "true" : "false"), nullptr};
    }
    if (const auto* number = std::get_if<std::int64_t>(&content)) {
        return {type, 1, *number, keep(std::to_string(*number)), nullptr};
    }
    if (const auto* text = std::get_if<std::string>(&content)) {
        return {type, 1, 0, keep(*text), nullptr};
    }
    return keep_list(type, std::get<std::vector<std::string>>(content));
}

DriverMap::DriverMap(const OptionMap& options, Rows rows) {
    for (const auto& [key, option] : options) {
        if (const brig_option* row = find_row(rows, key)) {
            entries_.push_back({keep(key), keep_value(row->type, option.value)});
        }
    }
}

DriverMap::DriverMap(const std::map<std::string, std::string>& texts) {
    for (const auto& [key, text] : texts) {
        entries_.push_back({keep(key), {BRIG_T_STR, 1, 0, keep(text), nullptr}});
    }
}

}  // namespace brig
