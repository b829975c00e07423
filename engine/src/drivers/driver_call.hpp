// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "brig/image.hpp"
#include "brig/settings.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace brig {

/// What a driver recorded of an object, by key.
using ResultMap = std::map<std::string, std::string>;

/// The time limit of operations, unless a driver has another one.
inline constexpr std::chrono::minutes kUsualTimeLimit{5};

/// What an operation of a driver is about: the C++ side of brig_ref. The engine chooses all of it
/// before the call, so that the operation can be repeated or undone with the same.
struct DriverCall {
    std::string container;       ///< id; empty for volumes of no container
    std::string object;          ///< attachment or volume
    std::string owner_tag;       ///< of everything that is made for it
    std::filesystem::path root;  ///< the container's root, or empty
    std::string netns;           ///< Linux: path of the network namespace, or empty
    std::optional<JailId> jail;
    OptionMap options;   ///< per-container options, as resolve_options() gives them
    ResultMap prior;     ///< results of the last success on this object
    unsigned flags = 0;  ///< BRIG_F_…

    /// The object goes with its container (--rm), so that nothing in it need survive a crash of the
    /// machine. A driver with a per-container option `ephemeral` is told so by it.
    bool ephemeral = false;

    bool takes_leases = false;  ///< in a dry run, too: the container is being created
    bool keeps_leases = false;  ///< of a removal: the container is kept, and its leases with it
    int lock_fd = -1;           ///< the container's lock; programs that the driver runs hold it too
    std::optional<std::chrono::milliseconds> time_limit;  ///< nothing: the driver's

    /// Told how far the operation has come, ten times a second while a program runs; false ends it,
    /// unless it removes something. May be empty.
    ProgressSink progress;
};

/// The time limit of what moves data: the user sees how it goes, and ends it himself.
inline constexpr std::chrono::hours kNoTimeLimit{24 * 365};

/// One object that a driver found on the host.
struct ListedObject {
    std::string owner_tag;
    std::string id;
    std::string note;

    friend bool operator==(const ListedObject&, const ListedObject&) = default;
};

/// A snapshot on its way. See brig_stream.
struct SnapshotStream {
    std::string snapshot;
    std::string base;   ///< to be sent: an older one that the receiver has, or empty
    std::string token;  ///< to be sent: where to go on, or empty
    int fd = -1;
    bool resumable = false;  ///< to be received: keep what has arrived if it breaks off
};

/// What a check found.
enum class DriverCondition {
    sound,
    absent,
    drifted,
    unknown  ///< the driver cannot tell
};

}  // namespace brig
