// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// A program of the host to be run to its end. No shell is involved.
struct ChildRequest {
    std::vector<std::string> argv;  ///< argv[0]: absolute, or looked up in the system's folders
    std::vector<std::string> environment;  ///< besides PATH and LC_ALL=C, as "NAME=value"
    std::string input;                     ///< its standard input
    std::size_t max_output = std::size_t{64} * 1024;  ///< what is beyond is counted
    std::size_t max_errors = std::size_t{64} * 1024;  ///< the same for what it complains about
    std::optional<std::chrono::steady_clock::time_point> deadline;
    std::function<bool()> cancelled;  ///< asked now and then; may be empty
    int in = -1;                      ///< its standard input instead of `input`
    int out = -1;                     ///< its standard output, of which nothing is kept then
    int inherited_fd = -1;            ///< a lock, say: kept open in the child and what it starts
};

/// How a program ended, and what it wrote.
struct ChildResult {
    enum class End {
        exited,
        timed_out,  ///< killed at the deadline
        cancelled   ///< killed because `cancelled` said so
    };

    End end = End::exited;
    int exit_code = 0;  ///< 128 + n when signal n ended it
    std::string output;
    std::string errors;
    std::size_t output_size = 0;  ///< of everything written, also of what was not kept
};

/// Runs a program in a process group of its own, with default signal handling and no descriptor of
/// ours but `inherited_fd`, and waits for it. When it is not to go on, its group gets SIGTERM, and
/// SIGKILL two seconds later.
///
/// @throws Error{command_not_found}, Error{command_not_executable}, or Error{system} that names the
///         step that failed.
[[nodiscard]] ChildResult run_child(const ChildRequest& request);

/// Where run_child finds `program`, or nothing.
[[nodiscard]] std::optional<std::string> find_program(const std::string& program);

/// The command line as one would type it.
[[nodiscard]] std::string command_line(const std::vector<std::string>& argv);

}  // namespace brig
