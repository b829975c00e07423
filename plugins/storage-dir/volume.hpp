// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "label.hpp"
#include "system.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What lies on the disk. README.md draws it.
namespace brig::storage_dir {

inline constexpr const char* kTree = "/tree";
inline constexpr const char* kJoined = "/joined";  ///< in a layer: see join_layers.hpp
inline constexpr const char* kLayers = "/layers";
inline constexpr const char* kSnapshots = "/snapshots";

/// Names that begin with a dot are never a volume's: work under way and what it left behind.
inline constexpr std::string_view kNewPrefix = ".new-";
inline constexpr std::string_view kTrashPrefix = ".trash-";
/// What others stand on of a volume that is gone: ".kept-ID.NUMBER"; see kept.hpp.
inline constexpr std::string_view kKeptPrefix = ".kept-";

[[nodiscard]] inline bool is_kept(std::string_view name) noexcept {
    return name.substr(0, kKeptPrefix.size()) == kKeptPrefix;
}

/// The volume that ".kept-ID.NUMBER" was; of any other name, the same.
[[nodiscard]] std::string original_name(const std::string& name);

/// A folder that holds volumes. Opened when an operation begins, so that drivers have no state.
class Shelf {
  public:
    /// @param path the folder above `volumes`; need not exist
    explicit Shelf(const std::string& path);

    /// Makes the folder if it is not there, for root only.
    void make();

    [[nodiscard]] bool exists() const noexcept { return static_cast<bool>(fd_); }

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// The absolute path of `name` on this shelf.
    [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
    UniqueFd fd_;
};

/// A volume, or a layer of one: a folder on a shelf with a label. `name` is relative to the shelf.
struct Entry {
    const Shelf* shelf;
    std::string name;
    Label label;

    [[nodiscard]] std::string path() const { return shelf->path(name); }

    [[nodiscard]] std::string path(const std::string& inside) const {
        return shelf->path(name + inside);
    }

    /// True if layers were made from this volume's own content: it is or was snapshotted.
    [[nodiscard]] bool has_layers() const {
        return label.source.has_value() && label.source->volume == name;
    }
};

/// All places where an instance keeps volumes.
class Shelves {
  public:
    /// @param scratch where ephemeral clones go, or ""
    Shelves(const std::string& path, const std::string& scratch);

    [[nodiscard]] Shelf& lasting() noexcept { return shelves_.front(); }

    /// The one for ephemeral clones; the lasting one if no other is configured.
    [[nodiscard]] Shelf& ephemeral() noexcept { return shelves_.back(); }

    [[nodiscard]] const std::vector<Shelf>& all() const& noexcept { return shelves_; }

    /// The volume or layer called `name`, wherever it is.
    [[nodiscard]] std::optional<Entry> find(const std::string& name) const;

    /// The layer `id`, wherever it is.
    [[nodiscard]] std::optional<Entry> find_layer(const LayerId& id) const;

    /// The name of the folder that holds the layers of `volume`: itself, or what it will be called
    /// until a hand-over (see kept.hpp) that a crash interrupted is repeated.
    [[nodiscard]] std::string place_of(const std::string& volume) const;

  private:
    std::vector<Shelf> shelves_;
};

/// The label in the folder `name`, or nothing if there is no such folder.
/// @throws Error{BRIG_CONFLICT} if it bears none of ours
[[nodiscard]] std::optional<Label> read_label(const Shelf& shelf, const std::string& name);

/// Replaces the label in one step: the moment at which a change of the volume becomes true.
void replace_label(Entry& volume, const Label& label);

/// Makes the folder `tree` with the owner and mode of the layer `like`, and those beside it.
/// @param label of the volume
void make_layered_folders(const Shelf& shelf,
                          const std::string& name,
                          const Entry& like,
                          const Label& label);

/// A volume that is being made under a temporary name, with its label from the beginning.
class NewVolume {
  public:
    /// @param limit in bytes, if `label` says that there is one
    NewVolume(Shelf& shelf, const std::string& id, const Label& label, std::uint64_t limit = 0);

    [[nodiscard]] const Shelf& shelf() const noexcept { return shelf_; }

    /// Its folder, for the time being.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Gives it its name: it exists from now on.
    void publish();

  private:
    Shelf& shelf_;
    std::string id_;
    std::string name_;
};

/// A folder in a volume or layer that is being made under a temporary name.
class NewFolder {
  public:
    /// @param owner the volume or layer
    /// @param part the name that it will have in it: kTree, kJoined
    NewFolder(const Shelf& shelf, const std::string& owner, std::string_view part);

    /// The temporary name, in the owner: "/.tree".
    [[nodiscard]] const std::string& part() const noexcept { return part_; }

    /// Empty at first, for root only.
    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// Gives it its name: it exists from now on.
    void publish() const;

    /// Removes it instead.
    void remove() const;

  private:
    const Shelf& shelf_;
    std::string part_;
    std::string name_;  ///< on the shelf, for the time being
    std::string final_;
    UniqueFd fd_;
};

/// What a volume's folder may hold besides its tree.
struct Content {
    bool layers;   ///< layers and snapshots
    bool limited;  ///< it is a project that may have a quota
};

/// Removes the folder `name` of what was a volume. Its label goes last, so that what a crash leaves
/// can still be told.
void remove_volume(const Shelf& shelf, const std::string& name, const Content& content);

/// Removes the folders beside the tree of a layered volume.
void remove_layered_folders(const Shelf& shelf, const std::string& name);

/// Removes the folder `name` that a crash left.
/// @throws Error{BRIG_CONFLICT} if it bears the tag of somebody else
void discard_leftover(const Shelf& shelf, const std::string& name, const std::string& owner);

/// The names in a folder of a shelf; none if either is absent.
[[nodiscard]] std::vector<std::string> names_on(const Shelf& shelf, const std::string& name);

/// Keeps a volume's layers where they are while a clone is being made, or clones from coming while
/// layers are removed; and a volume's labels as they are. Held by this process; dies with it.
class VolumeLock {
  public:
    enum class Mode {
        shared,
        exclusive,
        waiting  ///< exclusive as well, but waits for the others
    };

    /// @throws Error{BRIG_BUSY} if `mode` is exclusive and it is being cloned from; BRIG_NOT_FOUND
    VolumeLock(const Shelf& shelf, const std::string& id, Mode mode);

  private:
    UniqueFd fd_;
};

}  // namespace brig::storage_dir
