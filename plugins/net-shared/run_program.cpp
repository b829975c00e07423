// SPDX-License-Identifier: BSD-2-Clause
#include "run_program.hpp"

#include "system.hpp"

#include <sys/mman.h>

#include <array>

namespace brig::net {

namespace {

UniqueFd make_memory_file(const std::string& name) {
    return UniqueFd{check(::memfd_create(name.c_str(), MFD_CLOEXEC), "make a file in memory")};
}

void write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        text.remove_prefix(static_cast<std::size_t>(check(written, "write to a file in memory")));
    }
}

std::string read_all(int fd) {
    std::string text;
    std::array<char, 16384> buffer{};
    while (true) {
        const ssize_t got =
            ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (check(got, "read a file in memory") == 0) {
            return text;
        }
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
}

}  // namespace

sdk::Finished run_program(const sdk::Call& call,
                          const std::vector<std::string>& argv,
                          const std::string& input,
                          const std::string& hint) {
    const UniqueFd in = make_memory_file("input");
    const UniqueFd out = make_memory_file("output");
    write_all(in.get(), input);
    check(::lseek(in.get(), 0, SEEK_SET), "rewind a file in memory");
    sdk::Finished finished;
    try {
        finished.exit_code = call.run_io(argv, in.get(), out.get());
    } catch (const Error& error) {
        if (error.status() == BRIG_NOT_FOUND) {
            throw Error{BRIG_UNAVAILABLE, "there is no program '" + argv.front() + "'", hint};
        }
        throw;
    }
    finished.output = read_all(out.get());
    return finished;
}

}  // namespace brig::net
