// SPDX-License-Identifier: BSD-2-Clause
// brig-driver-host DRIVER.so ENGINE
//
// A driver in a process of its own. Started by the engine, whose process id is ENGINE, with one
// end of a socket pair as descriptor 4; drivers/isolation/protocol.hpp says what goes over it.
#include "drivers/isolation/channel.hpp"
#include "drivers/isolation/host/keeper.hpp"
#include "drivers/isolation/host/session.hpp"
#include "drivers/isolation/protocol.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

namespace isolation = brig::isolation;

constexpr int kUsage = 2;
constexpr int kBroken = 1;

bool is_socket(int fd) {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0;
}

/// A driver that crashes leaves no file behind, and what it runs has none of our descriptors.
void prepare_process() {
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    ::fcntl(isolation::kSocketFd, F_SETFD, FD_CLOEXEC);
    ::close(isolation::kSocketFd - 1);
    ::closefrom(isolation::kSocketFd + 1);
}

int serve(const char* driver) {
    try {
        isolation::Channel channel{brig::UniqueFd{isolation::kSocketFd}};
        return isolation::Session{std::move(channel), driver}.serve();
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "brig-driver-host: %s\n", error.what()));
        return kBroken;
    }
}

}  // namespace

int main(int argc, char** argv) {
    const long engine = argc == 3 ? std::strtol(argv[2], nullptr, 10) : 0;
    if (engine <= 1 || !is_socket(isolation::kSocketFd)) {
        static_cast<void>(
            std::fputs("brig-driver-host runs a driver for brig, which starts it by itself; see "
                       "brig-driver-host(8)\n",
                       stderr));
        return kUsage;
    }
    prepare_process();
    try {
        return isolation::run_kept(static_cast<pid_t>(engine), [&] { return serve(argv[1]); });
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "brig-driver-host: %s\n", error.what()));
        return kBroken;
    }
}
