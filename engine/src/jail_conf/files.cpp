// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/files.hpp"

#include "jail_conf/document.hpp"
#include "support/check.hpp"
#include "support/trusted_file.hpp"

#include <glob.h>

namespace brig::jail_conf {

namespace {

struct Glob {
    Glob() = default;
    Glob(const Glob&) = delete;
    Glob& operator=(const Glob&) = delete;
    Glob(Glob&&) = delete;
    Glob& operator=(Glob&&) = delete;
    ~Glob() { ::globfree(&found); }

    glob_t found{};
};

}  // namespace

std::string HostFiles::read(const std::string& path) {
    std::optional<std::string> text = read_trusted_file(path, fmt::format("the file '{}'", path));
    if (!text) {
        throw Error{ErrorCode::not_found, fmt::format("there is no file '{}'", path)};
    }
    return *std::move(text);
}

std::vector<std::string> HostFiles::match(const std::string& pattern) {
    Glob glob;
    const int result = ::glob(pattern.c_str(), 0, nullptr, &glob.found);
    if (result != 0 && result != GLOB_NOMATCH) {
        throw Error{ErrorCode::system, fmt::format("the files of '{}' cannot be listed", pattern)};
    }
    return {glob.found.gl_pathv, glob.found.gl_pathv + glob.found.gl_pathc};
}

}  // namespace brig::jail_conf
