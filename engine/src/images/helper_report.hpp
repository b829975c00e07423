// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// What a run of brig-archive has said so far. The messages are listed in archive/status.hpp.
///
/// The helper parses what strangers made, so its words are not trusted: numbers are checked,
/// anything that is no message is kept as output, and nothing grows without bound.
class HelperReport {
  public:
    struct Failure {
        int error_number = 0;  ///< 0: the archive is to blame
        std::string message;
        std::string hint;
    };

    struct Fact {
        std::string name;
        std::string value;
    };

    /// Takes in the next piece of the helper's output, wherever it was cut.
    void feed(std::string_view output);

    [[nodiscard]] std::uint64_t entries() const noexcept { return entries_; }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::uint64_t warnings() const noexcept { return warnings_; }
    [[nodiscard]] bool done() const noexcept { return done_; }
    [[nodiscard]] const std::optional<Failure>& failure() const noexcept { return failure_; }

    /// What was found out, in the order in which it was told; a name may come more than once.
    [[nodiscard]] const std::vector<Fact>& facts() const noexcept { return facts_; }

    /// The last fact of this name; empty without one.
    [[nodiscard]] std::string fact(std::string_view name) const;

    /// The first warnings, one a line; empty when there were none.
    [[nodiscard]] const std::string& first_warnings() const noexcept { return first_warnings_; }

    /// What was said besides messages, such as the dynamic linker's complaint.
    [[nodiscard]] const std::string& output() const noexcept { return output_; }

  private:
    void take_line(std::string_view line);
    bool take_message(std::string_view word, std::string_view rest);
    bool take_counts(std::string_view counts);
    bool take_error(std::string_view text);
    bool take_warning(std::string_view text);
    bool take_fact(std::string_view text);

    std::string line_;  ///< the piece of a line that has not ended yet
    std::uint64_t entries_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t warnings_ = 0;
    bool done_ = false;
    std::string hint_;
    std::optional<Failure> failure_;
    std::string first_warnings_;
    std::vector<Fact> facts_;
    std::size_t facts_size_ = 0;
    std::string output_;
};

}  // namespace brig
