// SPDX-License-Identifier: BSD-2-Clause
// The input is a port to publish, and a listing of rules. Whatever is in it, nothing crashes; and
// what is accepted can be written down again, and makes rules of one line each.
#include "nft_rules.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_ports(std::string_view text) {
    brig::net::PublishedPorts ports;
    try {
        ports = brig::net::parse_published_ports(text);
    } catch (const brig::sdk::Error& error) {
        require(std::string_view{error.what()}.find('\n') == std::string_view::npos);
        return;
    }
    require(brig::net::parse_published_ports(brig::net::to_string(ports)) == ports);
    const bool ip6 = ports.host_address.find(':') != std::string::npos;
    ports.target_address = ip6 ? "fd00::2" : "10.0.0.2";
    for (const brig::net::NftRule& rule : brig::net::nft_rules(brig::net::Published{{ports}, {}})) {
        require(rule.text.find_first_of("\n;#") == std::string::npos);
    }
}

}  // namespace

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{data, data + size};
    check_ports(input);
    for (const brig::net::ListedRule& rule : brig::net::parse_nft_table(input)) {
        require(rule.tag().empty() || rule.tag().rfind("brig:", 0) == 0);
    }
    return 0;
}
