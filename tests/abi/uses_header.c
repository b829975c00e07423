// SPDX-License-Identifier: BSD-2-Clause
// Every macro of the header in use, for the compile matrix. Also compiled as C++.
#include "brig/driver.h"

static brig_status list(brig_inst* inst, brig_call* call) {
    (void)inst;
    (void)call;
    return BRIG_OK;
}

static const brig_base_ops base = {BRIG_HDR(brig_base_ops), NULL, NULL, NULL, list};

const brig_driver* brig_driver_entry_v1(void) {
    const brig_driver* none = NULL;
    return BRIG_HAS(&base, list) ? none : NULL;
}
