// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/host_linux.hpp"

#include "host/linux/privilege.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace brig {

std::unique_ptr<Host> make_host(const std::filesystem::path& libexec_dir, const Log& log) {
    return std::make_unique<host_linux::LinuxHost>(libexec_dir, log);
}

namespace host_linux {

namespace {

std::string read_boot_id() {
    constexpr const char* kPath = "/proc/sys/kernel/random/boot_id";
    const UniqueFd file{check(::open(kPath, O_RDONLY | O_CLOEXEC), "open {}", kPath)};
    std::array<char, 36> text{};
    const ssize_t size = check(::read(file.get(), text.data(), text.size()), "read {}", kPath);
    return std::string{text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

LinuxHost::LinuxHost(const std::filesystem::path& libexec_dir, Log log)
    : init_program_{std::filesystem::absolute(libexec_dir) / "brig-init"}, log_{std::move(log)} {}

const HostFacts& LinuxHost::facts() const {
    if (!facts_) {
        utsname names = {};
        check(::uname(&names), "ask for the kernel's release");
        facts_ = HostFacts{"linux", names.release, read_boot_id()};
    }
    return *facts_;
}

void LinuxHost::require_privilege() const {
    require_root();
}

}  // namespace host_linux

}  // namespace brig
