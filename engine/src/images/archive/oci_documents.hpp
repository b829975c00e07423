// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

namespace brig::archive {

/// The JSON documents of an OCI image layout and of a Docker archive, reduced to what an import
/// needs. They come from strangers: types are checked, sizes bounded, and what is used as the name
/// of a file is what such a name may be.
///
/// Every function throws Error{invalid_config} saying what is wrong where.

/// No document is larger than this.
inline constexpr std::size_t kLargestDocument = std::size_t{4} * 1024 * 1024;

/// What a document says about a blob.
struct Descriptor {
    std::string media_type;
    std::string digest;  ///< 64 hexadecimal digits: that of SHA-256
    std::uint64_t size = 0;
    std::string os;
    std::string architecture;
    std::string tag;  ///< the annotation org.opencontainers.image.ref.name

    /// OS/ARCHITECTURE; empty when the document does not say.
    [[nodiscard]] std::string platform() const { return os.empty() ? "" : os + "/" + architecture; }
};

/// An index refers to manifests and indexes, a manifest to a configuration and layers.
struct OciManifest {
    bool is_index = false;
    std::vector<Descriptor> manifests;
    Descriptor config;
    std::vector<Descriptor> layers;  ///< the lowest first
};

struct HistoryStep {
    std::time_t created = 0;
    std::string created_by;
    std::string comment;
    bool is_empty = false;
};

struct OciConfig {
    std::string os;
    std::string architecture;
    std::string user;
    std::vector<std::string> environment;  ///< NAME=value, others left out
    std::vector<std::string> command;      ///< entrypoint and arguments
    std::string workdir;                   ///< empty or absolute
    std::vector<std::string> diff_ids;     ///< hexadecimal
    std::vector<HistoryStep> history;
    std::vector<std::string> left_out;  ///< variables that are none
};

/// One image of a Docker archive's manifest.json.
struct DockerImage {
    std::string config;  ///< the name of a file
    std::vector<std::string> tags;
    std::vector<std::string> layers;  ///< names of files
};

/// @throws unless `text` is an oci-layout file of a version that we know.
void check_oci_layout(std::string_view text);

/// Reads an index or a manifest, whichever it is.
[[nodiscard]] OciManifest parse_oci_manifest(std::string_view text);

[[nodiscard]] OciConfig parse_oci_config(std::string_view text);

[[nodiscard]] std::vector<DockerImage> parse_docker_manifest(std::string_view text);

}  // namespace brig::archive
