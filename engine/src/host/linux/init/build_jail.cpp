// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/init/build_jail.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace brig::host_linux {

namespace {

void copy_text(char* to, std::size_t size, const char* text) noexcept {
    const std::size_t length = ::strnlen(text, size - 1);
    std::memcpy(to, text, length);
    to[length] = '\0';
}

}  // namespace

bool failed(BuildReport& report, const char* step, const char* subject) noexcept {
    report.error = errno;
    copy_text(report.step, sizeof(report.step), step);
    copy_text(report.subject, sizeof(report.subject), subject);
    return false;
}

bool prepare_parts(JailParts& parts, BuildReport& report) noexcept {
    if (!leave_mounts_of_host(report) || !make_devices(parts, report)
        || !make_processes(parts.null, report)) {
        return false;
    }
    parts.hostname = make_hostname_namespace();
    parts.devices = copy_mount("/dev");
    parts.processes = copy_mount("/proc");
    return (parts.devices >= 0 && parts.processes >= 0)
           || failed(report, "take hold of the file systems of the jail");
}

namespace {

/// False when there is no descriptor left for the mount.
bool read_mount(FrameReader& reader,
                const ReceivedFds& fds,
                std::size_t& next_tree,
                MountOrder& order) noexcept {
    const auto mount = reader.value<PlanMount>();
    order = {
        mount.kind, mount.attributes, reader.string(), reader.string(), -1, mount.make_target != 0};
    if (mount.kind != MountKind::directory) {
        return true;
    }
    order.tree = next_tree < fds.count ? fds.fd[next_tree++] : -1;
    return order.tree >= 0;
}

}  // namespace

bool read_plan(FrameReader& reader, const ReceivedFds& fds, JailPlan& plan) noexcept {
    plan.flags = reader.value<PlanFlags>();
    plan.root = reader.string();
    plan.hostname = reader.string();
    plan.domainname = reader.string();
    plan.record = reader.bytes();
    plan.mounts =
        static_cast<MountOrder*>(std::calloc(plan.flags.mount_count + 1U, sizeof(MountOrder)));
    if (plan.mounts == nullptr || fds.count < plan_trees) {
        return false;
    }
    plan.root_tree = fds.fd[plan_root];
    std::size_t next_tree = plan_trees;
    for (std::uint32_t i = 0; i < plan.flags.mount_count && reader.ok(); ++i) {
        if (!read_mount(reader, fds, next_tree, plan.mounts[i])) {
            return false;
        }
    }
    return reader.ok();
}

bool build_jail(JailPlan& plan, const JailParts& parts, BuildReport& report) noexcept {
    return set_up_namespaces(plan, parts, report) && enter_root(plan, report)
           && mount_all(plan, parts, report) && restrict_privileges(plan, report);
}

}  // namespace brig::host_linux
