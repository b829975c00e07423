// SPDX-License-Identifier: BSD-2-Clause
#include "images/create_image.hpp"

#include "images/import.hpp"
#include "launch.hpp"
#include "spec/image_reference.hpp"
#include "undo.hpp"

namespace brig {

namespace {

std::string describe(const ImageSource& source) {
    if (const auto* directory = std::get_if<FromDirectory>(&source)) {
        return "directory " + directory->path.native();
    }
    const std::filesystem::path& archive = std::get<FromArchive>(source).path;
    return archive == "-" ? "archive on standard input" : "archive " + archive.native();
}

}  // namespace

ImageInfo create_image(Context& context, const ImageSpec& spec, const ProgressSink& progress) {
    const ImageReference reference = parse_image_reference(spec.reference);
    ImageInfo image;
    image.id = new_id();
    image.name = reference.name;
    image.tag = reference.tag;
    image.storage = spec.storage.empty() ? context.settings.default_storage : spec.storage;
    image.volume = image.id;
    image.defaults = spec.defaults;
    image.source = describe(spec.source);
    // No jail is made, so Host::require_privilege() asks for too much here: what is missing for a
    // volume and its files the storage and the import say themselves.
    Storage& storage = context.instances.storage(image.storage);

    Ledger ledger = context.run.open(image.id);
    TearDownUnlessKept undo{context, image.id, ledger};
    const DriverCall volume = context.call_for(image.id, image.volume);
    record_volume(ledger, image.storage, image.id);
    storage.provision(volume, std::nullopt);
    record_root(ledger, image.storage, image.id);
    const std::filesystem::path root = storage.activate(volume).root;
    import_into(context.settings.libexec, spec.source, root, progress, context.log);
    storage.deactivate(volume);
    storage.snapshot(volume, kImageSnapshot);
    image.created = std::chrono::system_clock::now();
    context.store.add_image(image);

    undo.keep();
    close_run(context, image.id, ledger);
    return image;
}

}  // namespace brig
