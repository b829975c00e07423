// SPDX-License-Identifier: BSD-2-Clause
#include "networks/connect.hpp"

#include "events/announce.hpp"
#include "launch.hpp"
#include "networks/live_attachments.hpp"
#include "networks/names.hpp"
#include "param_values.hpp"
#include "run/network_members.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "update/verbs.hpp"

#include <algorithm>

namespace brig {

namespace {

constexpr const char* kNotKept = "networks are not kept";

bool is_among(const std::vector<std::string>& attachments, const std::string& network) {
    const std::vector<std::string> names = network_names(attachments);
    return std::find(names.begin(), names.end(), network) != names.end();
}

void keep_networks(Context& context,
                   const Subject& subject,
                   const std::vector<std::string>& networks) {
    if (!subject.spec.ephemeral) {
        context.store.change_spec(subject.id,
                                  [&](ContainerSpec& spec) { spec.networks = networks; });
    }
}

/// The note decides: what is attached and not in it was not finished, or is to go. It is written
/// when a new attachment is complete, and before an old one is taken apart. `kept` says whether the
/// container's definition has them, too.
void note_networks(Ledger& ledger, const std::vector<std::string>& networks, bool kept) {
    Facts container = *ledger.find_note(note::kContainer);
    container["networks"] = join_list(networks);
    container[kNotKept] = kept ? "" : "true";
    ledger.note(note::kContainer, container);
}

bool are_kept(const Ledger& ledger) {
    const Facts& container = *ledger.find_note(note::kContainer);
    const auto not_kept = container.find(kNotKept);
    return not_kept == container.end() || not_kept->second.empty();
}

NamedContainer named(const Subject& subject) {
    return {subject.id,
            {param_value(subject.run->params, "host.hostname", ""), subject.name},
            subject.spec.root.empty() ? subject.run->jail.root : std::filesystem::path{}};
}

Error cannot_live(const std::string& network, const char* what) {
    return Error{
        ErrorCode::unsupported,
        fmt::format("the driver of network '{}' cannot {} a container that runs", network, what)}
        .with_hint("stop the container first");
}

void connect_running(Context& context, Subject& subject, const LaunchAttachment& added) {
    if (!added.network->attaches_live()) {
        throw cannot_live(added.network->name(), "attach");
    }
    LiveAttachments live{context, subject.id, *subject.run, named(subject).root};
    live.add(added, subject.spec.ephemeral);
    try {
        announce(context, named(subject), subject.run->ledger);
        note_networks(subject.run->ledger, subject.spec.networks, false);
    } catch (const Error&) {
        live.remove(added.network->name());
        throw;
    }
}

void disconnect_running(Context& context,
                        Subject& subject,
                        const std::string& network,
                        const std::vector<std::string>& others) {
    if (!context.instances.network(network).attaches_live()) {
        throw cannot_live(network, "detach");
    }
    note_networks(subject.run->ledger, others, false);
    LiveAttachments{context, subject.id, *subject.run, named(subject).root}.remove(network);
}

/// The same for the definition, when that of the run is through.
void define_networks(Context& context, Subject& subject, const std::vector<std::string>& networks) {
    keep_networks(context, subject, networks);
    if (subject.run) {
        note_networks(subject.run->ledger, networks, true);
    }
}

/// A connect or disconnect whose process died: one that came as far as the note is completed,
/// another is undone.
std::vector<std::string> finish_change(Context& context,
                                       Subject& subject,
                                       LiveAttachments& attachments) {
    std::vector<std::string> mended;
    const std::vector<std::string> networks = noted_networks(subject.run->ledger);
    for (const RecordedAttachment& each : attachments_in(subject.run->ledger)) {
        if (!is_among(networks, each.network)) {
            attachments.remove(each.network);
            mended.push_back(
                fmt::format("what was left of its attachment to network '{}'", each.network));
        }
    }
    if (!are_kept(subject.run->ledger)) {
        define_networks(context, subject, networks);
    }
    return mended;
}

/// Who it is, after what another connect or disconnect may have left half done.
Subject find_settled(Context& context, const std::string& id) {
    Subject subject = find_subject(context, id);
    if (!subject.run) {
        return subject;
    }
    LiveAttachments attachments{context, id, *subject.run, named(subject).root};
    finish_change(context, subject, attachments);
    return find_subject(context, id);
}

void announce_change(const Context& context,
                     EventAction action,
                     const std::string& network,
                     const Subject& subject) {
    announce_network(
        context, action, network, {{"container", subject.name}, {"container_id", subject.id}});
}

}  // namespace

void connect(Context& context, const AttachmentSpec& wanted, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    Subject subject = find_settled(context, id);
    std::vector<std::string> networks = networks_of(context, subject.spec);
    if (is_among(networks, wanted.network)) {
        throw Error{ErrorCode::conflict,
                    fmt::format("'{}' is on network '{}' already", subject.name, wanted.network)};
    }
    networks.push_back(to_string(wanted));
    subject.spec.networks = networks;
    const Launch launch = resolve_subject(context, subject);
    if (subject.run) {
        connect_running(context, subject, launch.attachments.back());
    }
    define_networks(context, subject, networks);
    announce_change(context, EventAction::connected, wanted.network, subject);
}

void disconnect(Context& context, const std::string& network, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    Subject subject = find_settled(context, id);
    std::vector<std::string> networks = networks_of(context, subject.spec);
    if (!is_among(networks, network)) {
        throw Error{ErrorCode::conflict,
                    fmt::format("'{}' is not on network '{}'", subject.name, network)}
            .with_hint("it is on " + join(network_names(networks), ", "));
    }
    std::erase_if(networks, [&](const std::string& text) {
        return parse_attachment(text).network == network;
    });
    if (networks.empty()) {
        networks.emplace_back("none");  // none named would mean the default
    }
    if (subject.run) {
        disconnect_running(context, subject, network, networks);
    } else {
        give_back_leases(context, id, network);
    }
    define_networks(context, subject, networks);
    announce_change(context, EventAction::disconnected, network, subject);
}

void announce_again(Context& context, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    if (networks_with(context.run.path(), id).empty()) {
        return;
    }
    Subject subject = find_subject(context, id);
    if (subject.run) {
        announce(context, named(subject), subject.run->ledger);
    }
}

std::vector<std::string> mend_attachments(Context& context, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    const auto ledger = Ledger::peek(context.run.ledger_file(id));
    if (!ledger || !noted_pid(*ledger) || noted_exit(*ledger) || is_noted_stopping(*ledger)) {
        return {};
    }
    Subject subject = find_subject(context, id);
    if (!subject.run) {
        return {};  // it has just ended
    }
    LiveAttachments attachments{context, id, *subject.run, named(subject).root};
    std::vector<std::string> mended = finish_change(context, subject, attachments);
    for (std::string& each : attachments.mend()) {
        mended.push_back(std::move(each));
    }
    return mended;
}

}  // namespace brig
