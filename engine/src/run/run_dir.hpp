// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ledger/ledger.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// What is done to networks.
enum class NetworkUse {
    attach,  ///< containers come; any number at once
    remove,  ///< networks go, which must not be in the middle of the former
};

/// The folder of what is lost at a reboot (`--run`): per container that runs, or that something is
/// left of, a folder `containers/ID` with its ledger and the host's files; and `names/NAME`, links
/// from the names of ephemeral containers to their ids (those of kept ones are in the database).
///
/// Any number of processes use one run directory at once.
class RunDir {
  public:
    explicit RunDir(std::filesystem::path path) : path_{std::move(path)} {}

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    [[nodiscard]] std::filesystem::path folder(const std::string& id) const;
    [[nodiscard]] std::filesystem::path ledger_file(const std::string& id) const;

    /// Makes the run directory and what is always in it. There already is fine.
    void make_folders() const;

    /// Makes the container's folder with a new, locked ledger.
    /// @throws Error{conflict} when there is one: the container runs, or is being torn down.
    [[nodiscard]] Ledger open(const std::string& id) const;

    /// Empties the folder and puts a new, locked ledger with `notes` in the place of the spent one,
    /// which can be let go of then.
    [[nodiscard]] Ledger renew(const std::string& id,
                               const Ledger& spent,
                               const std::map<std::string, Facts>& notes) const;

    /// Removes the folder with the spent ledger and everything else in it.
    void close(const std::string& id, const Ledger& ledger) const;

    /// The containers that have a folder; empty when there is no run directory.
    [[nodiscard]] std::vector<std::string> ids() const;

    /// The ledger of an abandoned container, locked: its owner died. Nothing when it is owned, or
    /// gone. A folder that never got a ledger is removed. What the owner had started may outlive it
    /// for a moment, and holds the lock as well: with `wait`, for up to two seconds, until that has
    /// ended.
    [[nodiscard]] std::optional<Ledger> take_over(const std::string& id, bool wait = false) const;

    /// Held while the run of a container is changed by others than its owner, one after the other,
    /// and by its owner while it decides what comes after the run. Empty when there is no folder.
    [[nodiscard]] UniqueFd lock(const std::string& id) const;

    /// Held while what containers of networks share is relied on, or removed.
    [[nodiscard]] UniqueFd lock_networks(NetworkUse use) const;

    /// Reserves `name` for an ephemeral container; false when another one has it.
    [[nodiscard]] bool claim_name(const std::string& name, const std::string& id) const;
    void release_name(const std::string& name, const std::string& id) const;
    [[nodiscard]] std::optional<std::string> find_name(const std::string& name) const;

  private:
    /// Removes everything in the folder but the ledger.
    void clear(const std::string& id, const Ledger& ledger) const;

    /// False when the run directory had to be made first.
    [[nodiscard]] bool make_folder_of(const std::string& id) const;

    std::filesystem::path path_;
};

}  // namespace brig
