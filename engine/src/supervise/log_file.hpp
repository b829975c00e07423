// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/engine.hpp"
#include "support/unique_resource.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace brig {

/// Writes a detached container's output: `folder`/log, one line a line of output,
/// "2026-01-31T12:00:00.000Z O text", with O for standard output and E for standard error. When it
/// has grown to 10 MiB it becomes log.1, which replaces an older one. Others may move it away at
/// any time, as newsyslog(8) and logrotate(8) do; what comes then goes to a new file.
class LogWriter {
  public:
    explicit LogWriter(std::filesystem::path folder);

    /// Takes what was read from one of the streams; incomplete lines wait for their end.
    void write(bool is_error, std::string_view bytes);

    /// Writes what waits for a newline that will not come.
    void finish();

  private:
    void write_line(bool is_error, std::string_view line);
    [[nodiscard]] bool open();
    void go_on_in_new_file();

    std::filesystem::path folder_;
    UniqueFd file_;
    std::size_t size_ = 0;
    std::array<std::string, 2> pending_;  ///< standard output, standard error
};

/// Gives every line of the log in `folder` to `sink`, the rotated file first, until it returns
/// false. With `follow`, goes on with what is added for as long as `running` says so.
void read_log(const std::filesystem::path& folder,
              const std::function<bool(const LogLine&)>& sink,
              bool follow,
              const std::function<bool()>& running);

}  // namespace brig
