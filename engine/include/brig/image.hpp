// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace BRIG_API brig {

/// What a container gets from its image unless it says otherwise.
struct ImageDefaults {
    std::string user;                      ///< empty: root
    std::vector<std::string> environment;  ///< "NAME=value"
    std::vector<std::string> command;
    std::string workdir;  ///< empty: the user's home

    friend bool operator==(const ImageDefaults&, const ImageDefaults&) = default;
};

/// A step in the making of an image.
struct ImageHistory {
    std::chrono::system_clock::time_point created;
    std::string created_by;  ///< the command that made it
    std::string comment;
    bool is_empty = false;  ///< it changed no file

    friend bool operator==(const ImageHistory&, const ImageHistory&) = default;
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
    std::string digest;      ///< "sha256:…" of what it was made from; empty where that has none
    std::string platform;    ///< OS/ARCHITECTURE; empty: this host's
    std::uint64_t size = 0;  ///< of its files' content when it was made, in bytes
    std::vector<ImageHistory> history;  ///< the oldest first
};

struct FromDirectory {
    std::filesystem::path path;
};

/// A tar archive, compressed with gzip, bzip2, xz or zstd or not at all; "-" is standard input.
struct FromArchive {
    std::filesystem::path path;
};

/// The root of a container that does not run. Its command, user and so on become the image's.
struct FromContainer {
    std::string container;  ///< name or id
};

/// An OCI image layout, or what `docker save` writes: a directory, or an archive of one; "-" is one
/// on standard input.
struct FromOci {
    std::filesystem::path path;
    std::string tag;       ///< empty: the only image in it
    std::string platform;  ///< OS/ARCHITECTURE; empty: this host's, or its architecture's of the
                           ///< other system that brig runs on
};

/// An archive to be fetched (https, http) or read (file). Its SHA-256 must be known before, and is
/// checked before anything is unpacked. What was fetched of a download that breaks off is kept, and
/// the next one goes on there.
struct FromUrl {
    /// Also the name of a FreeBSD release, "14.3-RELEASE" or "14.3-RELEASE/amd64".
    std::string url;
    std::string sha256;  ///< 64 hexadecimal digits; empty: the manifest has it
    /// The URL of a FreeBSD MANIFEST; empty: the one beside a base.txz.
    std::string manifest;
};

/// An archive of whatever kind: a root, or an OCI image.
struct FromAnyArchive {
    std::filesystem::path path;
};

/// What a storage of the same kind sent (see ExportFormat::stream); "-" is standard input.
struct FromStream {
    std::filesystem::path path;
};

/// A ZFS dataset of the host, which stays as it is. The image's storage clones it, or copies it
/// where that is not possible: it has to be one that knows the option `origin`, as storage-zfs.
struct FromDataset {
    std::string dataset;  ///< "POOL/NAME@SNAPSHOT", or "POOL/NAME" as it is now
    bool copy = false;    ///< also where it could be cloned, so that the image needs it no longer
};

using ImageSource = std::variant<FromDirectory,
                                 FromArchive,
                                 FromContainer,
                                 FromOci,
                                 FromUrl,
                                 FromAnyArchive,
                                 FromStream,
                                 FromDataset>;

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
    ImageDefaults defaults;      ///< over those that the source has
    std::uint64_t max_size = 0;  ///< refuse more content than so many bytes; 0: no limit
};

enum class ExportFormat {
    tar,     ///< the root as one archive
    oci,     ///< an archive of an OCI image layout, with the image's defaults and history
    stream,  ///< the storage's own, for another storage of its kind
};

enum class Compression {
    automatic,  ///< what the file's name says; of an OCI image's layer gzip
    none,
    gzip,
    xz,
    zstd,
};

struct ImageExport {
    std::string reference;
    ExportFormat format = ExportFormat::tar;
    Compression compression = Compression::automatic;
    std::filesystem::path file;  ///< empty: to `fd`
    int fd = -1;                 ///< borrowed
    bool force = false;          ///< replaces a file that is there
};

struct RemoveImageOptions {
    /// Although containers use it: they take over what they share with it, and keep what they have
    /// from it (command, variables, user). Only where its storage can do that.
    bool promote = false;
};

struct PruneOptions {
    bool all = false;      ///< also images with names, unless a container uses them
    bool dry_run = false;  ///< only say what would go
};

}  // namespace brig
