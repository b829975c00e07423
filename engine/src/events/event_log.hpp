// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/event.hpp"
#include "run/run_dir.hpp"
#include "support/unique_resource.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig {

/// The events of a run folder: the file `events`, to which whoever does something appends a line
/// with a single write(2). When it has grown too large it becomes `events.1`, in the place of an
/// older one, and a new one begins.
///
/// Writers hold a shared lock (flock(2)) of the file, and one who puts a new file in its place an
/// exclusive one. So once a reader sees a new file, the old one grows no more. The first line of a
/// file has its number in the row of files, by which a reader sees whether it has missed one.
///
/// Any number of processes write and read at once. Nothing is synced: events do not outlive a boot.
class EventLog {
  public:
    /// When a file is full. Two of them are some fifteen thousand events.
    static constexpr std::size_t kFull = std::size_t{1} << 20U;

    explicit EventLog(RunDir run, std::size_t full = kFull) : run_{std::move(run)}, full_{full} {}

    /// All of them with one write(2).
    /// @throws Error{system}, Error{permission}
    void append(const std::vector<Event>& events) const;

    [[nodiscard]] std::unique_ptr<EventStream> read(const EventOptions& options) const;

  private:
    [[nodiscard]] UniqueFd open() const;
    void begin() const;
    void replace(const UniqueFd& full) const;
    [[nodiscard]] bool is_full(const UniqueFd& file) const;

    RunDir run_;
    std::size_t full_;
};

/// The files of a run folder's events.
[[nodiscard]] std::filesystem::path event_file(const std::filesystem::path& run);
[[nodiscard]] std::filesystem::path old_event_file(const std::filesystem::path& run);

/// An event as a line, with its newline, and back. Nothing for what is none: a line that a full
/// file system cut short, or one of a newer brig.
[[nodiscard]] std::string format_event(const Event& event);
[[nodiscard]] std::optional<Event> parse_event(std::string_view line);

/// The number of an open file in the row of files; 0 where it has none.
[[nodiscard]] std::uint64_t number_of_event_file(const UniqueFd& file);

}  // namespace brig
