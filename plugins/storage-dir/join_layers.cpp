// SPDX-License-Identifier: BSD-2-Clause
#include "join_layers.hpp"

#include "copy_layers.hpp"
#include "layers.hpp"

namespace brig::storage_dir {

std::string join_layers(const sdk::Call& call, const std::vector<Entry>& layers) {
    const Entry& top = layers.front();
    const Shelf& shelf = *top.shelf;
    // Others may be about to start from the same snapshot.
    const VolumeLock lock{shelf, top.name, VolumeLock::Mode::waiting};
    if (exists_in(shelf.fd(), top.name + kJoined)) {
        return top.path(kJoined);
    }
    const NewFolder fresh{shelf, top.name, kJoined};
    try {
        copy_layers(call, {open_trees(layers), fresh.fd(), Files::linked, top.path(kTree)});
    } catch (const Error&) {
        fresh.remove();  // nobody else would; of a full disk nothing more is taken
        throw;
    }
    fresh.publish();
    return top.path(kJoined);
}

}  // namespace brig::storage_dir
