// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

namespace brig::storage_zfs {

/// What this instance has just done itself, so that the path of every start and stop need not ask
/// ZFS whose a volume is: a question costs a process, a quarter of making and destroying a clone.
/// Never more than a shortcut: other processes know nothing of it, and what it does not know is
/// asked for.
///
/// It forgets quickly, since somebody else may do the same with the same names later.
class Known {
  public:
    /// The volume was made, by a command that would have failed if it had been there.
    void made(const std::string& dataset, const std::string& owner) {
        put(dataset, {owner, Clock::now(), State::made, {}});
    }

    /// True once: whoever asks again, because something went wrong, has to look.
    [[nodiscard]] bool take_made(const std::string& dataset, const std::string& owner) {
        const bool made = is(dataset, owner, State::made, {});
        if (made) {
            forget(dataset);
        }
        return made;
    }

    /// It was mounted since; `mount` tells that mount from a later one.
    void mounted(const std::string& dataset, const std::string& owner, const std::string& mount) {
        put(dataset, {owner, Clock::now(), State::mounted, mount});
    }

    /// Is that mount still there? Then the dataset is the same, however long ago that was.
    [[nodiscard]] bool is_mounted(const std::string& dataset,
                                  const std::string& owner,
                                  const std::string& mount) {
        return is(dataset, owner, State::mounted, mount);
    }

    /// It was unmounted just now, or found to be, and without snapshots.
    void unmounted(const std::string& dataset, const std::string& owner) {
        put(dataset, {owner, Clock::now(), State::unmounted, {}});
    }

    [[nodiscard]] bool is_unmounted(const std::string& dataset, const std::string& owner) {
        return is(dataset, owner, State::unmounted, {});
    }

    void forget(const std::string& dataset) {
        const std::scoped_lock lock{mutex_};
        entries_.erase(dataset);
    }

  private:
    using Clock = std::chrono::steady_clock;
    static constexpr std::chrono::seconds kMemory{5};

    enum class State {
        made,
        mounted,
        unmounted
    };

    struct Entry {
        std::string owner;
        Clock::time_point when;
        State state;
        std::string mount;
    };

    void put(const std::string& dataset, Entry entry) {
        const std::scoped_lock lock{mutex_};
        entries_.insert_or_assign(dataset, std::move(entry));
    }

    bool is(const std::string& dataset,
            const std::string& owner,
            State state,
            const std::string& mount) {
        const std::scoped_lock lock{mutex_};
        const auto found = entries_.find(dataset);
        if (found == entries_.end()) {
            return false;
        }
        const Entry& entry = found->second;
        return entry.owner == owner && entry.state == state && entry.mount == mount
               && (state == State::mounted || Clock::now() - entry.when < kMemory);
    }

    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

}  // namespace brig::storage_zfs
