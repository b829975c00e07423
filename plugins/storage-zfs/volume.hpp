// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "known.hpp"
#include "os.hpp"
#include "zfs.hpp"

#include <optional>
#include <string>

namespace brig::storage_zfs {

/// What an instance is configured to be.
struct Place {
    Names names;
    std::string folder;  ///< where volumes are mounted
    bool modern;
    Known known;

    Place(std::string parent, std::string mount_folder)
        : names{std::move(parent)}, folder{std::move(mount_folder)}, modern{os::has_modern_zfs()} {}
};

/// The volume that an operation is about.
class Volume {
  public:
    Volume(const sdk::Call& call, const sdk::Target& target, Place& place);

    [[nodiscard]] Zfs& zfs() noexcept { return zfs_; }
    [[nodiscard]] const sdk::Target& target() const noexcept { return *target_; }
    [[nodiscard]] Known& known() const noexcept { return place_->known; }
    [[nodiscard]] const std::string& id() const noexcept { return id_; }
    [[nodiscard]] const std::string& owner() const noexcept { return owner_; }
    [[nodiscard]] const std::string& dataset() const noexcept { return dataset_; }
    [[nodiscard]] std::string dataset(Role role) const { return zfs_.names().dataset(id_, role); }

    // ---- What ZFS says ----

    /// @throws Error{BRIG_UNAVAILABLE} if the pool does not answer; Error{BRIG_CONFLICT} if the
    ///         dataset is not a volume of this owner
    [[nodiscard]] std::optional<Dataset> find(const std::vector<std::string>& properties,
                                              Reach reach = Reach::itself);

    /// The same. @throws Error{BRIG_NOT_FOUND}
    [[nodiscard]] Dataset get(const std::vector<std::string>& properties,
                              Reach reach = Reach::itself);

    /// @throws Error{BRIG_CONFLICT}
    void require_ours(const Dataset& found) const;

    // ---- Where it is mounted ----

    /// The folder that all volumes of the parent are mounted in; made, and for root only.
    /// @throws Error{BRIG_CONFLICT} if it is somebody else's
    [[nodiscard]] std::string make_folder() const;

    /// Where the volume is mounted, or will be. Neither looks nor makes.
    [[nodiscard]] std::string root(Role role = Role::volume) const;

    /// The volume's own mount. @throws Error{BRIG_CONFLICT} if it is mounted elsewhere, or if
    /// something else is mounted in its place
    [[nodiscard]] std::optional<os::Mount> find_mount() const;

    /// Mounts it, if it is not mounted.
    void mount();

    /// Mounts it to be looked into; to be undone by leave(). What is active stays so.
    void look_into();
    void leave() const;

    /// What is mounted but not active is unmounted. @throws Error{BRIG_BUSY} if it is active
    void require_inactive() const;

    /// Removes the folder that it was mounted on.
    void remove_folder(Role role = Role::volume) const noexcept;

  private:
    void mount_now(bool read_only);

    Place* place_;
    const sdk::Target* target_;
    std::string id_;
    std::string owner_;
    std::string dataset_;
    Zfs zfs_;
};

/// Makes a folder and those above it, for root only.
void make_folders(const std::string& path);

/// @throws Error{BRIG_UNAVAILABLE} if the kernel says that the pool hangs: a command would, too
void require_pool_responds(const std::string& pool);

}  // namespace brig::storage_zfs
