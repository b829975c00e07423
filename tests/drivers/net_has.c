// SPDX-License-Identifier: BSD-2-Clause
// A driver that asks with BRIG_HAS for what is newer than SDK 1.0, so that every engine can load
// it.
#include "brig/driver.h"

struct brig_inst {
    const brig_host* host;
};

static struct brig_inst only;

static brig_status open_instance(
    const brig_host* host, brig_call* call, const char* name, brig_map config, brig_inst** out) {
    (void)call;
    (void)name;
    (void)config;
    only.host = host;
    *out = &only;
    return BRIG_OK;
}

static void close_instance(brig_inst* inst) {
    (void)inst;
}

static brig_status list(brig_inst* inst, brig_call* call) {
    (void)inst;
    (void)call;
    return BRIG_OK;
}

static brig_status prepare(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    const brig_host* host = inst->host;
    const char* tag = BRIG_HAS(ref, instance_tag) ? ref->instance_tag : "none";
    const void* run_io = BRIG_HAS(host, extension) ? host->extension(BRIG_RUN_IO) : NULL;
    host->result(call, "instance_tag", tag);
    return host->result(call, "run_io", run_io == NULL ? "none" : "there");
}

static brig_status teardown(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    (void)inst;
    (void)call;
    (void)ref;
    return BRIG_OK;
}

static const brig_base_ops base = {
    BRIG_HDR(brig_base_ops), open_instance, close_instance, NULL, list};
static const brig_network_ops network = {
    BRIG_HDR(brig_network_ops), prepare, NULL, teardown, NULL, NULL};

static const brig_driver driver = {
    BRIG_HDR(brig_driver),
    BRIG_KIND_NETWORK,
    BRIG_SERIAL,
    0,
    1,
    0,
    "net-has",
    "1.0",
    NULL,
    "BSD-2-Clause",
    "Asks what there is",
    NULL,
    NULL,
    NULL,
    NULL,
    NULL,
    0,
    &base,
    &network,
    NULL,
    NULL,
};

const brig_driver* BRIG_ENTRY(void) {
    return &driver;
}
