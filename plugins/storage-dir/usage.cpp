// SPDX-License-Identifier: BSD-2-Clause
#include "usage.hpp"

#include "layers.hpp"
#include "os.hpp"
#include "quota.hpp"
#include "references.hpp"
#include "tree_walk.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <set>

namespace brig::storage_dir {
namespace {

/// Of st_blocks, whatever the file system's blocks are.
constexpr std::uint64_t kBlock = 512;

class Counter {
  public:
    explicit Counter(const sdk::Call& call) : call_{call} {}

    void add_folder(const Entry& entry) {
        UniqueFd folder{os::open_uncovered(entry.shelf->fd(), entry.name.c_str())};
        struct stat status {};
        check(folder ? ::fstat(folder.get(), &status) : -1, "open folder '", entry.path(), "'");
        add(status);
        const std::set<File> left_out = joined_in(entry);
        walk_tree(std::move(folder), entry.path(), [&](const Visited& visited) {
            call_.stop_point();
            if (left_out.contains(file_of(visited.status))) {
                return false;
            }
            add(visited.status);
            return true;
        });
    }

    [[nodiscard]] std::uint64_t bytes() const { return blocks_ * kBlock; }

  private:
    using File = std::pair<dev_t, ino_t>;

    static File file_of(const struct stat& status) { return {status.st_dev, status.st_ino}; }

    /// The folders of join_layers(), whose files are those of layers.
    static std::set<File> joined_in(const Entry& entry) {
        std::set<File> found;
        const int shelf = entry.shelf->fd();
        for (const std::string& number : names_on(*entry.shelf, entry.name + kLayers)) {
            const std::string folder = joined(entry.name, kLayers, "/", number, kJoined);
            struct stat status {};
            if (::fstatat(shelf, folder.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
                found.insert(file_of(status));
            }
        }
        return found;
    }

    void add(const struct stat& status) {
        const bool is_linked = !S_ISDIR(status.st_mode) && status.st_nlink > 1;
        if (!is_linked || linked_.insert(file_of(status)).second) {
            blocks_ += static_cast<std::uint64_t>(status.st_blocks);
        }
    }

    const sdk::Call& call_;
    std::uint64_t blocks_ = 0;
    std::set<File> linked_;  ///< files with several names that were counted
};

/// The folders kept of volumes that are gone, on which only `volume` stands.
std::set<std::string> kept_for(const Shelves& shelves, const Entry& volume) {
    std::set<std::string> found;
    if (volume.label.kind != Kind::layered) {
        return found;
    }
    for (const Entry& layer : layers_below(shelves, *volume.label.source)) {
        const std::string owner = layer.name.substr(0, layer.name.find('/'));
        if (is_kept(owner)
            && clones_of(all_references(shelves), owner, nullptr)
                   == std::set<std::string>{volume.name}) {
            found.insert(owner);
        }
    }
    return found;
}

}  // namespace

Usage usage_of(const sdk::Call& call, const Shelves& shelves, const Entry& volume) {
    Counter counter{call};
    for (const std::string& name : kept_for(shelves, volume)) {
        if (const std::optional<Entry> kept = shelves.find(name)) {
            counter.add_folder(*kept);
        }
    }
    // The file system has counted what is limited, and its number is what the limit is for.
    if (const std::optional<LimitedUse> limited = limited_use(volume)) {
        return {counter.bytes() + limited->used, limited->limit};
    }
    counter.add_folder(volume);
    return {counter.bytes(), 0};
}

}  // namespace brig::storage_dir
