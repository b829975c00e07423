// SPDX-License-Identifier: BSD-2-Clause
#include "transfer.hpp"

#include "provision.hpp"
#include "removal.hpp"
#include "stream_header.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <thread>

namespace brig::storage_zfs {
namespace {

constexpr const char* kToken = "receive_resume_token";
/// The snapshot of a copy until that is complete.
constexpr const char* kCopied = "copied";

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

std::vector<std::string> receive_arguments(const Zfs& zfs, bool resumable) {
    std::vector<std::string> arguments{"receive"};
    if (zfs.modern()) {
        arguments.emplace_back("-u");
        if (resumable) {
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

/// A volume that is not there yet.
struct Arrival {
    std::string snapshot;  ///< what it is to be called
    bool resumable = false;
    Properties properties;  ///< besides those that every volume has
};

/// By old and new commands: with the tag and all from the beginning.
bool receive_tagged(Volume& volume, const Arrival& arrival, int fd) {
    Zfs& zfs = volume.zfs();
    const std::string incoming = volume.dataset(Role::incoming);
    Properties properties = volume_properties(volume.owner(), volume.root());
    properties.push_back({kReceiving, arrival.snapshot});
    properties.insert(properties.end(), arrival.properties.begin(), arrival.properties.end());
    std::vector<std::string> arguments = receive_arguments(zfs, arrival.resumable);
    if (zfs.modern()) {
        for (const Property& property : properties) {
            arguments.insert(arguments.end(), {"-o", joined(property.name, "=", property.value)});
        }
    } else {
        // An empty dataset that is there already keeps its properties.
        if (!zfs.create(incoming, properties)) {
            zfs.explain(joined("make room for volume '", volume.id(), "'"), arrival.properties);
        }
        arguments.emplace_back("-F");
    }
    arguments.insert(arguments.end(), {"--", joined(incoming, "@", arrival.snapshot)});
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
    need_parent(zfs);
    if (!receive_tagged(volume, {stream.snapshot(), stream.resumable(), wanted}, in.fd())) {
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
    std::vector<std::string> arguments = receive_arguments(zfs, stream.resumable());
    arguments.insert(arguments.end(), {"--", joined(dataset, "@", stream.snapshot())});
    if (!zfs.run_io(arguments, in.fd(), -1)) {
        static_cast<void>(zfs.run({"inherit", kReceiving, dataset}));
        zfs.require_reason_elsewhere(joined("receive volume '", volume.id(), "'"));
        refuse_damaged(volume);
    }
    finish(volume, stream.snapshot());
}

// ---- Copying ----

/// `zfs send` on a thread of its own. Ends it when there is nobody left to read.
class Sender {
  public:
    Sender(const Zfs& zfs, std::string snapshot) : zfs_{&zfs}, snapshot_{std::move(snapshot)} {
        std::array<int, 2> ends{};
        check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
        read_ = UniqueFd{ends[0]};
        write_ = UniqueFd{ends[1]};
        thread_ = std::thread{[this] { run(); }};
    }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;
    Sender(Sender&&) = delete;
    Sender& operator=(Sender&&) = delete;

    ~Sender() {
        read_.reset();
        thread_.join();
    }

    [[nodiscard]] int fd() const noexcept { return read_.get(); }

  private:
    void run() noexcept {
        try {
            // How it ended, the stream tells: one that is not whole is not received.
            static_cast<void>(zfs_->run_io({"send", "--", snapshot_}, -1, write_.get()));
        } catch (const std::exception& error) {
            zfs_->call().debug(error.what());
        }
        write_.reset();
    }

    const Zfs* zfs_;
    std::string snapshot_;
    UniqueFd read_;
    UniqueFd write_;
    std::thread thread_;
};

/// @throws Error{BRIG_EXHAUSTED} if a limit that is asked for is less than there is
void require_within(const Original& original, const Properties& wanted) {
    for (const Property& property : wanted) {
        const bool is_limit = property.name == "quota" || property.name == "refquota";
        if (is_limit && property.value != "none"
            && std::strtoull(property.value.c_str(), nullptr, 10) < original.size) {
            throw Error{
                BRIG_EXHAUSTED,
                joined("'", original.mark.value, "' does not fit into ", spoken({property})),
                "ask for a higher one"};
        }
    }
}

[[noreturn]] void refuse_uncopied(Volume& volume,
                                  const Original& original,
                                  const Properties& wanted) {
    const Zfs& zfs = volume.zfs();
    zfs.require_pool(pool_of(original.snapshot));
    zfs.require_reason_elsewhere(joined("copy '", original.mark.value, "'"), wanted);
    require_within(original, wanted);
    throw Error{
        BRIG_INTERNAL,
        joined("'", original.mark.value, "' was not copied into volume '", volume.id(), "'"),
        "see whether its pool has errors: zpool status -v"};
}

/// Receives ".recv-ID", as it was sent.
void receive_incoming(Volume& volume, const Original& original, const Properties& wanted) {
    const sdk::Call& call = volume.zfs().call();
    Properties properties{original.mark};
    properties.insert(properties.end(), wanted.begin(), wanted.end());
    const Sender sender{volume.zfs(), original.snapshot};
    const IncomingStream in{
        sender.fd(), [&](std::uint64_t bytes) { call.progress(bytes, original.size, "copying"); }};
    if (!receive_tagged(volume, {kCopied, false, properties}, in.fd())) {
        refuse_uncopied(volume, original, wanted);
    }
    require_as_announced(volume, volume.dataset(Role::incoming), kCopied, in.header());
}

}  // namespace

void receive_copy(Volume& volume, const Original& original, const Properties& wanted) {
    Zfs& zfs = volume.zfs();
    const std::string incoming = volume.dataset(Role::incoming);
    destroy_leftover(volume, Role::incoming);
    static_cast<void>(volume.make_folder());
    need_parent(zfs);
    volume.known().forget(volume.dataset());
    receive_incoming(volume, original, wanted);
    // What came with the snapshot is in the volume itself, which is complete when it has its name.
    if (!zfs.destroy_snapshots(incoming, {kCopied}) || !zfs.run({"inherit", kReceiving, incoming})
        || !zfs.rename(incoming, volume.dataset())) {
        zfs.explain(joined("make volume '", volume.id(), "' of what was copied"));
    }
}

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
    const sdk::Call& call = volume.zfs().call();
    const IncomingStream in{stream.fd(),
                            [&](std::uint64_t bytes) { call.progress(bytes, 0, "receiving"); }};
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
