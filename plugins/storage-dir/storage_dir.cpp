// SPDX-License-Identifier: BSD-2-Clause
#include "brig/driver.hpp"
#include "copy_layers.hpp"
#include "diff.hpp"
#include "discard.hpp"
#include "join_layers.hpp"
#include "kept.hpp"
#include "layers.hpp"
#include "os.hpp"
#include "os_quota.hpp"
#include "quota.hpp"
#include "references.hpp"
#include "remove_tree.hpp"
#include "usage.hpp"
#include "volume.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace brig::storage_dir {
namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Options;
using sdk::Target;

/// Room for the longest prefix of ours below NAME_MAX.
constexpr std::size_t kMaxName = 200;

/// A name that can be a folder's and nothing else.
const std::string& checked_name(const std::string& name, const char* what) {
    constexpr const char* kAllowed =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    if (name.empty() || name.size() > kMaxName || name.front() == '.'
        || name.find_first_not_of(kAllowed) != std::string::npos) {
        throw Error{BRIG_INVALID,
                    std::string{what} + " '" + name + "' cannot be used as the name of a folder",
                    "use letters, digits, '.', '_' and '-'; a letter or digit first"};
    }
    return name;
}

/// "VOLUME@SNAPSHOT".
struct Source {
    std::string volume;
    std::string snapshot;

    explicit Source(std::string_view text)
        : volume{text.substr(0, text.find('@'))},
          snapshot{text.substr(std::min(text.size(), volume.size() + 1))} {
        checked_name(volume, "volume");
        checked_name(snapshot, "snapshot");
    }
};

[[noreturn]] void refuse_absent(const std::string& id) {
    throw Error{BRIG_NOT_FOUND, "there is no volume '" + id + "'"};
}

void require_owner(const Entry& volume, const Target& target) {
    if (volume.label.owner != target.owner_tag()) {
        throw Error{BRIG_CONFLICT,
                    "volume '" + volume.path() + "' belongs to '" + volume.label.owner
                        + "', not to '" + target.owner_tag() + "'"};
    }
}

bool has_tree(const Entry& volume) {
    return exists_in(volume.shelf->fd(), volume.name + kTree);
}

/// @throws Error{BRIG_BUSY} while something is mounted on it or in it
void require_inactive(const Entry& volume) {
    const std::string mount_point = volume.name + "/" + os::kMountPoint;
    const os::Mounted mounted = os::mounted_on(volume.shelf->fd(), mount_point);
    if (mounted == os::Mounted::layers || mounted == os::Mounted::some_layers) {
        throw Error{BRIG_BUSY, "volume '" + volume.name + "' is active", "stop what uses it"};
    }
    // Below a layered volume nothing can be mounted: its tree was covered while it was in use. So
    // the path of every start and stop is spared the list of mounts; remove_tree() looks anyway.
    if (volume.label.kind == Kind::layered) {
        return;
    }
    if (const std::optional<std::string> inner = os::find_mount_below(volume.path())) {
        throw Error{BRIG_BUSY,
                    "'" + *inner + "' is mounted in volume '" + volume.name + "'",
                    "unmount it, then try again"};
    }
}

std::string root_of(const Entry& volume) {
    return volume.label.kind == Kind::layered ? volume.path("/" + os::kMountPoint)
                                              : volume.path(kTree);
}

/// Copies the layer that `label` names to the folder `tree` of `name`.
void copy_source(const Call& call,
                 const Shelves& shelves,
                 const Shelf& shelf,
                 const std::string& name,
                 const Label& label) {
    const std::vector<Entry> layers = layers_below(shelves, *label.source);
    const NewFolder fresh{shelf, name, kTree};
    if (label.limited) {
        join_content(shelf, name, fresh.part());
    }
    copy_layers(call,
                {open_trees(layers),
                 fresh.fd(),
                 label.kind == Kind::reflink ? Files::sharing_blocks : Files::copied,
                 layers.front().path(kTree)});
    fresh.publish();
}

/// Mounts a layered volume that is not mounted.
void mount_volume(const Call& call,
                  const Shelves& shelves,
                  const Entry& volume,
                  bool may_lose_data) {
    os::LayeredMount request{
        {}, volume.path(kTree), volume.path(), volume.label.owner, may_lose_data};
    const std::vector<Entry> layers = layers_below(shelves, *volume.label.source);
    if (layers.size() > os::kMostMounted) {
        request.lower.push_back(join_layers(call, layers));
    } else {
        for (const Entry& layer : layers) {
            request.lower.push_back(layer.path(kTree));
        }
    }
    if (volume.label.limited) {
        // Mounting makes a folder; and an overlay that cannot is mounted read-only, without a word,
        // so that nobody could make room in a full volume. The limit comes back afterwards.
        release_limit(*volume.shelf, volume.name);
    }
    os::mount_layers(request);
}

std::string note_of(const Label& label) {
    if (label.state != State::ready) {
        return "in the middle of a snapshot or rollback";
    }
    if (!label.source) {
        return {};
    }
    return joined(word_for(label.kind),
                  " clone of ",
                  original_name(label.source->volume),
                  "/",
                  label.source->number,
                  is_kept(label.source->volume) ? ", which is gone" : "");
}

void list_shelf(const Call& call, const Shelf& shelf) {
    for (const std::string& name : names_in(shelf.fd(), shelf.path(""))) {
        const std::string text = read_link(shelf.fd(), name + "/label");
        const std::optional<Label> label = Label::parse(text);
        const std::string owner = label ? label->owner : std::string{};
        if (name.compare(0, kNewPrefix.size(), kNewPrefix) == 0) {
            call.item(owner, name.substr(kNewPrefix.size()), "half made");
        } else if (name.compare(0, kTrashPrefix.size(), kTrashPrefix) == 0) {
            call.item(owner, name.substr(kTrashPrefix.size()), "half removed");
        } else if (label && !is_kept(name)) {
            call.item(owner, name, note_of(*label));
        }
    }
}

/// The longest part of `path` that exists.
std::string existing_part(std::string path) {
    while (path.size() > 1 && ::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        path.resize(std::max<std::size_t>(path.rfind('/'), 1));
    }
    return path;
}

void require_writable(const std::string& path) {
    struct statvfs status {};
    check(::statvfs(path.c_str(), &status), "examine '", path, "'");
    if ((status.f_flag & ST_RDONLY) != 0) {
        throw_errno(EROFS, "write to '" + path + "'");
    }
    check(::access(path.c_str(), W_OK | X_OK), "write to '", path, "'");
}

/// Volumes as folders of the host's file system.
class DirectoryStorage final : public sdk::StorageDriver {
  public:
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): as driver.hpp wants it
    static constexpr brig_option kOptions[] = {
        {"path",
         BRIG_T_PATH,
         BRIG_OPT_REQUIRED,
         nullptr,
         nullptr,
         0,
         0,
         "The folder that holds the volumes; made if it is missing.",
         "1.0"},
        {"clone",
         BRIG_T_ENUM,
         BRIG_OPT_PER_CONTAINER,
         "auto",
         "auto|overlay|reflink|copy|unionfs",
         0,
         0,
         "How a clone is made: by layers (overlay on Linux, unionfs on FreeBSD), by a copy that "
         "shares blocks, by a copy, or the best that the host can do.",
         "1.0"},
        {"scratch",
         BRIG_T_PATH,
         0,
         nullptr,
         nullptr,
         0,
         0,
         "A folder, best on a tmpfs, for what ephemeral containers write; by default 'path'.",
         "1.0"},
        {"ephemeral",
         BRIG_T_BOOL,
         BRIG_OPT_PER_CONTAINER,
         "false",
         nullptr,
         0,
         0,
         "What a clone writes need not survive a crash of the machine: nothing is synced.",
         "1.0"},
        {"quota",
         BRIG_T_SIZE,
         BRIG_OPT_PER_CONTAINER,
         nullptr,
         nullptr,
         0,
         std::numeric_limits<std::int64_t>::max(),
         "Most that a volume may hold beyond what it was cloned from; 0: no limit. Linux: XFS or "
         "ext4 with project quotas.",
         "1.1"},
    };
    static constexpr sdk::About kAbout{
        .name = "storage-dir",
        .version = "1.1.0",
        .vendor = "brig",
        .license = "BSD-2-Clause",
        .summary = "Volumes as folders, clones by overlayfs or unionfs",
        .platforms = "freebsd>=13.2 linux>=5.15",
        .caps = BRIG_CAP_SNAPSHOT | BRIG_CAP_CLONE | BRIG_CAP_QUOTA,
        .thread_model = BRIG_PARALLEL};
    static constexpr bool kInspects = true;

    DirectoryStorage(Call& /*call*/, const std::string& name, const Options& config)
        : path_{config.text("path")},
          scratch_{config.text("scratch")},
          clone_{config.text("clone", "auto")},
          quota_{config.integer("quota")},
          ephemeral_{config.boolean("ephemeral")} {
        for (const std::string& path : {path_, scratch_}) {
            if (!path.empty() && path.front() != '/') {
                throw Error{BRIG_INVALID,
                            joined("storage '", name, "': '", path, "' is not absolute")};
            }
        }
        if (path_.empty()) {
            throw Error{BRIG_INVALID,
                        "storage '" + name + "' has no 'path'",
                        "set it to the folder that is to hold the volumes"};
        }
        static_cast<void>(kind_for(clone_, path_));
    }

    void status(Call& /*call*/) override {
        require_writable(existing_part(path_));
        if (kind_for(clone_, path_) == Kind::layered) {
            os::require_layering(existing_part(scratch_.empty() ? path_ : scratch_));
        }
        if (quota_ > 0) {
            os::require_quota(existing_part(path_ + "/volumes"));
        }
    }

    void list(Call& call) override {
        const Shelves places = shelves();
        for (const Shelf& shelf : places.all()) {
            if (shelf.exists()) {
                list_shelf(call, shelf);
            }
        }
        for (const Entry& kept : unfinished_hand_overs(places)) {
            call.item(kept.label.owner, original_name(kept.name), "half removed");
        }
    }

    void provision(Call& call,
                   const Target& target,
                   std::optional<std::string_view> source) override {
        Shelves places = shelves();
        const std::string id = checked_name(target.object(), "volume");
        if (source) {
            provision_clone(call, target, places, id, Source{*source});
            return;
        }
        if (const std::optional<Entry> volume = places.find(id)) {
            require_owner(*volume, target);
            require_source(places, *volume, std::nullopt);
            return;
        }
        Shelf& shelf = places.lasting();
        const std::uint64_t quota = required_quota(target, shelf);
        if (!target.dry_run()) {
            NewVolume{shelf, id, label_for(target, Kind::whole, std::nullopt), quota}.publish();
        }
    }

    std::string activate(Call& call, const Target& target) override {
        Shelves places = shelves();
        std::optional<Entry> found = places.find(checked_name(target.object(), "volume"));
        if (!found && target.dry_run()) {
            const Kind kind = kind_for(target);
            return root_of({&shelf_for(places, target, kind),
                            target.object(),
                            label_for(target, kind, std::nullopt)});
        }
        if (!found) {
            refuse_absent(target.object());
        }
        Entry& volume = *found;
        require_owner(volume, target);
        if (!target.dry_run()) {
            finish(places, volume);
            if (quota_of(target) > 0 || volume.label.limited) {
                make_project(call, volume);
            }
            make_usable(call, target, places, volume);
            if (volume.label.limited) {
                set_limit(volume, quota_of(target));
            }
        }
        return root_of(volume);
    }

    void deactivate(Call& call, const Target& target) override {
        const Shelves places = shelves();
        const std::optional<Entry> volume = places.find(checked_name(target.object(), "volume"));
        if (!volume || volume->label.kind != Kind::layered || target.dry_run()) {
            return;
        }
        require_owner(*volume, target);
        const std::string mount_point = volume->name + "/" + os::kMountPoint;
        const os::Mounted mounted = os::mounted_on(volume->shelf->fd(), mount_point);
        if (mounted != os::Mounted::layers && mounted != os::Mounted::some_layers) {
            return;
        }
        if (target.force()) {
            call.warn("unmounting '" + root_of(*volume) + "' even if it is in use");
        }
        os::unmount_layers(root_of(*volume), target.force());
    }

    void destroy(Call& /*call*/, const Target& target) override {
        const Shelves places = shelves();
        const std::string id = checked_name(target.object(), "volume");
        std::optional<Entry> volume = places.find(id);
        if (volume) {
            remove(target, places, *std::move(volume));
        } else if (!target.dry_run()) {
            discard_leftovers(places, id, target.owner_tag());
        }
    }

    Condition check(Call& /*call*/, const Target& target) override {
        const Shelves places = shelves();
        const std::string id = checked_name(target.object(), "volume");
        const std::optional<Entry> volume = places.find(id);
        if (!volume) {
            return Condition::absent;
        }
        return volume->label.owner == target.owner_tag() && is_sound(places, *volume)
                   ? Condition::sound
                   : Condition::drifted;
    }

    void snapshot(Call& call, const Target& target, const std::string& name) override {
        const Shelves places = shelves();
        checked_name(name, "snapshot");
        auto [lock, volume] = locked(places, target, VolumeLock::Mode::shared);
        make_inactive(places, target, volume);
        const std::string link = volume.name + kSnapshots + "/" + name;
        if (!read_link(volume.shelf->fd(), link).empty() || target.dry_run()) {
            return;
        }
        if (volume.label.kind != Kind::layered && !has_tree(volume)) {
            copy_source(call, places, *volume.shelf, volume.name, volume.label);
        }
        freeze(places, volume, name, kind_for(target));
    }

    void snapshot_destroy(Call& /*call*/, const Target& target, const std::string& name) override {
        const Shelves places = shelves();
        checked_name(name, "snapshot");
        if (!places.find(checked_name(target.object(), "volume")) || target.dry_run()) {
            return;
        }
        const auto [lock, volume] = locked(places, target, VolumeLock::Mode::exclusive);
        forget_snapshot(places, volume, name);
    }

    void rollback(Call& /*call*/, const Target& target, const std::string& name) override {
        const Shelves places = shelves();
        checked_name(name, "snapshot");
        auto [lock, volume] = locked(places, target, VolumeLock::Mode::exclusive);
        make_inactive(places, target, volume);
        if (!target.dry_run()) {
            roll_back(places, volume, name, kind_for(target), target.force());
        }
    }

    void snapshots(Call& call, const Target& target) override {
        const Shelves places = shelves();
        const Entry volume = existing(places, target);
        for (const Snapshot& snapshot : snapshots_of(volume)) {
            call.item(target.owner_tag(), snapshot.name, std::to_string(snapshot.taken));
        }
    }

    void diff(Call& call, const Target& target, std::optional<std::string_view> since) override {
        const Shelves places = shelves();
        const Entry volume = existing(places, target);
        report_changes(
            call,
            places,
            volume,
            since ? std::optional{checked_name(std::string{*since}, "snapshot")} : std::nullopt);
    }

    void usage(Call& call, const Target& target) override {
        const Shelves places = shelves();
        const Usage usage = usage_of(call, places, existing(places, target));
        call.result("used", std::to_string(usage.used));
        if (usage.limit > 0) {
            call.result("limit", std::to_string(usage.limit));
        }
    }

  private:
    [[nodiscard]] Shelves shelves() const { return Shelves{path_, scratch_}; }

    /// What the option `clone` means for volumes in `folder`.
    static Kind kind_for(const std::string& clone, const std::string& folder) {
        if (clone == "copy") {
            return Kind::copy;
        }
        if (clone == "reflink") {
            return Kind::reflink;
        }
        if (clone == "auto") {
            return os::can_layer(existing_part(folder)) ? Kind::layered : Kind::copy;
        }
        if (clone != os::kLayering) {
            throw Error{BRIG_UNSUPPORTED,
                        "clone = \"" + clone + "\" is not possible on this operating system",
                        joined("use 'auto' or '", os::kLayering, "'")};
        }
        return Kind::layered;
    }

    [[nodiscard]] Kind kind_for(const Target& target) const {
        return kind_for(target.options().text("clone", clone_),
                        goes_to_scratch(target) ? scratch_ : path_);
    }

    /// A limited one does not: a tmpfs, which a scratch folder is best on, limits no folder.
    [[nodiscard]] bool goes_to_scratch(const Target& target) const {
        return !scratch_.empty() && ephemeral(target) && quota_of(target) == 0;
    }

    [[nodiscard]] std::uint64_t quota_of(const Target& target) const {
        return static_cast<std::uint64_t>(target.options().integer("quota", quota_));
    }

    /// The quota of a volume that is to be made; 0: none. @throws Error if it cannot have one
    [[nodiscard]] std::uint64_t required_quota(const Target& target, const Shelf& shelf) const {
        const std::uint64_t quota = quota_of(target);
        if (quota > 0) {
            os::require_quota(existing_part(shelf.path(".")));
        }
        return quota;
    }

    [[nodiscard]] Label label_for(const Target& target,
                                  Kind kind,
                                  const std::optional<LayerId>& source) const {
        return {kind, source, State::ready, {}, target.owner_tag(), quota_of(target) > 0};
    }

    [[nodiscard]] bool ephemeral(const Target& target) const {
        return target.options().boolean("ephemeral", ephemeral_);
    }

    Shelf& shelf_for(Shelves& places, const Target& target, Kind kind) const {
        return kind == Kind::layered && goes_to_scratch(target) ? places.ephemeral()
                                                                : places.lasting();
    }

    void provision_clone(const Call& call,
                         const Target& target,
                         Shelves& places,
                         const std::string& id,
                         const Source& source) const {
        if (const std::optional<Entry> volume = places.find(id)) {
            require_owner(*volume, target);
            require_source(places, *volume, source);
            return;
        }
        const std::optional<Entry> origin = places.find(source.volume);
        if (!origin) {
            refuse_absent(source.volume);
        }
        const VolumeLock lock{*origin->shelf, source.volume, VolumeLock::Mode::shared};
        const LayerId layer = layer_of_snapshot(*origin->shelf, source.volume, source.snapshot);
        const Kind kind = kind_for(target);
        const Label label = label_for(target, kind, layer);
        Shelf& shelf = shelf_for(places, target, kind);
        const std::uint64_t quota = required_quota(target, shelf);
        if (target.dry_run()) {
            return;
        }
        NewVolume fresh{shelf, id, label, quota};
        if (kind == Kind::layered) {
            make_layered_folders(
                fresh.shelf(), fresh.name(), layers_below(places, layer).front(), label);
        } else {
            copy_source(call, places, fresh.shelf(), fresh.name(), label);
        }
        fresh.publish();
    }

    /// The volume is there already: was it made from `source`? One that was snapshotted stands on
    /// a layer of its own since, and what it was made from is not known any more.
    static void require_source(const Shelves& places,
                               const Entry& volume,
                               const std::optional<Source>& source) {
        if (volume.has_layers()) {
            return;
        }
        const std::optional<LayerId>& made_from = volume.label.source;
        const bool same = source ? made_from && original_name(made_from->volume) == source->volume
                                       && is_layer_of(places, volume, *source)
                                 : !made_from;
        if (!same) {
            throw Error{BRIG_CONFLICT,
                        "volume '" + volume.name + "' exists already, made from "
                            + (made_from ? "'" + made_from->text() + "'" : "nothing"),
                        "choose another name, or remove it first"};
        }
    }

    /// Unless the snapshot is gone, whose name alone tells nothing.
    static bool is_layer_of(const Shelves& places, const Entry& volume, const Source& source) {
        if (is_kept(places.place_of(volume.label.source->volume))) {
            return true;
        }
        const std::optional<Entry> origin = places.find(source.volume);
        const std::string number =
            origin
                ? read_link(origin->shelf->fd(), source.volume + kSnapshots + "/" + source.snapshot)
                : std::string{};
        return number.empty() || number == volume.label.source->number;
    }

    static void remove(const Target& target, const Shelves& places, Entry volume) {
        require_owner(volume, target);
        require_inactive(volume);
        std::optional<VolumeLock> lock;
        bool others_stand_on_it = false;
        if (volume.has_layers()) {
            lock.emplace(*volume.shelf, volume.name, VolumeLock::Mode::exclusive);
            if (target.promote()) {
                others_stand_on_it = has_inactive_clones(places, volume);
            } else {
                require_no_clones(places, volume);
            }
        }
        if (target.dry_run()) {
            return;
        }
        if (others_stand_on_it) {
            hand_over(places, volume);
        } else {
            discard(places, volume);
        }
    }

    void make_usable(const Call& call,
                     const Target& target,
                     const Shelves& places,
                     const Entry& volume) const {
        if (volume.label.kind == Kind::layered) {
            const std::string mount_point = volume.name + "/" + os::kMountPoint;
            switch (os::mounted_on(volume.shelf->fd(), mount_point)) {
                case os::Mounted::layers:
                    return;
                case os::Mounted::nothing:
                case os::Mounted::some_layers:
                    mount_volume(call, places, volume, ephemeral(target));
                    return;
                case os::Mounted::something_else:
                    throw Error{BRIG_CONFLICT,
                                "something else is mounted on '" + root_of(volume) + "'",
                                "unmount it, then try again"};
            }
        }
        if (!has_tree(volume)) {
            if (!volume.label.source) {
                throw Error{BRIG_NOT_FOUND, "volume '" + volume.path() + "' lost its tree"};
            }
            copy_source(call, places, *volume.shelf, volume.name, volume.label);
        }
    }

    static bool is_sound(const Shelves& places, const Entry& volume) {
        if (volume.label.state != State::ready) {
            return false;
        }
        if (volume.label.kind == Kind::whole) {
            return has_tree(volume);
        }
        if (volume.label.kind != Kind::layered && has_tree(volume)) {
            return true;
        }
        for (std::optional<LayerId> next = volume.label.source; next;) {
            const std::optional<Entry> layer = places.find_layer(*next);
            if (!layer || !has_tree(*layer)) {
                return false;
            }
            next = layer->label.source;
        }
        return volume.label.kind != Kind::layered
               || (has_tree(volume)
                   && os::mounted_on(volume.shelf->fd(), volume.name + "/" + os::kMountPoint)
                          != os::Mounted::something_else);
    }

    /// The volume, which must be there.
    static Entry existing(const Shelves& places, const Target& target) {
        std::optional<Entry> volume = places.find(checked_name(target.object(), "volume"));
        if (!volume) {
            refuse_absent(target.object());
        }
        require_owner(*volume, target);
        return *std::move(volume);
    }

    /// The same, and its label as it is since it was locked: another process may hand over what it
    /// stands on.
    static std::pair<VolumeLock, Entry> locked(const Shelves& places,
                                               const Target& target,
                                               VolumeLock::Mode mode) {
        const Entry volume = existing(places, target);
        VolumeLock lock{*volume.shelf, volume.name, mode};
        return {std::move(lock), existing(places, target)};
    }

    /// Refuses a volume in use, and completes what a crash interrupted.
    static void make_inactive(const Shelves& places, const Target& target, Entry& volume) {
        require_inactive(volume);
        if (!target.dry_run()) {
            finish(places, volume);
        }
    }

    std::string path_;
    std::string scratch_;
    std::string clone_;
    std::int64_t quota_;
    bool ephemeral_;
};

}  // namespace
}  // namespace brig::storage_dir

BRIG_SDK_DRIVER(brig::storage_dir::DirectoryStorage)
