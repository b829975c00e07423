// SPDX-License-Identifier: BSD-2-Clause
#include "join_layers.hpp"

#include "copy_layers.hpp"
#include "os.hpp"
#include "remove_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>

namespace brig::storage_dir {

namespace {

/// Fills the folder `name`, which goes if that fails: of a full disk nothing more is taken.
void fill(const sdk::Call& call,
          const std::vector<Entry>& layers,
          const Shelf& shelf,
          const std::string& name) {
    const UniqueFd to{os::open_child(shelf.fd(), name.c_str())};
    check(to.get(), "open folder '", shelf.path(name), "'");
    try {
        copy_layers(call,
                    {open_trees(layers), to.get(), Files::linked, layers.front().path(kTree)});
    } catch (const Error&) {
        remove_tree(shelf.fd(), name, shelf.path(name));
        throw;
    }
}

}  // namespace

std::vector<UniqueFd> open_trees(const std::vector<Entry>& layers) {
    std::vector<UniqueFd> trees;
    for (const Entry& layer : layers) {
        trees.emplace_back(os::open_child(layer.shelf->fd(), (layer.name + kTree).c_str()));
        check(trees.back().get(), "open layer '", layer.path(), "'");
    }
    return trees;
}

std::string join_layers(const sdk::Call& call, const std::vector<Entry>& layers) {
    const Entry& top = layers.front();
    const Shelf& shelf = *top.shelf;
    // Others may be about to start from the same snapshot.
    const VolumeLock lock{shelf, top.name, VolumeLock::Mode::waiting};
    if (exists_in(shelf.fd(), top.name + kJoined)) {
        return top.path(kJoined);
    }
    const std::string fresh = top.name + "/.joined";
    remove_tree(shelf.fd(), fresh, shelf.path(fresh));
    check(::mkdirat(shelf.fd(), fresh.c_str(), S_IRWXU), "make folder '", shelf.path(fresh), "'");
    fill(call, layers, shelf, fresh);
    check(::renameat(shelf.fd(), fresh.c_str(), shelf.fd(), (top.name + kJoined).c_str()),
          "give '",
          shelf.path(fresh),
          "' its name");
    return top.path(kJoined);
}

}  // namespace brig::storage_dir
