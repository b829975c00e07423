// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/library.hpp"

#include "support/check.hpp"
#include "support/elf.hpp"

#include <boost/dll/shared_library.hpp>
#include <boost/dll/shared_library_load_mode.hpp>

#include <dlfcn.h>

#include <string_view>

namespace brig {

namespace {

namespace dll = boost::dll;

constexpr unsigned kMajorsToProbe = 9;

/// Boost.DLL has no name for RTLD_NODELETE, but passes the bits on to dlopen(3).
dll::load_mode::type load_mode() {
    return static_cast<dll::load_mode::type>(dll::load_mode::rtld_now | dll::load_mode::rtld_local
                                             | RTLD_NODELETE);
}

/// What dlerror(3) said, out of Boost.DLL's message.
std::string loader_reason(std::string_view message) {
    constexpr std::string_view kBefore = "(dlerror system message: ";
    const std::size_t begin = message.find(kBefore);
    const std::size_t end = message.rfind(')');
    if (begin == std::string_view::npos || end == std::string_view::npos) {
        return std::string{message};
    }
    const std::size_t from = begin + kBefore.size();
    return std::string{message.substr(from, end - from)};
}

dll::shared_library open_library(const std::filesystem::path& path) {
    if (const auto defect = shared_object_defect(path)) {
        throw Error{ErrorCode::bad_driver, fmt::format("driver '{}' {}", path.native(), *defect)}
            .with_hint("install the driver again, built for this machine");
    }
    try {
        return dll::shared_library{path, load_mode()};
    } catch (const std::exception& error) {
        throw Error{
            ErrorCode::bad_driver,
            fmt::format(
                "driver '{}' cannot be loaded: {}", path.native(), loader_reason(error.what()))}
            .with_hint(
                "a library or symbol that it needs is missing; build it on this machine "
                "with brig_add_driver()");
    }
}

[[noreturn]] void throw_no_entry(const dll::shared_library& library,
                                 const std::filesystem::path& path) {
    for (unsigned major = 1; major <= kMajorsToProbe; ++major) {
        if (library.has(fmt::format("brig_driver_entry_v{}", major))) {
            throw Error{ErrorCode::bad_driver,
                        fmt::format("driver '{}' speaks driver interface {}; this brig speaks {}",
                                    path.native(),
                                    major,
                                    BRIG_ABI_MAJOR)}
                .with_hint(major > BRIG_ABI_MAJOR ? "upgrade brig" : "upgrade the driver");
        }
    }
    throw Error{ErrorCode::bad_driver,
                fmt::format("driver '{}' does not export '{}'", path.native(), BRIG_ENTRY_SYMBOL)}
        .with_hint("it is not a brig driver, or was built without brig_add_driver()");
}

}  // namespace

const brig_driver* load_driver_library(const std::filesystem::path& path) {
    const dll::shared_library library = open_library(path);
    if (!library.has(BRIG_ENTRY_SYMBOL)) {
        throw_no_entry(library, path);
    }
    return library.get<const brig_driver*()>(BRIG_ENTRY_SYMBOL)();
}

}  // namespace brig
