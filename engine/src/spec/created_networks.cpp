// SPDX-License-Identifier: BSD-2-Clause
#include "spec/created_networks.hpp"

#include "spec/byte_text.hpp"
#include "spec/settings_reader.hpp"
#include "spec/toml.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>

namespace brig {

namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "networks";

/// Options that are lists, however many values they have.
constexpr std::array<std::string_view, 3> kLists{"exclude", "resolver", "search"};

std::string quoted(const std::string& text) {
    return quote_toml(encode_bytes(text));
}

bool is_integer(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

/// true, 1500, "text".
std::string scalar(const std::string& value) {
    return value == "true" || value == "false" || is_integer(value) ? value : quoted(value);
}

/// Of a list every value is written as an option of its own, or all of them with commas between.
std::string value_of(const std::string& key, const std::vector<std::string>& values) {
    if (std::find(kLists.begin(), kLists.end(), key) == kLists.end()) {
        return scalar(values.back());
    }
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

std::string format_created_network(const NetworkSpec& spec) {
    std::map<std::string, std::vector<std::string>> options;
    for (const std::string& option : spec.options) {
        const std::size_t equals = std::min(option.find('='), option.size());
        options[option.substr(0, equals)].push_back(
            option.substr(std::min(equals + 1, option.size())));
    }
    std::string text =
        fmt::format("[network.{}]\ndriver = {}\n", quoted(spec.name), quoted(spec.driver));
    for (const auto& [key, values] : options) {
        text += fmt::format("{} = {}\n", quoted(key), value_of(key, values));
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
