// SPDX-License-Identifier: BSD-2-Clause
// FreeBSD has no namespaces: the world is a temporary folder and the stand-ins for programs; and
// with --real the machine itself.
#include "support/check.hpp"
#include "support/child.hpp"
#include "support/text.hpp"
#include "world.hpp"

#include <malloc_np.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/types.h>
#include <sys/user.h>
#include <unistd.h>

#include <cstdlib>

namespace brig::conformance {

namespace {

namespace fs = std::filesystem;

std::string output_of(const std::vector<std::string>& argv) {
    ChildRequest request;
    request.argv = argv;
    request.max_output = std::size_t{1024} * 1024;
    return run_child(request).output;
}

/// Of the kernel's table of processes.
std::vector<kinfo_proc> processes(int what, int argument) {
    int name[] = {CTL_KERN, KERN_PROC, what, argument};
    std::size_t size = 0;
    if (::sysctl(name, 4, nullptr, &size, nullptr, 0) != 0) {
        return {};
    }
    std::vector<kinfo_proc> all(size / sizeof(kinfo_proc) + 16);
    size = all.size() * sizeof(kinfo_proc);
    if (::sysctl(name, 4, all.data(), &size, nullptr, 0) != 0) {
        return {};
    }
    all.resize(size / sizeof(kinfo_proc));
    return all;
}

}  // namespace

std::optional<std::string> world_defect(const WorldPlan& plan) {
    return plan.real && ::geteuid() != 0 ? std::optional<std::string>{"--real needs root"}
                                         : std::nullopt;
}

int enter_world(const WorldPlan& plan, const std::function<void(World&)>& test) {
    std::string folder = (fs::temp_directory_path() / "brig-world-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        throw_system_error(errno, "make the folder of a world");
    }
    World world{plan, folder};
    world.furnish();
    const int status = wait_for(fork_child([&] { test(world); }));
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    return status;
}

bool are_worlds_apart(const WorldPlan& /*plan*/) {
    return false;
}

std::vector<fs::path> private_folders(const WorldPlan& /*plan*/) {
    return {};
}

void look_at_network(WorldState& state) {
    for (const std::string& interface : split(output_of({"/sbin/ifconfig", "-l"}), ' ')) {
        const std::string text = output_of({"/sbin/ifconfig", interface});
        const std::size_t descr = text.find("description: ");
        state.insert(fmt::format(
            "interface {} {}",
            interface,
            descr == std::string::npos ? "" : text.substr(descr, text.find('\n', descr) - descr)));
        for (const std::string& line : split(text, '\n')) {
            if (line.starts_with("\tinet") && line.find("fe80:") == std::string::npos) {
                state.insert(fmt::format("address {} {}", interface, line.substr(1)));
            }
        }
    }
}

void look_at_mounts(WorldState& state) {
    struct statfs* mounts = nullptr;
    const int count = ::getmntinfo(&mounts, MNT_NOWAIT);
    for (int i = 0; i < count; ++i) {
        state.insert(fmt::format("mount {} ({})", mounts[i].f_mntonname, mounts[i].f_fstypename));
    }
}

/// pf(4) tells no generation: its rules are not compared here but by drivers' own checks.
std::uint32_t rules_generation() {
    return kNoRules;
}

void remove_interface(const std::string& name) {
    static_cast<void>(output_of({"/sbin/ifconfig", name, "destroy"}));
}

bool make_interface(const std::string& name) {
    ChildRequest request;
    request.argv = {"/sbin/ifconfig", "lo", "create", "name", name};
    return ::geteuid() == 0 && run_child(request).exit_code == 0;
}

std::vector<std::string> other_processes() {
    std::vector<std::string> others;
    for (const kinfo_proc& process : processes(KERN_PROC_PGRP, ::getpgrp())) {
        if (process.ki_pid != ::getpid() && process.ki_pid != ::getppid()) {
            others.push_back(fmt::format("{} ({})", process.ki_pid, process.ki_comm));
        }
    }
    return others;
}

std::size_t count_threads() {
    const auto own = processes(KERN_PROC_PID, ::getpid());
    return own.empty() ? 0 : static_cast<std::size_t>(own.front().ki_numthreads);
}

std::size_t allocated_bytes() {
    std::uint64_t epoch = 1;
    ::mallctl("epoch", nullptr, nullptr, &epoch, sizeof epoch);
    std::size_t bytes = 0;
    std::size_t size = sizeof bytes;
    ::mallctl("stats.allocated", &bytes, &size, nullptr, 0);
    return bytes;
}

void enter_network_of(pid_t /*pid*/) {}

std::optional<Jail> start_jail_process() {
    return std::nullopt;
}

bool can_stop_at_system_calls() {
    return false;
}

int run_to_system_call(SharedBlock& /*block*/,
                       unsigned /*number*/,
                       const std::function<void()>& work) {
    return wait_for(fork_child(work));
}

}  // namespace brig::conformance
