// SPDX-License-Identifier: BSD-2-Clause
#include "support/platform.hpp"

#ifdef __FreeBSD__
#include <unistd.h>
#else
#include <sys/auxv.h>
#endif

#include <cstdlib>

namespace brig {

namespace {

bool environment_is_foreign() noexcept {
#ifdef __FreeBSD__
    return ::issetugid() != 0;
#else
    return ::getauxval(AT_SECURE) != 0;
#endif
}

}  // namespace

PlatformPaths platform_paths() noexcept {
#ifdef __FreeBSD__
    return {"/var/db/brig", "/var/run/brig", "/var/log/brig", "/usr/local/etc/brig/brig.toml"};
#else
    return {"/var/lib/brig", "/run/brig", "/var/log/brig", "/etc/brig/brig.toml"};
#endif
}

std::optional<std::string> trusted_environment(const char* name) {
    const char* value = environment_is_foreign() ? nullptr : std::getenv(name);
    if (value == nullptr || *value == '\0') {
        return std::nullopt;
    }
    return value;
}

}  // namespace brig
