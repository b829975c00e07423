// SPDX-License-Identifier: BSD-2-Clause
#include "diff.hpp"

#include "layers.hpp"
#include "os.hpp"
#include "same_file.hpp"
#include "tree_walk.hpp"
#include "view.hpp"

#include <sys/stat.h>

#include <algorithm>

namespace brig::storage_dir {
namespace {

/// A path below that is longer than anybody can use, and so is the report of each.
constexpr int kDeepest = 4096;

/// What is to be compared: layers, by their numbers in `trees`, the topmost first.
struct Stacks {
    std::vector<UniqueFd> trees;
    std::vector<std::size_t> now;
    std::vector<std::size_t> before;  ///< empty: nothing
    Trust trust = Trust::content;
};

class Comparison {
  public:
    Comparison(const sdk::Call& call, const Stacks& stacks)
        : call_{call},
          now_{stacks.trees, stacks.now},
          before_{stacks.trees, stacks.before},
          trust_{stacks.trust} {}

    void run() {
        pending_.push_back({{}, now_.root(), before_.root(), 0});
        compare_roots();
        while (!pending_.empty()) {
            const Pair pair = std::move(pending_.back());
            pending_.pop_back();
            compare_folders(pair);
        }
    }

  private:
    /// A folder as it is and as it was.
    struct Pair {
        std::string path;  ///< as reported; "" is the root
        Places now;
        Places before;  ///< empty: it was not there
        int depth;
    };

    /// The same, opened.
    struct Opened {
        const Pair& pair;
        View::Folder now;
        View::Folder before;
    };

    void report(const char* kind, const std::string& path) const {
        call_.item(kind, path.empty() ? "/" : path);
    }

    void compare_roots() const {
        const Pair& roots = pending_.back();
        const View::Folder now = now_.open({roots.now.front()});
        if (roots.before.empty() || now.parts.empty()) {
            return;
        }
        const View::Folder before = before_.open({roots.before.front()});
        struct stat is {};
        struct stat was {};
        if (!before.parts.empty() && ::fstat(now.parts.front().fd.get(), &is) == 0
            && ::fstat(before.parts.front().fd.get(), &was) == 0 && !same_owner_and_mode(is, was)) {
            report("changed", {});
        }
    }

    void compare_folders(const Pair& pair) {
        const Opened opened{pair, now_.open(pair.now), before_.open(pair.before)};
        for (const std::string& name : names_to_compare(opened)) {
            call_.stop_point();
            compare(opened, name);
        }
    }

    /// What is only in layers that both have, and by the same paths, is the same.
    static std::vector<std::string> names_to_compare(const Opened& opened) {
        const Places& now = opened.pair.now;
        const Places& before = opened.pair.before;
        const bool shared = !before.empty() && before.size() <= now.size()
                            && std::equal(before.rbegin(), before.rend(), now.rbegin());
        std::vector<std::string> names;
        for (const View::Folder::Part& part : opened.now.parts) {
            if (!shared || std::find(before.begin(), before.end(), part.place) == before.end()) {
                add_names(part, names);
            }
        }
        if (!shared) {
            for (const View::Folder::Part& part : opened.before.parts) {
                add_names(part, names);
            }
        }
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }

    static void add_names(const View::Folder::Part& part, std::vector<std::string>& names) {
        each_name_in(part.fd.get(), part.place.path, [&](const std::string& name) {
            names.push_back(name);
        });
        names.insert(names.end(), part.whiteouts.begin(), part.whiteouts.end());
    }

    void compare(const Opened& opened, const std::string& name) {
        const View::Found is = now_.find(opened.now, name);
        const View::Found was = before_.find(opened.before, name);
        const std::string path = opened.pair.path + "/" + name;
        if (is.kind == View::Kind::covered || was.kind == View::Kind::covered) {
            return;
        }
        if (is.kind == View::Kind::nothing) {
            if (was.kind != View::Kind::nothing) {
                report("deleted", path);
            }
            return;
        }
        if (was.kind == View::Kind::nothing) {
            report("added", path);
        } else if (!is_same(opened, name, is, was)) {
            report("changed", path);
        }
        if (is.kind == View::Kind::folder && is.places != was.places) {
            go_into(opened.pair, path, is.places, was.places);
        }
    }

    /// Of folders, what is in them does not count.
    [[nodiscard]] bool is_same(const Opened& opened,
                               const std::string& name,
                               const View::Found& is,
                               const View::Found& was) const {
        if (is.kind != was.kind) {
            return false;
        }
        if (is.kind == View::Kind::folder) {
            return same_owner_and_mode(is.status, was.status);
        }
        const View::Folder::Part& now = opened.now.parts[is.part];
        const View::Folder::Part& before = opened.before.parts[was.part];
        return now.place == before.place
               || same_file(call_,
                            {now.fd.get(), name, is.status},
                            {before.fd.get(), name, was.status},
                            trust_);
    }

    void go_into(const Pair& above,
                 const std::string& path,
                 const Places& now,
                 const Places& before) {
        if (above.depth == kDeepest) {
            throw Error{BRIG_UNSUPPORTED,
                        "what was changed lies deeper than " + std::to_string(kDeepest)
                            + " folders: '" + path.substr(0, 100) + "…'",
                        "remove what nobody can use, then try again"};
        }
        pending_.push_back({path, now, before, above.depth + 1});
    }

    const sdk::Call& call_;
    View now_;
    View before_;
    Trust trust_;
    std::vector<Pair> pending_;
};

/// Opens the trees of a volume and of what it stands on.
class StackBuilder {
  public:
    explicit StackBuilder(const Shelves& shelves) : shelves_{shelves} {}

    void use_now(const Entry& volume) {
        if (exists_in(volume.shelf->fd(), volume.name + kTree)) {
            // Its own layer may lie under a mount, and others may be in it.
            const UniqueFd folder{os::open_uncovered(volume.shelf->fd(), volume.name.c_str())};
            check(folder.get(), "open volume '", volume.path(), "'");
            UniqueFd tree{os::open_child(folder.get(), "tree")};
            check(tree.get(), "open '", volume.path(kTree), "'");
            add(stacks_.now, volume.name, std::move(tree));
        }
        // A copy that was not made yet is what it is to be a copy of.
        if (volume.label.source && (volume.label.kind == Kind::layered || stacks_.now.empty())) {
            add_layers(stacks_.now, *volume.label.source);
        }
    }

    void use_before(const LayerId& layer) { add_layers(stacks_.before, layer); }

    /// @param trust what to trust if the two share nothing
    Stacks take(Trust trust) {
        const bool shared =
            std::any_of(stacks_.before.begin(), stacks_.before.end(), [this](std::size_t layer) {
                return std::find(stacks_.now.begin(), stacks_.now.end(), layer)
                       != stacks_.now.end();
            });
        stacks_.trust = shared ? Trust::content : trust;
        return std::move(stacks_);
    }

  private:
    void add_layers(std::vector<std::size_t>& stack, const LayerId& top) {
        for (const Entry& layer : layers_below(shelves_, top)) {
            const auto known = std::find(names_.begin(), names_.end(), layer.name);
            if (known != names_.end()) {
                stack.push_back(static_cast<std::size_t>(known - names_.begin()));
            } else {
                add(stack, layer.name, open_tree(layer));
            }
        }
    }

    void add(std::vector<std::size_t>& stack, const std::string& name, UniqueFd tree) {
        stack.push_back(names_.size());
        names_.push_back(name);
        stacks_.trees.push_back(std::move(tree));
    }

    const Shelves& shelves_;
    std::vector<std::string> names_;  ///< of `trees`
    Stacks stacks_;
};

/// What the volume was cloned from: the first layer below it that is not its own. Nothing if it was
/// made empty.
std::optional<LayerId> origin_of(const Shelves& shelves, const Entry& volume) {
    std::optional<LayerId> next = volume.label.source;
    while (next && next->volume == volume.name) {
        const std::optional<Entry> layer = shelves.find_layer(*next);
        const bool was_copied =
            layer && !layer->label.source
            && (layer->label.kind == Kind::copy || layer->label.kind == Kind::reflink);
        if (!layer || was_copied) {
            throw Error{BRIG_UNSUPPORTED,
                        "what volume '" + volume.name
                            + "' is a copy of is not known since its first snapshot",
                        "compare with one of its snapshots"};
        }
        next = layer->label.source;
    }
    if (next && !shelves.find_layer(*next)) {
        throw Error{
            BRIG_UNSUPPORTED,
            "what volume '" + volume.name + "' is a copy of, '" + next->text() + "', is gone",
            "compare with one of its snapshots"};
    }
    return next;
}

}  // namespace

void report_changes(const sdk::Call& call,
                    const Shelves& shelves,
                    const Entry& volume,
                    const std::optional<std::string>& since) {
    if (volume.label.state != State::ready) {
        throw Error{BRIG_UNSUPPORTED,
                    "volume '" + volume.name + "' is in the middle of a snapshot or rollback",
                    "activate it, which completes that"};
    }
    const std::optional<LayerId> before =
        since ? layer_of_snapshot(*volume.shelf, volume.name, *since) : origin_of(shelves, volume);
    StackBuilder stacks{shelves};
    stacks.use_now(volume);
    if (before) {
        stacks.use_before(*before);
    }
    const Stacks compared = stacks.take(Trust::times);
    Comparison{call, compared}.run();
}

}  // namespace brig::storage_dir
