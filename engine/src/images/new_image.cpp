// SPDX-License-Identifier: BSD-2-Clause
#include "images/new_image.hpp"

#include "launch.hpp"
#include "support/check.hpp"

#include <algorithm>

namespace brig {

namespace {

/// "storage 'z' (storage-zfs)"
std::string label_of_storage(const Context& context, const std::string& name) {
    const std::vector<InstanceSettings>& all = context.settings.storages;
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const InstanceSettings& each) { return each.name == name; });
    return found == all.end() ? fmt::format("storage '{}'", name)
                              : fmt::format("storage '{}' ({})", name, found->driver);
}

}  // namespace

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

DriverCall NewImage::call() const {
    DriverCall call = context_.call_for(id_, id_);
    call.lock_fd = ledger_.lock_fd();
    return call;
}

DriverCall NewImage::long_call(const ProgressSink& progress) const {
    DriverCall call = this->call();
    call.time_limit = kNoTimeLimit;
    call.progress = progress;
    return call;
}

void NewImage::receive(int fd, const ProgressSink& progress) {
    if (storage_.stream_format().empty()) {
        throw Error{ErrorCode::unsupported,
                    "the storage '" + storage_.name() + "' can receive no streams"}
            .with_hint("name the storage that the stream is for with --storage");
    }
    record_volume(ledger_, storage_.name(), id_);
    storage_.receive(long_call(progress), {kImageSnapshot, "", "", fd, false});
    is_frozen_ = true;
}

OptionMap NewImage::origin_options(const FromDataset& source) const {
    std::vector<std::string> written{"origin=" + source.dataset};
    if (source.copy) {
        written.emplace_back("origin_copy=true");
    }
    Findings findings;
    OptionMap options = storage_.options_for(written, findings);
    if (!findings.empty()) {
        throw Error{ErrorCode::unsupported,
                    label_of_storage(context_, storage_.name()) + " cannot take a ZFS dataset"}
            .with_hint(
                "use --from-dir with its mount point, or --storage NAME of a storage with "
                "the driver storage-zfs");
    }
    return options;
}

void NewImage::make_of(const FromDataset& source, const ProgressSink& progress) {
    DriverCall making = long_call(progress);
    making.options = origin_options(source);
    record_volume(ledger_, storage_.name(), id_);
    storage_.provision(making, std::nullopt);
}

ImageInfo NewImage::publish(ImageInfo image) {
    if (!is_frozen_) {
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
