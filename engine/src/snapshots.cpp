// SPDX-License-Identifier: BSD-2-Clause
#include "snapshots.hpp"

#include "brig/driver.h"
#include "events/announce.hpp"
#include "run/notes.hpp"
#include "spec/names.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace brig {

namespace {

/// A container's root on its storage.
struct StoredRoot {
    Storage& storage;
    DriverCall call;
    std::string container;  ///< its name
};

[[noreturn]] void refuse_own_root(const std::string& name) {
    throw Error{ErrorCode::unsupported,
                fmt::format("container '{}' has a root of its own, which no storage keeps", name)}
        .with_hint("use the snapshots of the file system that it is on");
}

/// The root of a container that is kept.
StoredRoot kept_root(Context& context, const std::string& id) {
    const auto record = context.store.find_container_by_id(id);
    if (!record) {
        throw Error{ErrorCode::conflict, fmt::format("container '{}' is ephemeral (--rm)", id)}
            .with_hint("its snapshots would go with it; create it without --rm");
    }
    if (record->storage.empty()) {
        refuse_own_root(record->name);
    }
    return {context.instances.storage(record->storage), context.call_for(id, id), record->name};
}

/// The root of any container, as its run tells it where that is all there is.
StoredRoot any_root(Context& context, const std::string& id) {
    if (context.store.find_container_by_id(id)) {
        return kept_root(context, id);
    }
    const auto run = Ledger::peek(context.run.ledger_file(id));
    const std::vector<Effect> effects = run ? run->effects() : std::vector<Effect>{};
    const auto volume = std::find_if(effects.begin(), effects.end(), [](const Effect& effect) {
        return effect.kind == effect::kVolume;
    });
    if (volume == effects.end()) {
        refuse_own_root(id);
    }
    return {context.instances.storage(volume->facts.at("storage")),
            context.call_for(id, id, volume->facts.contains("ephemeral")),
            id};
}

/// Keeps a stopped container from being started meanwhile. What a storage does with snapshots is no
/// effect that would have to be undone: it is done or not, and never undone by recovery.
class StoppedContainer {
  public:
    StoppedContainer(Context& context, const std::string& id)
        : ledger_{context.run.open(id)}, close_{context, id, ledger_} {}

    /// Before its storage looks into the root, and may mount it for that.
    void use_root(const StoredRoot& root) {
        record_root(ledger_, root.storage.name(), root.call.object);
    }

  private:
    Ledger ledger_;
    TearDownUnlessKept close_;
};

bool has(const std::vector<SnapshotInfo>& snapshots, const std::string& name) {
    return std::any_of(snapshots.begin(), snapshots.end(), [&](const SnapshotInfo& snapshot) {
        return snapshot.name == name;
    });
}

/// The snapshots, where the storage can tell.
std::vector<SnapshotInfo> known_snapshots(const StoredRoot& root) {
    try {
        return root.storage.snapshots(root.call);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unsupported) {
            return {};
        }
        throw;
    }
}

void require_snapshot(const StoredRoot& root, const std::string& name) {
    const std::vector<SnapshotInfo> snapshots = root.storage.snapshots(root.call);
    if (has(snapshots, name)) {
        return;
    }
    std::vector<std::string> names;
    for (const SnapshotInfo& snapshot : snapshots) {
        names.push_back(snapshot.name);
    }
    throw Error{ErrorCode::not_found,
                fmt::format("container '{}' has no snapshot '{}'", root.container, name)}
        .with_hint(names.empty()
                       ? "it has none; take one with: brig snapshot create " + root.container
                       : "it has " + join(names, ", "));
}

/// "20260131-120000", or with a number where that is taken.
std::string name_after_time(const std::vector<SnapshotInfo>& snapshots) {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    std::array<char, 32> text{};
    ::gmtime_r(&now, &parts);
    static_cast<void>(std::strftime(text.data(), text.size(), "%Y%m%d-%H%M%S", &parts));
    std::string name = text.data();
    for (int number = 2; has(snapshots, name); ++number) {
        name = fmt::format("{}-{}", text.data(), number);
    }
    return name;
}

/// Of a container that runs.
void take_live(const StoredRoot& root, const std::string& name) {
    try {
        root.storage.snapshot(root.call, name);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::conflict) {
            throw;
        }
        throw Error{
            ErrorCode::conflict,
            fmt::format("container '{}' runs, and storage '{}' takes snapshots only of what "
                        "is not in use",
                        root.container,
                        root.storage.name())}
            .with_hint("stop it first: brig stop " + root.container);
    }
}

}  // namespace

SnapshotInfo take_snapshot(Context& context, const std::string& id, const std::string& name) {
    const StoredRoot root = kept_root(context, id);
    if (!name.empty()) {
        require_snapshot_name(name);
    }
    // Its owner waits for this lock before the run is torn down or begun anew.
    const UniqueFd running = context.run.lock(id);
    std::optional<StoppedContainer> stopped;
    if (!running) {
        stopped.emplace(context, id);
    }
    const std::vector<SnapshotInfo> before = known_snapshots(root);
    if (has(before, name)) {
        throw Error{ErrorCode::already_exists,
                    fmt::format("container '{}' has a snapshot '{}' already", root.container, name)}
            .with_hint("choose another name, or remove that one with: brig snapshot rm");
    }
    const std::string chosen = name.empty() ? name_after_time(before) : name;
    stopped ? root.storage.snapshot(root.call, chosen) : take_live(root, chosen);
    announce_container(
        context, EventAction::snapshot_taken, id, root.container, {{"snapshot", chosen}});
    return {chosen, std::chrono::system_clock::now()};
}

std::vector<SnapshotInfo> list_snapshots(Context& context, const std::string& id) {
    const StoredRoot root = kept_root(context, id);
    return root.storage.snapshots(root.call);
}

void remove_snapshot(Context& context, const std::string& id, const std::string& name) {
    const StoredRoot root = kept_root(context, id);
    require_snapshot_name(name);
    require_snapshot(root, name);
    root.storage.snapshot_destroy(root.call, name);
    announce_container(
        context, EventAction::snapshot_removed, id, root.container, {{"snapshot", name}});
}

void roll_back(Context& context,
               const std::string& id,
               const std::string& name,
               bool discard_newer) {
    const StoredRoot root = kept_root(context, id);
    require_snapshot_name(name);
    const StoppedContainer stopped{context, id};
    require_snapshot(root, name);
    DriverCall call = root.call;
    if (discard_newer) {
        call.flags |= BRIG_F_FORCE;
    }
    root.storage.rollback(call, name);
    announce_container(context, EventAction::rolled_back, id, root.container, {{"snapshot", name}});
}

std::vector<PathChange> diff(Context& context,
                             const std::string& id,
                             const std::optional<std::string>& since) {
    const StoredRoot root = any_root(context, id);
    if (since) {
        require_snapshot_name(*since);
        require_snapshot(root, *since);
    }
    // Of one that runs, the root is an effect of the run.
    std::optional<StoppedContainer> stopped;
    if (context.store.find_container_by_id(id) && !Ledger::is_locked(context.run.ledger_file(id))) {
        stopped.emplace(context, id);
        stopped->use_root(root);
    }
    return root.storage.diff(root.call, since);
}

}  // namespace brig
