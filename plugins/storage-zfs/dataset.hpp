// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What `zfs get` says about datasets.
namespace brig::storage_zfs {

struct Value {
    std::string text;
    std::string source;  ///< "local", "received", "inherited from …", "-"
};

/// A snapshot of a dataset.
struct Snapshot {
    std::string name;      ///< without the dataset
    std::string owner;     ///< its tag; empty: not made by a driver of brig
    std::string guid;      ///< the same wherever it is received
    std::string creation;  ///< seconds since 1970
    bool held = false;
    std::vector<std::string> clones;  ///< datasets
};

/// A dataset, with its snapshots and children if they were asked for.
struct Dataset {
    std::string name;
    std::map<std::string, Value, std::less<>> values;
    std::vector<Snapshot> snapshots;    ///< the oldest first
    std::vector<std::string> children;  ///< full names

    /// "" if it has no such property, or no value of it.
    [[nodiscard]] std::string text(std::string_view property) const;

    /// The value of a user property, if it was set on this dataset itself.
    [[nodiscard]] std::string local(std::string_view property) const;

    [[nodiscard]] std::uint64_t number(std::string_view property) const;

    [[nodiscard]] const Snapshot* find_snapshot(std::string_view short_name) const;
};

/// Reads the output of `zfs get -H -p -o name,property,value,source`: datasets in the order in
/// which they come, each with the snapshots and children that were printed with it.
/// @throws Error{BRIG_INTERNAL} if something is said twice: a user property with a newline in its
///         value could say of another dataset whose it is
[[nodiscard]] std::vector<Dataset> parse_datasets(std::string_view output);

/// The dataset of that name, or nullptr.
[[nodiscard]] const Dataset* find_dataset(const std::vector<Dataset>& datasets,
                                          std::string_view name);

}  // namespace brig::storage_zfs
