// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/datasets.hpp"

#include "support/check.hpp"
#include "support/child.hpp"

namespace brig::freebsd {

namespace {

constexpr std::chrono::seconds kPatience{60};

/// By the program: libzfs promises no stable interface.
ChildResult run_zfs(const char* verb, const Jail& jail, const std::string& dataset) {
    ChildRequest request;
    request.argv = {"/sbin/zfs", verb, std::to_string(static_cast<int>(jail.id)), dataset};
    request.deadline = std::chrono::steady_clock::now() + kPatience;
    return run_child(request);
}

std::string complaint(const ChildResult& result) {
    return result.end == ChildResult::End::exited
               ? result.errors.substr(0, result.errors.find('\n'))
               : fmt::format("not done within {} s", kPatience.count());
}

bool succeeded(const ChildResult& result) {
    return result.end == ChildResult::End::exited && result.exit_code == 0;
}

}  // namespace

void lend_dataset(const Jail& jail, const std::string& dataset) {
    const ChildResult result = run_zfs("jail", jail, dataset);
    if (!succeeded(result)) {
        throw Error{ErrorCode::system,
                    fmt::format("zfs jail {} {}: {}", jail.name, dataset, complaint(result))}
            .with_hint(
                fmt::format("the dataset must be there, with: zfs set jailed=on {}", dataset));
    }
}

void return_dataset(const Jail& jail, const std::string& dataset, const Log& log) {
    const ChildResult result = run_zfs("unjail", jail, dataset);
    if (!succeeded(result)) {
        log.debug("zfs unjail {} {}: {}", jail.name, dataset, complaint(result));
    }
}

}  // namespace brig::freebsd
