// SPDX-License-Identifier: BSD-2-Clause
#include "images/create_image.hpp"

#include "images/container_source.hpp"
#include "images/contents.hpp"
#include "images/defaults.hpp"
#include "images/new_image.hpp"
#include "spec/image_reference.hpp"

namespace brig {

namespace {

/// Fills an image from each kind of source.
class Filling {
  public:
    Filling(Context& context, const ImportTarget& target, const ProgressSink& progress)
        : context_{context}, target_{target}, progress_{progress} {}

    Contents operator()(const FromDirectory& source) const {
        const ImportResult result = import_directory(target_, source.path, progress_);
        return {"directory " + source.path.native(), result.digest, result.bytes, {}, {}};
    }

    Contents operator()(const FromArchive& source) const {
        const ImportResult result = import_archive(target_, ArchiveFile{source.path}, progress_);
        return {
            source.path == "-" ? "archive on standard input" : "archive " + source.path.native(),
            result.digest,
            result.bytes,
            {},
            {}};
    }

    Contents operator()(const FromContainer& source) const {
        return import_container(context_, target_, source, progress_);
    }

  private:
    Context& context_;
    const ImportTarget& target_;
    const ProgressSink& progress_;
};

}  // namespace

ImageInfo create_image(Context& context, const ImageSpec& spec, const ProgressSink& progress) {
    const ImageReference reference = parse_image_name(spec.reference);
    check_defaults(spec.defaults);
    NewImage made{context, spec.storage};
    const ImportTarget target = made.target(spec.max_size);
    Contents contents = std::visit(Filling{context, target, progress}, spec.source);

    ImageInfo image;
    image.name = reference.name;
    image.tag = reference.tag;
    image.source = contents.source;
    image.digest = contents.digest;
    image.size = contents.size;
    image.defaults = merge_defaults(std::move(contents.defaults), spec.defaults);
    image.history = std::move(contents.history);
    image.history.push_back({{}, "brig image create: " + image.source, "", false});
    return made.publish(std::move(image));
}

}  // namespace brig
