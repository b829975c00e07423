// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "c_api/barrier.hpp"

#include <memory>

struct brig_session {
    std::unique_ptr<brig::Session> session;
};

namespace brig::c_api {

[[nodiscard]] inline SessionIo io_of(const brig_io& io) {
    return {io.in, io.out, io.err};
}

[[nodiscard]] inline brig_exit exit_of(const ExitStatus& status) {
    return {status.code, status.signal};
}

}  // namespace brig::c_api
