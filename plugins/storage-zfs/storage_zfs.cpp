// SPDX-License-Identifier: BSD-2-Clause
#include "brig/driver.hpp"
#include "diff.hpp"
#include "origin.hpp"
#include "provision.hpp"
#include "removal.hpp"
#include "snapshots.hpp"
#include "transfer.hpp"
#include "volume.hpp"

#include <algorithm>

namespace brig::storage_zfs {
namespace {

using sdk::Call;
using sdk::Condition;
using sdk::Options;
using sdk::Target;

constexpr std::uint32_t kPerContainer = BRIG_OPT_PER_CONTAINER;

std::string folder_of(const Options& config) {
    std::string folder = config.text("mountpoint", os::kDefaultFolder);
    while (folder.size() > 1 && folder.back() == '/') {
        folder.pop_back();
    }
    if (folder.size() < 2 || folder.front() != '/') {
        throw Error{BRIG_INVALID,
                    joined("mountpoint '", folder, "' is not an absolute path"),
                    joined("leave it out for '", os::kDefaultFolder, "'")};
    }
    return folder;
}

std::string dataset_of(const std::string& name, const Options& config) {
    std::string dataset = config.text("dataset");
    if (dataset.empty()) {
        throw Error{BRIG_INVALID,
                    joined("storage '", name, "' has no 'dataset'"),
                    "set it to the dataset that is to hold the volumes, like \"zroot/brig\""};
    }
    return dataset;
}

const char* note_of(Role role) {
    switch (role) {
        case Role::incoming:
            return "half received";
        case Role::trash:
            return "half removed";
        case Role::origin:
            return "half made";
        case Role::view:
            return "left by a comparison";
        case Role::volume:
            break;
    }
    return "";
}

std::string note_on(const Dataset& dataset, Role role) {
    if (role != Role::volume) {
        return note_of(role);
    }
    if (const std::string origin = dataset.local(kOrigin); !origin.empty()) {
        return joined("made of ", origin);
    }
    const std::string source = dataset.local(kSource);
    return source.empty() ? "" : joined("clone of ", source);
}

/// Volumes as ZFS datasets.
class ZfsStorage final : public sdk::StorageDriver {
  public:
    // NOLINTNEXTLINE(modernize-avoid-c-arrays): as driver.hpp wants it
    static constexpr sdk::Option kOptions[] = {
        {.name = "dataset",
         .flags = BRIG_OPT_REQUIRED,
         .help = "The dataset below which the volumes are; made if the one above it is there.",
         .since = "1.0"},
        {.name = "mountpoint",
         .type = BRIG_T_PATH,
         .help = "The folder, for root only, below which volumes are mounted; by default "
                 "/var/db/brig/zfs on FreeBSD and /var/lib/brig/zfs on Linux.",
         .since = "1.0"},
        {.name = "quota",
         .type = BRIG_T_SIZE,
         .flags = kPerContainer,
         .help = "Most that a volume with its snapshots may take.",
         .since = "1.0"},
        {.name = "refquota",
         .type = BRIG_T_SIZE,
         .flags = kPerContainer,
         .help = "Most that a volume may hold, without its snapshots.",
         .since = "1.0"},
        {.name = "reservation",
         .type = BRIG_T_SIZE,
         .flags = kPerContainer,
         .help = "Space that is kept free for a volume with its snapshots.",
         .since = "1.0"},
        {.name = "refreservation",
         .type = BRIG_T_SIZE,
         .flags = kPerContainer,
         .help = "Space that is kept free for a volume, without its snapshots.",
         .since = "1.0"},
        {.name = "compression",
         .flags = kPerContainer,
         .help = "How data is compressed: on, off, lz4, zstd, zstd-N, gzip, gzip-N, lzjb, zle; as "
                 "the host's ZFS has them.",
         .since = "1.0"},
        {.name = "recordsize",
         .type = BRIG_T_SIZE,
         .flags = kPerContainer,
         .help = "Largest block of a file, a power of two.",
         .since = "1.0"},
        {.name = "atime",
         .type = BRIG_T_BOOL,
         .flags = kPerContainer,
         .help = "Whether reading a file is noted in it.",
         .since = "1.0"},
        {.name = "properties",
         .type = BRIG_T_STR | BRIG_T_LIST,
         .flags = kPerContainer,
         .help = "Other properties for volumes, as \"name=value\".",
         .since = "1.0"},
        {.name = "origin",
         .flags = kPerContainer,
         .help = "For one volume: makes it of DATASET or DATASET@SNAPSHOT of this host, a clone "
                 "where that is possible.",
         .since = "1.0"},
        {.name = "origin_copy",
         .type = BRIG_T_BOOL,
         .flags = kPerContainer,
         .help = "Copies the origin instead.",
         .since = "1.0"},
        {.name = "jailed",
         .type = BRIG_T_BOOL,
         .flags = kPerContainer,
         .help = "Lends the volume's dataset to the jail, whose root then administers it. FreeBSD "
                 "only.",
         .since = "1.0"},
    };
    static constexpr sdk::About kAbout{.name = "storage-zfs",
                                       .version = "1.0.0",
                                       .vendor = "brig",
                                       .license = "BSD-2-Clause",
                                       .summary = "Volumes as ZFS datasets, clones of snapshots",
                                       .platforms = "freebsd>=13.2 linux>=5.15",
                                       .needs = "kld:zfs cmd:zfs",
                                       .params = "zfs.dataset",
                                       .caps = BRIG_CAP_QUOTA | BRIG_CAP_SNAPSHOT | BRIG_CAP_CLONE,
                                       .thread_model = BRIG_PARALLEL,
                                       .min_minor = 1};
    static constexpr bool kInspects = true;
    static constexpr const char* kStreamFormat = "zfs";

    ZfsStorage(Call& /*call*/, const std::string& name, const Options& config)
        : place_{dataset_of(name, config), folder_of(config)}, jailed_{config.boolean("jailed")} {
        if (config.has("origin") || config.has("origin_copy")) {
            throw Error{BRIG_INVALID,
                        "'origin' is what one volume is made of, not all of a storage",
                        "give it to that: brig volume create -o origin=…"};
        }
        add_options(properties_, config);
    }

    void status(Call& call) override {
        require_pool_responds(place_.names.pool());
        Zfs zfs{call, place_.names, place_.modern};
        require_ready(zfs);
    }

    void list(Call& call) override {
        require_pool_responds(place_.names.pool());
        const Zfs zfs{call, place_.names, place_.modern};
        const std::vector<Dataset> found =
            zfs.get({"type", kOwner, kSource, kOrigin}, {place_.names.parent()}, Reach::one_below);
        if (found.empty()) {
            zfs.require_pool();
        }
        for (const Dataset& dataset : found) {
            report(call, dataset);
        }
    }

    void provision(Call& call,
                   const Target& target,
                   std::optional<std::string_view> source) override {
        Volume volume{call, target, place_};
        if (target.options().has("origin")) {
            require_no_source(source);
            provision_from(volume, wish_of(target.options()), wanted(target));
            return;
        }
        const std::optional<Source> from =
            source ? std::optional{place_.names.parse_source(*source)} : std::nullopt;
        storage_zfs::provision(volume, from, wanted(target));
    }

    std::string activate(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        storage_zfs::activate(volume, wanted(target));
        if (is_jailed(target)) {
            call.append_param("zfs.dataset", volume.dataset());
        }
        return volume.root();
    }

    void deactivate(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        storage_zfs::deactivate(volume);
    }

    void destroy(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        storage_zfs::destroy(volume);
    }

    Condition check(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        return storage_zfs::check(volume);
    }

    void snapshot(Call& call, const Target& target, const std::string& name) override {
        Volume volume{call, target, place_};
        take_snapshot(volume, name);
    }

    void snapshot_destroy(Call& call, const Target& target, const std::string& name) override {
        Volume volume{call, target, place_};
        destroy_snapshot(volume, name);
    }

    void rollback(Call& call, const Target& target, const std::string& name) override {
        Volume volume{call, target, place_};
        roll_back(volume, name);
    }

    void snapshots(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        report_snapshots(volume);
    }

    void diff(Call& call, const Target& target, std::optional<std::string_view> since) override {
        Volume volume{call, target, place_};
        report_changes(volume, since);
    }

    void usage(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        const Dataset dataset = volume.get({"used", "quota", "refquota"});
        call.result("used", std::to_string(dataset.number("used")));
        std::uint64_t limit = dataset.number("quota");
        const std::uint64_t own = dataset.number("refquota");
        limit = limit == 0 || (own != 0 && own < limit) ? own : limit;
        if (limit != 0) {
            call.result("limit", std::to_string(limit));
        }
    }

    void send(Call& call, const Target& target, const sdk::Stream& stream) override {
        Volume volume{call, target, place_};
        storage_zfs::send(volume, stream);
    }

    void receive(Call& call, const Target& target, const sdk::Stream& stream) override {
        Volume volume{call, target, place_};
        storage_zfs::receive(volume, stream, wanted(target));
    }

    std::optional<std::string> pending(Call& call, const Target& target) override {
        Volume volume{call, target, place_};
        return find_token(volume);
    }

  private:
    static void require_no_source(std::optional<std::string_view> source) {
        if (source) {
            throw Error{BRIG_INVALID,
                        joined("a volume that is made of '", *source, "' can have no 'origin'"),
                        "make an image of that: brig image create NAME --from-zfs ORIGIN"};
        }
    }

    [[nodiscard]] bool is_jailed(const Target& target) const {
        const bool jailed = target.options().boolean("jailed", jailed_);
        if (jailed && os::kJailedProperty.empty()) {
            throw Error{BRIG_UNSUPPORTED,
                        "'jailed' is not possible on this operating system",
                        "leave it out: only FreeBSD lends datasets to jails"};
        }
        return jailed;
    }

    [[nodiscard]] Properties wanted(const Target& target) const {
        Properties properties = properties_;
        add_options(properties, target.options());
        if (is_jailed(target)) {
            properties.push_back({std::string{os::kJailedProperty}, "on"});
        }
        return properties;
    }

    void report(Call& call, const Dataset& dataset) const {
        const std::optional<Names::Found> found = place_.names.find(dataset.name);
        const std::string owner = dataset.local(kOwner);
        if (!found || owner.empty()) {
            return;
        }
        call.item(owner, found->id, note_on(dataset, found->role));
    }

    Place place_;
    Properties properties_;
    bool jailed_;
};

}  // namespace
}  // namespace brig::storage_zfs

BRIG_SDK_DRIVER(brig::storage_zfs::ZfsStorage)
