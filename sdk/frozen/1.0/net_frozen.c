// SPDX-License-Identifier: BSD-2-Clause
// A network driver of SDK 1.0, which uses every service there was. Never to be edited: that it
// still works, compiled or as it was compiled then, is what is promised.
#include <brig/driver.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct brig_inst {
    const brig_host* host;
    char pool[64];
};

static const brig_option options[] = {
    {"pool", BRIG_T_STR, 0, "10.9.0.10-10.9.0.12", NULL, 0, 0, "Addresses.", "1.0"},
    {"tries", BRIG_T_INT, BRIG_OPT_PER_CONTAINER, "1", NULL, 1, 3, "How often.", "1.0"},
};

static const brig_value* find(const brig_map* map, const char* key) {
    for (size_t i = 0; i < map->n; ++i) {
        if (strcmp(map->v[i].key, key) == 0) {
            return &map->v[i].val;
        }
    }
    return NULL;
}

static brig_status open_instance(
    const brig_host* host, brig_call* call, const char* name, brig_map config, brig_inst** out) {
    struct brig_inst* inst = calloc(1, sizeof *inst);
    if (inst == NULL) {
        return host->fail(call, BRIG_INTERNAL, "there is no memory", NULL);
    }
    host->log(call, BRIG_LOG_DEBUG, name);
    inst->host = host;
    snprintf(inst->pool, sizeof inst->pool, "%s", find(&config, "pool")->s);
    *out = inst;
    return BRIG_OK;
}

static void close_instance(brig_inst* inst) {
    free(inst);
}

static brig_status status(brig_inst* inst, brig_call* call) {
    return inst->host->cancelled(call) ? BRIG_CANCELLED : BRIG_OK;
}

/* What is kept of each object: its tag, under its name. */
static brig_status list(brig_inst* inst, brig_call* call) {
    char last[256];
    size_t length = sizeof last - 1;
    if (inst->host->state_get(call, "last", last, &length) == BRIG_OK) {
        last[length] = '\0';
        return inst->host->item(call, last, "last", NULL);
    }
    return BRIG_OK;
}

static brig_status prepare(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    const brig_host* host = inst->host;
    char address[64];
    char name[16];
    const char* echo[] = {"/bin/echo", "hello", NULL};
    char output[16];
    size_t length = sizeof output;
    int exit_code = 0;
    brig_value value = {BRIG_T_STR, 1, 0, address, NULL};
    brig_status status = host->lease(call, inst->pool, "ip4", "", address, sizeof address);
    if (status != BRIG_OK) {
        return host->fail(call, status, "no address is left", "enlarge the pool");
    }
    if (host->name(call, "fz", sizeof name, name) != BRIG_OK
        || host->run(call, echo, NULL, output, &length, &exit_code) != BRIG_OK || exit_code != 0) {
        return host->fail(call, BRIG_INTERNAL, "a service does not work", NULL);
    }
    host->progress(call, 1, 1, "prepared");
    if ((ref->flags & BRIG_F_DRY_RUN) == 0) {
        status = host->state_put(call, "last", ref->owner_tag, strlen(ref->owner_tag));
    }
    if (status == BRIG_OK) {
        status = host->param(call, "ip4.addr", &value, 1);
    }
    if (status == BRIG_OK) {
        status = host->result(call, "ip4", address);
    }
    return status == BRIG_OK ? host->result(call, "said", length == 6 ? "hello" : "nothing")
                             : status;
}

static brig_status attach(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    const brig_value* said = find(&ref->prior, "said");
    return said != NULL && strcmp(said->s, "hello") == 0
               ? BRIG_OK
               : inst->host->fail(call, BRIG_INTERNAL, "earlier results are lost", NULL);
}

static brig_status teardown(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    (void)ref;
    inst->host->unlease(call, inst->pool, "ip4");
    return inst->host->state_del(call, "last");
}

static brig_status check(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    (void)inst;
    (void)call;
    return find(&ref->prior, "ip4") != NULL ? BRIG_OK : BRIG_NOT_FOUND;
}

static const brig_base_ops base_ops = {
    BRIG_HDR(brig_base_ops), open_instance, close_instance, status, list};
static const brig_network_ops network_ops = {
    BRIG_HDR(brig_network_ops), prepare, attach, teardown, check};

static const brig_driver driver = {
    BRIG_HDR(brig_driver),
    BRIG_KIND_NETWORK,
    BRIG_PER_INSTANCE,
    BRIG_CAP_IP4,
    1,
    0,
    "net-frozen",
    "1.0",
    "brig",
    "BSD-2-Clause",
    "A driver of SDK 1.0",
    NULL,
    NULL,
    NULL,
    "ip4.addr",
    options,
    sizeof options / sizeof *options,
    &base_ops,
    &network_ops,
    NULL,
    NULL,
};

const brig_driver* brig_driver_entry_v1(void) {
    return &driver;
}
