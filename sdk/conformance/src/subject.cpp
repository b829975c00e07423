// SPDX-License-Identifier: BSD-2-Clause
#include "subject.hpp"

#include "drivers/options.hpp"
#include "spec/toml.hpp"
#include "support/check.hpp"
#include "support/findings.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace brig::conformance {

namespace {

std::string sample_text(const brig_option& row, const std::filesystem::path& folder) {
    switch (row.type & ~std::uint32_t{BRIG_T_LIST}) {
        case BRIG_T_ENUM:
            return split(row.choices == nullptr ? "" : row.choices, '|').front();
        case BRIG_T_JAILSYS:
            return "inherit";
        case BRIG_T_IP4:
            return "10.231.9.9";
        case BRIG_T_IP6:
            return "fd00:b219::9";
        case BRIG_T_CIDR:
            return "10.231.9.0/24";
        case BRIG_T_MAC:
            return "02:00:5e:10:00:01";
        case BRIG_T_PATH: {
            const std::filesystem::path path = folder / "paths" / row.name;
            std::filesystem::create_directories(path);
            return path.string();
        }
        case BRIG_T_SIZE:
            return "64M";
        case BRIG_T_DURATION_MS:
            return "1s";
        default:
            return "sample";
    }
}

/// A value of TOML as one of an option.
std::optional<OptionContent> content_of(const TomlValue& value) {
    if (const auto* flag = std::get_if<bool>(&value.data)) {
        return *flag;
    }
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) {
        return *number;
    }
    if (const auto* text = std::get_if<std::string>(&value.data)) {
        return *text;
    }
    const auto* array = std::get_if<TomlArray>(&value.data);
    if (array == nullptr) {
        return std::nullopt;
    }
    std::vector<std::string> texts;
    for (const TomlValue& element : *array) {
        const auto* text = std::get_if<std::string>(&element.data);
        if (text == nullptr) {
            return std::nullopt;
        }
        texts.push_back(*text);
    }
    return texts;
}

OptionMap options_in(const TomlMember& member, Findings& findings) {
    OptionMap options;
    const auto* table = std::get_if<TomlTable>(&member.value.data);
    if (table == nullptr) {
        findings.add({member.where, "'" + member.key + "' must be a table", {}});
        return options;
    }
    for (const TomlMember& each : *table) {
        if (auto content = content_of(each.value)) {
            options.push_back({each.key, {*std::move(content), each.where}});
        } else {
            findings.add({each.where, "'" + each.key + "' is no value of an option", {}});
        }
    }
    return options;
}

std::string text_of_file(const std::filesystem::path& file) {
    const UniqueFd fd{check(::open(file.c_str(), O_RDONLY | O_CLOEXEC), "open {}", file.native())};
    return read_text(fd.get(), file.native());
}

}  // namespace

OptionValue sample_value(const brig_option& row, const std::filesystem::path& folder) {
    const std::uint32_t type = row.type & ~std::uint32_t{BRIG_T_LIST};
    const bool is_number =
        type == BRIG_T_INT || ((row.min != 0 || row.max != 0) && type != row.type);
    if (type == BRIG_T_BOOL) {
        return {true, ""};
    }
    if (is_number || ((type == BRIG_T_SIZE || type == BRIG_T_DURATION_MS) && row.min > 0)) {
        return {std::max<std::int64_t>(row.min, 1), ""};
    }
    const std::string text = sample_text(row, folder);
    if ((row.type & BRIG_T_LIST) != 0) {
        return {std::vector<std::string>{text}, ""};
    }
    return {text, ""};
}

OptionMap instance_options(const Subject& subject, const std::filesystem::path& folder) {
    OptionMap given = subject.instance;
    for (const brig_option& row : subject.tables.options()) {
        const bool is_there = std::any_of(given.begin(), given.end(), [&](const auto& option) {
            return option.first == row.name;
        });
        if (!is_there && (row.flags & BRIG_OPT_REQUIRED) != 0) {
            given.emplace_back(row.name, sample_value(row, folder));
        }
    }
    Findings findings;
    OptionMap options = resolve_options(given,
                                        subject.tables.options(),
                                        OptionScope::instance,
                                        "the instance under test",
                                        findings);
    findings.throw_if_any();
    return options;
}

void read_configuration(Subject& subject) {
    if (!subject.options.config) {
        return;
    }
    Findings findings;
    const std::filesystem::path& file = *subject.options.config;
    const auto document = parse_toml(text_of_file(file), file.string(), findings);
    for (const TomlMember& member : document.value_or(TomlTable{})) {
        if (member.key == "options") {
            subject.instance = options_in(member, findings);
        } else if (member.key == "container") {
            subject.container = options_in(member, findings);
        } else {
            findings.add({member.where,
                          "there is no table '" + member.key + "'",
                          "[options] is for the instance, [container] for one container"});
        }
    }
    findings.throw_if_any();
    subject.container = resolve_options(subject.container,
                                        subject.tables.options(),
                                        OptionScope::container,
                                        "the container under test",
                                        findings);
    findings.throw_if_any();
}

}  // namespace brig::conformance
