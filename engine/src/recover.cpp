// SPDX-License-Identifier: BSD-2-Clause
#include "recover.hpp"

#include "events/announce.hpp"
#include "networks/connect.hpp"
#include "networks/orphans.hpp"
#include "run/notes.hpp"
#include "run/volume_users.hpp"
#include "support/check.hpp"
#include "undo.hpp"
#include "update.hpp"
#include "volumes/volumes.hpp"

namespace brig {

namespace {

/// A kept container whose owner died has ended without a status; nobody knows how.
void record_end(Context& context, const std::string& id, bool complete) {
    if (auto record = context.store.find_container_by_id(id)) {
        record->finished = std::chrono::system_clock::now();
        record->needs_attention = !complete;
        context.store.update_container(*record);
    }
}

RecoveryReport::Item tear_down_abandoned(Context& context, const std::string& id, Ledger& ledger) {
    context.log.info("tearing down '{}', which its owner left behind", id);
    const bool was_run = ledger.find_note(note::kContainer) != nullptr;
    TearDownReport report = undo_all(context, id, ledger, true);
    try {
        if (was_run || !report.complete) {
            record_end(context, id, report.complete);
        }
        if (report.complete) {
            announce_end(context, id, ledger);
            context.run.close(id, ledger);
        }
    } catch (const Error& failure) {
        // Others' commands come through here: a full disk must not keep them from their work.
        report.failures.push_back(full_message(failure));
    }
    return {id, report.undone, {}, report.failures};
}

/// @param wait for what its owner has left running, see RunDir::take_over()
bool tear_down_if_abandoned(Context& context, const std::string& id, bool wait) {
    auto ledger = context.run.take_over(id, wait);
    if (!ledger) {
        return false;
    }
    for (const std::string& failure : tear_down_abandoned(context, id, *ledger).failures) {
        context.log.warn("{}: {}", id, failure);
    }
    return true;
}

/// A container that runs needs the end of an update whose process died, and networks that are as
/// they were set up.
std::optional<RecoveryReport::Item> mend_running(Context& context, const std::string& id) {
    try {
        std::vector<std::string> mended = mend_attachments(context, id);
        if (mend_update(context, id)) {
            mended.emplace_back("its update");
        }
        return mended.empty() ? std::nullopt
                              : std::optional{RecoveryReport::Item{id, {}, std::move(mended), {}}};
    } catch (const Error& failure) {
        if (!std::filesystem::exists(context.run.folder(id))) {
            return std::nullopt;  // it has just ended
        }
        return RecoveryReport::Item{id, {}, {}, {full_message(failure)}};
    }
}

/// Whom something on a storage is for.
struct Owner {
    std::string id;
    bool ephemeral = false;
};

/// What an owner tag of this state directory says.
std::optional<Owner> read_tag(const Context& context, const std::string& tag) {
    const std::string ours = context.owner_tag("");
    if (!tag.starts_with(ours)) {
        return std::nullopt;
    }
    const bool ephemeral = tag.ends_with(kEphemeralTag);
    const std::size_t end = tag.size() - (ephemeral ? std::string_view{kEphemeralTag}.size() : 0);
    return Owner{tag.substr(ours.size(), end - ours.size()), ephemeral};
}

bool belongs_to_something(Context& context, const std::string& id) {
    // The run folder is asked first: a volume is made while there is one, and gets its record
    // before the folder goes.
    return std::filesystem::exists(context.run.folder(id)) || context.store.find_container_by_id(id)
           || context.store.has_image(id) || context.store.has_volume(id);
}

/// Looks for what is on the storages and belongs to nothing.
class OrphanSearch {
  public:
    OrphanSearch(Context& context, const RecoverOptions& options, RecoveryReport& report)
        : context_{context}, options_{options}, report_{report} {}

    void search(const std::string& name) {
        try {
            look_through(context_.instances.storage(name));
        } catch (const Error& failure) {
            // A pool that is away keeps nobody from the other storages.
            report_.items.push_back({"storage " + name, {}, {}, {full_message(failure)}});
        }
    }

  private:
    void look_through(Storage& storage) {
        for (const ListedObject& volume : storage.list()) {
            const auto owner = read_tag(context_, volume.owner_tag);
            if (owner && !belongs_to_something(context_, owner->id)) {
                take_care_of(storage, volume, *owner);
            }
        }
    }

    void take_care_of(Storage& storage, const ListedObject& volume, const Owner& owner) {
        const bool is_data = owner.id.starts_with(kVolumePrefix);
        if (owner.ephemeral || (options_.remove_unknown && !is_data)
            || !is_complete(storage, volume, owner)) {
            destroy(storage, volume, owner);
            return;
        }
        const std::string how = is_data ? "brig volume rm " + owner.id : "brig recover --yes";
        report_.items.push_back(
            {owner.id,
             {},
             {},
             {fmt::format("volume '{}' on storage '{}', of which there is no record; it may hold "
                          "data, so it is left alone (to remove it: {})",
                          volume.id,
                          storage.name(),
                          how)}});
    }

    /// What never got past provision is no volume for its storage.
    bool is_complete(Storage& storage, const ListedObject& volume, const Owner& owner) {
        return storage.check(context_.call_for(owner.id, volume.id)) != DriverCondition::absent;
    }

    void destroy(const Storage& storage, const ListedObject& volume, const Owner& owner) {
        // Through a ledger like everything else, so that two recoveries cannot meet.
        Ledger ledger = context_.run.open(owner.id);
        record_volume(ledger, storage.name(), volume.id, owner.ephemeral);
        record_root(ledger, storage.name(), volume.id, owner.ephemeral);
        report_.items.push_back(tear_down_abandoned(context_, owner.id, ledger));
    }

    Context& context_;
    const RecoverOptions& options_;
    RecoveryReport& report_;
};

}  // namespace

bool recover_container(Context& context, const std::string& id) {
    return tear_down_if_abandoned(context, id, true);
}

void recover_abandoned(Context& context, std::size_t most) {
    for (const std::string& id : context.run.ids()) {
        if (most-- == 0) {
            return;
        }
        tear_down_if_abandoned(context, id, false);
    }
}

RecoveryReport recover(Context& context, const RecoverOptions& options) {
    RecoveryReport report;
    for (const std::string& id : context.run.ids()) {
        if (auto ledger = context.run.take_over(id, true)) {
            report.items.push_back(tear_down_abandoned(context, id, *ledger));
        } else if (auto item = mend_running(context, id)) {
            report.items.push_back(*std::move(item));
        }
    }
    OrphanSearch orphans{context, options, report};
    for (const InstanceSettings& storage : context.settings.storages) {
        orphans.search(storage.name);
    }
    recover_networks(context, report);
    remove_folders_without_users(context.run.path());
    return report;
}

}  // namespace brig
