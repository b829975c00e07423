// SPDX-License-Identifier: BSD-2-Clause
/**
 * @file brig/brig.h
 * The engine for programs in C, and for languages that call C. In C++ use brig/engine.hpp.
 *
 * Rules that hold everywhere and are not repeated below:
 *
 *  1. Text is UTF-8 and ends in NUL. What is passed in is borrowed for the call, NULL means "not
 *     given". Lists of texts end in NULL.
 *  2. A function that can fail returns a brig_error_code, and fills in the brig_error, unless that
 *     is NULL. An error is a value: nothing of it is to be freed.
 *  3. What a function gives through a pointer to a pointer is the caller's, who frees it with the
 *     function named there. It is NULL after a failure. What is read from such a thing lives as
 *     long as the thing does. Freeing NULL does nothing.
 *  4. Options are structures that begin with their size, with zero for what is not given:
 *     `brig_container_spec spec = {.size = sizeof spec};`. They only grow at their end, as those
 *     structures do that the library fills in, so a program goes on working with newer libraries.
 *  5. An engine, and each session, belongs to one thread at a time; different ones may be used at
 *     the same time. A stream of events is a thing of its own, and may be on another thread.
 *  6. The library writes nothing, ends nothing, changes no signal, folder or umask, and has no
 *     globals. Its descriptors are close-on-exec. No C++ exception leaves it.
 *
 * Names here do not clash with those of brig/driver.h.
 */
#ifndef BRIG_BRIG_H
#define BRIG_BRIG_H

/* NOLINTBEGIN: C, which the checks for C++ would rewrite */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BRIG_C_API __attribute__((visibility("default")))

/* ---- Errors -------------------------------------------------------------------------------- */

/** What went wrong, by who can act on it; as brig::ErrorCode. More may come. */
typedef int32_t brig_error_code;

enum {
    BRIG_E_NONE = 0,
    BRIG_E_INVALID_CONFIG = 1,         /**< A specification or the configuration is wrong. */
    BRIG_E_NOT_FOUND = 2,              /**< There is no such container, image, network, … */
    BRIG_E_ALREADY_EXISTS = 3,         /**< What was to be made is there. */
    BRIG_E_CONFLICT = 4,               /**< It is not in the state for it. */
    BRIG_E_BAD_DRIVER = 5,             /**< A driver broke its contract, or cannot be loaded. */
    BRIG_E_PERMISSION = 6,             /**< A privilege is missing. */
    BRIG_E_UNSUPPORTED = 7,            /**< This host or driver cannot do it at all. */
    BRIG_E_COMMAND_NOT_EXECUTABLE = 8, /**< Exit status 126 of a shell. */
    BRIG_E_COMMAND_NOT_FOUND = 9,      /**< Exit status 127 of a shell. */
    BRIG_E_SYSTEM = 10,                /**< The kernel refused; see brig_error::cause. */
    BRIG_E_INTERRUPTED = 11,           /**< It was asked to stop, and what was done is undone. */
    BRIG_E_INTERNAL = 12,              /**< A bug of this library. */
    BRIG_E_MISUSE = 13,                /**< NULL for what must be given, or no size. */
    BRIG_E_NO_MEMORY = 14
};

/** Texts that do not fit end in "…". */
typedef struct brig_error {
    brig_error_code code;
    int32_t cause;      /**< errno, when it was the kernel that refused; or 0. */
    char message[3064]; /**< What was being done, and why it failed: one or more lines. */
    char hint[1024];    /**< What to do next, or "". */
} brig_error;

/** "not_found", … */
BRIG_C_API const char* brig_error_name(brig_error_code code);

/* ---- The engine ---------------------------------------------------------------------------- */

/** Containers, images, networks and storages of one state directory. */
typedef struct brig_engine brig_engine;

/** Levels of brig_engine_options::log. */
enum {
    BRIG_LEVEL_TRACE = 0,
    BRIG_LEVEL_DEBUG = 1,
    BRIG_LEVEL_INFO = 2,
    BRIG_LEVEL_WARN = 3
};

typedef struct brig_engine_options {
    uint32_t size;
    uint32_t reserved;           /**< 0. */
    const char* config;          /**< The configuration file; NULL: the platform's, if there. */
    const char* state;           /**< What is kept; NULL: as configured. */
    const char* run;             /**< What is lost at a reboot; NULL: as configured. */
    const char* libexec;         /**< brig's helper programs; NULL: beside this program. */
    const char* const* drivers;  /**< Folders of drivers; NULL: beside this program. */
    const char* default_network; /**< For containers that name none; NULL: as configured. */

    /** Gets every line that the library logs; called on the thread of the call. May be NULL. */
    void (*log)(void* data, int level, const char* line);
    void* log_data;
} brig_engine_options;

/** Reads the configuration and checks it. On the host nothing is done yet. */
BRIG_C_API brig_error_code brig_engine_open(const brig_engine_options* options,
                                            brig_engine** engine,
                                            brig_error* error);

/** After its sessions have been freed. */
BRIG_C_API void brig_engine_close(brig_engine* engine);

/* ---- Containers ---------------------------------------------------------------------------- */

/** Room for the id of a container, a volume or an image, with its NUL. */
#define BRIG_ID_SIZE 32

/** Flags of brig_container_spec and brig_exec_spec. */
enum {
    BRIG_SPEC_EPHEMERAL = 1,   /**< The container goes when it ends. Not for exec. */
    BRIG_SPEC_INTERACTIVE = 2, /**< Standard input is passed on. */
    BRIG_SPEC_TERMINAL = 4     /**< A terminal of its own: brig_session_terminal(). */
};

/** A container to be made; see brig::ContainerSpec. */
typedef struct brig_container_spec {
    uint32_t size;
    uint32_t flags;                 /**< BRIG_SPEC_… */
    const char* image;              /**< NAME[:TAG] or an id. */
    const char* name;               /**< NULL: its id. */
    const char* const* command;     /**< NULL: the image's. */
    const char* const* params;      /**< Jail parameters, "host.hostname=web". */
    const char* const* environment; /**< "NAME=value". */
    const char* const* networks;    /**< "NAME" or "NAME:KEY=VALUE"; NULL: the default. */
    const char* const* publish;     /**< "8080:80": ports of the host. */
    const char* user;               /**< NULL: the image's. */
    const char* workdir;            /**< NULL: the image's. */
    const char* restart;            /**< "always", "on-failure:3", …; NULL: "no". */
} brig_container_spec;

/** A command for a running container; see brig::ExecSpec. */
typedef struct brig_exec_spec {
    uint32_t size;
    uint32_t flags; /**< BRIG_SPEC_… */
    const char* const* command;
    const char* const* environment;
    const char* user;
    const char* workdir;
} brig_exec_spec;

/** The descriptors of a process; -1 is /dev/null. Borrowed: it gets copies. */
typedef struct brig_io {
    int in;
    int out;
    int err;
} brig_io;

/** A process that this program started and follows. */
typedef struct brig_session brig_session;

/** How a process ended. */
typedef struct brig_exit {
    int32_t code;   /**< As passed to exit(2); meaningless with a signal. */
    int32_t signal; /**< That ended it, or 0. */
} brig_exit;

/** Checks a container and keeps it. `id` has room for BRIG_ID_SIZE bytes, or is NULL. */
BRIG_C_API brig_error_code brig_container_create(brig_engine* engine,
                                                 const brig_container_spec* spec,
                                                 char* id,
                                                 brig_error* error);

/** Creates and starts one that this process owns: it ends when this process does.
 *  Free: brig_session_free. */
BRIG_C_API brig_error_code brig_container_run(brig_engine* engine,
                                              const brig_container_spec* spec,
                                              brig_io io,
                                              brig_session** session,
                                              brig_error* error);

/** Creates and starts one in the background. It forks without execve(2), so call it in a process
 *  with one thread. */
BRIG_C_API brig_error_code brig_container_run_detached(brig_engine* engine,
                                                       const brig_container_spec* spec,
                                                       char* id,
                                                       brig_error* error);

/** Starts one that exists. Free: brig_session_free. */
BRIG_C_API brig_error_code brig_container_start(brig_engine* engine,
                                                const char* container,
                                                brig_io io,
                                                brig_session** session,
                                                brig_error* error);

/** The same in the background; see brig_container_run_detached. */
BRIG_C_API brig_error_code brig_container_start_detached(brig_engine* engine,
                                                         const char* container,
                                                         brig_error* error);

/** Runs a command in a running container. Free: brig_session_free. */
BRIG_C_API brig_error_code brig_container_exec(brig_engine* engine,
                                               const char* container,
                                               const brig_exec_spec* spec,
                                               brig_io io,
                                               brig_session** session,
                                               brig_error* error);

/** Stops one, as `jail -r` would. One that does not run is fine.
 *  @param timeout seconds after SIGTERM; -1: the parameter stop.timeout
 *  @param force   nonzero: goes on when a hook fails */
BRIG_C_API brig_error_code brig_container_stop(
    brig_engine* engine, const char* container, int timeout, int force, brig_error* error);

BRIG_C_API brig_error_code brig_container_kill(brig_engine* engine,
                                               const char* container,
                                               int signal,
                                               brig_error* error);

/** Waits until it does not run. `exit` may be NULL. */
BRIG_C_API brig_error_code brig_container_wait(brig_engine* engine,
                                               const char* container,
                                               brig_exit* exit,
                                               brig_error* error);

/** Removes one with its root; with `force` it is stopped first. */
BRIG_C_API brig_error_code brig_container_remove(brig_engine* engine,
                                                 const char* container,
                                                 int force,
                                                 brig_error* error);

/** brig_container_info::state. More may come. */
enum {
    BRIG_STATE_CREATED = 0,
    BRIG_STATE_RUNNING = 1,
    BRIG_STATE_RESTARTING = 2,
    BRIG_STATE_STOPPED = 3,
    BRIG_STATE_NEEDS_ATTENTION = 4
};

/** Times are milliseconds since 1970, 0 where there is none. */
typedef struct brig_container_info {
    uint32_t size; /**< Of what the library knows of it. */
    int32_t state; /**< BRIG_STATE_… */
    const char* id;
    const char* name;
    const char* image;
    const char* root; /**< "" unless it runs, or has one of its own. */
    const char* const* command;
    const char* const* networks;
    const char* const* addresses; /**< On its networks, while it runs. */
    int64_t created;
    int64_t started;
    int64_t finished;
    int32_t jid;       /**< -1 unless it runs. */
    int32_t pid;       /**< -1 unless it runs. */
    int32_t exited;    /**< Nonzero: `last_exit` is that of its last run. */
    int32_t ephemeral; /**< Nonzero: it goes when it ends. */
    brig_exit last_exit;
} brig_container_info;

typedef struct brig_container_list brig_container_list;

/** All of them, running or not. Free: brig_container_list_free. */
BRIG_C_API brig_error_code brig_containers(brig_engine* engine,
                                           brig_container_list** list,
                                           brig_error* error);

/** One, as a list. Free: brig_container_list_free. */
BRIG_C_API brig_error_code brig_container_inspect(brig_engine* engine,
                                                  const char* container,
                                                  brig_container_list** list,
                                                  brig_error* error);

BRIG_C_API size_t brig_container_list_size(const brig_container_list* list);
/** NULL beyond the end. */
BRIG_C_API const brig_container_info* brig_container_list_at(const brig_container_list* list,
                                                             size_t index);
BRIG_C_API void brig_container_list_free(brig_container_list* list);

/* ---- Sessions ------------------------------------------------------------------------------ */

BRIG_C_API const char* brig_session_container(const brig_session* session);

/** Becomes readable when the process has ended; for poll(2). Not to be read or closed. */
BRIG_C_API int brig_session_exit_fd(const brig_session* session);

/** The master side of its terminal, or -1. The session's: not to be closed. */
BRIG_C_API int brig_session_terminal(const brig_session* session);

BRIG_C_API brig_error_code brig_session_signal(brig_session* session,
                                               int signal,
                                               brig_error* error);

/** Waits for its end, undoes what starting did, and says how it ended. Once. `exit` may be NULL. */
BRIG_C_API brig_error_code brig_session_finish(brig_session* session,
                                               brig_exit* exit,
                                               brig_error* error);

/** Ends an unfinished one, and its container if this process owns that. */
BRIG_C_API void brig_session_free(brig_session* session);

/* ---- Plans --------------------------------------------------------------------------------- */

/** What running a container would do, found out without touching anything. */
typedef struct brig_plan brig_plan;

/** Needs no privilege. Free: brig_plan_free. */
BRIG_C_API brig_error_code brig_container_plan(brig_engine* engine,
                                               const brig_container_spec* spec,
                                               brig_plan** plan,
                                               brig_error* error);

/** In order. "" beyond the end. */
BRIG_C_API size_t brig_plan_steps(const brig_plan* plan);
BRIG_C_API const char* brig_plan_step_verb(const brig_plan* plan, size_t index);
BRIG_C_API const char* brig_plan_step_object(const brig_plan* plan, size_t index);

/** The value of a parameter, several with commas between, and where it comes from; or NULL. */
BRIG_C_API const char* brig_plan_param(const brig_plan* plan, const char* name);
BRIG_C_API const char* brig_plan_param_origin(const brig_plan* plan, const char* name);

/** The same as a command line of jail(8). */
BRIG_C_API const char* brig_plan_jail_command(const brig_plan* plan);
BRIG_C_API void brig_plan_free(brig_plan* plan);

/* ---- Events -------------------------------------------------------------------------------- */

/** What happens to containers, images, volumes and networks, by whichever process. */
typedef struct brig_event_stream brig_event_stream;

typedef struct brig_event {
    uint32_t size; /**< Of what the library knows of it. */
    uint32_t reserved;
    int64_t time;        /**< Milliseconds since 1970. */
    const char* subject; /**< "container", "image", "volume", "network", "engine". */
    const char* action;  /**< "started", "died", …; "lost": look at everything anew. */
    const char* id;
    const char* name;
    const char* const* attributes; /**< "exit_status=0", … */
} brig_event;

/** What happens from now on, or from `since` on (milliseconds since 1970) unless that is 0.
 *  Free: brig_event_stream_free. */
BRIG_C_API brig_error_code brig_events(brig_engine* engine,
                                       int64_t since,
                                       brig_event_stream** stream,
                                       brig_error* error);

/** Becomes readable when there may be more; for poll(2). Then call brig_event_stream_next with
 *  timeout 0 until it gives none. */
BRIG_C_API int brig_event_stream_fd(const brig_event_stream* stream);

/** The next event, which lives until the next call; NULL when there is none within `timeout`
 *  milliseconds (-1: for ever), or when a signal came. */
BRIG_C_API brig_error_code brig_event_stream_next(brig_event_stream* stream,
                                                  int timeout,
                                                  const brig_event** event,
                                                  brig_error* error);
BRIG_C_API void brig_event_stream_free(brig_event_stream* stream);

/* ---- Images -------------------------------------------------------------------------------- */

typedef struct brig_image_info {
    uint32_t size; /**< Of what the library knows of it. */
    uint32_t reserved;
    const char* id;
    const char* name; /**< "" where it has none any more. */
    const char* tag;
    const char* storage;
    const char* source;
    const char* const* command;
    int64_t created;
    uint64_t bytes;
} brig_image_info;

typedef struct brig_image_list brig_image_list;

/** Makes an image of a folder, or of an archive with a root or an OCI image.
 *  @param id with room for BRIG_ID_SIZE bytes, or NULL */
BRIG_C_API brig_error_code brig_image_create(
    brig_engine* engine, const char* reference, const char* path, char* id, brig_error* error);

/** Removes a name, and the image with its last one. */
BRIG_C_API brig_error_code brig_image_remove(brig_engine* engine,
                                             const char* reference,
                                             brig_error* error);

/** Free: brig_image_list_free. */
BRIG_C_API brig_error_code brig_images(brig_engine* engine,
                                       brig_image_list** list,
                                       brig_error* error);
BRIG_C_API size_t brig_image_list_size(const brig_image_list* list);
/** NULL beyond the end. */
BRIG_C_API const brig_image_info* brig_image_list_at(const brig_image_list* list, size_t index);
BRIG_C_API void brig_image_list_free(brig_image_list* list);

/* ---- Networks ------------------------------------------------------------------------------ */

typedef struct brig_network_info {
    uint32_t size; /**< Of what the library knows of it. */
    int32_t is_default;
    const char* name;
    const char* driver;
    int32_t is_created; /**< By brig_network_create, not by the configuration. */
    int32_t reserved;
} brig_network_info;

typedef struct brig_network_list brig_network_list;

/** @param driver  NULL: net-vnet
 *  @param options "subnet=10.1.0.0/24", … */
BRIG_C_API brig_error_code brig_network_create(brig_engine* engine,
                                               const char* name,
                                               const char* driver,
                                               const char* const* options,
                                               brig_error* error);

/** Removes a created network that no container is on. */
BRIG_C_API brig_error_code brig_network_remove(brig_engine* engine,
                                               const char* name,
                                               brig_error* error);

/** Free: brig_network_list_free. */
BRIG_C_API brig_error_code brig_networks(brig_engine* engine,
                                         brig_network_list** list,
                                         brig_error* error);
BRIG_C_API size_t brig_network_list_size(const brig_network_list* list);
/** NULL beyond the end. */
BRIG_C_API const brig_network_info* brig_network_list_at(const brig_network_list* list,
                                                         size_t index);
BRIG_C_API void brig_network_list_free(brig_network_list* list);

/* ---- Recovery ------------------------------------------------------------------------------ */

/** Tears down what crashed processes left behind.
 *  @param undone   how many things were, or NULL
 *  @param failures how many are still there, or NULL; `brig recover` says which */
BRIG_C_API brig_error_code brig_recover(brig_engine* engine,
                                        size_t* undone,
                                        size_t* failures,
                                        brig_error* error);

#ifdef __cplusplus
}
#endif

/* NOLINTEND */

#endif
