// SPDX-License-Identifier: BSD-2-Clause
// The binary layout and the numbers of SDK 1.0 on 64-bit machines. Lines may be added for what a
// later minor adds; a line that is here is never changed. Compiled with the present header and
// with each frozen one. "At least" for tables that carry their size: they may grow.
#include DRIVER_H

#define SIZE(table, bytes) _Static_assert(sizeof(table) >= (bytes), #table " has shrunk")
#define SIZE_FIXED(table, bytes) _Static_assert(sizeof(table) == (bytes), #table " has changed")
#define AT(table, member, offset) \
    _Static_assert(offsetof(table, member) == (offset), #table "." #member " has moved")
#define IS(name, number) _Static_assert((name) == (number), #name " has changed")

SIZE_FIXED(brig_hdr, 8);
AT(brig_hdr, size, 0);
AT(brig_hdr, minor, 4);

SIZE_FIXED(brig_value, 32);
AT(brig_value, type, 0);
AT(brig_value, count, 4);
AT(brig_value, i, 8);
AT(brig_value, s, 16);
AT(brig_value, list, 24);

SIZE_FIXED(brig_kv, 40);
AT(brig_kv, key, 0);
AT(brig_kv, val, 8);

SIZE_FIXED(brig_map, 16);
AT(brig_map, v, 0);
AT(brig_map, n, 8);

SIZE_FIXED(brig_option, 64);
AT(brig_option, name, 0);
AT(brig_option, type, 8);
AT(brig_option, flags, 12);
AT(brig_option, def, 16);
AT(brig_option, choices, 24);
AT(brig_option, min, 32);
AT(brig_option, max, 40);
AT(brig_option, help, 48);
AT(brig_option, since, 56);

SIZE(brig_host, 160);
AT(brig_host, hdr, 0);
AT(brig_host, engine_name, 8);
AT(brig_host, engine_version, 16);
AT(brig_host, engine_id, 24);
AT(brig_host, platform, 32);
AT(brig_host, log, 40);
AT(brig_host, fail, 48);
AT(brig_host, cancelled, 56);
AT(brig_host, progress, 64);
AT(brig_host, param, 72);
AT(brig_host, result, 80);
AT(brig_host, item, 88);
AT(brig_host, name, 96);
AT(brig_host, run, 104);
AT(brig_host, lease, 112);
AT(brig_host, unlease, 120);
AT(brig_host, state_put, 128);
AT(brig_host, state_get, 136);
AT(brig_host, state_del, 144);
AT(brig_host, extension, 152);

SIZE(brig_ref, 88);
AT(brig_ref, hdr, 0);
AT(brig_ref, flags, 8);
AT(brig_ref, jid, 12);
AT(brig_ref, container, 16);
AT(brig_ref, object, 24);
AT(brig_ref, owner_tag, 32);
AT(brig_ref, root, 40);
AT(brig_ref, netns, 48);
AT(brig_ref, options, 56);
AT(brig_ref, prior, 72);

SIZE(brig_base_ops, 40);
AT(brig_base_ops, hdr, 0);
AT(brig_base_ops, open, 8);
AT(brig_base_ops, close, 16);
AT(brig_base_ops, status, 24);
AT(brig_base_ops, list, 32);

SIZE(brig_network_ops, 40);
AT(brig_network_ops, hdr, 0);
AT(brig_network_ops, prepare, 8);
AT(brig_network_ops, attach, 16);
AT(brig_network_ops, teardown, 24);
AT(brig_network_ops, check, 32);

SIZE(brig_storage_ops, 72);
AT(brig_storage_ops, hdr, 0);
AT(brig_storage_ops, provision, 8);
AT(brig_storage_ops, activate, 16);
AT(brig_storage_ops, deactivate, 24);
AT(brig_storage_ops, destroy, 32);
AT(brig_storage_ops, check, 40);
AT(brig_storage_ops, snapshot, 48);
AT(brig_storage_ops, snapshot_destroy, 56);
AT(brig_storage_ops, rollback, 64);

SIZE(brig_driver, 152);
AT(brig_driver, hdr, 0);
AT(brig_driver, kind, 8);
AT(brig_driver, thread_model, 12);
AT(brig_driver, caps, 16);
AT(brig_driver, state_version, 24);
AT(brig_driver, min_minor, 28);
AT(brig_driver, name, 32);
AT(brig_driver, version, 40);
AT(brig_driver, vendor, 48);
AT(brig_driver, license, 56);
AT(brig_driver, summary, 64);
AT(brig_driver, url, 72);
AT(brig_driver, platforms, 80);
AT(brig_driver, needs, 88);
AT(brig_driver, params, 96);
AT(brig_driver, options, 104);
AT(brig_driver, n_options, 112);
AT(brig_driver, base, 120);
AT(brig_driver, network, 128);
AT(brig_driver, storage, 136);
AT(brig_driver, extension, 144);

IS(BRIG_OK, 0);
IS(BRIG_UNKNOWN, 1);
IS(BRIG_INVALID, 10);
IS(BRIG_UNSUPPORTED, 11);
IS(BRIG_CONFLICT, 12);
IS(BRIG_PERMISSION, 13);
IS(BRIG_BUSY, 20);
IS(BRIG_UNAVAILABLE, 21);
IS(BRIG_EXHAUSTED, 22);
IS(BRIG_CANCELLED, 30);
IS(BRIG_TIMEOUT, 31);
IS(BRIG_INTERNAL, 32);
IS(BRIG_NOT_FOUND, 40);
IS(BRIG_DRIFT, 41);
IS(BRIG_T_NONE, 0);
IS(BRIG_T_BOOL, 1);
IS(BRIG_T_INT, 2);
IS(BRIG_T_STR, 3);
IS(BRIG_T_SIZE, 4);
IS(BRIG_T_DURATION_MS, 5);
IS(BRIG_T_ENUM, 6);
IS(BRIG_T_JAILSYS, 7);
IS(BRIG_T_IP4, 8);
IS(BRIG_T_IP6, 9);
IS(BRIG_T_CIDR, 10);
IS(BRIG_T_MAC, 11);
IS(BRIG_T_PATH, 12);
IS(BRIG_T_LIST, 0x100);
IS(BRIG_OPT_REQUIRED, 1);
IS(BRIG_OPT_SECRET, 2);
IS(BRIG_OPT_PER_CONTAINER, 4);
IS(BRIG_OPT_DEPRECATED, 8);
IS(BRIG_LOG_DEBUG, 0);
IS(BRIG_LOG_INFO, 1);
IS(BRIG_LOG_WARN, 2);
IS(BRIG_LOG_ERROR, 3);
IS(BRIG_F_RECOVERY, 1);
IS(BRIG_F_DRY_RUN, 2);
IS(BRIG_F_FORCE, 4);
IS(BRIG_F_NEW_BOOT, 8);
IS(BRIG_KIND_NETWORK, 1);
IS(BRIG_KIND_STORAGE, 2);
IS(BRIG_SERIAL, 0);
IS(BRIG_PER_INSTANCE, 1);
IS(BRIG_PARALLEL, 2);
IS(BRIG_CAP_QUOTA, 1);
IS(BRIG_CAP_SNAPSHOT, 2);
IS(BRIG_CAP_CLONE, 4);
IS(BRIG_CAP_VNET, 8);
IS(BRIG_CAP_IP4, 16);
IS(BRIG_CAP_IP6, 32);
IS(BRIG_CAP_LIVE_ATTACH, 64);
IS(BRIG_CAP_UNPRIVILEGED, 128);
