// SPDX-License-Identifier: BSD-2-Clause
#include "images/new_image.hpp"

#include "launch.hpp"

namespace brig {

// No jail is made, so Host::require_privilege() asks for too much here: what is missing for a
// volume and its files the storage and the import say themselves.
NewImage::NewImage(Context& context, const std::string& storage)
    : context_{context},
      id_{new_id()},
      storage_{
          context.instances.storage(storage.empty() ? context.settings.default_storage : storage)},
      ledger_{context.run.open(id_)},
      undo_{context, id_, ledger_} {}

void NewImage::open() {
    record_volume(ledger_, storage_.name(), id_);
    storage_.provision(call(), std::nullopt);
    record_root(ledger_, storage_.name(), id_);
    root_ = storage_.activate(call()).root;
}

void NewImage::receive(int fd) {
    if (storage_.stream_format().empty()) {
        throw Error{ErrorCode::unsupported,
                    "the storage '" + storage_.name() + "' can receive no streams"}
            .with_hint("name the storage that the stream is for with --storage");
    }
    record_volume(ledger_, storage_.name(), id_);
    storage_.receive(call(), {kImageSnapshot, "", "", fd, false});
}

ImageInfo NewImage::publish(ImageInfo image) {
    if (!root_.empty()) {
        storage_.deactivate(call());
        storage_.snapshot(call(), kImageSnapshot);
    }
    image.id = id_;
    image.volume = id_;
    image.storage = storage_.name();
    image.created = std::chrono::system_clock::now();
    if (!image.history.empty()) {
        image.history.back().created = image.created;
    }
    context_.store.add_image(image);
    undo_.keep();
    close_run(context_, id_, ledger_);
    return image;
}

}  // namespace brig
