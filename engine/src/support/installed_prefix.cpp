// SPDX-License-Identifier: BSD-2-Clause
#include "support/installed_prefix.hpp"

#include "support/program_path.hpp"

#include <dlfcn.h>

#include <string>
#include <system_error>

namespace brig {

namespace {

namespace fs = std::filesystem;

bool has_helpers(const fs::path& prefix) {
    std::error_code error;
    return fs::is_directory(prefix / "libexec/brig", error);
}

/// The file that this function was loaded from: the program, or libbrig.so.
std::optional<fs::path> loaded_file() {
    static const char here = 0;
    ::Dl_info found{};
    if (::dladdr(&here, &found) == 0 || found.dli_fname == nullptr) {
        return std::nullopt;
    }
    std::error_code error;
    const fs::path file = fs::canonical(found.dli_fname, error);
    return error ? std::nullopt : std::optional{file};
}

}  // namespace

std::optional<fs::path> prefix_of_program(const fs::path& program) {
    const fs::path folder = program.parent_path();
    const fs::path above = folder.parent_path();
    if (folder.filename() == "bin" && has_helpers(above)) {
        return above;
    }
    if (folder.filename() == "brig" && above.filename() == "libexec") {
        return above.parent_path();
    }
    return std::nullopt;
}

std::optional<fs::path> prefix_of_library(const fs::path& library) {
    if (!library.filename().native().starts_with("libbrig.so")) {
        return std::nullopt;
    }
    const fs::path above = library.parent_path().parent_path();
    for (const fs::path& prefix : {above, above.parent_path()}) {
        if (has_helpers(prefix)) {
            return prefix;
        }
    }
    return std::nullopt;
}

fs::path installed_prefix() {
    if (auto prefix = prefix_of_program(program_path())) {
        return *std::move(prefix);
    }
    if (const auto file = loaded_file()) {
        if (auto prefix = prefix_of_library(*file)) {
            return *std::move(prefix);
        }
    }
    return BRIG_PREFIX;
}

}  // namespace brig
