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

}  // namespace brig
