// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Names of datasets and snapshots. Everything is checked here before it reaches a command: after
/// that a name is letters, digits, '.', '_', '-' and ':' between slashes, and begins with none that
/// an option could begin with.
namespace brig::storage_zfs {

/// What a dataset below the parent is, by its name.
enum class Role {
    volume,
    incoming,  ///< ".recv-ID": is being received
    trash,     ///< ".trash-ID": is being destroyed
    origin,    ///< ".from-ID": says which snapshot was taken to make the volume of; see origin.hpp
    view       ///< ".view-ID": a snapshot made visible, to be compared
};

/// What snapshots are called that a volume took over from one that was destroyed; see removal.cpp.
inline constexpr std::string_view kSharedPrefix = ".shared-";

/// "VOLUME@SNAPSHOT", as provision() is given it.
struct Source {
    std::string volume;
    std::string snapshot;
};

/// A dataset that is no volume, or a snapshot of one: what a volume is to be made of.
struct Origin {
    std::string dataset;
    std::string snapshot;  ///< empty: of the dataset as it is now

    [[nodiscard]] std::string text() const;
};

/// Reads "DATASET" or "DATASET@SNAPSHOT". @throws Error{BRIG_INVALID}
[[nodiscard]] Origin parse_origin(std::string_view text);

/// The pool of a dataset or snapshot.
[[nodiscard]] std::string pool_of(std::string_view name);

/// One storage's names.
class Names {
  public:
    /// @param parent the dataset below which the volumes are. @throws Error{BRIG_INVALID}
    explicit Names(std::string parent);

    [[nodiscard]] const std::string& parent() const noexcept { return parent_; }
    [[nodiscard]] std::string pool() const { return pool_of(parent_); }

    /// The dataset of volume `id`. @throws Error{BRIG_INVALID} for what can be none
    [[nodiscard]] std::string dataset(const std::string& id, Role role = Role::volume) const;

    /// The full name of a snapshot. @throws Error{BRIG_INVALID}
    [[nodiscard]] std::string snapshot(const std::string& id, const std::string& name) const;

    /// The snapshot that the driver itself takes of `dataset`, which is no volume, to make volume
    /// `id` of it. @throws Error{BRIG_INVALID}
    [[nodiscard]] static std::string own_snapshot(const std::string& dataset,
                                                  const std::string& id);

    /// @throws Error{BRIG_INVALID}
    [[nodiscard]] Source parse_source(std::string_view text) const;

    struct Found {
        std::string id;
        Role role;
    };

    /// Which volume a dataset belongs to; nothing if it is not directly below the parent.
    [[nodiscard]] std::optional<Found> find(std::string_view dataset) const;

    /// What to call a dataset in a message: a volume by its id, another by its name.
    [[nodiscard]] std::string spoken(const std::string& dataset) const;

  private:
    std::string parent_;
};

}  // namespace brig::storage_zfs
