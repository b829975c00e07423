// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "brig/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

/// Whatever a configuration file holds, it is read or refused with findings.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text{data, data + size};
    try {
        const brig::Settings settings = brig::parse_settings(text, "/etc/brig/brig.toml", {});
        if (!settings.state.is_absolute() || settings.storages.empty()) {
            std::abort();
        }
    } catch (const brig::Error& error) {
        if (error.code() != brig::ErrorCode::invalid_config || *error.what() == '\0') {
            std::abort();
        }
    }
    return 0;
}
