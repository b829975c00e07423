// SPDX-License-Identifier: BSD-2-Clause
#include "support/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>

namespace brig {

namespace {

/// inet_pton(3) would stop at a NUL and accept what stands before it.
bool has_nul(std::string_view text) {
    return text.find('\0') != std::string_view::npos;
}

}  // namespace

bool is_ip4_address(std::string_view text) {
    in_addr address{};
    return !has_nul(text) && ::inet_pton(AF_INET, std::string{text}.c_str(), &address) == 1;
}

bool is_ip6_address(std::string_view text) {
    in6_addr address{};
    return !has_nul(text) && ::inet_pton(AF_INET6, std::string{text}.c_str(), &address) == 1;
}

std::string canonical_ip6(std::string_view text) {
    in6_addr address{};
    std::array<char, INET6_ADDRSTRLEN> canonical{};
    if (::inet_pton(AF_INET6, std::string{text}.c_str(), &address) != 1
        || ::inet_ntop(AF_INET6, &address, canonical.data(), canonical.size()) == nullptr) {
        return std::string{text};
    }
    return canonical.data();
}

}  // namespace brig
