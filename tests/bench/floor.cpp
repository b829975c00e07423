// SPDX-License-Identifier: BSD-2-Clause
// The least that a machine must do to run a command in a container: system calls only, without
// options, checks of what is hostile, or anything that a container engine is for. `compare` divides
// by it.

#include <fcntl.h>
#include <linux/sched.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace {

constexpr int kEngineFailed = 125;
constexpr int kNotExecuted = 127;
constexpr std::uint64_t kNamespaces = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

constexpr const char* kUsage =
    "usage: bench_floor exec PROGRAM [ARG]...\n"
    "       bench_floor ns|ns-net ROOT PROGRAM [ARG]...\n"
    "       bench_floor ns-overlay|ns-net-overlay ROOT FOLDER PROGRAM [ARG]...\n"
    "       bench_floor setns PID PROGRAM [ARG]...\n"
    "FOLDER contains the empty folders upper, work and root, on one file system.\n";

bool failed(const char* step) {
    ::dprintf(STDERR_FILENO, "bench_floor: %s: %s\n", step, std::strerror(errno));
    return false;
}

/// The signals that end this program, and that of its child, are waited for, so that what has been
/// mounted is unmounted whatever happens.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        ::sigemptyset(&awaited_);
        for (const int signal : {SIGCHLD, SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
            ::sigaddset(&awaited_, signal);
        }
        ::sigprocmask(SIG_BLOCK, &awaited_, &before_);
    }

    /// For a child that executes a program.
    void restore() const { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }

    /// The status of `child` as a shell would have it, or that of the engine.
    [[nodiscard]] int wait_for(pid_t child) const {
        siginfo_t received = {};
        while (::sigwaitinfo(&awaited_, &received) < 0 && errno == EINTR) {}
        if (received.si_signo != SIGCHLD) {
            ::kill(child, SIGKILL);
        }
        int status = 0;
        if (::waitpid(child, &status, 0) != child) {
            failed("wait for the command");
            return kEngineFailed;
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    sigset_t awaited_ = {};
    sigset_t before_ = {};
};

[[noreturn]] void execute(char** command) {
    ::execvp(*command, command);
    failed(*command);
    ::_exit(kNotExecuted);
}

int spawn(char** command, const SignalsBlocked& signals) {
    // NOLINTNEXTLINE(clang-analyzer-security.insecureAPI.vfork): that is what is measured
    const pid_t child = ::vfork();
    if (child == 0) {
        signals.restore();
        execute(command);
    }
    if (child < 0) {
        failed("vfork");
        return kEngineFailed;
    }
    return signals.wait_for(child);
}

bool enter_root(const char* root) {
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        return failed("make all mounts private");
    }
    if (::mount(root, root, nullptr, MS_BIND, nullptr) != 0) {
        return failed("bind the root");
    }
    // The old root comes to lie on the new one, where "." finds it (pivot_root(2)).
    if (::chdir(root) != 0 || ::syscall(SYS_pivot_root, ".", ".") != 0
        || ::umount2(".", MNT_DETACH) != 0 || ::chdir("/") != 0) {
        return failed("pivot_root");
    }
    return true;
}

struct Device {
    const char* path;
    unsigned minor;
};

constexpr std::array<Device, 5> kMemoryDevices{
    Device{"/dev/null", 3},
    Device{"/dev/zero", 5},
    Device{"/dev/full", 7},
    Device{"/dev/random", 8},
    Device{"/dev/urandom", 9},
};

bool mount_file_systems() {
    if (::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
        return failed("mount proc");
    }
    if (::mount("dev", "/dev", "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=755") != 0) {
        return failed("mount tmpfs on /dev");
    }
    for (const Device& device : kMemoryDevices) {
        if (::mknod(device.path, S_IFCHR | 0666U, ::makedev(1, device.minor)) != 0) {
            return failed(device.path);
        }
    }
    return ::mknod("/dev/tty", S_IFCHR | 0666U, ::makedev(5, 0)) == 0 || failed("/dev/tty");
}

bool bring_loopback_up() {
    const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request = {};
    std::memcpy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    if (socket < 0 || ::ioctl(socket, SIOCSIFFLAGS, &request) != 0) {
        return failed("bring up lo");
    }
    ::close(socket);
    return true;
}

/// In namespaces of its own: the folder `root` as the root, and nothing else.
int run_in_namespaces(const char* root,
                      bool has_network,
                      char** command,
                      const SignalsBlocked& signals) {
    clone_args request = {};
    request.flags = kNamespaces | (has_network ? CLONE_NEWNET : 0);
    request.exit_signal = SIGCHLD;
    const auto child = static_cast<pid_t>(::syscall(SYS_clone3, &request, sizeof(request)));
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        signals.restore();
        if (enter_root(root) && mount_file_systems() && (!has_network || bring_loopback_up())) {
            execute(command);
        }
        ::_exit(kEngineFailed);
    }
    if (child < 0) {
        failed("clone3");
        return kEngineFailed;
    }
    return signals.wait_for(child);
}

/// What `volatile` leaves to prevent a second mount: work/incompat/volatile/dirty.
bool remove_volatile_mark(const std::string& work) {
    const std::string incompatible = work + "/work/incompat";
    const std::string mark = incompatible + "/volatile";
    return (::unlink((mark + "/dirty").c_str()) == 0 && ::rmdir(mark.c_str()) == 0
            && ::rmdir(incompatible.c_str()) == 0)
           || failed("remove the mark of a volatile overlay");
}

int run_on_overlay(const char* lower,
                   const std::string& folder,
                   bool has_network,
                   char** command,
                   const SignalsBlocked& signals) {
    const std::string root = folder + "/root";
    const std::string work = folder + "/work";
    const std::string options = std::string{"index=off,metacopy=off,volatile,lowerdir="} + lower
                                + ",upperdir=" + folder + "/upper,workdir=" + work;
    if (::mount("overlay", root.c_str(), "overlay", MS_NODEV, options.c_str()) != 0) {
        failed("mount the overlay");
        return kEngineFailed;
    }
    const int status = run_in_namespaces(root.c_str(), has_network, command, signals);
    if (::umount2(root.c_str(), UMOUNT_NOFOLLOW) != 0) {
        failed("unmount the overlay");
        return kEngineFailed;
    }
    return remove_volatile_mark(work) ? status : kEngineFailed;
}

/// In the namespaces of a process that runs already.
int run_beside(const char* process, char** command, const SignalsBlocked& signals) {
    pid_t pid = 0;
    const char* end = process + std::strlen(process);
    if (std::from_chars(process, end, pid).ptr != end) {
        errno = EINVAL;
        failed(process);
        return kEngineFailed;
    }
    const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    // setns(2): from Linux 5.8 on all at once.
    if (fd < 0
        || ::setns(fd, static_cast<int>(kNamespaces | CLONE_NEWNET | CLONE_NEWCGROUP)) != 0) {
        failed("enter the namespaces of the process");
        return kEngineFailed;
    }
    return spawn(command, signals);  // pidfds are close-on-exec
}

int usage() {
    ::dprintf(STDERR_FILENO, "%s", kUsage);
    return 2;
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view what = argc > 1 ? argv[1] : "";
    const bool has_network = what.starts_with("ns-net");
    const SignalsBlocked signals;
    if (what == "exec" && argc > 2) {
        return spawn(argv + 2, signals);
    }
    if ((what == "ns" || what == "ns-net") && argc > 3) {
        return run_in_namespaces(argv[2], has_network, argv + 3, signals);
    }
    if ((what == "ns-overlay" || what == "ns-net-overlay") && argc > 4) {
        return run_on_overlay(argv[2], argv[3], has_network, argv + 4, signals);
    }
    if (what == "setns" && argc > 3) {
        return run_beside(argv[2], argv + 3, signals);
    }
    return usage();
}
