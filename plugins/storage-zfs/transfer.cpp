// SPDX-License-Identifier: BSD-2-Clause
#include "transfer.hpp"

#include "provision.hpp"
#include "removal.hpp"
#include "stream_header.hpp"

#include <algorithm>

namespace brig::storage_zfs {
namespace {

constexpr const char* kToken = "receive_resume_token";

// ---- Sending ----

const Snapshot& sendable(const Dataset& dataset, const std::string& name) {
    const Snapshot* snapshot = dataset.find_snapshot(name);
    if (snapshot == nullptr) {
        throw Error{BRIG_NOT_FOUND, joined("there is no snapshot '", dataset.name, "@", name, "'")};
    }
    return *snapshot;
}

/// A token names the snapshot that it is of; it must not be any of the host.
void require_token_of(const Zfs& zfs, const std::string& token, const std::string& snapshot) {
    constexpr const char* kAllowed = "0123456789abcdef-";
    if (token.size() > 4096 || token.front() == '-'
        || token.find_first_not_of(kAllowed) != std::string::npos) {
        throw Error{BRIG_INVALID, joined("'", token, "' is no token of a receiver")};
    }
    const std::optional<std::string> told = zfs.output_of({"zfs", "send", "-nvt", token});
    if (!told || told->find(joined("toname = ", snapshot, "\n")) == std::string::npos) {
        throw Error{BRIG_INVALID,
                    joined("the receiver's token is not one of '", snapshot, "'"),
                    "send that snapshot from the beginning"};
    }
}

std::vector<std::string> send_arguments(Volume& volume, const sdk::Stream& stream) {
    const std::string snapshot = volume.zfs().names().snapshot(volume.id(), stream.snapshot());
    const Dataset dataset = volume.get({}, Reach::one_below);
    const Snapshot& last = sendable(dataset, stream.snapshot());
    if (!stream.token().empty()) {
        if (!volume.zfs().modern()) {
            throw Error{BRIG_UNSUPPORTED,
                        "the ZFS of this host cannot go on with a stream that broke off",
                        "send it from the beginning"};
        }
        require_token_of(volume.zfs(), stream.token(), snapshot);
        return {"send", "-t", stream.token()};
    }
    if (stream.base().empty()) {
        return {"send", "--", snapshot};
    }
    static_cast<void>(volume.zfs().names().snapshot(volume.id(), stream.base()));
    if (&sendable(dataset, stream.base()) >= &last) {
        throw Error{BRIG_INVALID,
                    joined("snapshot '", stream.base(), "' is not older than '", last.name, "'")};
    }
    return {"send", "-i", joined("@", stream.base()), "--", snapshot};
}

// ---- Receiving ----

[[noreturn]] void refuse_damaged(const Volume& volume, const Properties& wanted = {}) {
    // That it met a quota only zfs tells.
    throw Error{BRIG_INVALID,
                joined("the stream for volume '",
                       volume.id(),
                       "' is cut short or damaged",
                       wanted.empty() ? "" : ", or more than there may be with ",
                       spoken(wanted)),
                wanted.empty() ? "send it again" : "send it again, or give it more room"};
}

std::vector<std::string> receive_arguments(const Zfs& zfs, const sdk::Stream& stream) {
    std::vector<std::string> arguments{"receive"};
    if (zfs.modern()) {
        arguments.emplace_back("-u");
        if (stream.resumable()) {
            arguments.emplace_back("-s");
        }
    }
    return arguments;
}

bool has_token(Zfs& zfs, const std::string& dataset) {
    if (!zfs.modern()) {
        return false;
    }
    const std::vector<Dataset> found = zfs.get({kToken}, {dataset}, Reach::itself);
    return !found.empty() && !found.front().text(kToken).empty();
}

/// Makes our mark on the snapshot that was received. Until then kReceiving says whose it is.
void finish(Volume& volume, const std::string& name) {
    const std::string snapshot = joined(volume.dataset(), "@", name);
    if (!volume.zfs().set(snapshot, {{kOwner, volume.owner()}})
        || !volume.zfs().run({"inherit", kReceiving, volume.dataset()})) {
        volume.zfs().explain(joined("tag snapshot '", snapshot, "'"));
    }
}

/// The one snapshot of the stream, nothing else, mounted nowhere but where it belongs.
void require_as_announced(Volume& volume,
                          const std::string& incoming,
                          const std::string& name,
                          const StreamHeader& header) {
    const std::vector<Dataset> found =
        volume.zfs().get({"mountpoint", "canmount"}, {incoming}, Reach::one_below);
    const Dataset* dataset = find_dataset(found, incoming);
    const bool good = dataset != nullptr && dataset->children.empty()
                      && dataset->snapshots.size() == 1 && dataset->snapshots.front().name == name
                      && dataset->snapshots.front().guid == std::to_string(header.to_guid)
                      && dataset->local("mountpoint") == volume.root()
                      && dataset->local("canmount") == "noauto";
    if (!good) {
        destroy_leftover(volume, Role::incoming);
        refuse_damaged(volume);
    }
}

/// By old and new commands: with the tag and all from the beginning.
bool receive_tagged(Volume& volume,
                    const sdk::Stream& stream,
                    const std::string& incoming,
                    const Properties& wanted,
                    int fd) {
    Zfs& zfs = volume.zfs();
    Properties properties = volume_properties(volume.owner(), volume.root());
    properties.push_back({kReceiving, stream.snapshot()});
    properties.insert(properties.end(), wanted.begin(), wanted.end());
    std::vector<std::string> arguments = receive_arguments(zfs, stream);
    if (zfs.modern()) {
        for (const Property& property : properties) {
            arguments.insert(arguments.end(), {"-o", joined(property.name, "=", property.value)});
        }
    } else {
        // An empty dataset that is there already keeps its properties.
        if (!zfs.create(incoming, properties)) {
            zfs.explain(joined("make room for volume '", volume.id(), "'"));
        }
        arguments.emplace_back("-F");
    }
    arguments.insert(arguments.end(), {"--", joined(incoming, "@", stream.snapshot())});
    return zfs.run_io(arguments, fd, -1);
}

void receive_new(Volume& volume,
                 const sdk::Stream& stream,
                 const IncomingStream& in,
                 const Properties& wanted) {
    Zfs& zfs = volume.zfs();
    const std::string incoming = volume.dataset(Role::incoming);
    if (!(in.header().resumed && stream.resumable() && has_token(zfs, incoming))) {
        destroy_leftover(volume, Role::incoming);
    }
    static_cast<void>(volume.make_folder());
    if (zfs.get({"type"}, {zfs.names().parent()}, Reach::itself).empty()) {
        make_parent(zfs);
    }
    if (!receive_tagged(volume, stream, incoming, wanted, in.fd())) {
        if (!(stream.resumable() && has_token(zfs, incoming))) {
            destroy_leftover(volume, Role::incoming);
        }
        zfs.require_reason_elsewhere(joined("receive volume '", volume.id(), "'"));
        refuse_damaged(volume, wanted);
    }
    require_as_announced(volume, incoming, stream.snapshot(), in.header());
    if (!zfs.rename(incoming, volume.dataset())) {
        zfs.explain(joined("give volume '", volume.id(), "' its name"));
    }
    finish(volume, stream.snapshot());
}

/// @throws Error{BRIG_CONFLICT} unless the stream begins where the volume ends
void require_continues(const Dataset& dataset,
                       const std::string& name,
                       const StreamHeader& header) {
    const bool newest = !dataset.snapshots.empty()
                        && dataset.snapshots.back().guid == std::to_string(header.from_guid);
    if (header.from_guid == 0 || !newest || dataset.find_snapshot(name) != nullptr) {
        throw Error{
            BRIG_CONFLICT,
            joined("volume '", dataset.name, "' is there, and the stream does not continue it"),
            "send it from the newest snapshot of that volume on, or receive it as another"};
    }
    if (dataset.number("written") != 0) {
        throw Error{BRIG_CONFLICT,
                    joined("volume '",
                           dataset.name,
                           "' was changed since its snapshot '",
                           dataset.snapshots.back().name,
                           "'"),
                    "roll it back to that first"};
    }
}

void receive_more(Volume& volume, const sdk::Stream& stream, const IncomingStream& in) {
    Zfs& zfs = volume.zfs();
    const std::string& dataset = volume.dataset();
    const bool resumes = in.header().resumed && stream.resumable();
    if (!resumes && has_token(zfs, dataset) && !zfs.run({"receive", "-A", dataset})) {
        zfs.explain(joined("give up what was received for volume '", volume.id(), "'"));
    }
    // Whose the snapshot is cannot be said as it is received, so it is said before.
    if (!zfs.set(dataset, {{kReceiving, stream.snapshot()}})) {
        zfs.explain(joined("change volume '", volume.id(), "'"));
    }
    std::vector<std::string> arguments = receive_arguments(zfs, stream);
    arguments.insert(arguments.end(), {"--", joined(dataset, "@", stream.snapshot())});
    if (!zfs.run_io(arguments, in.fd(), -1)) {
        static_cast<void>(zfs.run({"inherit", kReceiving, dataset}));
        zfs.require_reason_elsewhere(joined("receive volume '", volume.id(), "'"));
        refuse_damaged(volume);
    }
    finish(volume, stream.snapshot());
}

}  // namespace

void send(Volume& volume, const sdk::Stream& stream) {
    const std::vector<std::string> arguments = send_arguments(volume, stream);
    if (!volume.target().dry_run() && !volume.zfs().run_io(arguments, -1, stream.fd())) {
        volume.zfs().require_pool();
        throw Error{BRIG_INTERNAL,
                    joined("snapshot '", volume.id(), "@", stream.snapshot(), "' was not sent"),
                    "the receiver may have ended"};
    }
}

void receive(Volume& volume, const sdk::Stream& stream, const Properties& wanted) {
    static_cast<void>(volume.zfs().names().snapshot(volume.id(), stream.snapshot()));
    const IncomingStream in{stream.fd()};
    std::vector<std::string> properties{kReceiving};
    if (volume.zfs().modern()) {
        properties.emplace_back("written");
    }
    const std::optional<Dataset> dataset = volume.find(properties, Reach::one_below);
    const Snapshot* snapshot = dataset ? dataset->find_snapshot(stream.snapshot()) : nullptr;
    if (snapshot != nullptr && snapshot->guid == std::to_string(in.header().to_guid)) {
        if (!dataset->local(kReceiving).empty() && !volume.target().dry_run()) {
            finish(volume, stream.snapshot());
        }
        return;
    }
    if (!dataset && in.header().from_guid != 0) {
        throw Error{BRIG_NOT_FOUND,
                    joined("there is no volume '", volume.id(), "' that the stream could continue"),
                    "receive a stream of all of it first"};
    }
    if (dataset) {
        volume.require_inactive();
        require_continues(*dataset, stream.snapshot(), in.header());
    }
    if (volume.target().dry_run()) {
        return;
    }
    volume.known().forget(volume.dataset());
    dataset ? receive_more(volume, stream, in) : receive_new(volume, stream, in, wanted);
}

std::optional<std::string> find_token(Volume& volume) {
    if (!volume.zfs().modern()) {
        return std::nullopt;
    }
    for (const Dataset& dataset : volume.zfs().get(
             {kToken, kOwner}, {volume.dataset(Role::incoming), volume.dataset()}, Reach::itself)) {
        const std::string token = dataset.text(kToken);
        if (!token.empty() && dataset.local(kOwner) == volume.owner()) {
            return token;
        }
    }
    return std::nullopt;
}

}  // namespace brig::storage_zfs
