// SPDX-License-Identifier: BSD-2-Clause
#include "diff.hpp"

#include "compare_trees.hpp"
#include "provision.hpp"
#include "removal.hpp"

namespace brig::storage_zfs {
namespace {

/// The full name of the snapshot to compare with; "": an empty volume.
std::string base_of(Volume& volume, std::optional<std::string_view> since) {
    const Dataset dataset = volume.get({"origin", kSource}, Reach::one_below);
    if (since) {
        const std::string name{*since};
        std::string full = volume.zfs().names().snapshot(volume.id(), name);
        if (dataset.find_snapshot(name) == nullptr) {
            throw Error{BRIG_NOT_FOUND,
                        joined("volume '", volume.id(), "' has no snapshot '", name, "'")};
        }
        return full;
    }
    if (!dataset.text("origin").empty() || dataset.local(kSource).empty()) {
        return dataset.text("origin");
    }
    // It took its origin over when that was destroyed; its own snapshots are newer.
    std::string base;
    for (const Snapshot& snapshot : dataset.snapshots) {
        if (snapshot.name.compare(0, kSharedPrefix.size(), kSharedPrefix) == 0) {
            base = joined(dataset.name, "@", snapshot.name);
        }
    }
    return base;
}

/// When a snapshot was taken.
std::int64_t time_of(const Zfs& zfs, const std::string& snapshot) {
    const std::vector<Dataset> found = zfs.get({"creation"}, {snapshot}, Reach::itself);
    return found.empty() ? 0 : static_cast<std::int64_t>(found.front().number("creation"));
}

/// A snapshot that can be looked into, as long as this lives: mounted by itself, or where that is
/// not possible as a clone.
class View {
  public:
    View(Volume& volume, const std::string& snapshot)
        : volume_{&volume}, path_{volume.root(Role::view)} {
        os::unmount(path_, false);
        destroy_leftover(volume, Role::view);
        static_cast<void>(volume.make_folder());
        if (volume.zfs().modern()) {
            make_folders(path_);
            static_cast<void>(os::mount(snapshot, path_, true));
        } else {
            clone(snapshot);
        }
    }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    View(View&&) = delete;
    View& operator=(View&&) = delete;

    ~View() {
        try {
            os::unmount(path_, true);
            if (!volume_->zfs().modern()) {
                destroy_leftover(*volume_, Role::view);
            }
            volume_->remove_folder(Role::view);
        } catch (const std::exception& error) {
            volume_->zfs().call().warn(error.what());  // destroy() removes it, or the next diff
        }
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    void clone(const std::string& snapshot) {
        Zfs& zfs = volume_->zfs();
        const std::string dataset = volume_->dataset(Role::view);
        if (!zfs.clone(snapshot, dataset, volume_properties(volume_->owner(), path_))) {
            zfs.explain(joined("look into snapshot '", snapshot, "'"));
        }
        for (const os::Mount& mount : os::mounts()) {
            if (mount.source == dataset && mount.path == path_) {
                return;  // making it has mounted it
            }
        }
        if (!zfs.run({"mount", "--", dataset})) {
            zfs.explain(joined("look into snapshot '", snapshot, "'"));
        }
    }

    Volume* volume_;
    std::string path_;
};

/// The volume itself, as long as this lives.
class Look {
  public:
    explicit Look(Volume& volume) : volume_{&volume} { volume.look_into(); }
    Look(const Look&) = delete;
    Look& operator=(const Look&) = delete;
    Look(Look&&) = delete;
    Look& operator=(Look&&) = delete;

    ~Look() {
        try {
            volume_->leave();
        } catch (const std::exception& error) {
            volume_->zfs().call().warn(error.what());
        }
    }

  private:
    Volume* volume_;
};

}  // namespace

void report_changes(Volume& volume, std::optional<std::string_view> since) {
    const std::string base = base_of(volume, since);
    const sdk::Call& call = volume.zfs().call();
    const Report report = [&call](const char* kind, const std::string& path) {
        call.item(kind, path);
    };
    const Look look{volume};
    if (base.empty()) {
        compare_trees(call, {}, volume.root(), report);
        return;
    }
    const View view{volume, base};
    compare_trees(call, {view.path(), time_of(volume.zfs(), base)}, volume.root(), report);
}

}  // namespace brig::storage_zfs
