// SPDX-License-Identifier: BSD-2-Clause
#include "network_options.hpp"

#include "system.hpp"

#include <algorithm>

namespace brig::net {

namespace {

std::string of_family(const std::string& name, bool is_ip6) {
    return name + (is_ip6 ? "6" : "");
}

}  // namespace

PoolOptions pool_options(const sdk::Options& options, bool is_ip6) {
    PoolOptions wanted;
    wanted.is_ip6 = is_ip6;
    wanted.subnet_option = of_family("subnet", is_ip6);
    wanted.range_option = of_family("range", is_ip6);
    wanted.subnet = options.text(wanted.subnet_option);
    wanted.range = options.text(wanted.range_option);
    wanted.exclude = options.list("exclude");
    if (wanted.subnet.empty()) {
        require_absent(options, "range", is_ip6);
    }
    return wanted;
}

void require_absent(const sdk::Options& options, const std::string& name, bool is_ip6) {
    const std::string option = of_family(name, is_ip6);
    if (!options.text(option).empty()) {
        refuse("'" + option + "' is set, but not '" + of_family("subnet", is_ip6) + "'");
    }
}

Nat read_nat(const sdk::Options& options) {
    const std::string text = options.text("nat");
    if (text.empty() || text == "false") {
        return {};
    }
    if (text == "true") {
        return {true, ""};
    }
    require_interface_name("nat", text);
    return {true, text};
}

void require_interface_name(const std::string& option, const std::string& name) {
    const bool ordinary = std::all_of(name.begin(), name.end(), [](char letter) {
        return letter > ' ' && letter < '\x7f' && letter != '/' && letter != ':' && letter != '"'
               && letter != '\\' && letter != '%';
    });
    if (name.empty() || name.size() > kLongestInterface || !ordinary || name == "."
        || name == "..") {
        refuse(
            "'" + option + "': '" + name + "' cannot be the name of an interface",
            "it has at most " + std::to_string(kLongestInterface) + " letters, digits and signs");
    }
}

std::string tag_prefix(const sdk::Call& call) {
    return "brig:" + std::string{call.engine_id()} + ":";
}

std::string network_key(const sdk::Call& call, const std::string& network) {
    return std::string{call.engine_id()} + "/" + network;
}

}  // namespace brig::net
