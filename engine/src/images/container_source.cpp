// SPDX-License-Identifier: BSD-2-Clause
#include "images/container_source.hpp"

#include "find.hpp"
#include "images/defaults.hpp"
#include "launch.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

namespace {

ContainerRecord stopped_container(Context& context, const std::string& reference) {
    const std::string id = find_container(context, reference);
    if (Ledger::is_locked(context.run.ledger_file(id))) {
        throw Error{ErrorCode::conflict,
                    fmt::format("container '{}' is running, so its files may change while they are "
                                "copied",
                                reference)}
            .with_hint("stop it first: brig stop " + reference);
    }
    auto record = context.store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::not_found, fmt::format("container '{}' has gone", reference)};
    }
    return *std::move(record);
}

/// What its next start would use.
ImageDefaults defaults_of(const ContainerSpec& spec, const ImageDefaults& image) {
    return merge_defaults(
        image, {spec.user.value_or(""), spec.environment, spec.command, spec.workdir.value_or("")});
}

}  // namespace

Contents import_container(Context& context,
                          const ImportTarget& target,
                          const FromContainer& source,
                          const ProgressSink& progress) {
    const ContainerRecord record = stopped_container(context, source.container);
    Contents contents;
    contents.source = "container " + record.name;
    if (record.storage.empty()) {
        contents.defaults = defaults_of(record.spec, {});
        contents.size = import_directory(target, record.spec.root, progress).bytes;
        return contents;
    }
    const ImageInfo image = resolve_image(context.store, record.image_id);
    contents.defaults = defaults_of(record.spec, image.defaults);
    contents.history = image.history;
    // Its ledger is ours until the copy is there, so nobody starts or removes it.
    Ledger ledger = context.run.open(record.id);
    TearDownUnlessKept undo{context, record.id, ledger};
    record_root(ledger, record.storage, record.id);
    const ActiveVolume volume =
        context.instances.storage(record.storage).activate(context.call_for(record.id, record.id));
    contents.size = import_directory(target, volume.root, progress).bytes;
    undo.keep();
    close_run(context, record.id, ledger);
    return contents;
}

}  // namespace brig
