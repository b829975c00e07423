// SPDX-License-Identifier: BSD-2-Clause
#include "find.hpp"

#include "run/notes.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace brig {

namespace {

/// The commands of images, for containers that name none of their own. Read when first asked.
class DefaultCommands {
  public:
    explicit DefaultCommands(Store& store) : store_{store} {}

    const std::vector<std::string>& of(const ContainerRecord& record) {
        if (!record.spec.command.empty() || record.image_id.empty()) {
            return record.spec.command;
        }
        if (!by_image_) {
            by_image_.emplace();
            keep(store_.images());
            keep(store_.retired_images());
        }
        return (*by_image_)[record.image_id];
    }

  private:
    void keep(std::vector<ImageInfo> images) {
        for (ImageInfo& image : images) {
            (*by_image_)[image.id] = std::move(image.defaults.command);
        }
    }

    Store& store_;
    std::optional<std::map<std::string, std::vector<std::string>>> by_image_;
};

ContainerInfo info_of(const ContainerRecord& record, DefaultCommands& commands) {
    ContainerInfo info;
    info.id = record.id;
    info.name = record.name;
    info.image = record.spec.image;
    info.root = record.spec.root;
    info.networks = network_names(record.spec.networks);
    info.command = commands.of(record);
    info.exit = record.exit;
    info.created = record.created;
    info.started = record.started;
    info.finished = record.finished;
    info.restart = record.spec.restart;
    info.stopped_by_user = record.stopped_by_user;
    info.state = record.needs_attention ? ContainerState::needs_attention
                 : record.finished      ? ContainerState::stopped
                                        : ContainerState::created;
    return info;
}

std::optional<ContainerInfo> info_of_run(Context& context, const std::string& id) {
    const auto ledger = Ledger::peek(context.run.ledger_file(id));
    // Ledgers of images being made, or just begun ones, tell no container.
    if (!ledger || ledger->find_note(note::kContainer) == nullptr) {
        return std::nullopt;
    }
    return container_info(id, *ledger, context.catalogue);
}

/// A kept container, as its run folder tells it while it has one. It may have been renamed since it
/// was started, which was done by its image's id.
ContainerInfo info_of_kept(Context& context,
                           const ContainerRecord& record,
                           DefaultCommands& commands) {
    ContainerInfo kept = info_of(record, commands);
    std::optional<ContainerInfo> run = info_of_run(context, record.id);
    if (!run) {
        return kept;
    }
    if (run->state == ContainerState::restarting) {
        kept.restarts = run->restarts;
        if (kept.state != ContainerState::needs_attention) {
            kept.state = run->state;
        }
        return kept;
    }
    run->name = kept.name;
    run->image = kept.image;
    run->created = kept.created;
    run->restart = kept.restart;
    run->stopped_by_user = kept.stopped_by_user;
    if (kept.state == ContainerState::needs_attention) {
        run->state = kept.state;  // what is left of a run is not one
    }
    return *std::move(run);
}

Error no_such_container(Context& context, const std::string& reference) {
    std::vector<std::string> names;
    for (const ContainerInfo& info : list_containers(context)) {
        names.push_back(info.name);
    }
    const auto similar = nearest(reference, names);
    return Error{ErrorCode::not_found, fmt::format("no container '{}'", reference)}.with_hint(
        similar ? fmt::format("did you mean '{}'?", *similar) : "brig ps -a shows what there is");
}

std::set<std::string> ids_with_prefix(Context& context, const std::string& prefix) {
    std::set<std::string> ids;
    for (const ContainerRecord& record : context.store.containers_with_id_prefix(prefix)) {
        ids.insert(record.id);
    }
    for (const std::string& id : context.run.ids()) {
        if (id.starts_with(prefix) && info_of_run(context, id)) {
            ids.insert(id);
        }
    }
    return ids;
}

}  // namespace

std::string name_of_container(Context& context, const std::string& id) {
    if (const auto record = context.store.find_container_by_id(id)) {
        return record->name;
    }
    const auto run = info_of_run(context, id);
    return run ? run->name : id;
}

std::string find_container(Context& context, const std::string& reference) {
    if (reference.empty()) {
        throw Error{ErrorCode::invalid_config, "a container's name is empty"};
    }
    if (const auto id = context.run.find_name(reference)) {
        return *id;  // no name is in both places, and this one needs no database
    }
    if (const auto id = context.store.find_container_id(reference)) {
        return *id;
    }
    const std::set<std::string> ids = ids_with_prefix(context, reference);
    if (ids.size() > 1) {
        throw Error{ErrorCode::conflict,
                    fmt::format("'{}' is the beginning of {} container ids", reference, ids.size())}
            .with_hint("give more digits, or the name");
    }
    if (ids.empty()) {
        throw no_such_container(context, reference);
    }
    return *ids.begin();
}

std::vector<ContainerInfo> list_containers(Context& context) {
    std::vector<ContainerInfo> all;
    const std::vector<std::string> folders = context.run.ids();
    std::set<std::string> runs{folders.begin(), folders.end()};
    DefaultCommands commands{context.store};
    for (const ContainerRecord& record : context.store.containers()) {
        const bool has_run = runs.erase(record.id) > 0;
        all.push_back(has_run ? info_of_kept(context, record, commands)
                              : info_of(record, commands));
    }
    for (const std::string& id : runs) {
        if (auto info = info_of_run(context, id)) {
            all.push_back(std::move(*info));
        }
    }
    std::stable_sort(all.begin(), all.end(), [](const ContainerInfo& a, const ContainerInfo& b) {
        return a.created > b.created;
    });
    return all;
}

ContainerInfo inspect_container(Context& context, const std::string& id) {
    if (const auto record = context.store.find_container_by_id(id)) {
        DefaultCommands commands{context.store};
        return info_of_kept(context, *record, commands);
    }
    if (const auto info = info_of_run(context, id)) {
        return *info;
    }
    throw no_such_container(context, id);
}

}  // namespace brig
