// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"
#include "update/verbs.hpp"

#include <algorithm>

namespace brig {

namespace {

std::optional<LiveRun> find_run(Context& context, const std::string& id) {
    const std::filesystem::path file = context.run.ledger_file(id);
    auto ledger = Ledger::peek(file);
    if (!ledger || !Ledger::is_locked(file) || noted_restarter(*ledger)) {
        return std::nullopt;
    }
    const auto jail = context.host.find_jail(id, context.run.folder(id));
    if (!jail || !noted_pid(*ledger) || noted_exit(*ledger) || is_being_stopped(*ledger)) {
        throw Error{ErrorCode::conflict,
                    fmt::format("container '{}' is just being started or ended", id)}
            .with_hint("try again in a moment");
    }
    ParamList params = container_info(id, *ledger, context.catalogue).params;
    return LiveRun{std::move(*ledger), *jail, std::move(params)};
}

/// What the user set, as one would write it. A list has the values of all layers.
void add_words(const Param& param, std::vector<std::string>& words) {
    if (is_list(param.type)) {
        words.push_back(param.name);  // which clears it
    }
    if (!is_list(param.type) || !param.values.empty()) {
        const std::vector<std::string> more = format_words(param);
        words.insert(words.end(), more.begin(), more.end());
    }
}

/// The specification of an ephemeral container, of which there is no record, from its notes.
ContainerSpec noted_spec(Context& context, const std::string& id, const LiveRun& run) {
    const ContainerInfo info = container_info(id, run.ledger, context.catalogue);
    ContainerSpec spec;
    spec.image = noted_image_id(run.ledger);
    spec.networks = noted_networks(run.ledger);
    spec.command = info.command;
    spec.ephemeral = true;
    for (const Param& param : info.params) {
        if (param.origin.kind == Origin::Kind::command_line) {
            add_words(param, spec.params);
        }
    }
    // The image's variables are noted before the user's.
    const std::vector<std::string> noted = noted_environment(run.ledger);
    const std::size_t of_image =
        resolve_image(context.store, spec.image).defaults.environment.size();
    const auto first = std::min(of_image, noted.size());
    spec.environment.assign(noted.begin() + static_cast<std::ptrdiff_t>(first), noted.end());
    return spec;
}

}  // namespace

Subject find_subject(Context& context, const std::string& id) {
    Subject subject;
    subject.id = id;
    subject.run = find_run(context, id);
    if (const auto record = context.store.find_container_by_id(id)) {
        subject.name = record->name;
        subject.spec = record->spec;
        subject.spec.image = record->image_id;
    } else if (subject.run) {
        subject.name = container_info(id, subject.run->ledger, context.catalogue).name;
        subject.spec = noted_spec(context, id, *subject.run);
    } else {
        throw Error{ErrorCode::not_found, fmt::format("container '{}' has just ended", id)};
    }
    return subject;
}

Launch resolve_subject(Context& context, const Subject& subject) {
    Launch launch = resolve_launch(context, subject.spec, subject.id);
    launch.name = subject.name;
    return launch;
}

}  // namespace brig
