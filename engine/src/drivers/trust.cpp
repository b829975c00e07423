// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/trust.hpp"

#include "support/check.hpp"
#include "support/file_status.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

constexpr uid_t kRoot = 0;
constexpr mode_t kWritableByOthers = 0022;
constexpr mode_t kSticky = 01000;

void require_trusted_component(const std::filesystem::path& component,
                               const std::filesystem::path& path) {
    const auto status = file_status(component);
    if (!status) {
        throw Error{ErrorCode::bad_driver,
                    fmt::format("driver '{}' went away while it was looked at", path.native())};
    }
    const std::string quoted = shell_quote(component.native());
    if (status->owner != kRoot) {
        throw Error{ErrorCode::bad_driver,
                    fmt::format("driver '{}' is not loaded as root: '{}' belongs to user {}, who "
                                "could replace it",
                                path.native(),
                                component.native(),
                                status->owner)}
            .with_hint(fmt::format("chown root {}, or install the driver elsewhere", quoted));
    }
    const bool sticky = status->folder && (status->permissions & kSticky) != 0;
    if ((status->permissions & kWritableByOthers) != 0 && !sticky) {
        throw Error{ErrorCode::bad_driver,
                    fmt::format("driver '{}' is not loaded as root: '{}' is writable by others "
                                "than root (mode {:04o})",
                                path.native(),
                                component.native(),
                                status->permissions)}
            .with_hint(fmt::format("chmod go-w {}, or install the driver elsewhere", quoted));
    }
}

}  // namespace

void require_trusted(const std::filesystem::path& path, uid_t user) {
    if (user != kRoot) {
        return;
    }
    std::filesystem::path component;
    for (const std::filesystem::path& part : path) {
        component /= part;
        require_trusted_component(component, path);
    }
}

}  // namespace brig
