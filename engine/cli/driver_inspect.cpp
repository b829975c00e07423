// SPDX-License-Identifier: BSD-2-Clause
#include "driver.hpp"
#include "options.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <ctime>
#include <iostream>
#include <utility>

namespace brig::cli {

namespace {

/// "enum a|b|c".
std::string type_text(const DriverInfo::Option& option) {
    return option.choices.empty() ? option.type : option.type + " " + joined(option.choices, "|");
}

std::string default_text(const DriverInfo::Option& option) {
    return option.required ? "(required)" : option.default_value;
}

/// What else is to be known of an option: "per container, since 1.2".
std::string notes_text(const DriverInfo::Option& option) {
    std::vector<std::string> notes;
    if (option.per_container) {
        notes.emplace_back("per container");
    }
    if (option.secret) {
        notes.emplace_back("secret");
    }
    if (option.deprecated) {
        notes.emplace_back("deprecated");
    }
    if (option.min != 0 || option.max != 0) {
        notes.push_back(fmt::format("{} to {}", option.min, option.max));
    }
    return joined(notes, ", ");
}

void print_driver(const DriverInfo& driver) {
    Table facts{{"name", driver.name}};
    facts.add({"kind", driver.kind});
    facts.add({"version", driver.version});
    facts.add({"summary", driver.summary});
    facts.add({"vendor", driver.vendor});
    facts.add({"license", driver.license});
    facts.add({"url", driver.url});
    facts.add({"platforms", driver.platforms});
    facts.add({"needs", driver.needs});
    facts.add({"contributes", driver.params});
    facts.add({"can", joined(driver.capabilities, " ")});
    facts.add({"interface", fmt::format("1.{}", driver.interface_minor)});
    facts.add({"isolation", driver.isolation == Isolation::process ? "process" : "in-process"});
    facts.add({"file", driver.file.empty() ? "part of this program" : driver.file});
    facts.print();
    if (driver.options.empty()) {
        return;
    }
    std::cout << '\n';
    Table options{{"OPTION", "TYPE", "DEFAULT", "NOTES", "HELP"}};
    for (const DriverInfo::Option& option : driver.options) {
        options.add({option.name,
                     type_text(option),
                     default_text(option),
                     notes_text(option),
                     option.help});
    }
    options.print();
}

Json option_json(const DriverInfo::Option& option) {
    return Json::object()
        .add("name", option.name)
        .add("type", option.type)
        .add("default", option.default_value)
        .add("required", option.required)
        .add("per_container", option.per_container)
        .add("secret", option.secret)
        .add("deprecated", option.deprecated)
        .add("choices", option.choices)
        .add("min", static_cast<long long>(option.min))
        .add("max", static_cast<long long>(option.max))
        .add("since", option.since)
        .add("help", option.help);
}

/// Whether a value of that type is written in quotes.
bool is_quoted(const std::string& type) {
    constexpr std::array<const char*, 2> kBare{"boolean", "integer"};
    return std::find(kBare.begin(), kBare.end(), type) == kBare.end();
}

std::string toml_text(const std::string& text) {
    std::string quoted = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') {
            quoted += '\\';
        }
        quoted += static_cast<unsigned char>(letter) < ' ' ? ' ' : letter;
    }
    return quoted + '"';
}

/// An example of a value, where there is no default.
std::string placeholder(const DriverInfo::Option& option) {
    if (!option.choices.empty()) {
        return toml_text(option.choices.front());
    }
    if (option.type.starts_with("list")) {
        return "[]";
    }
    return is_quoted(option.type) ? toml_text("") : option.type == "boolean" ? "false" : "0";
}

std::string toml_value(const DriverInfo::Option& option) {
    if (option.default_value.empty()) {
        return placeholder(option);
    }
    if (option.type.starts_with("list")) {
        return "[" + toml_text(option.default_value) + "]";
    }
    return is_quoted(option.type) ? toml_text(option.default_value) : option.default_value;
}

/// One line of text: control characters would end a comment, or a line of mdoc.
std::string one_line(const std::string& text) {
    std::string line = text;
    std::replace_if(
        line.begin(),
        line.end(),
        [](char letter) { return static_cast<unsigned char>(letter) < ' '; },
        ' ');
    return line;
}

/// A text as an argument of a macro of mdoc(7), or as a line of text.
std::string mdoc_text(const std::string& text) {
    std::string escaped;
    for (const char letter : one_line(text)) {
        escaped += letter == '\\' ? "\\e" : std::string{letter};
    }
    const bool is_macro = escaped.starts_with('.') || escaped.starts_with('\'');
    return (is_macro ? "\\&" : "") + escaped;
}

std::string mdoc_title(std::string name) {
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char letter) {
        return static_cast<char>(std::toupper(letter));
    });
    return name;
}

/// Today, as mdoc(7) wants it: "November 28, 2026".
std::string mdoc_date() {
    const std::time_t now = std::time(nullptr);
    std::tm date{};
    ::gmtime_r(&now, &date);
    std::array<char, 32> text{};
    return {text.data(), std::strftime(text.data(), text.size(), "%B %e, %Y", &date)};
}

std::string man_option(const DriverInfo::Option& option) {
    std::string text = fmt::format(".It Va {}\n{}\n", option.name, mdoc_text(option.help));
    text += fmt::format("Type: {}.\n", mdoc_text(type_text(option)));
    if (option.required) {
        text += "Required.\n";
    } else if (!option.default_value.empty()) {
        text += fmt::format("Default: {}.\n", mdoc_text(option.default_value));
    }
    if (const std::string notes = notes_text(option); !notes.empty()) {
        text += fmt::format("Notes: {}.\n", notes);
    }
    return text;
}

}  // namespace

Json driver_json(const DriverInfo& driver) {
    Json options = Json::array();
    for (const DriverInfo::Option& option : driver.options) {
        options.add(option_json(option));
    }
    Json json = Json::object();
    json.add("name", driver.name).add("kind", driver.kind).add("file", driver.file);
    if (!driver.error.empty()) {
        json.add("error", driver.error);
    }
    if (driver.version.empty()) {
        return json;
    }
    return json.add("version", driver.version)
        .add("summary", driver.summary)
        .add("vendor", driver.vendor)
        .add("license", driver.license)
        .add("url", driver.url)
        .add("platforms", driver.platforms)
        .add("needs", driver.needs)
        .add("params", driver.params)
        .add("capabilities", driver.capabilities)
        .add("interface_minor", static_cast<long long>(driver.interface_minor))
        .add("isolation", driver.isolation == Isolation::process ? "process" : "in-process")
        .add("options", options);
}

std::string driver_toml(const DriverInfo& driver) {
    std::string text = fmt::format("# {}\n[{}.{}]\ndriver = {}\n",
                                   one_line(driver.summary),
                                   driver.kind,
                                   driver.kind == "network" ? "lan" : "tank",
                                   toml_text(driver.name));
    for (const DriverInfo::Option& option : driver.options) {
        text += fmt::format("\n# {} ({})\n{}{} = {}\n",
                            one_line(option.help),
                            type_text(option),
                            option.required ? "" : "#",
                            option.name,
                            toml_value(option));
    }
    return text;
}

std::string driver_man(const DriverInfo& driver) {
    std::string text = fmt::format(
        ".Dd {}\n.Dt {} 4\n.Os\n.Sh NAME\n.Nm {}\n.Nd {}\n",
        mdoc_date(),
        mdoc_title(driver.name),
        driver.name,
        mdoc_text(driver.summary.empty() ? driver.kind + " driver of brig" : driver.summary));
    text += fmt::format(
        ".Sh SYNOPSIS\nIn\n.Xr brig.toml 5 :\n.Bd -literal\n[{}.NAME]\n"
        "driver = \"{}\"\n.Ed\n.Sh DESCRIPTION\nVersion {}.\n",
        driver.kind,
        driver.name,
        mdoc_text(driver.version));
    if (!driver.platforms.empty()) {
        text += fmt::format("For {}.\n", mdoc_text(driver.platforms));
    }
    if (!driver.needs.empty()) {
        text += fmt::format("It needs {}.\n", mdoc_text(driver.needs));
    }
    if (!driver.params.empty()) {
        text += fmt::format("It contributes the jail parameters {}.\n", mdoc_text(driver.params));
    }
    if (!driver.options.empty()) {
        text += ".Pp\nOptions:\n.Bl -tag -width indent\n";
        for (const DriverInfo::Option& option : driver.options) {
            text += man_option(option);
        }
        text += ".El\n";
    }
    return text + ".Sh SEE ALSO\n.Xr brig.toml 5 ,\n.Xr brig 8\n";
}

int inspect_driver(Invocation& call, Strings arguments) {
    Options options{"driver inspect [--toml | --man] NAME|FILE"};
    options.add()("toml", "a table for brig.toml, with every option and its help");
    options.add()("man", "a manual page");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    const DriverInfo driver = call.engine().driver(options.operands().front());
    if (!driver.error.empty()) {
        complain("warning: " + driver.error);
    }
    if (call.json()) {
        print(driver_json(driver));
    } else if (options.has("toml")) {
        print_line(driver_toml(driver));
    } else if (options.has("man")) {
        print_line(driver_man(driver));
    } else {
        print_driver(driver);
    }
    return kDone;
}

}  // namespace brig::cli
