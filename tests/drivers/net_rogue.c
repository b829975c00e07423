// SPDX-License-Identifier: BSD-2-Clause
// A network driver that keeps a file for each attachment, and does something that no driver may do:
// its option `deed`, in the operation `at`.
#define _XOPEN_SOURCE 700
#include "brig/driver.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LONGEST 512

struct brig_inst {
    const brig_host* host;
    char folder[LONGEST];
    char deed[LONGEST];
    char at[LONGEST];
};

static const brig_option options[] = {
    {"path", BRIG_T_PATH, BRIG_OPT_REQUIRED, NULL, NULL, 0, 0, "Where the files are.", "1.0"},
    {"deed", BRIG_T_STR, 0, "none", NULL, 0, 0, "What it does.", "1.0"},
    {"at", BRIG_T_STR, 0, "prepare", NULL, 0, 0, "The operation in which it does it.", "1.0"},
};

static const char* option(brig_map map, const char* key) {
    for (size_t i = 0; i < map.n; ++i) {
        if (strcmp(map.v[i].key, key) == 0) {
            return map.v[i].val.s;
        }
    }
    return "";
}

static void wait_a_moment(void) {
    const struct timespec moment = {0, 300 * 1000 * 1000};
    nanosleep(&moment, NULL);
}

/* ---- Deeds --------------------------------------------------------------------------------- */

struct late {
    const brig_host* host;
    brig_call* call;
};

static void* call_late(void* raw) {
    struct late* late = raw;
    wait_a_moment();
    for (int i = 0; i < 3; ++i) {
        late->host->log(late->call, BRIG_LOG_WARN, "said too late");
        late->host->result(late->call, "late", "1");
    }
    free(late);
    return NULL;
}

static void start_late_thread(const brig_host* host, brig_call* call) {
    struct late* late = malloc(sizeof *late);
    pthread_t thread;
    late->host = host;
    late->call = call;
    pthread_create(&thread, NULL, call_late, late);
    pthread_detach(thread);
}

/* A process that has left its parent, its session and its group. */
static void start_daemon(void) {
    const pid_t child = fork();
    if (child == 0) {
        setsid();
        if (fork() == 0) {
            sleep(1000);
        }
        _exit(0);
    }
    waitpid(child, NULL, 0);
}

static brig_status say_too_much(const brig_host* host, brig_call* call) {
    static char text[60 * 1024];
    memset(text, 'x', sizeof text - 1);
    for (int i = 0; i < 1000 * 1000; ++i) {
        host->item(call, text, "x", NULL);
    }
    return BRIG_OK;
}

static brig_status contribute(const brig_host* host, brig_call* call, const char* name) {
    const brig_value value = {BRIG_T_STR, 1, 0, "/", NULL};
    host->param(call, name, &value, 0);
    return BRIG_OK;
}

static brig_status misbehave(struct brig_inst* inst, brig_call* call) {
    const char* deed = inst->deed;
    const brig_host* host = inst->host;
    if (strcmp(deed, "crash") == 0) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would explain it */
        raise(SIGSEGV);
    } else if (strcmp(deed, "abort") == 0) {
        fprintf(stderr, "net-rogue: assertion failed: sane\n");
        abort();
    } else if (strcmp(deed, "exit") == 0) {
        exit(7);
    } else if (strcmp(deed, "hang") == 0) {
        for (;;) {
            pause();
        }
    } else if (strcmp(deed, "busy") == 0) {
        while (host->cancelled(call) >= 0) {
            continue; /* whatever the answer is */
        }
    } else if (strcmp(deed, "print") == 0) {
        printf("hello from a driver\n");
    } else if (strcmp(deed, "complain") == 0) {
        fprintf(stderr, "a complaint of a driver\n");
    } else if (strcmp(deed, "fork") == 0) {
        if (fork() == 0) {
            sleep(1000);
            _exit(0);
        }
    } else if (strcmp(deed, "daemon") == 0) {
        start_daemon();
    } else if (strcmp(deed, "daemon-then-crash") == 0) {
        start_daemon();
        raise(SIGKILL);
    } else if (strcmp(deed, "descriptors") == 0) {
        for (int i = 0; i < 100; ++i) {
            open("/dev/null", O_RDONLY | O_CLOEXEC);
        }
    } else if (strcmp(deed, "status") == 0) {
        return 12345;
    } else if (strcmp(deed, "late") == 0) {
        start_late_thread(host, call);
    } else if (strcmp(deed, "flood") == 0) {
        return say_too_much(host, call);
    } else if (strcmp(deed, "path") == 0) {
        return contribute(host, call, "path");
    } else if (strcmp(deed, "allow") == 0) {
        return contribute(host, call, "allow.raw_sockets");
    } else if (strcmp(deed, "undeclared") == 0) {
        return contribute(host, call, "osrelease");
    } else if (strcmp(deed, "scribble") == 0) {
        /* Into every descriptor that is not its own. */
        for (int fd = 3; fd < 64; ++fd) {
            if (write(fd, "garbage garbage garbage", 23) < 0) {
                continue;
            }
        }
    } else if (strcmp(deed, "close") == 0) {
        for (int fd = 0; fd < 64; ++fd) {
            close(fd);
        }
    } else if (strcmp(deed, "chdir") == 0) {
        if (chdir("/") == 0) {
            umask(0777);
            signal(SIGCHLD, SIG_IGN);
            setenv("PATH", "/nowhere", 1);
        }
    }
    return BRIG_OK;
}

static brig_status at(struct brig_inst* inst, brig_call* call, const char* operation) {
    return strcmp(inst->at, operation) == 0 ? misbehave(inst, call) : BRIG_OK;
}

/* ---- Operations ---------------------------------------------------------------------------- */

static void file_of(struct brig_inst* inst, const brig_ref* ref, char* path) {
    snprintf(path, 2 * LONGEST, "%s/%s.%s", inst->folder, ref->container, ref->object);
}

static brig_status open_instance(
    const brig_host* host, brig_call* call, const char* name, brig_map config, brig_inst** out) {
    struct brig_inst* inst = calloc(1, sizeof *inst);
    (void)name;
    inst->host = host;
    snprintf(inst->folder, sizeof inst->folder, "%s", option(config, "path"));
    snprintf(inst->deed, sizeof inst->deed, "%s", option(config, "deed"));
    snprintf(inst->at, sizeof inst->at, "%s", option(config, "at"));
    if (strcmp(inst->deed, "nothing") == 0) {
        free(inst);
        return BRIG_OK;
    }
    const brig_status status = at(inst, call, "open");
    if (status != BRIG_OK) {
        free(inst);
        return status;
    }
    *out = inst;
    return BRIG_OK;
}

static void close_instance(brig_inst* inst) {
    free(inst);
}

static brig_status list(brig_inst* inst, brig_call* call) {
    return at(inst, call, "list");
}

static brig_status prepare(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    char path[2 * LONGEST];
    file_of(inst, ref, path);
    if ((ref->flags & BRIG_F_DRY_RUN) != 0) {
        return BRIG_OK;
    }
    const int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) {
        return inst->host->fail(call, BRIG_INTERNAL, "cannot make its file", NULL);
    }
    close(fd);
    const brig_value inherit = {BRIG_T_STR, 1, 0, "inherit", NULL};
    inst->host->param(call, "ip4", &inherit, 0);
    inst->host->result(call, "file", path);
    return at(inst, call, "prepare");
}

static brig_status attach(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    (void)ref;
    return at(inst, call, "attach");
}

static brig_status teardown(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    char path[2 * LONGEST];
    file_of(inst, ref, path);
    if (unlink(path) < 0 && errno != ENOENT) {
        return inst->host->fail(call, BRIG_INTERNAL, "cannot remove its file", NULL);
    }
    return at(inst, call, "teardown");
}

static brig_status check(brig_inst* inst, brig_call* call, const brig_ref* ref) {
    char path[2 * LONGEST];
    file_of(inst, ref, path);
    const brig_status status = at(inst, call, "check");
    return status != BRIG_OK ? status : access(path, F_OK) == 0 ? BRIG_OK : BRIG_NOT_FOUND;
}

static const brig_base_ops base = {
    BRIG_HDR(brig_base_ops), open_instance, close_instance, NULL, list};
static const brig_network_ops network = {
    BRIG_HDR(brig_network_ops), prepare, attach, teardown, check, NULL};

static const brig_driver driver = {
    BRIG_HDR(brig_driver),
    BRIG_KIND_NETWORK,
    BRIG_PARALLEL,
    0,
    1,
    0,
    "net-rogue",
    "1.0",
    NULL,
    "BSD-2-Clause",
    "Does what no driver may do",
    NULL,
    NULL,
    NULL,
    "ip4 path allow.*",
    options,
    sizeof options / sizeof *options,
    &base,
    &network,
    NULL,
    NULL,
};

const brig_driver* BRIG_ENTRY(void) {
    return &driver;
}
