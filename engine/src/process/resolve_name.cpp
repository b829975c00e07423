// SPDX-License-Identifier: BSD-2-Clause
#include "process/resolve_name.hpp"

#include "support/check.hpp"
#include "support/child.hpp"
#include "support/text.hpp"

#include <chrono>

namespace brig {

namespace {

/// What a resolver with the usual settings takes to give up: three servers, five seconds, twice.
constexpr std::chrono::seconds kPatience{30};

}  // namespace

std::vector<IpAddress> resolve_name(const std::filesystem::path& libexec, const std::string& name) {
    ChildRequest request;
    request.argv = {libexec / "brig-resolve", name};
    request.deadline = std::chrono::steady_clock::now() + kPatience;
    const ChildResult answer = run_child(request);
    if (answer.end != ChildResult::End::exited) {
        throw Error{ErrorCode::system,
                    fmt::format("{}: no answer within {} seconds", name, kPatience.count())}
            .with_hint("see /etc/resolv.conf, or give the addresses with ip4.addr and ip6.addr");
    }
    if (answer.exit_code != 0) {
        throw Error{ErrorCode::not_found, fmt::format("{}: {}", name, answer.errors)};
    }
    std::vector<IpAddress> addresses;
    for (const std::string& line : split(answer.output, '\n')) {
        if (const auto address = parse_ip_address(line.substr(0, line.find('%')))) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

}  // namespace brig
