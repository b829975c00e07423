// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.hpp"
#include "dataset.hpp"
#include "library.hpp"
#include "names.hpp"
#include "properties.hpp"

#include <optional>
#include <string>
#include <vector>

namespace brig::storage_zfs {

/// How far a question reaches.
enum class Reach {
    itself,
    one_below  ///< snapshots, and children without theirs
};

/// ZFS during one operation: by its command, or by its library where there is one. Both tell little
/// about why something failed: the command in words for people, which go to the engine's message by
/// themselves. So who changes something is told whether that went well, and finds out the state
/// otherwise; explain() is the last resort.
class Zfs {
  public:
    /// @param modern OpenZFS 2 or newer, as opposed to zfs-fuse
    Zfs(const sdk::Call& call, const Names& names, bool modern) noexcept
        : call_{&call}, names_{&names}, modern_{modern} {}

    [[nodiscard]] bool modern() const noexcept { return modern_; }
    [[nodiscard]] const Names& names() const noexcept { return *names_; }
    [[nodiscard]] const sdk::Call& call() const noexcept { return *call_; }

    // ---- Questions ----

    /// What there is of `datasets`, with these properties.
    [[nodiscard]] std::vector<Dataset> get(std::vector<std::string> properties,
                                           const std::vector<std::string>& datasets,
                                           Reach reach) const;

    /// Fills in the clones of the dataset's snapshots.
    void find_clones(Dataset& dataset) const;

    // ---- Changes: true if it went well ----

    [[nodiscard]] bool create(const std::string& dataset, const Properties& properties);

    [[nodiscard]] bool clone(const std::string& snapshot,
                             const std::string& dataset,
                             const Properties& properties);

    [[nodiscard]] bool snapshot(const std::string& snapshot, const Properties& properties);

    /// Without snapshots and children; idle mounts of it are undone.
    [[nodiscard]] bool destroy(const std::string& dataset);

    [[nodiscard]] bool destroy_snapshots(const std::string& dataset,
                                         const std::vector<std::string>& names);

    /// A snapshot; at once, or with the last clone of it.
    [[nodiscard]] bool destroy_when_unused(const std::string& snapshot);

    [[nodiscard]] bool rename(const std::string& from, const std::string& to) const;

    [[nodiscard]] bool set(const std::string& dataset, const Properties& properties) const;

    /// Runs `zfs ARGUMENTS`.
    [[nodiscard]] bool run(const std::vector<std::string>& arguments) const;

    /// The same for what needs a file system that is not mounted. zfs-fuse lets go of one a moment
    /// after it was unmounted, and calls it an I/O error until then.
    [[nodiscard]] bool run_unmounted(const std::vector<std::string>& arguments) const;

    /// The same with a descriptor for its input and output; -1: /dev/null.
    [[nodiscard]] bool run_io(const std::vector<std::string>& arguments, int in, int out) const;

    /// Runs `PROGRAM ARGUMENTS`; its output, of any size, if it ended well.
    [[nodiscard]] std::optional<std::string> output_of(const std::vector<std::string>& argv) const;

    // ---- Reasons ----

    /// @throws Error{BRIG_UNAVAILABLE} if the pool is not there, or does not work
    void require_pool() const { require_pool(names_->pool()); }
    void require_pool(const std::string& pool) const;

    /// @throws Error{BRIG_UNAVAILABLE} if nothing can be written to the pool
    void require_writable(const std::string& pool, const std::string& attempt) const;

    /// @throws Error{BRIG_UNAVAILABLE} if the parent is encrypted and its key not loaded
    void require_key(const std::string& attempt) const;

    /// Like these, and what else the last change may have failed for: a read-only pool, no space, a
    /// locked dataset. Returns if it is none of these.
    /// @param attempt "make volume 'x'"
    void require_reason_elsewhere(const std::string& attempt, const Properties& asked = {}) const;

    /// Fails for one of these reasons, or for a property, or for one that only zfs has told.
    [[noreturn]] void explain(const std::string& attempt, const Properties& asked = {}) const;

  private:
    [[nodiscard]] bool done(const library::Outcome& outcome);
    void require_space(const std::string& attempt, const Properties& asked) const;

    const sdk::Call* call_;
    const Names* names_;
    bool modern_;
    int error_number_ = 0;  ///< of the library's last failure
};

}  // namespace brig::storage_zfs
