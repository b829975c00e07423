// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/image.hpp"
#include "brig/spec.hpp"
#include "brig/volume.hpp"
#include "store/lease.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace brig {

/// A container as it is kept.
struct ContainerRecord {
    std::string id;
    std::string name;
    ContainerSpec spec;
    std::string image_id;
    std::string storage;
    std::chrono::system_clock::time_point created;
    std::optional<std::chrono::system_clock::time_point> started, finished;
    std::optional<ExitStatus> exit;
    bool needs_attention = false;
    bool stopped_by_user = false;  ///< and not started since
};

/// What is kept across reboots: containers, and what drivers keep, in SQLite databases in WAL mode,
/// with a schema version, where uniqueness of names and leases is a constraint of the schema;
/// images in files.
///
/// Opened lazily: a store that is only read where no database exists answers "nothing" and creates
/// nothing. Busy databases are waited for (5 s). One thread at a time; many processes at once.
/// Throws Error: already_exists for a taken name, not_found, system (disk full, read-only, named
/// file), invalid_config for a database of a newer schema ("made by a newer brig").
class Store {
  public:
    /// `state` is the state directory, with images/, brig.db and drivers.db.
    explicit Store(const std::filesystem::path& state);
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;
    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    ~Store();

    /// Closes the databases; they are opened again when next needed. A connection must not cross
    /// fork(2).
    void close();

    /// Opens the database of containers for writing, and makes it if there is none: what would fail
    /// fails now, before there is something to be undone.
    void prepare_to_add_container();

    // Containers.
    void add_container(const ContainerRecord& record);
    /// All of them, or none.
    void add_containers(const std::vector<ContainerRecord>& records);
    /// Writes everything but id, created, spec and stopped_by_user; the record must exist.
    void update_container(const ContainerRecord& record);
    /// Applies `change` to the specification of a container, which must exist. Whoever else changes
    /// it at the same time does so before or after.
    void change_spec(const std::string& id, const std::function<void(ContainerSpec&)>& change);
    /// Keeps that a container was stopped by the user, or no longer is. Of an ephemeral container
    /// nothing is kept.
    void set_stopped_by_user(const std::string& id, bool stopped);
    void remove_container(const std::string& id);
    [[nodiscard]] std::optional<std::string> find_container_id(const std::string& name);
    [[nodiscard]] std::optional<ContainerRecord> find_container_by_id(const std::string& id);
    [[nodiscard]] std::vector<ContainerRecord> containers_with_id_prefix(const std::string& prefix);
    [[nodiscard]] std::vector<ContainerRecord> containers();

    // Volumes.
    /// @throws Error{already_exists} when the name is taken.
    void add_volume(const VolumeInfo& volume);
    /// By name or id.
    [[nodiscard]] std::optional<VolumeInfo> find_volume(const std::string& reference);
    [[nodiscard]] bool has_volume(const std::string& id);
    [[nodiscard]] std::vector<VolumeInfo> volumes();
    void remove_volume(const std::string& id);

    // Images, which are files (see image_files.hpp). A name:tag points to one image.
    /// Adds the image and its first name; an existing NAME:TAG moves to the new image.
    void add_image(const ImageInfo& image);
    [[nodiscard]] std::optional<ImageInfo> find_image(const std::string& name,
                                                      const std::string& tag);
    [[nodiscard]] bool has_image(const std::string& id);
    [[nodiscard]] std::vector<ImageInfo> images_with_id_prefix(const std::string& prefix);
    /// One entry a name:tag, and one with empty name and tag for an image that lost its last name.
    [[nodiscard]] std::vector<ImageInfo> images();
    void tag_image(const std::string& id, const std::string& name, const std::string& tag);
    void untag_image(const std::string& name, const std::string& tag);
    void remove_image(const std::string& id);
    /// Removes an image of which there are containers: its names go, and its record is kept,
    /// without a volume, for what they have from it.
    void retire_image(const std::string& id);
    [[nodiscard]] std::optional<ImageInfo> find_retired_image(const std::string& id);
    [[nodiscard]] std::vector<ImageInfo> retired_images();

    // What drivers keep: leases (unique per pool by constraint) and small state.
    /// The address or value that `holder` has in `pool`; nothing if it has none.
    [[nodiscard]] std::optional<std::string> find_lease(const std::string& pool,
                                                        const LeaseHolder& holder);
    [[nodiscard]] std::optional<LeaseHolder> holder_of(const std::string& pool,
                                                       const std::string& value);
    [[nodiscard]] std::set<std::string> leased_values(const std::string& pool);
    /// False when somebody else has `value` already. Idempotent for the same holder and value.
    bool add_lease(const std::string& pool, const LeaseHolder& holder, const std::string& value);
    void remove_lease(const std::string& pool, const LeaseHolder& holder);
    /// Removes the leases of a holder whatever their key is; writes only if there are any.
    void remove_leases(const LeaseHolder& holder);
    /// Removes all that a container has; writes only if it has any.
    void remove_leases_of(const std::string& container);
    [[nodiscard]] std::vector<Lease> leases();
    void put_state(const std::string& scope, const std::string& key, const std::string& value);
    [[nodiscard]] std::optional<std::string> get_state(const std::string& scope,
                                                       const std::string& key);
    void remove_state(const std::string& scope, const std::string& key);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace brig
