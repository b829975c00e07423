// SPDX-License-Identifier: BSD-2-Clause
#include "spec/toml_reader.hpp"

#include "spec/names.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <cstdint>
#include <utility>
#include <variant>

namespace brig {

std::optional<std::string> scalar_text(const TomlValue& value) {
    if (const auto* boolean = std::get_if<bool>(&value.data)) {
        return *boolean ? "true" : "false";
    }
    if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
        return std::to_string(*integer);
    }
    if (const auto* string = std::get_if<std::string>(&value.data)) {
        return *string;
    }
    return std::nullopt;
}

const TomlTable* TomlReader::table(const TomlEntry& entry) {
    const auto* members = std::get_if<TomlTable>(&entry.member.value.data);
    if (members == nullptr) {
        wrong_type(entry, "a table");
    }
    return members;
}

const TomlTable& TomlReader::members(const TomlEntry& entry) {
    static const TomlTable no_members;
    const TomlTable* found = table(entry);
    return found == nullptr ? no_members : *found;
}

std::optional<WrittenText> TomlReader::any_text(const TomlEntry& entry) {
    const auto* string = std::get_if<std::string>(&entry.member.value.data);
    if (string == nullptr) {
        wrong_type(entry, "a string");
        return std::nullopt;
    }
    return WrittenText{*string, entry.member.where};
}

std::optional<WrittenText> TomlReader::text(const TomlEntry& entry) {
    auto found = any_text(entry);
    if (found && found->text.empty()) {
        findings_.add(
            {entry.member.where, fmt::format("{} is empty", quoted_for_message(entry.name)), ""});
    }
    return found;
}

std::vector<WrittenText> TomlReader::texts(const TomlEntry& entry) {
    return list(entry, &TomlReader::text);
}

std::vector<WrittenText> TomlReader::any_texts(const TomlEntry& entry) {
    return list(entry, &TomlReader::any_text);
}

std::vector<WrittenText> TomlReader::list(const TomlEntry& entry, ReadText read) {
    const auto* list = std::get_if<TomlArray>(&entry.member.value.data);
    if (list == nullptr) {
        wrong_type(entry, "a list of strings");
        return {};
    }
    std::vector<WrittenText> result;
    for (const TomlValue& element : *list) {
        const TomlMember member{entry.member.key, element.where, element};
        if (auto string = (this->*read)({entry.name, member})) {
            result.push_back(*std::move(string));
        }
    }
    return result;
}

std::vector<DefaultParam> TomlReader::params(const TomlEntry& entry) {
    std::vector<DefaultParam> params;
    add_params(entry, "", members(entry), params);
    return params;
}

void TomlReader::add_params(const TomlEntry& entry,
                            const std::string& prefix,
                            const TomlTable& table,
                            std::vector<DefaultParam>& params) {
    for (const TomlMember& member : table) {
        const std::string name = prefix + member.key;
        if (member.key.empty() || member.key.find('=') != std::string::npos) {
            findings_.add(
                {member.where,
                 fmt::format("{} is not the name of a parameter", quoted_for_message(name)),
                 "`brig params` lists the names"});
        } else if (const auto* members = std::get_if<TomlTable>(&member.value.data)) {
            add_params(entry, name + ".", *members, params);
        } else {
            add_param({entry.name + "." + name, member}, name + "=", params);
        }
    }
}

void TomlReader::add_param(const TomlEntry& entry,
                           const std::string& beginning,
                           std::vector<DefaultParam>& params) {
    const TomlMember& member = entry.member;
    if (const auto value = scalar_text(member.value)) {
        params.push_back({beginning + *value, member.where});
        return;
    }
    const auto* list = std::get_if<TomlArray>(&member.value.data);
    if (list == nullptr) {
        wrong_type(entry, "true, false, a number, a string or a list of these");
        return;
    }
    if (list->empty()) {
        findings_.add(
            {member.where,
             fmt::format("the list {} is empty and sets nothing", quoted_for_message(entry.name)),
             "leave the line out"});
    }
    for (const TomlValue& element : *list) {
        if (const auto value = scalar_text(element)) {
            params.push_back({beginning + *value, element.where});
        } else {
            wrong_type({entry.name, {member.key, element.where, element}},
                       "a string, a number, true or false");
        }
    }
}

void TomlReader::wrong_type(const TomlEntry& entry, std::string_view wanted, std::string hint) {
    findings_.add({entry.member.where,
                   fmt::format("{} must be {}, not {}",
                               quoted_for_message(entry.name),
                               wanted,
                               type_name(entry.member.value)),
                   std::move(hint)});
}

void TomlReader::unknown_key(const TomlEntry& entry, const std::vector<std::string>& known) {
    const auto meant = nearest(entry.member.key, known);
    findings_.add({entry.member.where,
                   fmt::format("unknown key {}", quoted_for_message(entry.name)),
                   meant ? fmt::format("did you mean \"{}\"?", *meant)
                         : fmt::format("known here: {}", join(known, ", "))});
}

}  // namespace brig
