// SPDX-License-Identifier: BSD-2-Clause
#include "embedded_drivers.hpp"

extern "C" {
const brig_driver* brig_embedded_net_inherit();
const brig_driver* brig_embedded_net_vnet();
const brig_driver* brig_embedded_storage_dir();
}

namespace brig::cli {

std::vector<EmbeddedDriver> embedded_drivers() {
    return {{"net-inherit", brig_embedded_net_inherit},
            {"net-vnet", brig_embedded_net_vnet},
            {"storage-dir", brig_embedded_storage_dir}};
}

}  // namespace brig::cli
