// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ledger/ledger.hpp"

#include <functional>
#include <string>
#include <vector>

namespace brig {

/// Undoes one effect. Succeeds when it never happened or is undone already; throws otherwise.
using Undo = std::function<void(const Effect&)>;

struct TearDownReport {
    std::vector<std::string> undone;    ///< Effect::what of each, in order
    std::vector<std::string> failures;  ///< one line each
    bool complete = true;               ///< nothing is left in the ledger; its file can go
};

/// Undoes what `ledger` lists, newest first, going on past failures: the only clean-up there is,
/// for a failed start, the end of a container, `stop`, `rm` and recovery after a crash.
///
/// Without a failure the ledger is spent and nothing is written to it; otherwise what was undone
/// leaves it and the rest stays, so that tearing down again is always the right thing to do. A
/// crash in the middle undoes some effects twice, which `Undo` allows.
TearDownReport tear_down(Ledger& ledger, const Undo& undo);

}  // namespace brig
