// SPDX-License-Identifier: BSD-2-Clause
#include "properties.hpp"

#include "system.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace brig::storage_zfs {
namespace {

constexpr std::array<const char*, 4> kSizes{"quota", "refquota", "reservation", "refreservation"};

/// What the driver controls, or what would let a volume out of its hands.
constexpr std::array<std::string_view, 9> kControlled{"mountpoint",
                                                      "canmount",
                                                      "jailed",
                                                      "zoned",
                                                      "sharenfs",
                                                      "sharesmb",
                                                      "encryption",
                                                      "keylocation",
                                                      "keyformat"};
constexpr std::array<std::string_view, 7> kOptions{
    "quota", "refquota", "reservation", "refreservation", "compression", "recordsize", "atime"};

template <typename List>
bool holds(const List& list, std::string_view name) {
    return std::find(list.begin(), list.end(), name) != list.end();
}

/// The later one of a name wins.
void put(Properties& properties, Property property) {
    const auto same = std::find_if(properties.begin(), properties.end(), [&](const Property& each) {
        return each.name == property.name;
    });
    if (same == properties.end()) {
        properties.push_back(std::move(property));
    } else {
        *same = std::move(property);
    }
}

bool is_word(std::string_view text) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    return !text.empty() && text.size() <= 32 && text.front() != '-'
           && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

void add_compression(Properties& properties, const std::string& word) {
    // Which of them there are is for the host's ZFS to say.
    constexpr std::array<std::string_view, 8> kFamilies{
        "on", "off", "lz4", "lzjb", "zle", "gzip", "zstd", "zstd-fast"};
    const std::size_t level = word.find_first_of("0123456789", word.rfind('-') + 1);
    const bool has_level = word.rfind('-') != std::string::npos && level == word.rfind('-') + 1;
    const std::string family = has_level ? word.substr(0, level - 1) : word;
    if (!is_word(word) || !holds(kFamilies, family)) {
        throw Error{BRIG_INVALID,
                    joined("compression '", word, "' is not known"),
                    "use on, off, lz4, zstd, zstd-N, gzip, gzip-N, lzjb or zle"};
    }
    put(properties, {"compression", word});
}

void add_record_size(Properties& properties, std::int64_t bytes) {
    constexpr std::int64_t kLeast = 512;
    constexpr std::int64_t kMost = std::int64_t{16} * 1024 * 1024;
    if (bytes < kLeast || bytes > kMost || (bytes & (bytes - 1)) != 0) {
        throw Error{BRIG_INVALID,
                    joined("recordsize ", std::to_string(bytes), " is not possible"),
                    "use a power of two from 512 to 1M"};
    }
    put(properties, {"recordsize", std::to_string(bytes)});
}

/// Checks the name of a property that is not one of our options.
void require_free(const std::string& name) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789:._-@";
    const bool good = !name.empty() && name.size() <= 255 && name.front() >= 'a'
                      && name.front() <= 'z'
                      && name.find_first_not_of(kAllowed) == std::string::npos;
    if (!good) {
        throw Error{BRIG_INVALID,
                    joined("'", name, "' is not the name of a property"),
                    "write properties = [\"name=value\"]"};
    }
    if (holds(kControlled, name) || name.compare(0, 5, "brig:") == 0) {
        throw Error{BRIG_INVALID,
                    joined("property '", name, "' is set by the driver itself"),
                    "leave it out of 'properties'"};
    }
    if (holds(kOptions, name)) {
        throw Error{BRIG_INVALID,
                    joined("property '", name, "' has an option of its own"),
                    joined("write ", name, " = … instead")};
    }
}

bool is_printable(char c) {
    return c >= ' ' && c <= '~';
}

void add_free(Properties& properties, const std::string& text) {
    constexpr std::size_t kMostValue = 1023;
    const std::size_t equals = text.find('=');
    Property property{text.substr(0, equals),
                      equals == std::string::npos ? "" : text.substr(equals + 1)};
    require_free(property.name);
    const std::string& value = property.value;
    if (value.empty() || value.size() > kMostValue
        || !std::all_of(value.begin(), value.end(), is_printable)) {
        throw Error{BRIG_INVALID,
                    joined("property '", property.name, "' has no usable value"),
                    "write properties = [\"name=value\"]"};
    }
    put(properties, std::move(property));
}

}  // namespace

void add_options(Properties& properties, const sdk::Options& options) {
    for (const char* name : kSizes) {
        if (options.has(name)) {
            const std::int64_t bytes = options.integer(name);
            put(properties, {name, bytes == 0 ? "none" : std::to_string(bytes)});
        }
    }
    if (options.has("compression")) {
        add_compression(properties, options.text("compression"));
    }
    if (options.has("recordsize")) {
        add_record_size(properties, options.integer("recordsize"));
    }
    if (options.has("atime")) {
        put(properties, {"atime", options.boolean("atime") ? "on" : "off"});
    }
    for (const std::string& text : options.list("properties")) {
        add_free(properties, text);
    }
}

std::string spoken(const Properties& properties) {
    std::string text;
    for (const Property& property : properties) {
        text += joined(text.empty() ? "" : ", ", property.name, "=", property.value);
    }
    return text;
}

}  // namespace brig::storage_zfs
