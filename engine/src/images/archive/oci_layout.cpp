// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/oci_layout.hpp"

#include "images/archive/handles.hpp"
#include "images/archive/sha256.hpp"
#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <set>

namespace brig::archive {
namespace {

constexpr int kDeepestIndex = 4;

[[noreturn]] void refuse_layout(const std::string& message, std::string hint = {}) {
    throw Error{ErrorCode::invalid_config, message}.with_hint(std::move(hint));
}

/// Nothing when there is none. A fifo does not make us wait, and a link to a file of the host finds
/// nothing: the layout is all that this process sees.
std::optional<UniqueFd> find_file(const std::string& file) {
    UniqueFd fd{::open(file.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)};
    if (!fd && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)) {
        return std::nullopt;
    }
    check(fd.get(), "open '{}'", file);
    struct stat info {};
    check(::fstat(fd.get(), &info), "look at '{}'", file);
    if (!S_ISREG(info.st_mode)) {
        refuse_layout(fmt::format("'{}' is no ordinary file", file));
    }
    return fd;
}

std::uint64_t file_size(int fd, const std::string& file) {
    struct stat info {};
    check(::fstat(fd, &info), "look at '{}'", file);
    return static_cast<std::uint64_t>(info.st_size);
}

/// The digest of a file, which is at its beginning again afterwards.
std::string file_digest(int fd, const std::string& file) {
    Sha256 sha256;
    std::vector<char> buffer(kBlockSize);
    ssize_t size = 0;
    while ((size = check(::read(fd, buffer.data(), buffer.size()), "read '{}'", file)) > 0) {
        sha256.update(buffer.data(), static_cast<std::size_t>(size));
    }
    check(::lseek(fd, 0, SEEK_SET), "read '{}' again", file);
    return sha256.finish();
}

std::string blob_file(const std::string& digest) {
    return "blobs/sha256/" + digest;
}

std::string read_document(int fd, const std::string& file) {
    std::string text = read_text(fd, "'" + file + "'", kLargestDocument);
    if (text.size() > kLargestDocument) {
        refuse_layout(fmt::format("'{}' is larger than {} bytes", file, kLargestDocument));
    }
    return text;
}

/// A document without a digest.
std::optional<std::string> find_document(const std::string& file) {
    const auto fd = find_file(file);
    return fd ? std::optional{read_document(fd->get(), file)} : std::nullopt;
}

std::string read_blob(const Descriptor& descriptor) {
    if (descriptor.size > kLargestDocument) {
        refuse_layout(fmt::format(
            "the document sha256:{} is larger than {} bytes", descriptor.digest, kLargestDocument));
    }
    Layer blob{blob_file(descriptor.digest), descriptor.digest, descriptor.size};
    const UniqueFd fd = open_checked(blob);
    return read_document(fd.get(), blob.file);
}

std::string join_set(const std::set<std::string>& texts) {
    return join({texts.begin(), texts.end()}, ", ");
}

/// The manifests that `tag` names; without one, all if they are of one image.
std::vector<Descriptor> with_tag(const std::vector<Descriptor>& manifests, const std::string& tag) {
    std::vector<Descriptor> found;
    std::set<std::string> tags;
    for (const Descriptor& each : manifests) {
        if (tag.empty() || each.tag == tag) {
            found.push_back(each);
        }
        if (!each.tag.empty()) {
            tags.insert(each.tag);
        }
    }
    if (found.empty() && !tag.empty()) {
        throw Error{ErrorCode::not_found, fmt::format("there is no image '{}' in it", tag)}
            .with_hint(tags.empty() ? "none has a tag" : "there is: " + join_set(tags));
    }
    if (tag.empty() && tags.size() > 1) {
        throw Error{ErrorCode::conflict, "there is more than one image in it"}.with_hint(
            "choose one with :TAG behind the path: " + join_set(tags));
    }
    return found;
}

/// The one for the most preferred platform. One whose platform is not told may be any.
Descriptor for_platform(const std::vector<Descriptor>& manifests,
                        const std::vector<std::string>& platforms) {
    for (const std::string& wanted : platforms) {
        const auto found =
            std::find_if(manifests.begin(), manifests.end(), [&](const Descriptor& each) {
                return each.platform() == wanted;
            });
        if (found != manifests.end()) {
            return *found;
        }
    }
    std::set<std::string> others;
    for (const Descriptor& each : manifests) {
        if (each.platform().empty()) {
            return each;
        }
        others.insert(each.platform());
    }
    throw Error{ErrorCode::not_found,
                fmt::format("there is no image for {}", join(platforms, " or "))}
        .with_hint(others.empty() ? "it holds none at all"
                                  : "there is: " + join_set(others) + "; see --platform");
}

void require_platform(const OciConfig& config, const std::vector<std::string>& platforms) {
    const std::string platform = config.os + "/" + config.architecture;
    const bool told = !config.os.empty() && !config.architecture.empty();
    if (told && std::find(platforms.begin(), platforms.end(), platform) == platforms.end()) {
        throw Error{
            ErrorCode::not_found,
            fmt::format("the image is for {}, not for {}", platform, join(platforms, " or "))}
            .with_hint("to have it nevertheless: --platform " + platform);
    }
}

ChosenImage choose_oci(const std::string& index, const ImageChoice& choice) {
    OciManifest manifest = parse_oci_manifest(index);
    if (!manifest.is_index) {
        refuse_layout("index.json is no index: it has no 'manifests'");
    }
    ChosenImage image;
    std::vector<Descriptor> candidates = with_tag(manifest.manifests, choice.tag);
    for (int depth = 0; manifest.is_index; ++depth) {
        if (depth == kDeepestIndex) {
            refuse_layout(
                fmt::format("its indexes refer to indexes more than {} times", kDeepestIndex));
        }
        const Descriptor chosen = for_platform(candidates, choice.platforms);
        manifest = parse_oci_manifest(read_blob(chosen));
        image.digest = chosen.digest;
        candidates = manifest.manifests;
    }
    image.config = parse_oci_config(read_blob(manifest.config));
    require_platform(image.config, choice.platforms);
    for (const Descriptor& layer : manifest.layers) {
        image.layers.push_back({blob_file(layer.digest), layer.digest, layer.size});
    }
    return image;
}

bool has_tag(const DockerImage& image, const std::string& tag) {
    return std::any_of(image.tags.begin(), image.tags.end(), [&](const std::string& each) {
        return each == tag || each.ends_with("/" + tag) || each.ends_with(":" + tag);
    });
}

DockerImage choose_docker_image(const std::vector<DockerImage>& images, const std::string& tag) {
    std::set<std::string> tags;
    for (const DockerImage& image : images) {
        if ((tag.empty() && images.size() == 1) || has_tag(image, tag)) {
            return image;
        }
        tags.insert(image.tags.begin(), image.tags.end());
    }
    throw Error{ErrorCode::not_found,
                tag.empty() ? fmt::format("there are {} images in it", images.size())
                            : fmt::format("there is no image '{}' in it", tag)}
        .with_hint(tags.empty() ? "none has a tag" : "there is: " + join_set(tags));
}

ChosenImage choose_docker(const std::string& manifest, const ImageChoice& choice) {
    const DockerImage chosen = choose_docker_image(parse_docker_manifest(manifest), choice.tag);
    const auto config = find_document(chosen.config);
    if (!config) {
        refuse_layout(fmt::format("its configuration '{}' is missing", chosen.config));
    }
    ChosenImage image;
    image.config = parse_oci_config(*config);
    require_platform(image.config, choice.platforms);
    Sha256 sha256;
    sha256.update(config->data(), config->size());
    image.digest = sha256.finish();
    if (image.config.diff_ids.size() != chosen.layers.size()) {
        refuse_layout(fmt::format("its manifest has {} layers, its configuration {}",
                                  chosen.layers.size(),
                                  image.config.diff_ids.size()));
    }
    for (std::size_t i = 0; i < chosen.layers.size(); ++i) {
        image.layers.push_back({chosen.layers[i], image.config.diff_ids[i], 0, false});
    }
    return image;
}

}  // namespace

UniqueFd open_checked(Layer& layer) {
    auto fd = find_file(layer.file);
    if (!fd) {
        refuse_layout(fmt::format("the blob '{}' is missing", layer.file));
    }
    const std::uint64_t size = file_size(fd->get(), layer.file);
    if (layer.size_is_known && size != layer.size) {
        refuse_layout(
            fmt::format("the blob '{}' has {} bytes, not {}", layer.file, size, layer.size));
    }
    layer.size = size;
    const std::string digest = file_digest(fd->get(), layer.file);
    if (digest != layer.digest) {
        refuse_layout(fmt::format("the blob '{}' is not what it was: its SHA-256 is {}, not {}",
                                  layer.file,
                                  digest,
                                  layer.digest),
                      "fetch it again");
    }
    return *std::move(fd);
}

ChosenImage choose_image(const ImageChoice& choice) {
    const auto layout = find_document("oci-layout");
    const auto index = find_document("index.json");
    if (layout && index) {
        check_oci_layout(*layout);
        return choose_oci(*index, choice);
    }
    if (const auto manifest = find_document("manifest.json")) {
        return choose_docker(*manifest, choice);
    }
    refuse_layout(layout  ? "it has no index.json"
                  : index ? "it has no oci-layout"
                          : "it is no OCI image layout: it has neither oci-layout nor index.json",
                  "a root in a folder or an archive is imported with --from-dir or --from-tar");
}

}  // namespace brig::archive
