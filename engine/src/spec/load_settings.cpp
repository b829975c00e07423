// SPDX-License-Identifier: BSD-2-Clause
#include "brig/settings.hpp"
#include "spec/names.hpp"
#include "support/check.hpp"
#include "support/platform.hpp"
#include "support/read_write.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace brig {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileSize = std::size_t{1} << 20U;

/// The command line's word, or else the environment's.
std::optional<fs::path> either(const std::optional<fs::path>& said, const char* variable) {
    if (said) {
        return said;
    }
    return trusted_environment(variable);
}

[[noreturn]] void refuse(const fs::path& file, std::string_view reason, std::string hint) {
    throw Error{
        ErrorCode::invalid_config,
        fmt::format("the configuration file {} {}", quoted_for_message(file.native()), reason)}
        .with_hint(std::move(hint));
}

void require_plain_file(int fd, const fs::path& file) {
    struct stat status {};
    check(::fstat(fd, &status), "stat {}", file.native());
    if (!S_ISREG(status.st_mode)) {
        refuse(file, "is not a regular file", "");
    }
    // Hooks written in it run on the host with brig's privileges.
    if ((status.st_mode & S_IWOTH) != 0) {
        refuse(file, "may be written by anyone", "chmod o-w " + file.string());
    }
}

/// The text of `file`, or nothing when it does not exist.
std::optional<std::string> read_file(const fs::path& file) {
    // O_NONBLOCK: a FIFO in its place must not make us wait for a writer.
    UniqueFd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!fd && (errno == ENOENT || errno == ENOTDIR)) {
        return std::nullopt;
    }
    check(fd.get(), "open {}", file.native());
    require_plain_file(fd.get(), file);
    std::string text = read_text(fd.get(), file.native(), kMaxFileSize);
    if (text.size() > kMaxFileSize) {
        refuse(file, "is larger than 1 MiB", "");
    }
    return text;
}

}  // namespace

Settings load_settings(const SettingsOverrides& overrides) {
    SettingsOverrides merged;
    merged.config = either(overrides.config, "BRIG_CONFIG");
    merged.state = either(overrides.state, "BRIG_STATE");
    merged.run = either(overrides.run, "BRIG_RUN");

    const fs::path file = merged.config.value_or(platform_paths().config);
    const std::optional<std::string> text = read_file(file);
    if (!text && merged.config) {
        refuse(file, "does not exist", "check --config and BRIG_CONFIG");
    }
    return parse_settings(text.value_or(""), file.string(), merged);
}

}  // namespace brig
