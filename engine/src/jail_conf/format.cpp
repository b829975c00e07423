// SPDX-License-Identifier: BSD-2-Clause
#include "brig/jail_conf.hpp"
#include "jail_conf/command_text.hpp"
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "spec/container_spec.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

namespace brig {

namespace {

/// jail.conf(5), "String format": what needs no quotes for certain.
constexpr std::string_view kPlain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

std::string escaped(char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || c == '$') {
        return {'\\', c};
    }
    if (c == '\n') {
        return "\\n";
    }
    if (c == '\t') {
        return "\\t";
    }
    // Three digits, so that one that follows is not taken for a fourth.
    return byte < 0x20 || byte == 0x7f ? fmt::format("\\{:03o}", byte) : std::string(1, c);
}

/// A string as jail.conf(5) reads it back.
std::string conf_string(std::string_view text) {
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
        return std::string{text};
    }
    std::string quoted{"\""};
    for (const char c : text) {
        quoted += escaped(c);
    }
    return quoted + '"';
}

std::string conf_statement(std::string_view name, std::string_view sign, std::string_view values) {
    return fmt::format("\t{} {} {};\n", name, sign, values);
}

/// A list of commands is easier to read, and to change, with one a line.
std::string conf_commands(const Param& param) {
    std::string text;
    for (const std::string& value : param.values) {
        text += conf_statement(param.name, text.empty() ? "=" : "+=", conf_string(value));
    }
    return text;
}

std::string conf_param(const Param& param) {
    if (param.type == ParamType::boolean) {
        return fmt::format("\t{};\n", param.is_true() ? param.name : with_no(param.name));
    }
    if (param.values.empty()) {
        return conf_statement(param.name, "=", "\"\"");
    }
    if (param.type == ParamType::string_list) {
        return conf_commands(param);
    }
    std::vector<std::string> values;
    for (const std::string& value : param.values) {
        values.push_back(conf_string(value));
    }
    return conf_statement(param.name, "=", join(values, ", "));
}

/// A line of comment, on which nothing can begin another line.
std::string conf_comment(std::string_view what, const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        line += " " + conf_string(word);
    }
    return words.empty() ? "" : fmt::format("\t# {}:{}\n", what, line);
}

const std::string& name_of(const ContainerDefinition& container) {
    return container.spec.name.empty() ? container.id : container.spec.name;
}

std::vector<std::string> one_or_none(const std::string& text) {
    return text.empty() ? std::vector<std::string>{} : std::vector{text};
}

}  // namespace

std::string format_jail_conf(const ContainerDefinition& container) {
    std::string text = conf_string(name_of(container)) + " {\n";
    text += conf_comment("image", one_or_none(container.spec.image));
    text += conf_comment("networks", container.spec.networks);
    text += conf_comment("published ports", container.spec.publish);
    text += conf_comment("environment", container.spec.environment);
    text += conf_comment("working directory", one_or_none(container.spec.workdir.value_or("")));
    text += conf_statement("path", "=", conf_string(container.root));
    for (const Param& param : container.params) {
        text += conf_param(param);
    }
    if (!container.command.empty()) {
        text += conf_statement(
            "command", "=", conf_string(jail_conf::format_command(container.command)));
    }
    return text + "}\n";
}

std::string format_jail_command(const ContainerDefinition& container) {
    // path comes first, command last, as in its manual.
    std::string line = "jail -c " + shell_quote("path=" + container.root) + " "
                       + shell_quote("name=" + name_of(container));
    for (const Param& param : container.params) {
        for (const std::string& word : format_words(param)) {
            line += " " + shell_quote(word);
        }
    }
    for (std::size_t i = 0; i < container.command.size(); ++i) {
        line += " " + shell_quote((i == 0 ? "command=" : "") + container.command[i]);
    }
    return line;
}

std::string format_toml(const ContainerDefinition& container) {
    return fmt::format("[container.{}]\n", name_of(container)) + to_toml_members(container.spec);
}

}  // namespace brig
