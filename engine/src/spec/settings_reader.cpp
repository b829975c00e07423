// SPDX-License-Identifier: BSD-2-Clause
#include "spec/settings_reader.hpp"

#include "spec/names.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <cstdint>
#include <utility>
#include <variant>

namespace brig {

namespace {

/// One member of the document, with the names of the tables around it: "engine.state".
struct Entry {
    std::string name;
    const TomlMember& member;
};

class Reader {
  public:
    explicit Reader(Findings& findings) : findings_{findings} {}

    WrittenSettings read(const TomlTable& document);

  private:
    void read_engine(const TomlTable& table);
    void read_instances(const Entry& kind, std::vector<InstanceSettings>& instances);
    void read_defaults(const TomlTable& defaults);
    void read_params(const std::string& prefix, const TomlTable& table);
    void read_param(const std::string& name, const TomlMember& member);

    InstanceSettings instance(const Entry& entry, const TomlTable& table);
    std::string driver(const Entry& entry);
    std::optional<OptionValue> option(const Entry& entry);
    std::optional<std::vector<std::string>> option_list(const Entry& entry, const TomlArray& array);

    const TomlTable& members(const Entry& entry);
    const TomlTable* table(const Entry& entry);
    std::optional<WrittenText> text(const Entry& entry);
    std::vector<WrittenText> texts(const Entry& entry);

    void wrong_type(const Entry& entry, std::string_view wanted);
    void unknown_key(const Entry& entry, const std::vector<std::string>& known);

    Findings& findings_;
    WrittenSettings settings_;
};

WrittenSettings Reader::read(const TomlTable& document) {
    for (const TomlMember& member : document) {
        const Entry entry{member.key, member};
        if (member.key == "storage") {
            read_instances(entry, settings_.storages);
        } else if (member.key == "network") {
            read_instances(entry, settings_.networks);
        } else if (member.key == "engine") {
            read_engine(members(entry));
        } else if (member.key == "defaults") {
            read_defaults(members(entry));
        } else {
            unknown_key(entry, {"engine", "storage", "network", "defaults"});
        }
    }
    return std::move(settings_);
}

void Reader::read_engine(const TomlTable& table) {
    for (const TomlMember& member : table) {
        const Entry entry{"engine." + member.key, member};
        if (member.key == "state") {
            settings_.state = text(entry);
        } else if (member.key == "run") {
            settings_.run = text(entry);
        } else if (member.key == "drivers") {
            settings_.driver_dirs = texts(entry);
        } else if (member.key == "storage") {
            settings_.default_storage = text(entry);
        } else if (member.key == "network") {
            settings_.default_network = text(entry);
        } else {
            unknown_key(entry, {"state", "run", "drivers", "storage", "network"});
        }
    }
}

void Reader::read_instances(const Entry& kind, std::vector<InstanceSettings>& instances) {
    for (const TomlMember& member : members(kind)) {
        const Entry entry{kind.name + "." + member.key, member};
        if (const auto problem = name_problem(member.key)) {
            findings_.add(
                {member.where,
                 fmt::format(
                     "the {} name {} {}", kind.name, quoted_for_message(member.key), *problem),
                 ""});
        }
        if (const TomlTable* options = table(entry)) {
            instances.push_back(instance(entry, *options));
        }
    }
}

InstanceSettings Reader::instance(const Entry& entry, const TomlTable& table) {
    InstanceSettings result{entry.member.key, "", {}, entry.member.where};
    bool has_driver = false;
    for (const TomlMember& member : table) {
        const Entry option_entry{entry.name + "." + member.key, member};
        if (member.key == "driver") {
            has_driver = true;
            result.driver = driver(option_entry);
        } else if (auto value = option(option_entry)) {
            result.options.emplace_back(member.key, *std::move(value));
        }
    }
    if (!has_driver) {
        findings_.add({entry.member.where,
                       fmt::format("{} names no driver", quoted_for_message(entry.name)),
                       "add driver = \"NAME\"; `brig driver ls` lists the names"});
    }
    return result;
}

std::string Reader::driver(const Entry& entry) {
    const auto name = text(entry);
    if (!name) {
        return {};
    }
    // An empty string was reported already.
    if (const auto problem = name_problem(name->text); problem && !name->text.empty()) {
        findings_.add(
            {name->where,
             fmt::format("the driver name {} {}", quoted_for_message(name->text), *problem),
             ""});
    }
    return name->text;
}

std::optional<OptionValue> Reader::option(const Entry& entry) {
    const TomlValue& value = entry.member.value;
    const std::string& where = entry.member.where;
    if (const auto* boolean = std::get_if<bool>(&value.data)) {
        return OptionValue{*boolean, where};
    }
    if (const auto* integer = std::get_if<std::int64_t>(&value.data)) {
        return OptionValue{*integer, where};
    }
    if (const auto* string = std::get_if<std::string>(&value.data)) {
        return OptionValue{*string, where};
    }
    if (const auto* array = std::get_if<TomlArray>(&value.data)) {
        auto list = option_list(entry, *array);
        return list ? std::optional{OptionValue{*std::move(list), where}} : std::nullopt;
    }
    wrong_type(entry, "true, false, a number, a string or a list of strings");
    return std::nullopt;
}

std::optional<std::vector<std::string>> Reader::option_list(const Entry& entry,
                                                            const TomlArray& array) {
    std::vector<std::string> list;
    for (const TomlValue& element : array) {
        const auto* item = std::get_if<std::string>(&element.data);
        if (item == nullptr) {
            wrong_type({entry.name, {entry.member.key, element.where, element}}, "a string");
            return std::nullopt;
        }
        list.push_back(*item);
    }
    return list;
}

void Reader::read_defaults(const TomlTable& defaults) {
    for (const TomlMember& member : defaults) {
        const Entry entry{"defaults." + member.key, member};
        if (member.key != "params") {
            unknown_key(entry, {"params"});
        } else {
            read_params("", members(entry));
        }
    }
}

void Reader::read_params(const std::string& prefix, const TomlTable& table) {
    for (const TomlMember& member : table) {
        const std::string name = prefix + member.key;
        if (member.key.empty() || member.key.find('=') != std::string::npos) {
            findings_.add(
                {member.where,
                 fmt::format("{} is not the name of a parameter", quoted_for_message(name)),
                 "`brig params` lists the names"});
        } else if (const auto* members = std::get_if<TomlTable>(&member.value.data)) {
            read_params(name + ".", *members);
        } else {
            read_param(name, member);
        }
    }
}

/// The text of a value as it follows `name=` in a -J option.
std::optional<std::string> param_text(const TomlValue& value) {
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

void Reader::read_param(const std::string& name, const TomlMember& member) {
    constexpr std::string_view kWanted = "true, false, a number, a string or a list of these";
    if (const auto value = param_text(member.value)) {
        settings_.default_params.push_back({name + "=" + *value, member.where});
        return;
    }
    const auto* list = std::get_if<TomlArray>(&member.value.data);
    if (list == nullptr) {
        wrong_type({"defaults.params." + name, member}, kWanted);
        return;
    }
    if (list->empty()) {
        findings_.add({member.where,
                       fmt::format("the list {} is empty and sets nothing",
                                   quoted_for_message("defaults.params." + name)),
                       "leave the line out"});
    }
    for (const TomlValue& element : *list) {
        if (const auto value = param_text(element)) {
            settings_.default_params.push_back({name + "=" + *value, element.where});
        } else {
            wrong_type({"defaults.params." + name, {member.key, element.where, element}},
                       "a string, a number, true or false");
        }
    }
}

const TomlTable& Reader::members(const Entry& entry) {
    static const TomlTable no_members;
    const TomlTable* found = table(entry);
    return found == nullptr ? no_members : *found;
}

const TomlTable* Reader::table(const Entry& entry) {
    const auto* members = std::get_if<TomlTable>(&entry.member.value.data);
    if (members == nullptr) {
        wrong_type(entry, "a table");
    }
    return members;
}

std::optional<WrittenText> Reader::text(const Entry& entry) {
    const auto* string = std::get_if<std::string>(&entry.member.value.data);
    if (string == nullptr) {
        wrong_type(entry, "a string");
        return std::nullopt;
    }
    if (string->empty()) {
        findings_.add(
            {entry.member.where, fmt::format("{} is empty", quoted_for_message(entry.name)), ""});
    }
    return WrittenText{*string, entry.member.where};
}

std::vector<WrittenText> Reader::texts(const Entry& entry) {
    const auto* list = std::get_if<TomlArray>(&entry.member.value.data);
    if (list == nullptr) {
        wrong_type(entry, "a list of strings");
        return {};
    }
    std::vector<WrittenText> result;
    for (const TomlValue& element : *list) {
        const TomlMember member{entry.member.key, element.where, element};
        if (auto string = text({entry.name, member})) {
            result.push_back(*std::move(string));
        }
    }
    return result;
}

void Reader::wrong_type(const Entry& entry, std::string_view wanted) {
    findings_.add({entry.member.where,
                   fmt::format("{} must be {}, not {}",
                               quoted_for_message(entry.name),
                               wanted,
                               type_name(entry.member.value)),
                   ""});
}

void Reader::unknown_key(const Entry& entry, const std::vector<std::string>& known) {
    const auto meant = nearest(entry.member.key, known);
    findings_.add({entry.member.where,
                   fmt::format("unknown key {}", quoted_for_message(entry.name)),
                   meant ? fmt::format("did you mean \"{}\"?", *meant)
                         : fmt::format("known here: {}", join(known, ", "))});
}

}  // namespace

WrittenSettings read_settings(const TomlTable& document, Findings& findings) {
    return Reader{findings}.read(document);
}

}  // namespace brig
