// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/sessions.hpp"
#include "c_api/specs.hpp"

#include <chrono>
#include <memory>

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

namespace {

/// Hands over what `begin` starts.
template <typename Begin>
void give(brig_session** session, const Begin& begin) {
    *session = nullptr;
    auto made = std::make_unique<brig_session>();
    made->session = begin();
    *session = made.release();
}

}  // namespace

brig_error_code brig_container_create(brig_engine* engine,
                                      const brig_container_spec* spec,
                                      char* id,
                                      brig_error* error) {
    return guarded_with(
        error, [&] { copy_id(engine->engine.create(spec_of(spec)).id, id); }, engine);
}

brig_error_code brig_container_run(brig_engine* engine,
                                   const brig_container_spec* spec,
                                   brig_io io,
                                   brig_session** session,
                                   brig_error* error) {
    const auto run = [&] {
        give(session, [&] { return engine->engine.run(spec_of(spec), io_of(io)); });
    };
    return guarded_with(error, run, engine, session);
}

brig_error_code brig_container_run_detached(brig_engine* engine,
                                            const brig_container_spec* spec,
                                            char* id,
                                            brig_error* error) {
    return guarded_with(
        error, [&] { copy_id(engine->engine.run_detached(spec_of(spec)).id, id); }, engine);
}

brig_error_code brig_container_start(brig_engine* engine,
                                     const char* container,
                                     brig_io io,
                                     brig_session** session,
                                     brig_error* error) {
    const auto start = [&] {
        give(session, [&] { return engine->engine.start(container, io_of(io)); });
    };
    return guarded_with(error, start, engine, container, session);
}

brig_error_code brig_container_start_detached(brig_engine* engine,
                                              const char* container,
                                              brig_error* error) {
    return guarded_with(
        error, [&] { engine->engine.start_detached(container); }, engine, container);
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_error_code brig_container_exec(brig_engine* engine,
                                    const char* container,
                                    const brig_exec_spec* spec,
                                    brig_io io,
                                    brig_session** session,
                                    brig_error* error) {
    const auto exec = [&] {
        give(session, [&] { return engine->engine.exec(container, exec_of(spec), io_of(io)); });
    };
    return guarded_with(error, exec, engine, container, session);
}

brig_error_code brig_container_stop(
    brig_engine* engine, const char* container, int timeout, int force, brig_error* error) {
    const auto stop = [&] {
        StopOptions options;
        if (timeout >= 0) {
            options.timeout = std::chrono::seconds{timeout};
        }
        options.force = force != 0;
        engine->engine.stop(container, options);
    };
    return guarded_with(error, stop, engine, container);
}

brig_error_code brig_container_kill(brig_engine* engine,
                                    const char* container,
                                    int signal,
                                    brig_error* error) {
    return guarded_with(
        error, [&] { engine->engine.kill(container, signal); }, engine, container);
}

brig_error_code brig_container_wait(brig_engine* engine,
                                    const char* container,
                                    brig_exit* exit,
                                    brig_error* error) {
    const auto wait = [&] {
        const ExitStatus status = engine->engine.wait(container);
        if (exit != nullptr) {
            *exit = exit_of(status);
        }
    };
    return guarded_with(error, wait, engine, container);
}

brig_error_code brig_container_remove(brig_engine* engine,
                                      const char* container,
                                      int force,
                                      brig_error* error) {
    return guarded_with(
        error, [&] { engine->engine.remove(container, force != 0); }, engine, container);
}
