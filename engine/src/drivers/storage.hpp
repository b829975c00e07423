// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/subject.hpp"

#include <string>
#include <vector>

namespace brig {

/// A volume that a storage has, found on the storage itself.
struct OwnedVolume {
    std::string owner_tag;
    std::string id;
};

/// One configured storage: what its driver offers, as the stories see it. All calls are idempotent
/// by Subject::object; those that undo succeed when there is nothing to undo.
class Storage {
  public:
    Storage() = default;
    Storage(const Storage&) = delete;
    Storage& operator=(const Storage&) = delete;
    Storage(Storage&&) = delete;
    Storage& operator=(Storage&&) = delete;
    virtual ~Storage() = default;

    [[nodiscard]] virtual const std::string& name() const noexcept = 0;

    /// Makes the volume: a clone of `source` ("VOLUME@SNAPSHOT"), or empty when that is empty.
    virtual void provision(const Subject& volume, const std::string& source) = 0;

    /// Makes the volume usable and returns its root directory on the host. With Subject::dry_run
    /// only says where that is.
    virtual std::string activate(const Subject& volume) = 0;

    /// Undoes `activate`; the data is kept.
    virtual void deactivate(const Subject& volume) = 0;

    /// @throws Error{conflict} while the volume is in use or was cloned from.
    virtual void destroy(const Subject& volume) = 0;

    /// Freezes the volume's content under a name that `provision` can clone from.
    virtual void snapshot(const Subject& volume, const std::string& snapshot) = 0;

    /// Every volume that bears an owner tag.
    [[nodiscard]] virtual std::vector<OwnedVolume> list() = 0;
};

}  // namespace brig
