// SPDX-License-Identifier: BSD-2-Clause
#include "library.hpp"

namespace brig::storage_zfs::library {

Outcome create(const std::string& /*dataset*/, const Properties& /*properties*/) {
    return std::nullopt;
}

Outcome clone(const std::string& /*snapshot*/,
              const std::string& /*dataset*/,
              const Properties& /*properties*/) {
    return std::nullopt;
}

Outcome snapshot(const std::string& /*snapshot*/, const Properties& /*properties*/) {
    return std::nullopt;
}

Outcome destroy(const std::string& /*dataset*/) {
    return std::nullopt;
}

Outcome destroy_snapshots(const std::vector<std::string>& /*snapshots*/) {
    return std::nullopt;
}

Outcome destroy_when_unused(const std::string& /*snapshot*/) {
    return std::nullopt;
}

}  // namespace brig::storage_zfs::library
