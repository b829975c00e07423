// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "images/helper_report.hpp"
#include "support/helper_process.hpp"
#include "support/log.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// One run of brig-archive, with what it says.
class ArchiveHelper {
  public:
    /// `words` are the verb and its options; the directory is what it is confined to.
    /// Descriptors of `io` are borrowed for the call.
    ArchiveHelper(const std::filesystem::path& libexec,
                  const std::vector<std::string>& words,
                  const std::filesystem::path& directory,
                  HelperIo io);

    [[nodiscard]] int status_fd() const noexcept { return status_.read.get(); }
    [[nodiscard]] const HelperReport& report() const noexcept { return report_; }

    /// Reads what there is to read; false at the end.
    bool read_status();

    void wait() { exit_ = process_.wait(); }

    [[nodiscard]] bool succeeded() const;

    /// @throws what the helper said about its failure.
    void throw_failure() const;

    /// @throws for an end without a word.
    [[noreturn]] void throw_broken() const;

    [[nodiscard]] bool ended_by_broken_pipe() const;

  private:
    [[nodiscard]] std::string describe_exit() const;

    std::string verb_;
    Pipe status_;
    HelperReport report_;
    std::optional<int> exit_;
    HelperProcess process_;
};

using HelperList = std::vector<ArchiveHelper*>;

/// Follows helpers that are connected by pipes until all have ended, telling `progress` how far it
/// is about ten times a second.
///
/// @throws Error{interrupted} when `progress` wants it; what went wrong, the cause before its
/// consequences: what could not be read makes the archive end early, and what could not be unpacked
/// breaks the pipe that it came through.
void follow_helpers(const HelperList& helpers,
                    const ProgressSink& progress,
                    const std::function<ImportProgress()>& progress_of);

/// How many warnings there were; the first go to the log.
std::uint64_t log_warnings(const HelperList& helpers, const Log& log);

}  // namespace brig
