// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/subject.hpp"
#include "params/merge.hpp"

#include <string>
#include <vector>

namespace brig {

/// What preparing an attachment gave.
struct Prepared {
    std::vector<Contribution> contributions;
    ResultMap results;
};

/// One configured network, as the stories see it. All calls are idempotent by container and object.
class Network {
  public:
    Network() = default;
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;
    Network(Network&&) = delete;
    Network& operator=(Network&&) = delete;
    virtual ~Network() = default;

    [[nodiscard]] virtual const std::string& name() const noexcept = 0;

    /// Before there is a jail: the host's side, leases, jail parameters. With Subject::dry_run only
    /// the parameters, and nothing is touched.
    virtual Prepared prepare(const Subject& attachment) = 0;

    /// The jail exists and nothing runs in it: the inside.
    virtual void attach(const Subject& attachment) = 0;

    /// From any state, jail or not.
    virtual void teardown(const Subject& attachment) = 0;
};

}  // namespace brig
