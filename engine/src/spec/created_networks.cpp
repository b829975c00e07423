// SPDX-License-Identifier: BSD-2-Clause
#include "spec/created_networks.hpp"

#include "brig/driver.h"
#include "spec/byte_text.hpp"
#include "spec/settings_reader.hpp"
#include "spec/toml.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>

namespace brig {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "networks";

std::string quoted(const std::string& text) {
    return quote_toml(encode_bytes(text));
}

bool is_integer(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

/// true, 1500, "text": as it is written where it fits the type, so that whoever reads it says what
/// is wrong with it otherwise.
std::string scalar(const std::string& value, std::uint32_t type) {
    const bool is_flag = type == BRIG_T_BOOL && (value == "true" || value == "false");
    return is_flag || (type == BRIG_T_INT && is_integer(value)) ? value : quoted(value);
}

std::string list_of(const std::vector<std::string>& values) {
    std::string items;
    for (const std::string& value : values) {
        for (const std::string& item : split(value, ',')) {
            items += (items.empty() ? "" : ", ") + quoted(item);
        }
    }
    return "[" + items + "]";
}

std::optional<std::string> read_file(const fs::path& file) {
    std::ifstream stream{file, std::ios::binary};
    if (!stream) {
        return std::nullopt;
    }
    return std::string{std::istreambuf_iterator<char>{stream}, {}};
}

}  // namespace

fs::path created_network_file(const fs::path& state, const std::string& name) {
    return state / kFolder / (name + ".toml");
}

std::string format_created_network(const NetworkSpec& spec, const OptionTypes& types) {
    std::map<std::string, std::vector<std::string>> options;
    for (const std::string& option : spec.options) {
        const std::size_t equals = std::min(option.find('='), option.size());
        options[option.substr(0, equals)].push_back(
            option.substr(std::min(equals + 1, option.size())));
    }
    std::string text =
        fmt::format("[network.{}]\ndriver = {}\n", quoted(spec.name), quoted(spec.driver));
    for (const auto& [key, values] : options) {
        const std::uint32_t type = types(key).value_or(BRIG_T_STR);
        const bool is_list = (type & BRIG_T_LIST) != 0;
        text += fmt::format(
            "{} = {}\n", quoted(key), is_list ? list_of(values) : scalar(values.back(), type));
    }
    return text;
}

InstanceSettings parse_created_network(const std::string& text,
                                       const std::string& file,
                                       Findings& findings) {
    const TomlTable document = parse_toml(text, file, findings).value_or(TomlTable{});
    WrittenSettings written = read_settings(document, findings);
    if (written.networks.size() != 1) {
        findings.add({file, "this is not the file of one network", "remove it, or restore it"});
        return {};
    }
    written.networks.front().is_created = true;
    return std::move(written.networks.front());
}

std::vector<InstanceSettings> read_created_networks(const fs::path& state, Findings& findings) {
    std::vector<InstanceSettings> networks;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator{state / kFolder, absent}) {
        const auto text =
            entry.path().extension() == ".toml" ? read_file(entry.path()) : std::nullopt;
        if (text) {
            networks.push_back(parse_created_network(*text, entry.path().native(), findings));
        }
    }
    std::sort(networks.begin(), networks.end(), [](const auto& one, const auto& other) {
        return one.name < other.name;
    });
    return networks;
}

}  // namespace brig
