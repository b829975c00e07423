/* SPDX-License-Identifier: BSD-2-Clause */
/* A network driver that makes nothing, and exports a symbol too many. */
#include <brig/driver.h>

BRIG_EXPORT int another_symbol(void);

int another_symbol(void) {
    return 1;
}

static int handle;

static brig_status open_instance(const brig_host* host,
                                 brig_call* call,
                                 const char* name,
                                 brig_map config,
                                 brig_inst** instance) {
    (void)host;
    (void)call;
    (void)name;
    (void)config;
    *instance = (brig_inst*)&handle;
    return BRIG_OK;
}

static void close_instance(brig_inst* instance) {
    (void)instance;
}

static brig_status list(brig_inst* instance, brig_call* call) {
    (void)instance;
    (void)call;
    return BRIG_OK;
}

static brig_status nothing(brig_inst* instance, brig_call* call, const brig_ref* ref) {
    (void)instance;
    (void)call;
    (void)ref;
    return BRIG_OK;
}

static const brig_base_ops base = {BRIG_HDR(brig_base_ops), open_instance, close_instance, 0, list};
static const brig_network_ops network = {
    BRIG_HDR(brig_network_ops), nothing, 0, nothing, nothing, 0};
static const brig_option options[] = {{"ip4", BRIG_T_STR, 0, "inherit", 0, 0, 0, "Unused.", "1.0"}};
static const brig_driver driver = {BRIG_HDR(brig_driver),
                                   BRIG_KIND_NETWORK,
                                   BRIG_PARALLEL,
                                   0,
                                   0,
                                   0,
                                   "defective-symbols",
                                   "1.0",
                                   0,
                                   "BSD-2-Clause",
                                   "Nothing, for tests",
                                   0,
                                   0,
                                   0,
                                   0,
                                   options,
                                   1,
                                   &base,
                                   &network,
                                   0,
                                   0};

const brig_driver* brig_driver_entry_v1(void) {
    return &driver;
}
