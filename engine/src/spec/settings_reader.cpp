// SPDX-License-Identifier: BSD-2-Clause
#include "spec/settings_reader.hpp"

#include "spec/container_reader.hpp"
#include "spec/names.hpp"
#include "spec/toml_reader.hpp"
#include "support/quantity.hpp"

#include <fmt/core.h>

#include <cstdint>
#include <utility>
#include <variant>

namespace brig {

namespace {

class SettingsReader : private TomlReader {
  public:
    using TomlReader::TomlReader;

    WrittenSettings read(const TomlTable& document);

  private:
    void read_engine(const TomlTable& table);
    void read_instances(const TomlEntry& kind, std::vector<InstanceSettings>& instances);
    void read_drivers(const TomlEntry& drivers);
    void read_defaults(const TomlTable& defaults);

    InstanceSettings instance(const TomlEntry& entry, const TomlTable& table);
    std::string driver(const TomlEntry& entry);
    DriverTerms terms(const TomlEntry& entry, const TomlTable& table);
    std::optional<Isolation> isolation(const TomlEntry& entry);
    std::optional<std::chrono::milliseconds> timeout(const TomlEntry& entry);
    std::optional<OptionValue> option(const TomlEntry& entry);
    std::optional<std::vector<std::string>> option_list(const TomlEntry& entry,
                                                        const TomlArray& array);

    WrittenSettings settings_;
};

WrittenSettings SettingsReader::read(const TomlTable& document) {
    for (const TomlMember& member : document) {
        const TomlEntry entry{member.key, member};
        if (member.key == "storage") {
            read_instances(entry, settings_.storages);
        } else if (member.key == "network") {
            read_instances(entry, settings_.networks);
        } else if (member.key == "engine") {
            read_engine(members(entry));
        } else if (member.key == "driver") {
            read_drivers(entry);
        } else if (member.key == "defaults") {
            read_defaults(members(entry));
        } else if (member.key == "container") {
            settings_.containers = read_containers(entry, findings());
        } else {
            unknown_key(entry, {"engine", "storage", "network", "driver", "defaults", "container"});
        }
    }
    return std::move(settings_);
}

void SettingsReader::read_engine(const TomlTable& table) {
    for (const TomlMember& member : table) {
        const TomlEntry entry{"engine." + member.key, member};
        if (member.key == "state") {
            settings_.state = text(entry);
        } else if (member.key == "run") {
            settings_.run = text(entry);
        } else if (member.key == "logs") {
            settings_.logs = text(entry);
        } else if (member.key == "drivers") {
            settings_.driver_dirs = texts(entry);
        } else if (member.key == "storage") {
            settings_.default_storage = text(entry);
        } else if (member.key == "network") {
            settings_.default_network = text(entry);
        } else {
            unknown_key(entry, {"state", "run", "logs", "drivers", "storage", "network"});
        }
    }
}

void SettingsReader::read_instances(const TomlEntry& kind,
                                    std::vector<InstanceSettings>& instances) {
    for (const TomlMember& member : members(kind)) {
        const TomlEntry entry{kind.name + "." + member.key, member};
        if (const auto problem = name_problem(member.key)) {
            findings().add(
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

InstanceSettings SettingsReader::instance(const TomlEntry& entry, const TomlTable& table) {
    InstanceSettings result{entry.member.key, "", {}, entry.member.where};
    bool has_driver = false;
    for (const TomlMember& member : table) {
        const TomlEntry option_entry{entry.name + "." + member.key, member};
        if (member.key == "driver") {
            has_driver = true;
            result.driver = driver(option_entry);
        } else if (auto value = option(option_entry)) {
            result.options.emplace_back(member.key, *std::move(value));
        }
    }
    if (!has_driver) {
        findings().add({entry.member.where,
                        fmt::format("{} names no driver", quoted_for_message(entry.name)),
                        "add driver = \"NAME\"; `brig driver ls` lists the names"});
    }
    return result;
}

std::string SettingsReader::driver(const TomlEntry& entry) {
    const auto name = text(entry);
    if (!name) {
        return {};
    }
    // An empty string was reported already.
    if (const auto problem = name_problem(name->text); problem && !name->text.empty()) {
        findings().add(
            {name->where,
             fmt::format("the driver name {} {}", quoted_for_message(name->text), *problem),
             ""});
    }
    return name->text;
}

void SettingsReader::read_drivers(const TomlEntry& drivers) {
    for (const TomlMember& member : members(drivers)) {
        const TomlEntry entry{"driver." + member.key, member};
        if (const TomlTable* of_driver = table(entry)) {
            settings_.drivers[member.key] = terms(entry, *of_driver);
        }
    }
}

DriverTerms SettingsReader::terms(const TomlEntry& entry, const TomlTable& table) {
    DriverTerms terms{std::nullopt, std::nullopt, entry.member.where};
    for (const TomlMember& member : table) {
        const TomlEntry term{entry.name + "." + member.key, member};
        if (member.key == "isolation") {
            terms.isolation = isolation(term);
        } else if (member.key == "timeout") {
            terms.timeout = timeout(term);
        } else {
            unknown_key(term, {"isolation", "timeout"});
        }
    }
    return terms;
}

std::optional<Isolation> SettingsReader::isolation(const TomlEntry& entry) {
    const auto written = text(entry);
    if (!written) {
        return std::nullopt;
    }
    if (written->text == "process") {
        return Isolation::process;
    }
    if (written->text == "in-process") {
        return Isolation::in_process;
    }
    findings().add({written->where,
                    fmt::format("{} is {}; it must be \"process\" or \"in-process\"",
                                quoted_for_message(entry.name),
                                quoted_for_message(written->text)),
                    ""});
    return std::nullopt;
}

std::optional<std::chrono::milliseconds> SettingsReader::timeout(const TomlEntry& entry) {
    const auto written = text(entry);
    if (!written) {
        return std::nullopt;
    }
    const auto duration = parse_duration(written->text);
    if (duration && *duration > 0) {
        return std::chrono::milliseconds{*duration};
    }
    findings().add({written->where,
                    fmt::format("{} is {}; it must be a duration such as \"500ms\" or \"30s\"",
                                quoted_for_message(entry.name),
                                quoted_for_message(written->text)),
                    ""});
    return std::nullopt;
}

std::optional<OptionValue> SettingsReader::option(const TomlEntry& entry) {
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

std::optional<std::vector<std::string>> SettingsReader::option_list(const TomlEntry& entry,
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

void SettingsReader::read_defaults(const TomlTable& defaults) {
    for (const TomlMember& member : defaults) {
        const TomlEntry entry{"defaults." + member.key, member};
        if (member.key != "params") {
            unknown_key(entry, {"params"});
        } else {
            settings_.default_params = params(entry);
        }
    }
}

}  // namespace

WrittenSettings read_settings(const TomlTable& document, Findings& findings) {
    return SettingsReader{findings}.read(document);
}

}  // namespace brig
