// SPDX-License-Identifier: BSD-2-Clause
#include "origin.hpp"

#include "provision.hpp"
#include "removal.hpp"
#include "transfer.hpp"

#include <algorithm>

namespace brig::storage_zfs {
namespace {

/// Also what is below a volume of brig, which inherits its tag. A received one is a copy of what
/// was a volume elsewhere.
void require_foreign(const Zfs& zfs, const Dataset& dataset) {
    const auto found = dataset.values.find(kOwner);
    const bool is_volume = found != dataset.values.end() && found->second.text != "-"
                           && found->second.source != "received";
    if (is_volume || dataset.name == zfs.names().parent()) {
        throw Error{BRIG_CONFLICT,
                    joined("dataset '", dataset.name, "' belongs to brig itself"),
                    "make the image of the container, or give the image a second name"};
    }
}

void require_file_system(const Dataset& dataset) {
    if (dataset.text("type") != "filesystem") {
        throw Error{BRIG_INVALID,
                    joined("'", dataset.name, "' is a ", dataset.text("type"), ", no file system"),
                    "name a dataset that holds files"};
    }
    if (dataset.text("keystatus") == "unavailable") {
        throw Error{BRIG_UNAVAILABLE,
                    joined("'", dataset.name, "' is encrypted and locked"),
                    joined("zfs load-key ", dataset.name)};
    }
}

std::vector<Dataset> look_at(const Zfs& zfs, const Origin& origin) {
    std::vector<std::string> properties{"type", kOwner, "referenced"};
    if (zfs.modern()) {
        properties.insert(properties.end(), {"keystatus", "logicalreferenced"});
    }
    std::vector<std::string> names{origin.dataset};
    if (!origin.snapshot.empty()) {
        names.push_back(origin.text());
    }
    require_pool_responds(pool_of(origin.dataset));
    return zfs.get(properties, names, Reach::itself);
}

/// The dataset, if a volume can be made of it.
Dataset require_usable(const Zfs& zfs, const Origin& origin) {
    const std::vector<Dataset> all = look_at(zfs, origin);
    const Dataset* dataset = find_dataset(all, origin.dataset);
    if (dataset == nullptr) {
        zfs.require_pool(pool_of(origin.dataset));
        throw Error{BRIG_NOT_FOUND, joined("there is no dataset '", origin.dataset, "'")};
    }
    require_foreign(zfs, *dataset);
    require_file_system(*dataset);
    if (!origin.snapshot.empty() && dataset->find_snapshot(origin.snapshot) == nullptr) {
        throw Error{BRIG_NOT_FOUND,
                    joined("there is no snapshot '", origin.text(), "'"),
                    joined("see those that are: zfs list -t snapshot -r -d 1 ", origin.dataset)};
    }
    return *dataset;
}

/// A volume in the making, of a dataset.
class Making {
  public:
    Making(Volume& volume, const Wish& wish, const Properties& wanted)
        : volume_{&volume},
          zfs_{&volume.zfs()},
          wish_{&wish},
          wanted_{&wanted},
          mark_{kOrigin, wish.origin.text()} {}

    void run() {
        if (is_made(*volume_, mark_)) {
            // A crash may have come between the volume and the end of its snapshot.
            destroy_leftover(*volume_, Role::origin);
            return;
        }
        const Dataset dataset = require_usable(*zfs_, wish_->origin);
        if (volume_->target().dry_run()) {
            return;
        }
        size_ = std::max(dataset.number("logicalreferenced"), dataset.number("referenced"));
        if (wish_->origin.snapshot.empty()) {
            make_of_own_snapshot();
        } else {
            make_of(wish_->origin.text());
        }
    }

  private:
    void make_of(const std::string& snapshot) {
        if (wish_->copy || pool_of(snapshot) != zfs_->names().pool()) {
            receive_copy(*volume_, {snapshot, mark_, size_}, *wanted_);
        } else {
            make(*volume_, Ancestor{snapshot, mark_}, *wanted_);
        }
    }

    void make_of_own_snapshot() {
        const std::string snapshot = Names::own_snapshot(wish_->origin.dataset, volume_->id());
        destroy_leftover(*volume_, Role::origin);
        announce(snapshot);
        take(snapshot);
        make_of(snapshot);
        destroy_leftover(*volume_, Role::origin);
    }

    void announce(const std::string& snapshot) {
        need_parent(*zfs_);
        const Properties properties{{kOwner, volume_->owner()},
                                    {kOrigin, snapshot},
                                    {"mountpoint", "none"},
                                    {"canmount", "off"}};
        if (!zfs_->create(volume_->dataset(Role::origin), properties)) {
            zfs_->explain(joined("prepare a snapshot of '", wish_->origin.dataset, "'"));
        }
    }

    void take(const std::string& snapshot) {
        if (zfs_->snapshot(snapshot, {{kOwner, volume_->owner()}})) {
            return;
        }
        const std::string attempt = joined("take snapshot '", snapshot, "'");
        const std::string pool = pool_of(snapshot);
        zfs_->require_pool(pool);
        if (!zfs_->get({"type"}, {snapshot}, Reach::itself).empty()) {
            throw Error{BRIG_CONFLICT,
                        joined("there is a snapshot '", snapshot, "' already"),
                        joined("if it is not needed: zfs destroy ", snapshot)};
        }
        zfs_->require_writable(pool, attempt);
        if (pool != zfs_->names().pool()) {
            throw Error{BRIG_INTERNAL,
                        joined("cannot ", attempt),
                        joined("see whether there is room: zfs list -o space ", pool)};
        }
        zfs_->explain(attempt);
    }

    Volume* volume_;
    Zfs* zfs_;
    const Wish* wish_;
    const Properties* wanted_;
    Property mark_;
    std::uint64_t size_ = 0;
};

}  // namespace

Wish wish_of(const sdk::Options& options) {
    return {parse_origin(options.text("origin")), options.boolean("origin_copy")};
}

void provision_from(Volume& volume, const Wish& wish, const Properties& wanted) {
    Making{volume, wish, wanted}.run();
}

}  // namespace brig::storage_zfs
