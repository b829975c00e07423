// SPDX-License-Identifier: BSD-2-Clause
// Volumes as folders: PATH/VOLUME@TAG with root/ and snapshots/NAME/. Clones and snapshots are
// copies. What is half made or half removed has another name, so that a crash leaves either all of
// a volume or something that is seen to be none.
#define _XOPEN_SOURCE 700
#include <brig/driver.h>

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW "@new"
#define OLD "@old"

struct brig_inst {
    const brig_host* host;
    char* folder;
};

static const brig_option options[] = {
    {"path",
     BRIG_T_PATH,
     BRIG_OPT_REQUIRED,
     NULL,
     NULL,
     0,
     0,
     "An existing folder that holds the volumes, and nothing else.",
     "0.1.0"},
};

/* ---- Paths and messages -------------------------------------------------------------------- */

struct path {
    char text[PATH_MAX];
};

static struct path path_of(const char* format, ...) {
    struct path path;
    va_list values;
    va_start(values, format);
    vsnprintf(path.text, sizeof path.text, format, values);
    va_end(values);
    return path;
}

static brig_status fail(brig_inst* storage, brig_call* call, const char* verb, struct path path) {
    const int reason = errno;
    struct path message = path_of("cannot %s '%s': %s", verb, path.text, strerror(reason));
    const brig_status status = reason == EACCES || reason == EPERM ? BRIG_PERMISSION
                               : reason == ENOSPC                  ? BRIG_EXHAUSTED
                                                                   : BRIG_INTERNAL;
    return storage->host->fail(call, status, message.text, NULL);
}

static int exists(struct path path) {
    struct stat status;
    return lstat(path.text, &status) == 0;
}

/* The tag is part of the name, so that no volume is ever without. */
static struct path volume_of(brig_inst* storage, const brig_ref* ref) {
    return path_of("%s/%s@%s", storage->folder, ref->object, ref->owner_tag);
}

static int ends_with(const char* text, const char* ending) {
    const size_t length = strlen(text);
    return length >= strlen(ending) && strcmp(text + length - strlen(ending), ending) == 0;
}

static int is_half(const char* name) {
    return ends_with(name, NEW) || ends_with(name, OLD);
}

/* A volume of that name, whoever's it is. */
static int find_volume(brig_inst* storage, const char* volume, size_t length, struct path* found) {
    DIR* folder = opendir(storage->folder);
    const struct dirent* entry;
    int there = 0;
    while (folder != NULL && !there && (entry = readdir(folder)) != NULL) {
        const char* name = entry->d_name;
        if (strncmp(name, volume, length) == 0
            && (name[length] == '\0' || (name[length] == '@' && !is_half(name)))) {
            *found = path_of("%s/%s", storage->folder, name);
            there = 1;
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return there;
}

/* ---- Steps --------------------------------------------------------------------------------- */

static brig_status make_folder(brig_inst* storage, brig_call* call, struct path path, mode_t mode) {
    return mkdir(path.text, mode) == 0 ? BRIG_OK : fail(storage, call, "make", path);
}

static brig_status move(brig_inst* storage, brig_call* call, struct path from, struct path to) {
    return rename(from.text, to.text) == 0 ? BRIG_OK : fail(storage, call, "rename", from);
}

static int remove_one(const char* path, const struct stat* status, int type, struct FTW* place) {
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

/* Follows no symbolic link, and stops at mount points. Nothing there is fine. */
static brig_status remove_tree(brig_inst* storage, brig_call* call, struct path path) {
    if (exists(path) && nftw(path.text, remove_one, 16, FTW_PHYS | FTW_MOUNT | FTW_DEPTH) != 0) {
        return fail(storage, call, "remove", path);
    }
    return BRIG_OK;
}

/* Removes `path` under another name, so that it is never seen half removed. */
static brig_status remove_whole(brig_inst* storage, brig_call* call, struct path path) {
    const struct path old = path_of("%s" OLD, path.text);
    brig_status status = remove_tree(storage, call, old);
    if (status == BRIG_OK && exists(path)) {
        status = move(storage, call, path, old);
    }
    if (status == BRIG_OK) {
        status = remove_tree(storage, call, old);
    }
    if (status == BRIG_OK) {
        status = remove_tree(storage, call, path_of("%s" NEW, path.text));
    }
    return status;
}

static brig_status copy(brig_inst* storage, brig_call* call, struct path from, struct path to) {
    const char* argv[] = {"/bin/cp", "-a", from.text, to.text, NULL};
    int exit_code = 0;
    brig_status status;
    if (storage->host->cancelled(call)) {
        return BRIG_CANCELLED;
    }
    status = storage->host->run(call, argv, NULL, NULL, NULL, &exit_code);
    if (status == BRIG_OK && exit_code != 0) {
        status = storage->host->fail(call, BRIG_INTERNAL, "a copy failed", NULL);
    }
    return status;
}

static brig_status require(brig_inst* storage, brig_call* call, const brig_ref* ref) {
    if (exists(volume_of(storage, ref)) || (ref->flags & BRIG_F_DRY_RUN) != 0) {
        return BRIG_OK;
    }
    return storage->host->fail(
        call, BRIG_NOT_FOUND, path_of("there is no volume '%s'", ref->object).text, NULL);
}

/* ---- Operations ---------------------------------------------------------------------------- */

static brig_status open_storage(
    const brig_host* host, brig_call* call, const char* name, brig_map config, brig_inst** out) {
    brig_inst* storage = calloc(1, sizeof *storage);
    char* folder = strdup(config.v[0].val.s); /* the one option there is, and it is required */
    (void)name;
    if (storage == NULL || folder == NULL) {
        free(storage);
        free(folder);
        return host->fail(call, BRIG_INTERNAL, "there is no memory", NULL);
    }
    storage->host = host;
    storage->folder = folder;
    *out = storage;
    return BRIG_OK;
}

static void close_storage(brig_inst* storage) {
    free(storage->folder);
    free(storage);
}

/* What bears a tag, half made or not. */
static brig_status list(brig_inst* storage, brig_call* call) {
    DIR* folder = opendir(storage->folder);
    const struct dirent* entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        struct path volume = path_of("%s", entry->d_name);
        char* tag = strchr(volume.text, '@');
        const int half = is_half(entry->d_name);
        if (tag != NULL) {
            *tag++ = '\0';
            if (half) {
                tag[strlen(tag) - strlen(NEW)] = '\0';
            }
            storage->host->item(call, tag, volume.text, half ? "half made or half removed" : NULL);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return BRIG_OK;
}

/* The root of a new volume: empty, or a copy of `source`, "VOLUME@SNAPSHOT". */
static brig_status make_root(brig_inst* storage,
                             brig_call* call,
                             const char* source,
                             struct path root) {
    const char* at = source == NULL ? NULL : strchr(source, '@');
    struct path snapshot;
    if (at == NULL) {
        return make_folder(storage, call, root, 0755);
    }
    if (find_volume(storage, source, (size_t)(at - source), &snapshot)) {
        snapshot = path_of("%s/snapshots/%s", snapshot.text, at + 1);
        if (exists(snapshot)) {
            return copy(storage, call, snapshot, root);
        }
    }
    return storage->host->fail(
        call, BRIG_NOT_FOUND, path_of("there is no '%s' to be cloned", source).text, NULL);
}

static brig_status provision(brig_inst* storage,
                             brig_call* call,
                             const brig_ref* ref,
                             const char* source) {
    const struct path volume = volume_of(storage, ref);
    const struct path half = path_of("%s" NEW, volume.text);
    struct path other;
    brig_status status;
    if (exists(volume) || (ref->flags & BRIG_F_DRY_RUN) != 0) {
        return BRIG_OK;
    }
    if (find_volume(storage, ref->object, strlen(ref->object), &other)) {
        return storage->host->fail(
            call,
            BRIG_CONFLICT,
            path_of("there is '%s' already, which is another volume", other.text).text,
            NULL);
    }
    status = remove_tree(storage, call, half);
    if (status == BRIG_OK) {
        status = make_folder(storage, call, half, 0700);
    }
    if (status == BRIG_OK) {
        status = make_root(storage, call, source, path_of("%s/root", half.text));
    }
    if (status == BRIG_OK) {
        status = make_folder(storage, call, path_of("%s/snapshots", half.text), 0700);
    }
    return status == BRIG_OK ? move(storage, call, half, volume) : status;
}

static brig_status activate(brig_inst* storage, brig_call* call, const brig_ref* ref) {
    const brig_status status = require(storage, call, ref);
    const struct path root = path_of("%s/root", volume_of(storage, ref).text);
    return status == BRIG_OK ? storage->host->result(call, "root", root.text) : status;
}

/* Nothing is mounted. */
static brig_status deactivate(brig_inst* storage, brig_call* call, const brig_ref* ref) {
    (void)storage;
    (void)call;
    (void)ref;
    return BRIG_OK;
}

static brig_status destroy(brig_inst* storage, brig_call* call, const brig_ref* ref) {
    return (ref->flags & BRIG_F_DRY_RUN) != 0
               ? BRIG_OK
               : remove_whole(storage, call, volume_of(storage, ref));
}

static brig_status check(brig_inst* storage, brig_call* call, const brig_ref* ref) {
    const struct path volume = volume_of(storage, ref);
    (void)call;
    if (exists(path_of("%s/root", volume.text))) {
        return BRIG_OK;
    }
    return exists(volume) || exists(path_of("%s" NEW, volume.text))
                   || exists(path_of("%s" OLD, volume.text))
               ? BRIG_DRIFT
               : BRIG_NOT_FOUND;
}

static brig_status take_snapshot(brig_inst* storage,
                                 brig_call* call,
                                 const brig_ref* ref,
                                 const char* name) {
    const struct path volume = volume_of(storage, ref);
    const struct path snapshot = path_of("%s/snapshots/%s", volume.text, name);
    const struct path half = path_of("%s" NEW, snapshot.text);
    brig_status status = require(storage, call, ref);
    if (status != BRIG_OK || exists(snapshot) || (ref->flags & BRIG_F_DRY_RUN) != 0) {
        return status;
    }
    status = remove_tree(storage, call, half);
    if (status == BRIG_OK) {
        status = copy(storage, call, path_of("%s/root", volume.text), half);
    }
    return status == BRIG_OK ? move(storage, call, half, snapshot) : status;
}

static brig_status destroy_snapshot(brig_inst* storage,
                                    brig_call* call,
                                    const brig_ref* ref,
                                    const char* name) {
    const struct path snapshot = path_of("%s/snapshots/%s", volume_of(storage, ref).text, name);
    return (ref->flags & BRIG_F_DRY_RUN) != 0 ? BRIG_OK : remove_whole(storage, call, snapshot);
}

/* Newer snapshots are copies of their own, and stay. */
static brig_status rollback(brig_inst* storage,
                            brig_call* call,
                            const brig_ref* ref,
                            const char* name) {
    const struct path root = path_of("%s/root", volume_of(storage, ref).text);
    const struct path new_root = path_of("%s" NEW, root.text);
    const struct path old_root = path_of("%s" OLD, root.text);
    const struct path snapshot = path_of("%s/snapshots/%s", volume_of(storage, ref).text, name);
    brig_status status = require(storage, call, ref);
    if (status == BRIG_OK && !exists(snapshot)) {
        status = storage->host->fail(
            call, BRIG_NOT_FOUND, path_of("there is no snapshot '%s'", name).text, NULL);
    }
    if (status != BRIG_OK || (ref->flags & BRIG_F_DRY_RUN) != 0) {
        return status;
    }
    status = remove_tree(storage, call, new_root);
    if (status == BRIG_OK) {
        status = copy(storage, call, snapshot, new_root);
    }
    if (status == BRIG_OK) {
        status = remove_tree(storage, call, old_root);
    }
    if (status == BRIG_OK && exists(root)) {
        status = move(storage, call, root, old_root);
    }
    if (status == BRIG_OK) {
        status = move(storage, call, new_root, root);
    }
    return status == BRIG_OK ? remove_tree(storage, call, old_root) : status;
}

static const brig_base_ops base_ops = {
    BRIG_HDR(brig_base_ops), open_storage, close_storage, NULL, list};

static const brig_storage_ops storage_ops = {BRIG_HDR(brig_storage_ops),
                                             provision,
                                             activate,
                                             deactivate,
                                             destroy,
                                             check,
                                             take_snapshot,
                                             destroy_snapshot,
                                             rollback};

static const brig_driver driver = {
    BRIG_HDR(brig_driver),
    BRIG_KIND_STORAGE,
    BRIG_PER_INSTANCE,
    BRIG_CAP_SNAPSHOT,
    1,
    0,
    "storage-template",
    "0.1.0",
    "you",
    "BSD-2-Clause",
    "Volumes as folders that are copied",
    NULL,
    "freebsd linux",
    NULL,
    NULL,
    options,
    sizeof options / sizeof *options,
    &base_ops,
    NULL,
    &storage_ops,
    NULL,
};

const brig_driver* BRIG_ENTRY(void) {
    return &driver;
}
