// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace brig {

/// What a container gets from its image unless it says otherwise.
struct ImageDefaults {
    std::string user;                      ///< empty: root
    std::vector<std::string> environment;  ///< "NAME=value"
    std::vector<std::string> command;
    std::string workdir;  ///< empty: the user's home

    friend bool operator==(const ImageDefaults&, const ImageDefaults&) = default;
};

/// A named, read-only root and its metadata.
struct ImageInfo {
    std::string id;  ///< 12 hexadecimal digits
    std::string name;
    std::string tag;      ///< "latest" unless given
    std::string storage;  ///< the storage instance that holds it
    std::string volume;   ///< its volume there
    ImageDefaults defaults;
    std::string source;  ///< where it came from: "directory /srv/root", "archive base.txz"
    std::chrono::system_clock::time_point created;
};

struct FromDirectory {
    std::filesystem::path path;
};

/// A tar archive, compressed with gzip, bzip2, xz or zstd or not at all; "-" is standard input.
struct FromArchive {
    std::filesystem::path path;
};

using ImageSource = std::variant<FromDirectory, FromArchive>;

/// Called now and then during an import, with what has been done so far. `total_bytes` is 0 when it
/// is unknown. Returning false cancels: what was made is undone and Error{interrupted} thrown.
struct ImportProgress {
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::uint64_t total_bytes = 0;
};
using ProgressSink = std::function<bool(const ImportProgress&)>;

struct ImageSpec {
    std::string reference;  ///< NAME[:TAG]
    std::string storage;    ///< empty: the configured default
    ImageSource source;
    ImageDefaults defaults;
};

}  // namespace brig
