// SPDX-License-Identifier: BSD-2-Clause
#include "embedded_drivers.hpp"

extern "C" {
const brig_driver* brig_embedded_net_inherit();
const brig_driver* brig_embedded_net_loopback();
const brig_driver* brig_embedded_net_vnet();
const brig_driver* brig_embedded_storage_dir();
}

namespace brig::cli {

std::vector<EmbeddedDriver> embedded_drivers() {
    return {{"net-inherit", brig_embedded_net_inherit},
            {"net-loopback", brig_embedded_net_loopback},
            {"net-vnet", brig_embedded_net_vnet},
            {"storage-dir", brig_embedded_storage_dir}};
}

}  // namespace brig::cli
