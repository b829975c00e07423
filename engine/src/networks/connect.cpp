// SPDX-License-Identifier: BSD-2-Clause
#include "networks/connect.hpp"

#include "launch.hpp"
#include "networks/live_attachments.hpp"
#include "networks/names.hpp"
#include "param_values.hpp"
#include "run/network_members.hpp"
#include "run/notes.hpp"
#include "store/lease.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "update/verbs.hpp"

#include <algorithm>

namespace brig {

namespace {

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

void note_networks(Ledger& ledger, const std::vector<std::string>& networks) {
    Facts container = *ledger.find_note(note::kContainer);
    container["networks"] = join_list(networks);
    ledger.note(note::kContainer, container);
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

}  // namespace

void connect(Context& context, const AttachmentSpec& wanted, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    Subject subject = find_subject(context, id);
    std::vector<std::string> networks = networks_of(context, subject.spec);
    if (is_among(networks, wanted.network)) {
        throw Error{ErrorCode::conflict,
                    fmt::format("'{}' is on network '{}' already", subject.name, wanted.network)};
    }
    networks.push_back(to_string(wanted));
    subject.spec.networks = networks;
    const Launch launch = resolve_subject(context, subject);
    if (subject.run) {
        const LaunchAttachment& added = launch.attachments.back();
        if (!added.network->attaches_live()) {
            throw cannot_live(wanted.network, "attach");
        }
        LiveAttachments live{context, id, *subject.run, named(subject).root};
        live.add(added, subject.spec.ephemeral);
        announce(context, named(subject), subject.run->ledger);
        note_networks(subject.run->ledger, networks);
    }
    keep_networks(context, subject, networks);
}

void disconnect(Context& context, const std::string& network, const std::string& id) {
    const UniqueFd lock = context.run.lock(id);
    Subject subject = find_subject(context, id);
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
        if (!context.instances.network(network).attaches_live()) {
            throw cannot_live(network, "detach");
        }
        LiveAttachments{context, id, *subject.run, named(subject).root}.remove(network);
        note_networks(subject.run->ledger, networks);
    }
    keep_networks(context, subject, networks);
    context.store.remove_leases(LeaseHolder{"network/" + network, id, network, ""});
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
    auto ledger = Ledger::peek(context.run.ledger_file(id));
    if (!ledger || !noted_pid(*ledger) || noted_exit(*ledger) || is_noted_stopping(*ledger)) {
        return {};
    }
    const auto jail = context.host.find_jail(id, context.run.folder(id));
    if (!jail) {
        return {};  // it has just ended
    }
    LiveRun run{std::move(*ledger), *jail, {}};
    return LiveAttachments{context, id, run}.mend();
}

}  // namespace brig
