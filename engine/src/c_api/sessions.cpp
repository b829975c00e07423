// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/sessions.hpp"

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

const char* brig_session_container(const brig_session* session) {
    return session == nullptr ? "" : session->session->container_id().c_str();
}

int brig_session_exit_fd(const brig_session* session) {
    return session == nullptr ? -1 : session->session->exit_fd();
}

int brig_session_terminal(const brig_session* session) {
    return session == nullptr ? -1 : session->session->terminal();
}

brig_error_code brig_session_signal(brig_session* session, int signal, brig_error* error) {
    return guarded_with(
        error, [&] { session->session->signal(signal); }, session);
}

brig_error_code brig_session_finish(brig_session* session, brig_exit* exit, brig_error* error) {
    const auto finish = [&] {
        const ExitStatus status = session->session->finish();
        if (exit != nullptr) {
            *exit = exit_of(status);
        }
    };
    return guarded_with(error, finish, session);
}

void brig_session_free(brig_session* session) {
    delete session;
}
