// SPDX-License-Identifier: BSD-2-Clause
/**
 * @file brig/driver.h
 * The interface between the brig engine and its drivers, major version 1 (SDK 1.0).
 *
 * A driver is a shared object that exports one function, brig_driver_entry_v1(), which returns a
 * table of facts and functions. Everything here is C: C99, C11, C++11 and newer read this file.
 * C++ authors may prefer brig/driver.hpp, which is a header-only layer over it.
 *
 * Rules that hold everywhere and are not repeated below:
 *
 *  1. Text is UTF-8 and ends in NUL. A text is never NULL unless "or NULL" is said.
 *  2. A pointer that is passed in is borrowed: it is valid until the call returns. The receiver
 *     copies what it keeps. Nobody frees the other side's memory.
 *  3. No C++ exception, longjmp(3) or thread cancellation crosses a call in either direction.
 *  4. Tables only grow at their end. Read a member only if BRIG_HAS() says that it is there.
 *     Unknown flags, capability bits and enumerators are ignored.
 *  5. The engine chooses every name and key before it calls, and writes down its intent first.
 *     Whatever changes the host is idempotent by key: to repeat it succeeds and gives the same.
 *  6. What removes something works from the key alone: without a jail, without earlier results,
 *     after a reboot, any number of times. Nothing there is success.
 *  7. After a failure of an operation that changes something its outcome is unknown: the engine
 *     repeats it or undoes it.
 *  8. Everything that a driver makes on the host bears brig_ref::owner_tag from the moment of its
 *     creation (interface description or alias, ZFS user property, pf anchor, nft comment, name of
 *     a folder). A driver never touches what does not bear a tag of this engine.
 *  9. A driver leaves the process as it found it: working folder, umask, signal handlers,
 *     environment, locale, descriptors 0 to 2. Descriptors it opens are close-on-exec. It starts
 *     programs through brig_host::run only.
 */
#ifndef BRIG_DRIVER_H
#define BRIG_DRIVER_H

// NOLINTBEGIN: C, which the checks for C++ would rewrite

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions ------------------------------------------------------------------------------ */

/** Part of the entry's name: engines of another major do not see the driver at all. */
#define BRIG_ABI_MAJOR 1u

/** Grows by one with each release that adds a member, a constant or an extension. */
#define BRIG_ABI_MINOR 0u

/** Heads every table. The caller's `size` tells how much of the table exists. @since 1.0 */
typedef struct brig_hdr {
    uint32_t size;  /**< sizeof the table, as its author compiled it. */
    uint32_t minor; /**< BRIG_ABI_MINOR, as its author compiled it. For messages only. */
} brig_hdr;

/** The initializer of `hdr` in a table of type T. */
#ifdef __cplusplus
#define BRIG_HDR(T) \
    { static_cast<uint32_t>(sizeof(T)), BRIG_ABI_MINOR }
#else
#define BRIG_HDR(T) \
    { (uint32_t)sizeof(T), BRIG_ABI_MINOR }
#endif

/** True if the table at `p` was compiled with member `m`, and `m` is not NULL or 0. */
#define BRIG_HAS(p, m) ((p)->hdr.size >= offsetof(__typeof__(*(p)), m) + sizeof((p)->m) && (p)->m)

/* ---- Status -------------------------------------------------------------------------------- */

/** What every fallible function returns. The engine acts on the number; people read the message
 *  that went to brig_host::fail. Numbers come in classes of ten, so that a status of a newer minor
 *  is still understood by its class. @since 1.0 */
typedef int32_t brig_status;

enum {
    BRIG_OK = 0,
    BRIG_UNKNOWN = 1, /**< Could not be found out (queries). */

    /* 10-19: the same call will fail again. */
    BRIG_INVALID = 10,     /**< A value is wrong; the user can mend it. */
    BRIG_UNSUPPORTED = 11, /**< This driver, or this host, cannot do it at all. */
    BRIG_CONFLICT = 12,    /**< Something else of that name is there, or other options are used. */
    BRIG_PERMISSION = 13,  /**< A privilege is missing; the message says which. */

    /* 20-29: may succeed later. */
    BRIG_BUSY = 20,        /**< In use, or something was cloned from it. */
    BRIG_UNAVAILABLE = 21, /**< A pool, a daemon or a kernel module is not there now. */
    BRIG_EXHAUSTED = 22,   /**< No space, no address left. */

    /* 30-39: the outcome is open. */
    BRIG_CANCELLED = 30, /**< brig_host::cancelled was true, and the driver stopped. */
    BRIG_TIMEOUT = 31,   /**< A program or a device took too long. */
    BRIG_INTERNAL = 32,  /**< Anything else, including a bug of the driver. */

    /* 40-49: answers of queries, not failures. */
    BRIG_NOT_FOUND = 40, /**< There is no such object. */
    BRIG_DRIFT = 41      /**< It is there but not as it was set up. */
};

/* ---- Values -------------------------------------------------------------------------------- */

/** Types of options and parameters. @since 1.0 */
enum {
    BRIG_T_NONE = 0,
    BRIG_T_BOOL = 1,        /**< `i`: 0 or 1. */
    BRIG_T_INT = 2,         /**< `i`. */
    BRIG_T_STR = 3,         /**< `s`. */
    BRIG_T_SIZE = 4,        /**< `i`: bytes; written "64M", "10G". */
    BRIG_T_DURATION_MS = 5, /**< `i`: milliseconds; written "250ms", "10s", "5m". */
    BRIG_T_ENUM = 6,        /**< `s`: one of brig_option::choices. */
    BRIG_T_JAILSYS = 7,     /**< `s`: "disable", "new" or "inherit". */
    BRIG_T_IP4 = 8,         /**< `s`: an address. */
    BRIG_T_IP6 = 9,         /**< `s`: an address. */
    BRIG_T_CIDR = 10,       /**< `s`: an IPv4 or IPv6 network, "10.0.0.0/24". */
    BRIG_T_MAC = 11,        /**< `s`: "02:00:5e:10:00:01". */
    BRIG_T_PATH = 12,       /**< `s`: an absolute path on the host. */
    BRIG_T_LIST = 0x100     /**< Or'ed in: `list` holds `count` texts of that type. */
};

/** One value. From the engine, `s` holds the text of every scalar type, also of numbers.
 *  @since 1.0 */
typedef struct brig_value {
    uint32_t type;           /**< BRIG_T_… */
    uint32_t count;          /**< Lists: how many. Scalars: 1. */
    int64_t i;               /**< BOOL, INT, SIZE, DURATION_MS. */
    const char* s;           /**< Scalars that are texts. */
    const char* const* list; /**< Lists; NULL if count is 0. */
} brig_value;

/** One named value. */
typedef struct brig_kv {
    const char* key;
    brig_value val;
} brig_kv;

/** Named values in no particular order; each name at most once. */
typedef struct brig_map {
    const brig_kv* v; /**< NULL if n is 0. */
    size_t n;
} brig_map;

/* ---- Options ------------------------------------------------------------------------------- */

/** Flags of an option. @since 1.0 */
enum {
    BRIG_OPT_REQUIRED = 1,      /**< Must be set; `def` is NULL. */
    BRIG_OPT_SECRET = 2,        /**< Never logged, printed or recorded. */
    BRIG_OPT_PER_CONTAINER = 4, /**< May also be set for one container: brig_ref::options. */
    BRIG_OPT_DEPRECATED = 8     /**< Accepted with a warning; `help` says what replaces it. */
};

/** One key of the driver's TOML table, as data. The engine refuses unknown keys and wrong values
 *  with file and line, fills in defaults, and prints all of it in `brig driver inspect`: a driver
 *  sees only values that fit its rows. @since 1.0 */
typedef struct brig_option {
    const char* name;    /**< Lower case, digits and '_'. */
    uint32_t type;       /**< BRIG_T_…, perhaps with BRIG_T_LIST. */
    uint32_t flags;      /**< BRIG_OPT_… */
    const char* def;     /**< Default as the user would write it, or NULL: absent from the map. */
    const char* choices; /**< BRIG_T_ENUM: "a|b|c"; else NULL. */
    int64_t min;         /**< Bounds of `i`, inclusive, in the units of `i`; both 0: unbounded. */
    int64_t max;
    const char* help;  /**< One sentence. */
    const char* since; /**< The driver's version that added it. */
} brig_option;

/* ---- The engine's services ----------------------------------------------------------------- */

/** One operation under way; the engine's, opaque. A handle on it is good for the services below
 *  until the operation returns, on any thread; later they do nothing and return BRIG_INVALID. */
typedef struct brig_call brig_call;

/** Levels of brig_host::log. */
enum {
    BRIG_LOG_DEBUG = 0,
    BRIG_LOG_INFO = 1,
    BRIG_LOG_WARN = 2,
    BRIG_LOG_ERROR = 3
};

/** What the engine does for a driver. The table passed to brig_base_ops::open outlives every
 *  instance. Every function may be called on any thread. @since 1.0 */
typedef struct brig_host {
    brig_hdr hdr;
    const char* engine_name;    /**< "brig". */
    const char* engine_version; /**< "0.1.0". For messages, never for decisions. */
    const char* engine_id;      /**< Tells this engine's state from another's on the same host. */
    const char* platform;       /**< "freebsd" or "linux". */

    /** Says one line, without newline. Never put a secret there. */
    void (*log)(brig_call*, int level, const char* line);

    /** Says why the operation fails: one sentence that names the thing in quotes, and a hint what
     *  the user can do, or NULL. The last one before the operation returns counts. Returns
     *  `status`, so that an operation may end with `return host->fail(…)`. */
    brig_status (*fail)(brig_call*, brig_status status, const char* message, const char* hint);

    /** Nonzero when the user interrupted or the deadline passed. Ask between steps, at least every
     *  second of work; then stop, and return BRIG_CANCELLED. In removing operations (teardown,
     *  deactivate, destroy, snapshot_destroy) only the deadline counts, so that they finish. */
    int (*cancelled)(brig_call*);

    /** How far a long operation has come, for people. `total` 0: unknown. */
    void (*progress)(brig_call*, uint64_t done, uint64_t total, const char* what);

    /** Contributes a parameter to the jail: jail(8)'s name of a kernel parameter ("ip4.addr"), or
     *  of one that the engine performs ("vnet.interface", "mount"). The last set of a scalar
     *  counts; with `append` values are added to a list. In prepare and activate only.
     *  BRIG_INVALID: not among brig_driver::params, or elsewhere. */
    brig_status (*param)(brig_call*, const char* name, const brig_value*, int append);

    /** Records a fact of the object ("root", "ifname"). When the operation succeeds, the engine
     *  keeps it durably, and hands it back in brig_ref::prior of later operations on that key. */
    brig_status (*result)(brig_call*, const char* key, const char* value);

    /** Reports one object. In list only: its tag, its name on the host, and a note or NULL. */
    brig_status (*item)(brig_call*, const char* owner_tag, const char* id, const char* note);

    /** Writes a short name for something on the host to `out` (`max` bytes, NUL included): `prefix`
     *  and letters and digits that follow from the key of the operation. The same key and prefix
     *  give the same name for ever; it is recorded as result "name.PREFIX".
     *  BRIG_INVALID: fewer than 8 bytes remain after the prefix, or an operation without key. */
    brig_status (*name)(brig_call*, const char* prefix, size_t max, char* out);

    /** Runs a program and waits for it, within the deadline of the operation. No shell. argv[0] is
     *  an absolute path, or is looked up in the system's folders; the environment is PATH and
     *  LC_ALL=C. `in` is fed to it, or NULL. Up to *out_len bytes of its output go to `out` (not
     *  NUL terminated), *out_len becomes the length of all of it; both NULL: not wanted. The child
     *  holds the container's lock, so that recovery waits for it even if the engine is killed.
     *  BRIG_OK: it ended by itself with *exit_code (128 + n: by signal n); what it wrote to stderr
     *  is added to the message if the operation fails. BRIG_NOT_FOUND: no such program. */
    brig_status (*run)(brig_call*,
                       const char* const* argv,
                       const char* in,
                       char* out,
                       size_t* out_len,
                       int* exit_code);

    /** Takes a value out of a pool for the object of the operation, durably, and writes it to
     * `out`. `pool` is "RANGE" or "SCOPE RANGE". RANGE: a network ("10.88.0.0/24": its host
     * addresses), or first and last ("10.88.0.10-10.88.0.99", "5000-5999"). Within one scope no
     * value is given twice, whichever instance asks; without SCOPE, the instance is the scope. The
     * same object, pool and `key` get the same value again. `want` asks for a certain value, "" for
     *  any. Freed by unlease, or by the engine once the object's record is gone.
     *  BRIG_CONFLICT: `want` is taken. BRIG_EXHAUSTED: none left. */
    brig_status (*lease)(
        brig_call*, const char* pool, const char* key, const char* want, char* out, size_t out_len);

    /** Gives a value back. Nothing there is success. */
    brig_status (*unlease)(brig_call*, const char* pool, const char* key);

    /** Keeps some bytes for this instance; durable when it returns. Not for what the system itself
     *  can tell, and not for secrets. `key` is at most 255 bytes, the value at most 1 MiB. */
    brig_status (*state_put)(brig_call*, const char* key, const void*, size_t);

    /** Reads up to *len bytes, and sets *len to the length of all. BRIG_NOT_FOUND: no such key. */
    brig_status (*state_get)(brig_call*, const char* key, void*, size_t* len);

    /** Forgets a key. Nothing there is success. */
    brig_status (*state_del)(brig_call*, const char* key);

    /** The table of an extension, "brig.NAME/REV", or NULL: not offered. Constant per process. */
    const void* (*extension)(const char* id);
} brig_host;

/* ---- What an operation is about ------------------------------------------------------------ */

/** Flags of brig_ref. @since 1.0 */
enum {
    BRIG_F_RECOVERY = 1, /**< An earlier engine died in the middle; expect leftovers. */
    BRIG_F_DRY_RUN = 2,  /**< Check, call param() and result(), but change nothing. */
    BRIG_F_FORCE = 4,    /**< The user insists: unmount although busy, discard newer snapshots. */
    BRIG_F_NEW_BOOT = 8  /**< The machine was rebooted since the last success on this key. */
};

/** The object of an operation. All but `flags`, `jid`, `root`, `netns` and `prior` is identical
 *  whenever an operation is repeated. @since 1.0 */
typedef struct brig_ref {
    brig_hdr hdr;
    uint32_t flags; /**< BRIG_F_… */
    int32_t jid;    /**< The jail; on Linux the pid of its init; -1: none yet, or any more. */
    const char* container; /**< Id of the container; "" for volumes of no container. */
    const char* object;    /**< Network: the attachment. Storage: the volume. [a-z0-9._-], <= 64. */
    const char* owner_tag; /**< To be put on everything that is made. Printable, without blanks. */
    const char* root;      /**< The container's root on the host, or NULL. May be hostile. */
    const char* netns;     /**< Linux: path of the jail's network namespace, or NULL. */
    brig_map options;      /**< Options with BRIG_OPT_PER_CONTAINER that were set for this one. */
    brig_map prior;        /**< result()s of the last success on this key; all of type STR. */
} brig_ref;

/* ---- Operations of every driver ------------------------------------------------------------ */

/** A configured instance ([network.NAME], [storage.NAME]); the driver's own, opaque. */
typedef struct brig_inst brig_inst;

/**
 * Operations on the instance.
 *
 *        open ──> status, list, operations on objects … ──> close
 *
 * @since 1.0
 */
typedef struct brig_base_ops {
    brig_hdr hdr;

    /** Makes an instance. Cheap, and touches nothing: it is called by every command. `name` is the
     *  instance's, `config` its validated options with defaults. BRIG_INVALID for what only the
     *  driver can tell. Required. */
    brig_status (*open)(
        const brig_host*, brig_call*, const char* name, brig_map config, brig_inst**);

    /** Frees an instance and ends its threads. Memory only: objects on the host stay. Required. */
    void (*close)(brig_inst*);

    /** Could a new set-up succeed now? Read only. BRIG_OK, or why not. May be NULL: BRIG_OK. */
    brig_status (*status)(brig_inst*, brig_call*);

    /** Calls item() for everything on the host that bears a tag of this engine, as the system
     *  itself shows it and not from memory: orphans are found with it. Read only. Required. */
    brig_status (*list)(brig_inst*, brig_call*);
} brig_base_ops;

/** An operation on one object. */
typedef brig_status brig_op(brig_inst*, brig_call*, const brig_ref*);

/** An operation on one object, with an argument. */
typedef brig_status brig_op_arg(brig_inst*, brig_call*, const brig_ref*, const char* arg);

/* ---- Network drivers ----------------------------------------------------------------------- */

/**
 * One container on one network. Key: instance, container, object.
 *
 *                      (jail created)
 *     absent ──prepare──> prepared ──attach──> attached
 *       ^                    │                    │
 *       └─────teardown───────┴──────teardown──────┘    the jail may be gone before or not
 *
 * prepare may be repeated in any state, and so may teardown. After a reboot all objects of a
 * network are absent.
 * @since 1.0
 */
typedef struct brig_network_ops {
    brig_hdr hdr;

    /** Before the jail exists: makes the host's side, takes leases, contributes parameters, records
     *  results. Idempotent; a repetition contributes the same again. BRIG_CONFLICT: the object is
     *  there with other options, or a foreign one has its name (which stays untouched).
     *  BRIG_EXHAUSTED: no address left. Required. */
    brig_op* prepare;

    /** When the jail exists and nothing of the user runs in it: the inside. `jid` is valid, and so
     *  is `netns` on Linux for a jail with a network of its own. Idempotent. May be NULL: nothing
     *  is to be done inside. */
    brig_op* attach;

    /** Removes all that prepare and attach made, and gives leases back. From any state; absent is
     *  BRIG_OK. Goes on when cancelled. Required. */
    brig_op* teardown;

    /** Compares the object with what was set up. Read only. BRIG_OK, BRIG_NOT_FOUND, BRIG_DRIFT.
     *  May be NULL. */
    brig_op* check;
} brig_network_ops;

/* ---- Storage drivers ----------------------------------------------------------------------- */

/**
 * A volume: the root of a container, an image, or data. Key: instance, object.
 *
 *     absent ──provision──> inactive ──activate──> active
 *       ^                     │  ^  │                │
 *       └──────destroy────────┘  │  └─ snapshot,     │
 *                                │     rollback      │
 *                                └────deactivate─────┘   or a reboot
 *
 * An image is a volume with a snapshot. The engine makes one like this:
 *
 *     provision(NULL) -> activate -> [the engine fills "root"] -> deactivate -> snapshot("image")
 *
 * and the root of a container, for each start or once for a container that is kept, like this:
 *
 *     provision("IMAGE@image") -> activate -> [the container runs] -> deactivate -> destroy
 *
 * A clone shares nothing that is visible: neither side sees what the other writes.
 * @since 1.0
 */
typedef struct brig_storage_ops {
    brig_hdr hdr;

    /** Makes volume `object`. `arg`: "VOLUME@SNAPSHOT", of the same instance, to be cloned (take as
     *  long as a copy only if the store cannot do better), or NULL for an empty volume that is
     *  writable. Idempotent: a half-made volume of an earlier attempt is completed or made anew, a
     *  complete one stays as it is. BRIG_NOT_FOUND: no such source. BRIG_CONFLICT: a foreign object
     *  has that name, or the volume has another source. BRIG_EXHAUSTED: no space. Required. */
    brig_op_arg* provision;

    /** Makes the volume usable (mounts it), and calls result("root", ABSOLUTE PATH). Idempotent;
     *  also after a reboot, when nothing is mounted any more. The path is the volume's content
     *  itself, reachable for root only. BRIG_NOT_FOUND: never provisioned. May contribute
     *  parameters ("mount", "zfs.dataset"). Required. */
    brig_op* activate;

    /** Unmounts the volume; its data stays. Inactive or absent is BRIG_OK. Open files in it:
     *  BRIG_BUSY, and with BRIG_F_FORCE it is unmounted nevertheless. Required. */
    brig_op* deactivate;

    /** Removes the volume with its data and snapshots. Absent is BRIG_OK. BRIG_BUSY, with nothing
     *  changed: it is active, or a volume was cloned from it (say which). Never leaves the volume:
     *  stops at mount points, follows no symbolic link. Half-removed after a crash: goes on.
     *  Required. */
    brig_op* destroy;

    /** Read only. BRIG_OK: there, active or not. BRIG_NOT_FOUND: absent. BRIG_DRIFT: half made,
     *  half removed, or damaged. May be NULL. */
    brig_op* check;

    /** Keeps the present content as snapshot `arg` ([a-z0-9._-], <= 64). Read only from then on;
     *  atomic: after a crash it is there completely or not at all. Of that name there already:
     *  BRIG_OK, and unchanged. BRIG_BUSY: must be inactive for that. With BRIG_CAP_SNAPSHOT. */
    brig_op_arg* snapshot;

    /** Forgets snapshot `arg`. Absent is BRIG_OK. BRIG_BUSY: a volume was cloned from it. With
     *  BRIG_CAP_SNAPSHOT. */
    brig_op_arg* snapshot_destroy;

    /** Returns the content to that of snapshot `arg`. BRIG_BUSY: active. BRIG_NOT_FOUND: no such
     *  snapshot. BRIG_CONFLICT: newer snapshots are in the way; with BRIG_F_FORCE they go. With
     *  BRIG_CAP_SNAPSHOT. */
    brig_op_arg* rollback;
} brig_storage_ops;

/* ---- The driver ---------------------------------------------------------------------------- */

/** What a driver drives. */
enum {
    BRIG_KIND_NETWORK = 1,
    BRIG_KIND_STORAGE = 2
};

/** How many calls the engine may have under way at once; never two on one key, in any model. */
enum {
    BRIG_SERIAL = 0,       /**< One in the process. */
    BRIG_PER_INSTANCE = 1, /**< One per instance. */
    BRIG_PARALLEL = 2      /**< Any number. */
};

/** What a driver can do beyond what is required. The engine refuses early what lacks here. */
enum {
    BRIG_CAP_QUOTA = 1,
    BRIG_CAP_SNAPSHOT = 2, /**< snapshot, snapshot_destroy, rollback. */
    BRIG_CAP_CLONE = 4,    /**< provision from a snapshot without a copy of the data. */
    BRIG_CAP_VNET = 8,     /**< Gives a jail a network stack of its own. */
    BRIG_CAP_IP4 = 16,
    BRIG_CAP_IP6 = 32,
    BRIG_CAP_LIVE_ATTACH = 64,  /**< attach works while the user's processes run. */
    BRIG_CAP_UNPRIVILEGED = 128 /**< Works without root. */
};

/** What the entry returns: constant, and valid as long as the process lives. @since 1.0 */
typedef struct brig_driver {
    brig_hdr hdr;
    uint32_t kind;          /**< BRIG_KIND_… */
    uint32_t thread_model;  /**< BRIG_SERIAL, … */
    uint64_t caps;          /**< BRIG_CAP_… */
    uint32_t state_version; /**< Of what state_put keeps; bump it when the layout changes. */
    uint32_t min_minor;     /**< Engines of an older minor refuse the driver. Usually 0. */
    const char* name;       /**< As in `driver = "…"`; the file is NAME.so. [a-z0-9-], <= 32. */
    const char* version;    /**< The driver's own. */
    const char* vendor;     /**< Or NULL, as the next four. */
    const char* license;    /**< SPDX. */
    const char* summary;    /**< One line. */
    const char* url;
    const char* platforms; /**< "freebsd>=13.2 linux"; NULL: any. Others are refused. */
    const char* needs;     /**< "kld:if_epair cmd:zfs"; shown to the user, also when open fails. */
    const char* params;    /**< What it may contribute, as globs: "vnet ip4.*"; NULL: nothing. */
    const brig_option* options; /**< n_options rows; NULL if none. */
    size_t n_options;
    const brig_base_ops* base;
    const brig_network_ops* network; /**< For BRIG_KIND_NETWORK; else NULL. */
    const brig_storage_ops* storage; /**< For BRIG_KIND_STORAGE; else NULL. */

    /** The driver's table of an extension, "brig.NAME/REV", or NULL. May itself be NULL. */
    const void* (*extension)(const char* id);
} brig_driver;

/** Goes before the definition of the entry. Everything else should be hidden. */
#if defined(__GNUC__)
#define BRIG_EXPORT __attribute__((visibility("default")))
#else
#define BRIG_EXPORT
#endif

/** The name that the engine looks for. */
#define BRIG_ENTRY_SYMBOL "brig_driver_entry_v1"

/** The one symbol that a driver exports. Pure: no side effects, the same table each time; it may
 *  run in a process made only for that, on any thread, before anything is configured.
 *  @since 1.0 */
BRIG_EXPORT const brig_driver* brig_driver_entry_v1(void);

#ifdef __cplusplus
}
#endif

// NOLINTEND

#endif
