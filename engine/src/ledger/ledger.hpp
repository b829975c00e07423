// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/facts.hpp"
#include "support/unique_resource.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace brig {

/// One effect on the host, and what it takes to undo it from another process.
struct Effect {
    int number = 0;    ///< given by the ledger, counting up
    std::string kind;  ///< "volume", "root", "attachment", "mount", "jail", "hook", "name"
    std::string what;  ///< for people: "overlay root of 'web'"
    Facts facts;       ///< what undoing takes, and the results that were added later
};

/// The durable list of one container's effects on the host, oldest first, with notes about the run
/// (who it is, what its process is, how it ended). One text file in the container's run folder,
/// appended to with a single write(2) per line and locked (flock(2)) by whoever is responsible for
/// the container; the lock dies with that process. A line cut short by a crash counts as unwritten:
/// it was written before its effect, so the effect did not happen either.
///
/// No fsync: effects that survive a reboot (volumes) are found through the database and their owner
/// tags, all others die with the boot.
class Ledger {
  public:
    /// Makes and locks a new ledger at `file`. Nothing when its folder is gone.
    /// @throws Error{already_exists}
    static std::optional<Ledger> create(const std::filesystem::path& file);

    /// Puts a new one with these notes in the place of the one at `file`, which the caller holds:
    /// at no moment is there none, or one that nobody holds. Those who wait for the old one's lock
    /// get it when the caller lets go of that.
    static Ledger replace(const std::filesystem::path& file,
                          const std::map<std::string, Facts>& notes);

    /// Opens and locks an existing one. Nothing when there is none, or when another process holds
    /// its lock and `wait` is false.
    static std::optional<Ledger> open(const std::filesystem::path& file, bool wait = false);

    /// Reads one without its lock: what others may see of a running container.
    static std::optional<Ledger> peek(const std::filesystem::path& file);

    /// True if the process that took the lock last is no more. What it has started, a jail's first
    /// process or a driver's program, may hold the lock a little longer.
    [[nodiscard]] bool is_orphaned() const;

    /// True while some process holds the lock of the ledger at `file`.
    [[nodiscard]] static bool is_locked(const std::filesystem::path& file);

    /// Writes the effect down, before it is made. Returns its number.
    int record(std::string kind, std::string what, Facts facts);

    /// Adds results to an effect (a jail's id, a driver's results).
    void add_facts(int number, const Facts& facts);

    /// The effect was undone.
    void forget(int number);

    /// Writes a note about the run; a later note of the same kind replaces an earlier one.
    void note(const std::string& kind, const Facts& facts);

    [[nodiscard]] const std::vector<Effect>& effects() const noexcept { return effects_; }

    /// The last note of a kind, or nullptr.
    [[nodiscard]] const Facts* find_note(const std::string& kind) const;

    /// Reads again what others may have appended (the note "stopping").
    void reload();

    /// True when the file was removed since it was opened.
    [[nodiscard]] bool is_unlinked() const;

    /// Waits until the process that holds the lock lets go of it. For peeked ledgers.
    void wait_for_unlock() const;

    /// The locked descriptor; a jail's first process may keep a copy, and so the lock.
    [[nodiscard]] int lock_fd() const noexcept { return fd_.get(); }

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

  private:
    Ledger(std::filesystem::path file, UniqueFd fd) : file_{std::move(file)}, fd_{std::move(fd)} {}

    std::size_t load();
    void cut_off_behind(std::size_t whole) const;
    void sign();
    void append(const std::string& line);
    void apply(const std::string& line);

    std::filesystem::path file_;
    UniqueFd fd_;
    std::vector<Effect> effects_;
    std::map<std::string, Facts> notes_;
    int last_number_ = 0;
};

}  // namespace brig
