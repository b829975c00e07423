// SPDX-License-Identifier: BSD-2-Clause
#include "images/platform.hpp"

#include "support/check.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace brig {
namespace {

constexpr std::string_view kLinux = "linux/";
constexpr std::string_view kFreeBsd = "freebsd/";

/// uname(3)'s machine as OCI spells it.
std::string architecture_of(const std::string& machine) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kNames{{
        {"x86_64", "amd64"},
        {"aarch64", "arm64"},
        {"armv7l", "arm"},
        {"i386", "386"},
        {"i686", "386"},
        {"riscv", "riscv64"},
    }};
    const auto* const found = std::find_if(
        kNames.begin(), kNames.end(), [&](const auto& name) { return name.first == machine; });
    return found == kNames.end() ? machine : std::string{found->second};
}

}  // namespace

std::vector<std::string> usable_platforms() {
    utsname host{};
    check(::uname(&host), "ask for this machine's name");
    const std::string architecture = architecture_of(std::string{&host.machine[0]});
    const bool is_linux = std::string_view{&host.sysname[0]} == "Linux";
    return {std::string{is_linux ? kLinux : kFreeBsd} + architecture,
            std::string{is_linux ? kFreeBsd : kLinux} + architecture};
}

std::string host_platform() {
    return usable_platforms().front();
}

}  // namespace brig
