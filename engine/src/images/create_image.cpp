// SPDX-License-Identifier: BSD-2-Clause
#include "images/create_image.hpp"

#include "events/announce.hpp"
#include "images/container_source.hpp"
#include "images/contents.hpp"
#include "images/defaults.hpp"
#include "images/new_image.hpp"
#include "images/oci_source.hpp"
#include "images/url_source.hpp"
#include "spec/image_reference.hpp"

#include <sys/stat.h>

namespace brig {

namespace {

std::string describe_archive(const std::filesystem::path& archive) {
    return archive == "-" ? "archive on standard input" : "archive " + archive.native();
}

/// Whether `name` in the root, which strangers have filled, is of that type. Links are not
/// followed.
bool holds(const std::filesystem::path& root, const char* name, mode_t type) {
    struct stat info {};
    return ::lstat((root / name).c_str(), &info) == 0 && (info.st_mode & S_IFMT) == type;
}

/// Whether what was unpacked is no root, but an image layout, or what `docker save` writes.
bool holds_layout(const std::filesystem::path& root) {
    const bool is_oci = holds(root, "oci-layout", S_IFREG) && holds(root, "index.json", S_IFREG)
                        && holds(root, "blobs", S_IFDIR);
    const bool is_root = holds(root, "etc", S_IFDIR) || holds(root, "usr", S_IFDIR)
                         || holds(root, "rescue", S_IFDIR);
    return is_oci || (holds(root, "manifest.json", S_IFREG) && !is_root);
}

/// Makes an image from each kind of source.
class Making {
  public:
    Making(Context& context, const ImageSpec& spec, const ProgressSink& progress)
        : context_{context},
          spec_{spec},
          reference_{parse_image_name(spec.reference)},
          progress_{progress} {}

    [[nodiscard]] ImageInfo operator()(const FromDirectory& source) const {
        return fill([&](const ImportTarget& target) {
            const ImportResult result = import_directory(target, source.path, progress_);
            return Contents{"directory " + source.path.native(), "", result.bytes, {}, {}, {}};
        });
    }

    [[nodiscard]] ImageInfo operator()(const FromArchive& source) const {
        const ArchiveFile archive{source.path};
        return fill([&](const ImportTarget& target) {
            return contents_of(import_archive(target, archive, progress_), source.path);
        });
    }

    [[nodiscard]] ImageInfo operator()(const FromContainer& source) const {
        return fill([&](const ImportTarget& target) {
            return import_container(context_, target, source, progress_);
        });
    }

    [[nodiscard]] ImageInfo operator()(const FromUrl& source) const {
        return fill([&](const ImportTarget& target) {
            return import_url(target, context_.settings.state, source, progress_);
        });
    }

    [[nodiscard]] ImageInfo operator()(const FromOci& source) const {
        if (std::filesystem::is_directory(source.path)) {
            return make_from_layout(source.path, source);
        }
        // Into a volume of its own, of which nothing is left in the end.
        const ArchiveFile archive{source.path};
        NewImage layout = begin();
        layout.open();
        import_archive(layout.target(spec_.max_size), archive, progress_);
        return make_from_layout(layout.root(), source);
    }

    [[nodiscard]] ImageInfo operator()(const FromAnyArchive& source) const {
        const ArchiveFile archive{source.path};
        NewImage made = begin();
        made.open();
        const ImportResult result = import_archive(made.target(spec_.max_size), archive, progress_);
        if (holds_layout(made.root())) {
            return make_from_layout(made.root(), {source.path, "", ""});
        }
        return publish(made, contents_of(result, source.path));
    }

    [[nodiscard]] ImageInfo operator()(const FromStream& source) const {
        const ArchiveFile stream{source.path};
        NewImage made = begin();
        made.receive(stream.fd(), [&](ImportProgress so_far) {
            if (stream.size() > 0) {
                so_far.bytes = stream.position();
                so_far.total_bytes = stream.size();
            }
            return !progress_ || progress_(so_far);
        });
        return publish(made, {"stream " + source.path.native(), "", 0, {}, {}, {}});
    }

    [[nodiscard]] ImageInfo operator()(const FromDataset& source) const {
        if (spec_.max_size != 0) {
            throw Error{ErrorCode::invalid_config,
                        "what a ZFS dataset holds cannot be limited by --max-size"}
                .with_hint("leave it out; the storage's option 'refquota' limits its volumes");
        }
        NewImage made = begin();
        made.make_of(source, progress_);
        return publish(made, {"dataset " + source.dataset, "", 0, {}, {}, {}});
    }

  private:
    [[nodiscard]] NewImage begin() const { return {context_, spec_.storage}; }

    template <typename Fill>
    [[nodiscard]] ImageInfo fill(const Fill& fill) const {
        NewImage made = begin();
        made.open();
        return publish(made, fill(made.target(spec_.max_size)));
    }

    [[nodiscard]] ImageInfo make_from_layout(const std::filesystem::path& layout,
                                             const FromOci& source) const {
        return fill([&](const ImportTarget& target) {
            return import_oci(target, layout, source, progress_);
        });
    }

    static Contents contents_of(const ImportResult& result, const std::filesystem::path& archive) {
        return {describe_archive(archive), result.digest, result.bytes, {}, {}, {}};
    }

    ImageInfo publish(NewImage& made, Contents contents) const {
        ImageInfo image;
        image.name = reference_.name;
        image.tag = reference_.tag;
        image.source = std::move(contents.source);
        image.digest = std::move(contents.digest);
        image.platform = std::move(contents.platform);
        image.size = contents.size;
        image.defaults = merge_defaults(std::move(contents.defaults), spec_.defaults);
        image.history = std::move(contents.history);
        image.history.push_back({{}, "brig image create: " + image.source, "", false});
        return made.publish(std::move(image));
    }

    Context& context_;
    const ImageSpec& spec_;
    ImageReference reference_;
    const ProgressSink& progress_;
};

}  // namespace

ImageInfo create_image(Context& context, const ImageSpec& spec, const ProgressSink& progress) {
    check_defaults(spec.defaults);
    ImageInfo image = std::visit(Making{context, spec, progress}, spec.source);
    announce_image(context, EventAction::created, image, {{"storage", image.storage}});
    return image;
}

}  // namespace brig
