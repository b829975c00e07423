// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/network_traits.hpp"

#include "brig/driver.h"
#include "drivers/option_value.hpp"
#include "drivers/options.hpp"
#include "support/ip_address.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <string_view>

namespace brig {

namespace {

constexpr std::int64_t kHighest = 1000;

/// As a driver would describe them.
constexpr std::array kRows{
    brig_option{"priority",
                BRIG_T_INT,
                0,
                "0",
                nullptr,
                -kHighest,
                kHighest,
                "The default route goes through the network with the highest.",
                nullptr},
    brig_option{"resolver",
                BRIG_T_STR | BRIG_T_LIST,
                0,
                "auto",
                nullptr,
                0,
                0,
                "auto, host, image, or addresses of name servers.",
                nullptr},
    brig_option{"search",
                BRIG_T_STR | BRIG_T_LIST,
                0,
                "",
                nullptr,
                0,
                0,
                "Domains that host names are looked up in.",
                nullptr},
    brig_option{"names",
                BRIG_T_BOOL,
                0,
                "true",
                nullptr,
                0,
                0,
                "Containers of the network find each other by name.",
                nullptr},
};

const OptionContent& value_of(const OptionMap& options, std::string_view name) {
    return std::find_if(options.begin(),
                        options.end(),
                        [&](const auto& option) { return option.first == name; })
        ->second.value;
}

std::vector<std::string> list_of(const OptionMap& options, std::string_view name) {
    auto list = std::get<std::vector<std::string>>(value_of(options, name));
    std::erase(list, "");
    return list;
}

void check_resolver(const std::vector<std::string>& resolver,
                    const std::string& subject,
                    Findings& findings) {
    const bool is_word = resolver.size() == 1
                         && (resolver.front() == "auto" || resolver.front() == "host"
                             || resolver.front() == "image");
    for (const std::string& each : resolver) {
        if (!is_word && !parse_ip_address(each)) {
            findings.add({"",
                          fmt::format("'resolver' of {}: '{}' is no address", subject, each),
                          "write \"auto\", \"host\", \"image\", or addresses of name servers"});
        }
    }
}

void check_search(const std::vector<std::string>& search,
                  const std::string& subject,
                  Findings& findings) {
    for (const std::string& each : search) {
        const bool ordinary = std::all_of(each.begin(), each.end(), [](char letter) {
            return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '-'
                   || letter == '.' || letter == '_';
        });
        if (!ordinary) {
            findings.add({"", fmt::format("'search' of {}: '{}' is no domain", subject, each), ""});
        }
    }
}

}  // namespace

NetworkTraits take_traits(OptionMap& options, const std::string& subject, Findings& findings) {
    const auto is_ours = [](const auto& option) {
        return std::any_of(kRows.begin(), kRows.end(), [&](const brig_option& row) {
            return option.first == row.name;
        });
    };
    OptionMap ours;
    std::copy_if(options.begin(), options.end(), std::back_inserter(ours), is_ours);
    std::erase_if(options, is_ours);
    Findings wrong;
    const OptionMap resolved = resolve_options(ours, kRows, OptionScope::instance, subject, wrong);
    if (!wrong.empty()) {
        for (const Finding& finding : wrong.all()) {
            findings.add(finding);
        }
        return {};
    }
    NetworkTraits traits;
    traits.priority = static_cast<int>(std::get<std::int64_t>(value_of(resolved, "priority")));
    traits.resolver = list_of(resolved, "resolver");
    traits.search = list_of(resolved, "search");
    traits.names = std::get<bool>(value_of(resolved, "names"));
    check_resolver(traits.resolver, subject, findings);
    check_search(traits.search, subject, findings);
    return traits;
}

std::optional<std::uint32_t> trait_type(const std::string& key) {
    const auto row = std::find_if(
        kRows.begin(), kRows.end(), [&](const brig_option& each) { return key == each.name; });
    return row == kRows.end() ? std::nullopt : std::optional{row->type};
}

OptionMap options_of(const NetworkTraits& traits) {
    const NetworkTraits usual;
    OptionMap options;
    if (traits.priority != usual.priority) {
        options.emplace_back("priority", OptionValue{std::int64_t{traits.priority}, ""});
    }
    if (traits.resolver != usual.resolver) {
        options.emplace_back("resolver", OptionValue{traits.resolver, ""});
    }
    if (traits.search != usual.search) {
        options.emplace_back("search", OptionValue{traits.search, ""});
    }
    if (traits.names != usual.names) {
        options.emplace_back("names", OptionValue{traits.names, ""});
    }
    return options;
}

}  // namespace brig
