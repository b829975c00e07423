// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/oci_documents.hpp"

#include "brig/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

namespace brig::archive {
namespace {

using nlohmann::json;

constexpr int kDeepest = 32;
constexpr std::size_t kLongestText = std::size_t{128} * 1024;
constexpr std::size_t kLongestList = 4096;
constexpr std::string_view kHexadecimal = "0123456789abcdef";
constexpr std::string_view kDigestPrefix = "sha256:";

[[noreturn]] void refuse_document(std::string_view what, std::string_view problem) {
    throw Error{ErrorCode::invalid_config, fmt::format("the image's {} {}", what, problem)};
}

json parse_json(std::string_view text, const char* what) {
    if (text.size() > kLargestDocument) {
        refuse_document(what, fmt::format("is larger than {} bytes", kLargestDocument));
    }
    // What is deeper than any such document makes recursive code overflow the stack.
    const auto refuse_depth = [&](int depth, json::parse_event_t /*event*/, json& /*value*/) {
        if (depth > kDeepest) {
            refuse_document(what, fmt::format("is nested deeper than {} levels", kDeepest));
        }
        return true;
    };
    try {
        json document = json::parse(text, refuse_depth);
        if (!document.is_object() && !document.is_array()) {
            refuse_document(what, "is neither an object nor a list");
        }
        return document;
    } catch (const json::exception& error) {
        refuse_document(what, fmt::format("is not JSON: {}", error.what()));
    }
}

/// A value in a document, with where it is: "manifest: layers[2].digest".
class Node {
  public:
    Node(const json& value, std::string where) : value_{&value}, where_{std::move(where)} {}

    /// Nothing when there is no such member, or it is null.
    [[nodiscard]] std::optional<Node> find(const char* name) const {
        if (!value_->is_object()) {
            wrong("is no object");
        }
        const auto member = value_->find(name);
        if (member == value_->end() || member->is_null()) {
            return std::nullopt;
        }
        return Node{*member, where_.ends_with(':') ? where_ + " " + name : where_ + "." + name};
    }

    [[nodiscard]] Node at(const char* name) const {
        auto member = find(name);
        if (!member) {
            wrong(fmt::format("has no '{}'", name));
        }
        return *std::move(member);
    }

    [[nodiscard]] std::vector<Node> list() const {
        if (!value_->is_array()) {
            wrong("is no list");
        }
        if (value_->size() > kLongestList) {
            wrong(fmt::format("has more than {} elements", kLongestList));
        }
        std::vector<Node> elements;
        for (const json& element : *value_) {
            elements.emplace_back(element, fmt::format("{}[{}]", where_, elements.size()));
        }
        return elements;
    }

    [[nodiscard]] std::string text() const {
        if (!value_->is_string()) {
            wrong("is no string");
        }
        const auto& text = value_->get_ref<const std::string&>();
        if (text.size() > kLongestText) {
            wrong(fmt::format("is longer than {} bytes", kLongestText));
        }
        if (text.find('\0') != std::string::npos) {
            wrong("holds a NUL character");
        }
        return text;
    }

    [[nodiscard]] bool is_true() const { return value_->is_boolean() && value_->get<bool>(); }

    [[nodiscard]] std::uint64_t size() const {
        if (!value_->is_number_unsigned()) {
            wrong("is no size");
        }
        return value_->get<std::uint64_t>();
    }

    [[noreturn]] void wrong(std::string_view problem) const {
        refuse_document(where_.ends_with(':')
                            ? std::string_view{where_}.substr(0, where_.size() - 1)
                            : std::string_view{where_},
                        problem);
    }

  private:
    const json* value_;
    std::string where_;
};

std::string text_of(const Node& node, const char* name) {
    const auto member = node.find(name);
    return member ? member->text() : "";
}

std::vector<std::string> texts_of(const Node& node, const char* name) {
    std::vector<std::string> texts;
    if (const auto member = node.find(name)) {
        for (const Node& element : member->list()) {
            texts.push_back(element.text());
        }
    }
    return texts;
}

/// The hexadecimal digits, which become the name of a file.
std::string digest_at(const Node& node) {
    const std::string digest = node.text();
    std::string digits = digest.substr(std::min(digest.size(), kDigestPrefix.size()));
    if (!digest.starts_with(kDigestPrefix) || digits.size() != 64
        || digits.find_first_not_of(kHexadecimal) != std::string::npos) {
        node.wrong(fmt::format("is '{}', not sha256 and its 64 digits", digest.substr(0, 100)));
    }
    return digits;
}

Descriptor descriptor_of(const Node& node) {
    Descriptor descriptor;
    descriptor.media_type = text_of(node, "mediaType");
    descriptor.digest = digest_at(node.at("digest"));
    descriptor.size = node.at("size").size();
    if (const auto platform = node.find("platform")) {
        descriptor.os = text_of(*platform, "os");
        descriptor.architecture = text_of(*platform, "architecture");
    }
    if (const auto annotations = node.find("annotations")) {
        descriptor.tag = text_of(*annotations, "org.opencontainers.image.ref.name");
    }
    return descriptor;
}

template <std::size_t Size>
void require_media_type(const Node& node,
                        const std::string& type,
                        const std::array<std::string_view, Size>& known) {
    if (std::find(known.begin(), known.end(), type) == known.end()) {
        node.wrong(fmt::format("is of the unknown media type '{}'", type));
    }
}

constexpr std::array<std::string_view, 2> kConfigTypes{
    "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"};

constexpr std::array<std::string_view, 8> kLayerTypes{
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip"};

/// The number in `digits`; nothing when it is none.
std::optional<int> number_of(std::string_view digits) {
    int number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool whole = error == std::errc{} && end == digits.data() + digits.size();
    return whole && number >= 0 ? std::optional{number} : std::nullopt;
}

/// The seconds of an RFC 3339 time, without its fraction; 0 for anything else. No image is refused
/// for a date.
std::time_t time_of(std::string_view text) {
    constexpr std::array<std::array<std::size_t, 2>, 6> kFields{
        {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}}};
    if (text.size() < 20) {
        return 0;
    }
    std::array<int, kFields.size()> fields{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const auto number = number_of(text.substr(kFields[i][0], kFields[i][1]));
        if (!number) {
            return 0;
        }
        fields[i] = *number;
    }
    std::tm parts{};
    parts.tm_year = fields[0] - 1900;
    parts.tm_mon = fields[1] - 1;
    parts.tm_mday = fields[2];
    parts.tm_hour = fields[3];
    parts.tm_min = fields[4];
    parts.tm_sec = fields[5];
    return ::timegm(&parts);
}

std::vector<HistoryStep> history_of(const Node& config) {
    std::vector<HistoryStep> history;
    const auto steps = config.find("history");
    if (!steps) {
        return history;
    }
    for (const Node& step : steps->list()) {
        const auto is_empty = step.find("empty_layer");
        history.push_back({time_of(text_of(step, "created")),
                           text_of(step, "created_by"),
                           text_of(step, "comment"),
                           is_empty && is_empty->is_true()});
    }
    return history;
}

std::vector<std::string> diff_ids_of(const Node& root) {
    std::vector<std::string> digests;
    const auto rootfs = root.find("rootfs");
    if (const auto ids = rootfs ? rootfs->find("diff_ids") : std::nullopt) {
        for (const Node& id : ids->list()) {
            digests.push_back(digest_at(id));
        }
    }
    return digests;
}

/// A user becomes a jail's parameter, which is text with a syntax of its own.
std::string user_of(const Node& node) {
    std::string user = text_of(node, "User");
    const bool plain = std::all_of(user.begin(), user.end(), [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
               || std::string_view{"_.-:$@+"}.find(static_cast<char>(c)) != std::string_view::npos;
    });
    if (!plain || user.size() > 255) {
        node.wrong(fmt::format("has the user '{}', which cannot be one", user.substr(0, 100)));
    }
    return user;
}

void read_defaults(OciConfig& config, const Node& node) {
    config.user = user_of(node);
    config.command = texts_of(node, "Entrypoint");
    for (std::string& word : texts_of(node, "Cmd")) {
        config.command.push_back(std::move(word));
    }
    for (std::string& variable : texts_of(node, "Env")) {
        const std::size_t equals = variable.find('=');
        const bool valid = equals != std::string::npos && equals != 0;
        (valid ? config.environment : config.left_out).push_back(std::move(variable));
    }
    config.workdir = text_of(node, "WorkingDir");
    if (!config.workdir.empty() && !config.workdir.starts_with('/')) {
        config.workdir.insert(0, "/");
    }
}

}  // namespace

void check_oci_layout(std::string_view text) {
    const json document = parse_json(text, "oci-layout");
    const Node layout{document, "oci-layout:"};
    const std::string version = layout.at("imageLayoutVersion").text();
    if (!version.starts_with("1.")) {
        layout.wrong(fmt::format("is of version '{}', of which we know nothing", version));
    }
}

OciManifest parse_oci_manifest(std::string_view text) {
    const json document = parse_json(text, "manifest");
    const Node root{document, "manifest:"};
    OciManifest manifest;
    if (const auto manifests = root.find("manifests")) {
        manifest.is_index = true;
        for (const Node& each : manifests->list()) {
            manifest.manifests.push_back(descriptor_of(each));
        }
        return manifest;
    }
    const Node config = root.at("config");
    manifest.config = descriptor_of(config);
    require_media_type(config, manifest.config.media_type, kConfigTypes);
    for (const Node& layer : root.at("layers").list()) {
        manifest.layers.push_back(descriptor_of(layer));
        require_media_type(layer, manifest.layers.back().media_type, kLayerTypes);
    }
    return manifest;
}

OciConfig parse_oci_config(std::string_view text) {
    const json document = parse_json(text, "configuration");
    const Node root{document, "configuration:"};
    OciConfig config;
    config.os = text_of(root, "os");
    config.architecture = text_of(root, "architecture");
    if (const auto defaults = root.find("config")) {
        read_defaults(config, *defaults);
    }
    config.diff_ids = diff_ids_of(root);
    config.history = history_of(root);
    return config;
}

std::vector<DockerImage> parse_docker_manifest(std::string_view text) {
    const json document = parse_json(text, "manifest.json");
    std::vector<DockerImage> images;
    for (const Node& each : Node{document, "manifest.json:"}.list()) {
        images.push_back(
            {each.at("Config").text(), texts_of(each, "RepoTags"), texts_of(each, "Layers")});
    }
    return images;
}

}  // namespace brig::archive
