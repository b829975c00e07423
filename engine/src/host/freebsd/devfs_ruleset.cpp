// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/devfs_ruleset.hpp"

#include "host/freebsd/sysctl.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
// What devfs.h wants before it and, since FreeBSD 15, does not get otherwise.
// clang-format off
#include <sys/queue.h>
#include <fs/devfs/devfs.h>
// clang-format on

#include <algorithm>
#include <cstdlib>

namespace brig::freebsd {

namespace {

constexpr const char* kRuleset = "ruleset=";
constexpr const char* kJailRuleset = "ruleset=4";  // devfsrules_jail, see devfs.rules(5)

bool has_rules(devfs_rsnum ruleset) {
    const UniqueFd dev{check(::open("/dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open /dev")};
    devfs_rule first{};
    first.dr_magic = DEVFS_MAGIC;
    first.dr_id = mkrid(static_cast<devfs_rid>(ruleset), 0U);
    if (::ioctl(dev.get(), DEVFSIO_RGETNEXT, &first) == 0) {
        return true;
    }
    if (errno != ENOENT) {
        check(-1, "read the devfs ruleset {}", ruleset);
    }
    return false;
}

void require_rules(const std::string& option) {
    const unsigned long number =
        std::strtoul(option.c_str() + std::string{kRuleset}.size(), nullptr, 10);
    // 0 is the word for no ruleset at all. In a jail the kernel takes the jail's own, whatever is
    // asked for.
    if (number == 0 || sysctl_int("security.jail.jailed") != 0
        || has_rules(static_cast<devfs_rsnum>(number))) {
        return;
    }
    throw Error{ErrorCode::system,
                fmt::format("the devfs ruleset {} has no rules: a container's /dev would show "
                            "every device of this host",
                            number)}
        .with_hint("load the rules with: service devfs restart");
}

}  // namespace

std::vector<std::string> devfs_options(std::vector<std::string> options) {
    auto ruleset = std::find_if(options.begin(), options.end(), [](const std::string& option) {
        return option.starts_with(kRuleset);
    });
    if (ruleset == options.end()) {
        ruleset = options.insert(options.end(), kJailRuleset);
    }
    require_rules(*ruleset);
    return options;
}

}  // namespace brig::freebsd
