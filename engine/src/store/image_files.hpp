// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "support/unique_resource.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brig {

/// The images of a state directory, a file for each, and a symbolic link for each of their names:
///
///     images/ID                      the record: one line of facts
///     images/names/NAME:TAG -> ID
///     images/retired/ID              an image that is gone, of which there are still containers
///
/// Files, and not rows of the database, because every start of a container looks up one image: that
/// takes a handful of system calls here, and a third of all that `brig run` computes in SQLite.
///
/// A reader needs no lock, for everything appears and disappears by one rename or unlink. Who
/// writes holds the lock of the folder, exclusively; who makes a record elsewhere that needs an
/// image holds it shared, so that the image cannot go at the same time.
class ImageFiles {
  public:
    explicit ImageFiles(std::filesystem::path folder) : folder_{std::move(folder)} {}

    /// The lock of the folder, held until the descriptor is closed. Nothing where there is no
    /// folder. `operation` is flock(2)'s LOCK_SH or LOCK_EX.
    [[nodiscard]] std::optional<UniqueFd> lock(int operation) const;

    [[nodiscard]] std::optional<ImageInfo> find(const std::string& name,
                                                const std::string& tag) const;
    [[nodiscard]] bool has(const std::string& id) const;

    /// One entry a name, in their order, and one without a name for an image that has none.
    [[nodiscard]] std::vector<ImageInfo> all() const;

    /// The retired ones. They have no volume.
    [[nodiscard]] std::vector<ImageInfo> retired() const;
    [[nodiscard]] std::optional<ImageInfo> find_retired(const std::string& id) const;

    // With the lock held exclusively.

    /// Adds the record, on disk when this returns.
    void add(const ImageInfo& image) const;
    /// Makes the name point to `id`, away from where it may have pointed.
    void point(const std::string& name, const std::string& tag, const std::string& id) const;
    void unpoint(const std::string& name, const std::string& tag) const;
    /// Removes the image and all its names, or a retired one.
    void remove(const std::string& id) const;
    /// Removes all its names, and keeps the record for its containers.
    void retire(const std::string& id) const;

    /// Makes the folder, for root only.
    void make_folder() const;

  private:
    void remove_names(const std::string& id) const;
    [[nodiscard]] std::filesystem::path link(const std::string& name, const std::string& tag) const;

    std::filesystem::path folder_;
};

}  // namespace brig
