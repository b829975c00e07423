// SPDX-License-Identifier: BSD-2-Clause
// FreeBSD has no namespaces. The world of a network is a jail with a network stack of its own, and
// a temporary folder; that of a storage, which mounts as jails cannot, and those of who is not root
// are the folder and the stand-ins for programs; with --real it is the machine itself.
#include "support/check.hpp"
#include "support/child.hpp"
#include "support/read_write.hpp"
#include "support/remove_tree.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"
#include "world.hpp"

// The jail headers want <sys/param.h> before them and do not include it.
// clang-format off
#include <sys/param.h>
#include <sys/jail.h>
#include <sys/uio.h>
#include <jail.h>
// clang-format on

#include <fcntl.h>
#include <malloc_np.h>
#include <sys/mount.h>
#include <sys/procctl.h>
#include <sys/resource.h>
#include <sys/sysctl.h>
#include <sys/types.h>
#include <sys/user.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string_view>

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

bool is_jail(const WorldPlan& plan) {
    return !plan.real && !plan.mounts && ::geteuid() == 0;
}

bool has_network_stacks() {
    int has = 0;
    std::size_t size = sizeof has;
    return ::sysctlbyname("kern.features.vimage", &has, &size, nullptr, 0) == 0 && has != 0;
}

/// Kills this process when the one that has started it ends.
void end_with_parent() {
    int number = SIGKILL;
    check(::procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &number), "be ended with the parent");
}

int attach_to_new_jail(const std::string& name, int most_children) {
    return ::jail_setv(JAIL_CREATE | JAIL_ATTACH,
                       "name",
                       name.c_str(),
                       "path",
                       "/",
                       "vnet",
                       "new",
                       "children.max",
                       std::to_string(most_children).c_str(),
                       "enforce_statfs",
                       "0",
                       "allow.raw_sockets",
                       "true",
                       "allow.chflags",
                       "true",
                       nullptr);
}

/// Puts this process into a new jail, which ends with its last process. It may do what a machine
/// may, as far as its own network and its own jails are concerned.
int enter_new_jail(const std::string& name) {
    // Those in it may have fewer than it has, which a process cannot ask of its own jail.
    int most_children = 64;
    int id = attach_to_new_jail(name, most_children);
    while (id < 0 && errno == EPERM && most_children > 0) {
        most_children /= 2;
        id = attach_to_new_jail(name, most_children);
    }
    if (id < 0) {
        throw_system_error(errno, fmt::format("make the jail of a world: {}", jail_errmsg));
    }
    static_cast<void>(output_of({"/sbin/ifconfig", "lo0", "inet", "127.0.0.1/8", "up"}));
    return id;
}

/// With what is still running in it.
void remove_jail(const std::string& name) {
    const int id = ::jail_getid(name.c_str());
    if (id >= 0) {
        ::jail_remove(id);
    }
}

/// What a driver has left mounted there would be emptied with the folder.
void unmount_below(const fs::path& folder) {
    struct statfs* mounts = nullptr;
    const std::string beginning = fs::canonical(folder).native() + "/";
    for (int i = ::getmntinfo(&mounts, MNT_NOWAIT); i-- > 0;) {
        if (std::string_view{mounts[i].f_mntonname}.starts_with(beginning)) {
            ::unmount(mounts[i].f_mntonname, MNT_FORCE);
        }
    }
}

}  // namespace

std::optional<std::string> world_defect(const WorldPlan& plan) {
    if (plan.real && ::geteuid() != 0) {
        return "--real needs root";
    }
    if (is_jail(plan) && !has_network_stacks()) {
        return "this kernel has no jails with a network of their own (options VIMAGE); --real uses "
               "the machine's";
    }
    return std::nullopt;
}

int enter_world(const WorldPlan& plan, const std::function<void(World&)>& test) {
    std::string folder = (fs::temp_directory_path() / "brig-world-XXXXXX").string();
    if (::mkdtemp(folder.data()) == nullptr) {
        throw_system_error(errno, "make the folder of a world");
    }
    const std::string jail = fs::path{folder}.filename();
    World world{plan, folder};
    world.furnish();
    const int status = wait_for(fork_child([&] {
        if (is_jail(plan)) {
            end_with_parent();
            enter_new_jail(jail);
        }
        test(world);
    }));
    if (is_jail(plan)) {
        remove_jail(jail);
    }
    unmount_below(folder);
    static_cast<void>(remove_tree(folder));
    return status;
}

bool are_worlds_apart(const WorldPlan& plan) {
    return is_jail(plan);
}

/// In a jail the network and pf(4) are the world's own.
bool is_harmless(const WorldPlan& plan, const std::string& program) {
    return is_jail(plan) && (program == "ifconfig" || program == "pfctl");
}

std::vector<fs::path> private_folders(const WorldPlan& /*plan*/) {
    return {};
}

void look_at_network(WorldState& state) {
    std::string names = output_of({"/sbin/ifconfig", "-l"});
    names.erase(names.find_last_not_of(" \n") + 1);
    for (const std::string& interface : split(names, ' ')) {
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

/// With words of somebody else, and up: nobody can make one and tag it in one step here, so a
/// driver may take one without either for what it has half made itself.
bool make_interface(const std::string& name) {
    ChildRequest request;
    request.argv = {
        "/sbin/ifconfig", "lo", "create", "name", name, "description", "somebody else's", "up"};
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

void enter_network_of(const Jail& jail) {
    check(::jail_attach(jail.id), "enter jail {}", jail.id);
}

/// Below the world's own jail, or the machine.
std::optional<Jail> start_jail_process() {
    if (::geteuid() != 0 || !has_network_stacks()) {
        return std::nullopt;
    }
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    static int count = 0;
    const std::string name = fmt::format("brig-check-{}-{}", ::getpid(), ++count);
    const pid_t pid = fork_child([&] {
        end_with_parent();
        write_text(to.get(), std::to_string(enter_new_jail(name)), "the jail's id");
        to.reset();
        for (;;) {
            ::pause();
        }
    });
    to.reset();
    const std::string id = read_text(from.get(), "the jail's id");
    if (id.empty()) {
        throw Error{ErrorCode::system, "the stand-in for a jail cannot be started"};
    }
    return Jail{pid, std::stoi(id), ""};
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
