// SPDX-License-Identifier: BSD-2-Clause
// A network of single addresses: each container gets one of the host's, and nothing else.
#define _XOPEN_SOURCE 700
#include <brig/driver.h>

#include <stdlib.h>
#include <string.h>

struct brig_inst {
    const brig_host* host;
    char* addresses;
};

static const brig_option options[] = {
    {"addresses",
     BRIG_T_CIDR,
     BRIG_OPT_REQUIRED,
     NULL,
     NULL,
     0,
     0,
     "A network of IPv4 addresses that the host has, as \"10.0.0.0/24\".",
     "0.1.0"},
};

static const char* find(const brig_map* map, const char* key) {
    for (size_t i = 0; i < map->n; ++i) {
        if (strcmp(map->v[i].key, key) == 0) {
            return map->v[i].val.s;
        }
    }
    return NULL;
}

/* Opens an instance, [network.NAME] of the configuration. Cheap, and touches nothing. */
static brig_status open_network(
    const brig_host* host, brig_call* call, const char* name, brig_map config, brig_inst** out) {
    brig_inst* network = calloc(1, sizeof *network);
    char* addresses = strdup(find(&config, "addresses"));
    (void)name;
    if (network == NULL || addresses == NULL) {
        free(network);
        free(addresses);
        return host->fail(call, BRIG_INTERNAL, "there is no memory", NULL);
    }
    network->host = host;
    network->addresses = addresses;
    *out = network;
    return BRIG_OK;
}

static void close_network(brig_inst* network) {
    free(network->addresses);
    free(network);
}

/* Reports what is on the host with a tag of this engine: here nothing is made there. */
static brig_status list(brig_inst* network, brig_call* call) {
    (void)network;
    (void)call;
    return BRIG_OK;
}

/* Before the jail exists: makes the host's side, tagged with ref->owner_tag, and says which
 * parameters come of it. May be repeated; changes nothing with BRIG_F_DRY_RUN. */
static brig_status prepare(brig_inst* network, brig_call* call, const brig_ref* ref) {
    const brig_host* host = network->host;
    char address[64];
    brig_value value = {BRIG_T_STR, 1, 0, address, NULL};
    (void)ref;
    /* The engine keeps the lease, gives the same again, and frees it with the container. */
    brig_status status = host->lease(call, network->addresses, "ip4", "", address, sizeof address);
    if (status != BRIG_OK) {
        return host->fail(call, status, "no address could be leased", "give it more addresses");
    }
    status = host->param(call, "ip4.addr", &value, 1);
    return status != BRIG_OK ? status : host->result(call, "ip4", address);
}

/* Undoes all of it, from `ref` alone: without a jail, without results, any number of times. */
static brig_status teardown(brig_inst* network, brig_call* call, const brig_ref* ref) {
    (void)network;
    (void)call;
    (void)ref;
    return BRIG_OK;
}

/* Whether it is as it was set up. */
static brig_status check(brig_inst* network, brig_call* call, const brig_ref* ref) {
    (void)network;
    (void)call;
    return find(&ref->prior, "ip4") != NULL ? BRIG_OK : BRIG_NOT_FOUND;
}

static const brig_base_ops base_ops = {
    BRIG_HDR(brig_base_ops), open_network, close_network, NULL, list};

static const brig_network_ops network_ops = {
    BRIG_HDR(brig_network_ops), prepare, NULL, teardown, check, NULL};

static const brig_driver driver = {
    BRIG_HDR(brig_driver),
    BRIG_KIND_NETWORK,
    BRIG_PER_INSTANCE,
    BRIG_CAP_IP4 | BRIG_CAP_UNPRIVILEGED,
    1,
    0,
    "net-template",
    "0.1.0",
    "you",
    "BSD-2-Clause",
    "One address of the host for each container",
    NULL,
    "freebsd linux",
    NULL,
    "ip4.addr",
    options,
    sizeof options / sizeof *options,
    &base_ops,
    &network_ops,
    NULL,
    NULL,
};

const brig_driver* BRIG_ENTRY(void) {
    return &driver;
}
