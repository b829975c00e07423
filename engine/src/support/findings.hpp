// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"

#include <string>
#include <vector>

namespace brig {

/// One thing wrong with what the user wrote.
struct Finding {
    std::string where;    ///< "brig.toml:12:3", "-J allow.raw_socket", or empty.
    std::string message;  ///< What is wrong, naming it in quotes.
    std::string hint;     ///< What to do; may be empty.
};

/// Collects everything that is wrong, so that the user sees it at once.
class Findings {
  public:
    void add(Finding finding) { all_.push_back(std::move(finding)); }

    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }

    [[nodiscard]] const std::vector<Finding>& all() const noexcept { return all_; }

    /// @throws Error{invalid_config} with one line per finding, when there is any.
    void throw_if_any() const;

  private:
    std::vector<Finding> all_;
};

/// Does `step`; what it throws because of what the user wrote becomes a finding at `where`.
template <typename Step>
void collect(const std::string& where, Findings& findings, Step step) {
    try {
        step();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::invalid_config && error.code() != ErrorCode::not_found
            && error.code() != ErrorCode::conflict && error.code() != ErrorCode::unsupported) {
            throw;
        }
        findings.add({where, full_message(error), error.hint()});
    }
}

}  // namespace brig
