// SPDX-License-Identifier: BSD-2-Clause
#include "recover.hpp"

#include "run/notes.hpp"
#include "support/check.hpp"
#include "undo.hpp"
#include "update.hpp"

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
            context.run.close(id, ledger);
        }
    } catch (const Error& failure) {
        // Others' commands come through here: a full disk must not keep them from their work.
        report.failures.push_back(full_message(failure));
    }
    return {id, report.undone, {}, report.failures};
}

/// A container that runs needs nothing but the end of an update whose process died.
std::optional<RecoveryReport::Item> mend_running(Context& context, const std::string& id) {
    try {
        return mend_update(context, id)
                   ? std::optional{RecoveryReport::Item{id, {}, {"its update"}, {}}}
                   : std::nullopt;
    } catch (const Error& failure) {
        return RecoveryReport::Item{id, {}, {}, {full_message(failure)}};
    }
}

/// The id in an owner tag of this state directory.
std::optional<std::string> id_of_tag(const Context& context, const std::string& tag) {
    const std::string ours = context.owner_tag("");
    return tag.starts_with(ours) ? std::optional{tag.substr(ours.size())} : std::nullopt;
}

bool belongs_to_something(Context& context, const std::string& id) {
    // The run folder is asked first: a volume is made while there is one, and gets its record
    // before the folder goes.
    return std::filesystem::exists(context.run.folder(id)) || context.store.find_container_by_id(id)
           || context.store.has_image(id);
}

void destroy_orphans(Context& context, Storage& storage, RecoveryReport& report) {
    for (const ListedObject& volume : storage.list()) {
        const auto id = id_of_tag(context, volume.owner_tag);
        if (!id || belongs_to_something(context, *id)) {
            continue;
        }
        // Through a ledger like everything else, so that two recoveries cannot meet.
        Ledger ledger = context.run.open(*id);
        record_volume(ledger, storage.name(), volume.id);
        record_root(ledger, storage.name(), volume.id);
        report.items.push_back(tear_down_abandoned(context, *id, ledger));
    }
}

}  // namespace

bool recover_container(Context& context, const std::string& id) {
    auto ledger = context.run.take_over(id);
    if (!ledger) {
        return false;
    }
    for (const std::string& failure : tear_down_abandoned(context, id, *ledger).failures) {
        context.log.warn("{}: {}", id, failure);
    }
    return true;
}

void recover_abandoned(Context& context, std::size_t most) {
    for (const std::string& id : context.run.ids()) {
        if (most-- == 0) {
            return;
        }
        recover_container(context, id);
    }
}

RecoveryReport recover(Context& context) {
    RecoveryReport report;
    for (const std::string& id : context.run.ids()) {
        if (auto ledger = context.run.take_over(id)) {
            report.items.push_back(tear_down_abandoned(context, id, *ledger));
        } else if (auto item = mend_running(context, id)) {
            report.items.push_back(*std::move(item));
        }
    }
    for (const InstanceSettings& storage : context.settings.storages) {
        destroy_orphans(context, context.instances.storage(storage.name), report);
    }
    return report;
}

}  // namespace brig
