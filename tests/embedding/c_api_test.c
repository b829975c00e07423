// SPDX-License-Identifier: BSD-2-Clause
//
// The C interface, from C99, over real containers: prints a line for each check that fails, and
// ends with 1 if there is one.
//
//     c_api_test ROOT STATE RUN       ROOT: a folder to make an image of
#define _POSIX_C_SOURCE 200809L

#include <brig/brig.h>
#include <brig/driver.h> /* both in one program */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failures = 0;
static int logged = 0;

#define CHECK(condition)                                                   \
    do {                                                                   \
        if (!(condition)) {                                                \
            printf("FAILED: %s:%d: %s\n", __FILE__, __LINE__, #condition); \
            failures++;                                                    \
        }                                                                  \
    } while (0)

static void require(brig_error_code code, const brig_error* error, int line) {
    if (code != BRIG_E_NONE) {
        printf("FAILED: line %d: %s: %s\n", line, brig_error_name(code), error->message);
        exit(1);
    }
}

#define REQUIRE(call) require((call), &error, __LINE__)

static void count_line(void* data, int level, const char* line) {
    (void)level;
    (void)line;
    ++*(int*)data;
}

static brig_engine* open_engine(const char* state, const char* run) {
    brig_engine_options options = {.size = sizeof options};
    brig_engine* engine = NULL;
    brig_error error;
    options.state = state;
    options.run = run;
    options.default_network = "none";
    options.log = count_line;
    options.log_data = &logged;
    REQUIRE(brig_engine_open(&options, &engine, &error));
    return engine;
}

static void test_errors(brig_engine* engine) {
    const char* const bad_params[] = {"allow.raw_socket", NULL};
    brig_container_spec spec = {.size = sizeof spec};
    brig_session* session = (brig_session*)&spec;
    brig_io io = {-1, -1, -1};
    brig_error error;
    char id[BRIG_ID_SIZE];

    spec.image = "nothing";
    CHECK(brig_container_run(engine, &spec, io, &session, &error) == BRIG_E_NOT_FOUND);
    CHECK(error.code == BRIG_E_NOT_FOUND);
    CHECK(session == NULL);
    CHECK(strstr(error.message, "'nothing'") != NULL);
    CHECK(error.hint[0] != '\0');
    CHECK(brig_container_run(engine, &spec, io, &session, NULL) == BRIG_E_NOT_FOUND);

    spec.image = "base";
    spec.params = bad_params;
    CHECK(brig_container_create(engine, &spec, id, &error) == BRIG_E_INVALID_CONFIG);
    CHECK(strstr(error.message, "allow.raw_sockets") != NULL);

    spec.size = 0;
    CHECK(brig_container_create(engine, &spec, id, &error) == BRIG_E_INVALID_CONFIG);
    CHECK(brig_container_create(NULL, &spec, id, &error) == BRIG_E_MISUSE);
    CHECK(brig_container_kill(engine, NULL, 9, &error) == BRIG_E_MISUSE);
    CHECK(strcmp(brig_error_name(BRIG_E_NOT_FOUND), "not_found") == 0);
    CHECK(strcmp(brig_error_name(99), "unknown") == 0);
}

/* An older program's structure ends before members that we have. */
static void test_older_caller(brig_engine* engine) {
    const char* const command[] = {"true", NULL};
    brig_container_spec spec = {.size = sizeof spec};
    brig_plan* plan = NULL;
    brig_error error;
    spec.image = "base";
    spec.command = command;
    spec.user = "no such user is looked at";
    spec.size = (uint32_t)offsetof(brig_container_spec, user);
    REQUIRE(brig_container_plan(engine, &spec, &plan, &error));
    CHECK(strcmp(brig_plan_param(plan, "exec.jail_user"), "root") == 0);
    brig_plan_free(plan);
}

static void test_plan(brig_engine* engine) {
    const char* const command[] = {"echo", "two words", NULL};
    const char* const params[] = {"host.hostname=planned", NULL};
    brig_container_spec spec = {.size = sizeof spec};
    brig_plan* plan = NULL;
    brig_error error;
    size_t steps;
    spec.image = "base";
    spec.command = command;
    spec.params = params;
    REQUIRE(brig_container_plan(engine, &spec, &plan, &error));
    steps = brig_plan_steps(plan);
    CHECK(steps > 3);
    CHECK(strcmp(brig_plan_step_verb(plan, steps - 1), "run") == 0);
    CHECK(strstr(brig_plan_step_object(plan, steps - 1), "two words") != NULL);
    CHECK(strcmp(brig_plan_step_verb(plan, steps), "") == 0);
    CHECK(strcmp(brig_plan_param(plan, "host.hostname"), "planned") == 0);
    CHECK(strcmp(brig_plan_param_origin(plan, "host.hostname"), "-J") == 0);
    CHECK(brig_plan_param(plan, "no.such") == NULL);
    CHECK(strstr(brig_plan_jail_command(plan), "host.hostname=planned") != NULL);
    brig_plan_free(plan);
}

/* What the session's process writes, up to its end. */
static void read_output(int fd, char* text, size_t size) {
    size_t length = 0;
    ssize_t count;
    while (length + 1 < size && (count = read(fd, text + length, size - 1 - length)) > 0) {
        length += (size_t)count;
    }
    text[length] = '\0';
}

static void test_run(brig_engine* engine) {
    const char* const command[] = {"sh", "-c", "echo $GREETING; exit 3", NULL};
    const char* const environment[] = {"GREETING=hello", NULL};
    brig_container_spec spec = {.size = sizeof spec, .flags = BRIG_SPEC_EPHEMERAL};
    brig_session* session = NULL;
    brig_exit end = {-1, -1};
    brig_error error;
    char text[64];
    int ends[2];
    struct pollfd ended;
    brig_io io = {-1, -1, -1};

    spec.image = "base";
    spec.command = command;
    spec.environment = environment;
    CHECK(pipe(ends) == 0);
    io.out = ends[1];
    REQUIRE(brig_container_run(engine, &spec, io, &session, &error));
    close(ends[1]);
    read_output(ends[0], text, sizeof text);
    close(ends[0]);
    CHECK(strcmp(text, "hello\n") == 0);
    ended.fd = brig_session_exit_fd(session);
    ended.events = POLLIN;
    CHECK(poll(&ended, 1, 10000) == 1);
    CHECK(strlen(brig_session_container(session)) == 12);
    CHECK(brig_session_terminal(session) == -1);
    REQUIRE(brig_session_finish(session, &end, &error));
    CHECK(end.code == 3 && end.signal == 0);
    brig_session_free(session);

    /* One that is freed before its end is ended, and leaves nothing. */
    {
        const char* const sleeping[] = {"sleep", "1000", NULL};
        brig_container_list* list = NULL;
        spec.command = sleeping;
        io.out = -1;
        REQUIRE(brig_container_run(engine, &spec, io, &session, &error));
        brig_session_free(session);
        REQUIRE(brig_containers(engine, &list, &error));
        CHECK(brig_container_list_size(list) == 0);
        brig_container_list_free(list);
    }
}

static void test_detached(brig_engine* engine) {
    const char* const command[] = {"sleep", "1000", NULL};
    const char* const inside[] = {"sh", "-c", "exit 7", NULL};
    brig_container_spec spec = {.size = sizeof spec};
    brig_exec_spec exec = {.size = sizeof exec};
    brig_container_list* list = NULL;
    const brig_container_info* info;
    brig_session* session = NULL;
    brig_exit end = {-1, -1};
    brig_io io = {-1, -1, -1};
    brig_error error;
    char id[BRIG_ID_SIZE];

    spec.image = "base";
    spec.name = "web";
    spec.command = command;
    REQUIRE(brig_container_run_detached(engine, &spec, id, &error));
    CHECK(strlen(id) == 12);
    CHECK(brig_container_run_detached(engine, &spec, NULL, &error) == BRIG_E_ALREADY_EXISTS);

    REQUIRE(brig_container_inspect(engine, "web", &list, &error));
    CHECK(brig_container_list_size(list) == 1);
    CHECK(brig_container_list_at(list, 1) == NULL);
    info = brig_container_list_at(list, 0);
    CHECK(info->size == sizeof *info);
    CHECK(info->state == BRIG_STATE_RUNNING);
    CHECK(strcmp(info->id, id) == 0 && strcmp(info->name, "web") == 0);
    CHECK(strcmp(info->image, "base") == 0);
    CHECK(strcmp(info->command[1], "1000") == 0 && info->command[2] == NULL);
    CHECK(strcmp(info->networks[0], "none") == 0);
    CHECK(info->addresses[0] == NULL);
    CHECK(info->pid > 0 && info->jid > 0 && info->started > 0 && !info->exited);
    brig_container_list_free(list);

    exec.command = inside;
    REQUIRE(brig_container_exec(engine, "web", &exec, io, &session, &error));
    REQUIRE(brig_session_finish(session, &end, &error));
    CHECK(end.code == 7);
    brig_session_free(session);

    CHECK(brig_container_remove(engine, "web", 0, &error) == BRIG_E_CONFLICT);
    REQUIRE(brig_container_kill(engine, "web", 9, &error));
    REQUIRE(brig_container_wait(engine, "web", &end, &error));
    CHECK(end.signal == 9);
    REQUIRE(brig_container_start_detached(engine, "web", &error));
    REQUIRE(brig_container_stop(engine, "web", 0, 0, &error));
    REQUIRE(brig_container_start(engine, "web", io, &session, &error));
    REQUIRE(brig_session_signal(session, 15, &error));
    REQUIRE(brig_session_finish(session, &end, &error));
    brig_session_free(session);
    REQUIRE(brig_container_remove(engine, "web", 1, &error));
    CHECK(brig_container_inspect(engine, "web", &list, &error) == BRIG_E_NOT_FOUND);
}

static void test_networks(brig_engine* engine) {
    const char* const options[] = {"subnet=10.119.7.0/24", NULL};
    brig_network_list* list = NULL;
    brig_error error;
    size_t i;
    int found = 0;
    REQUIRE(brig_network_create(engine, "lan", NULL, options, &error));
    CHECK(brig_network_create(engine, "lan", NULL, options, &error) == BRIG_E_ALREADY_EXISTS);
    REQUIRE(brig_networks(engine, &list, &error));
    for (i = 0; i < brig_network_list_size(list); i++) {
        const brig_network_info* info = brig_network_list_at(list, i);
        if (strcmp(info->name, "lan") == 0) {
            found++;
            CHECK(strcmp(info->driver, "net-vnet") == 0 && info->is_created);
        }
    }
    CHECK(found == 1);
    brig_network_list_free(list);
    REQUIRE(brig_network_remove(engine, "lan", &error));
}

static void test_images(brig_engine* engine) {
    brig_image_list* list = NULL;
    brig_error error;
    REQUIRE(brig_images(engine, &list, &error));
    CHECK(brig_image_list_size(list) == 1);
    CHECK(strcmp(brig_image_list_at(list, 0)->name, "base") == 0);
    CHECK(strcmp(brig_image_list_at(list, 0)->tag, "latest") == 0);
    CHECK(brig_image_list_at(list, 0)->bytes > 0);
    CHECK(brig_image_list_at(list, 0)->command[0] == NULL);
    brig_image_list_free(list);
    REQUIRE(brig_image_remove(engine, "base", &error));
    CHECK(brig_image_remove(engine, "base", &error) == BRIG_E_NOT_FOUND);
}

static int has_attribute(const brig_event* event, const char* attribute) {
    size_t i;
    for (i = 0; event->attributes[i] != NULL; i++) {
        if (strcmp(event->attributes[i], attribute) == 0) {
            return 1;
        }
    }
    return 0;
}

/* All that the tests before have done. */
static void test_events(brig_event_stream* stream) {
    const brig_event* event = NULL;
    brig_error error;
    int died = 0, with_status = 0, images = 0, networks = 0;
    CHECK(brig_event_stream_fd(stream) >= 0);
    for (;;) {
        REQUIRE(brig_event_stream_next(stream, 0, &event, &error));
        if (event == NULL) {
            break;
        }
        CHECK(event->size == sizeof *event && event->time > 0);
        images += strcmp(event->subject, "image") == 0;
        networks += strcmp(event->subject, "network") == 0;
        if (strcmp(event->action, "died") == 0) {
            died++;
            with_status += has_attribute(event, "exit_status=3");
        }
    }
    CHECK(died == 5);
    CHECK(with_status == 1);
    CHECK(images == 2);
    CHECK(networks == 2);
}

int main(int argc, char** argv) {
    brig_engine* engine;
    brig_event_stream* stream = NULL;
    brig_error error;
    size_t undone = 1, left = 1;
    char id[BRIG_ID_SIZE];
    if (argc != 4) {
        fputs("usage: c_api_test ROOT STATE RUN\n", stderr);
        return 2;
    }
    engine = open_engine(argv[2], argv[3]);
    REQUIRE(brig_events(engine, 0, &stream, &error));
    REQUIRE(brig_image_create(engine, "base", argv[1], id, &error));
    CHECK(strlen(id) == 12);
    test_errors(engine);
    test_older_caller(engine);
    test_plan(engine);
    test_run(engine);
    test_detached(engine);
    test_networks(engine);
    REQUIRE(brig_recover(engine, &undone, &left, &error));
    CHECK(undone == 0 && left == 0);
    test_images(engine);
    test_events(stream);
    CHECK(logged > 0);
    brig_engine_close(engine);
    brig_event_stream_free(stream);
    brig_engine_close(NULL);
    brig_session_free(NULL);
    return failures == 0 ? 0 : 1;
}
