// SPDX-License-Identifier: BSD-2-Clause
// brig-resolve NAME: prints the addresses of a host, one a line, or what the resolver says on
// standard error, with status 1. See process/resolve_name.hpp.
#include <grp.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr uid_t kNobody = 65534;  // on Debian as on FreeBSD

int fail(const char* message) noexcept {
    static_cast<void>(std::fputs(message, stderr));
    return EXIT_FAILURE;
}

/// Whoever looks up a name needs no privilege for it.
bool become_nobody() noexcept {
    return ::geteuid() != 0
           || (::setgroups(0, nullptr) == 0 && ::setgid(kNobody) == 0 && ::setuid(kNobody) == 0);
}

bool print_address(const addrinfo& entry) noexcept {
    std::array<char, NI_MAXHOST> text{};
    const int error = ::getnameinfo(
        entry.ai_addr, entry.ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return error == 0 && std::puts(text.data()) >= 0;
}

int resolve(const char* name) noexcept {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;  // each address once
    addrinfo* first = nullptr;
    if (const int error = ::getaddrinfo(name, nullptr, &hints, &first); error != 0) {
        return fail(::gai_strerror(error));
    }
    bool printed = true;
    for (const addrinfo* entry = first; entry != nullptr && printed; entry = entry->ai_next) {
        printed = print_address(*entry);
    }
    ::freeaddrinfo(first);
    return printed && std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2 || !become_nobody()) {
        return fail("brig-resolve: brig starts this program, with the name of a host\n");
    }
    return resolve(argv[1]);
}
