// SPDX-License-Identifier: BSD-2-Clause
#include "support/findings.hpp"

namespace brig {

namespace {

std::string line_of(const Finding& finding) {
    return finding.where.empty() ? finding.message : finding.where + ": " + finding.message;
}

}  // namespace

void Findings::throw_if_any() const {
    if (all_.empty()) {
        return;
    }
    std::string message;
    std::string hint;
    for (const Finding& finding : all_) {
        message += (message.empty() ? "" : "\n") + line_of(finding);
        // With one finding the hint stands apart; with several it must stay with its line.
        if (all_.size() == 1) {
            hint = finding.hint;
        } else if (!finding.hint.empty()) {
            message += " (" + finding.hint + ")";
        }
    }
    throw Error{ErrorCode::invalid_config, message}.with_hint(hint);
}

}  // namespace brig
