// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/tear_down.hpp"

#include "brig/error.hpp"

#include <exception>

namespace brig {

TearDownReport tear_down(Ledger& ledger, const Undo& undo) {
    TearDownReport report;
    std::vector<int> undone;
    std::vector<Effect> pending = ledger.effects();
    for (; !pending.empty(); pending.pop_back()) {
        const Effect& effect = pending.back();
        try {
            undo(effect);
            undone.push_back(effect.number);
            report.undone.push_back(effect.what);
        } catch (const std::exception& failure) {
            report.failures.push_back(effect.what + ": " + full_message(failure));
        }
    }
    if (!report.failures.empty()) {
        for (const int number : undone) {
            ledger.forget(number);
        }
        report.complete = ledger.effects().empty();
    }
    return report;
}

}  // namespace brig
