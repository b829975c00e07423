// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/pack.hpp"
#include "images/archive/status.hpp"
#include "images/archive/unpack.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

// brig-archive is brig's own: a process of its own for the code that parses archives, which brig
// starts, reads the status of, and can end at any moment. Not part of any interface.

namespace {

struct Arguments {
    std::string verb;
    int status_fd = -1;
    std::string directory;
};

constexpr int kUsage = 2;

std::optional<Arguments> parse(int argc, char** argv) {
    if (argc != 5 || std::string_view{argv[2]} != "--status-fd") {
        return std::nullopt;
    }
    Arguments arguments{
        argv[1], std::atoi(argv[3]), argv[4]};  // NOLINT(cert-err34-c): 0 is refused
    const bool known = arguments.verb == "pack" || arguments.verb == "unpack";
    return known && arguments.status_fd > STDERR_FILENO ? std::optional{arguments} : std::nullopt;
}

void run(const Arguments& arguments, brig::archive::Status& status) {
    // libarchive converts names between UTF-8 and the locale. With this one that changes no byte,
    // and nothing has to be loaded for it later, from a root that is not ours.
    if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) {
        throw brig::Error{brig::ErrorCode::unsupported, "the locale C.UTF-8 is missing"};
    }
    if (arguments.verb == "pack") {
        brig::archive::pack(arguments.directory, status);
    } else {
        brig::archive::unpack(arguments.directory, status);
    }
    status.done();
}

int run_and_report(const Arguments& arguments) noexcept {
    brig::archive::Status status{arguments.status_fd};
    try {
        run(arguments, status);
        return EXIT_SUCCESS;
    } catch (const brig::Error& error) {
        status.error(error);
    } catch (const std::exception& error) {
        status.error(brig::Error{brig::ErrorCode::internal, error.what()});
    }
    return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse(argc, argv);
    if (!arguments) {
        static_cast<void>(
            std::fputs("usage: brig-archive pack|unpack --status-fd N DIRECTORY\n", stderr));
        return kUsage;
    }
    ::closefrom(arguments->status_fd + 1);
    // Handlers that run at exit might need what the process gave up, and there is nothing to flush.
    ::_exit(run_and_report(*arguments));
}
