// SPDX-License-Identifier: BSD-2-Clause
#include <brig/brig.h>

#include <stdio.h>

int main(void) {
    const char* const command[] = {"echo", "Hello World", NULL};
    brig_engine_options options = {.size = sizeof options};
    brig_container_spec spec = {.size = sizeof spec, .flags = BRIG_SPEC_EPHEMERAL};
    const brig_io io = {-1, 1, 2};
    brig_engine* engine = NULL;
    brig_session* session = NULL;
    brig_exit end = {1, 0};
    brig_error error;

    spec.image = "base";
    spec.command = command;
    if (brig_engine_open(&options, &engine, &error) != BRIG_E_NONE
        || brig_container_run(engine, &spec, io, &session, &error) != BRIG_E_NONE
        || brig_session_finish(session, &end, &error) != BRIG_E_NONE) {
        fprintf(stderr, "%s\n%s\n", error.message, error.hint);
    }
    brig_session_free(session);
    brig_engine_close(engine);
    return end.code;
}
