// SPDX-License-Identifier: BSD-2-Clause
// The least that a machine must do to run a command in a container: system calls only, without
// options, checks of what is hostile, or anything that a container engine is for. `compare` divides
// by it.

#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
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
    "       bench_floor ns-net-veth BRIDGE ROOT FOLDER PROGRAM [ARG]...\n"
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

/// Messages of rtnetlink(7), one after the other, that go to the kernel in one call.
class Batch {
  public:
    template <typename Body>
    void begin(std::uint16_t type, std::uint16_t flags, const Body& body) {
        start_ = size_;
        nlmsghdr header = {};
        header.nlmsg_type = type;
        header.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
        append(&header, sizeof header);
        append(&body, sizeof body);
        grow(start_, sizeof header + sizeof body);
    }

    void attribute(std::uint16_t type, const void* data, std::size_t length) {
        const rtattr header = {static_cast<std::uint16_t>(RTA_LENGTH(length)), type};
        append(&header, sizeof header);
        append(data, length);
        size_ = start_ + NLMSG_ALIGN(size_ - start_);
        grow(start_, size_ - start_);
    }

    void number(std::uint16_t type, std::uint32_t value) { attribute(type, &value, sizeof value); }

    /// An attribute whose content follows until `close`.
    std::size_t open(std::uint16_t type) {
        const std::size_t place = size_;
        attribute(type, nullptr, 0);
        return place;
    }

    void close(std::size_t place) {
        const auto length = static_cast<std::uint16_t>(size_ - place);
        std::memcpy(buffer_.data() + place, &length, sizeof length);
    }

    template <typename Body>
    void append_body(const Body& body) {
        append(&body, sizeof body);
        grow(start_, size_ - start_);
    }

    /// False with errno if the kernel refused the last of them; the others are not waited for.
    [[nodiscard]] bool send() {
        nlmsghdr last = {};
        std::memcpy(&last, buffer_.data() + start_, sizeof last);
        last.nlmsg_flags |= NLM_F_ACK;
        std::memcpy(buffer_.data() + start_, &last, sizeof last);
        const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
        struct {
            nlmsghdr header;
            nlmsgerr error;
        } answer = {};
        const bool answered = ::send(socket, buffer_.data(), size_, 0) >= 0
                              && ::recv(socket, &answer, sizeof answer, 0) > 0;
        ::close(socket);
        errno = -answer.error.error;
        return answered && answer.error.error == 0;
    }

  private:
    void append(const void* data, std::size_t length) {
        if (length != 0) {
            std::memcpy(buffer_.data() + size_, data, length);
        }
        size_ += length;
    }

    void grow(std::size_t place, std::size_t length) {
        const auto size = static_cast<std::uint32_t>(length);
        std::memcpy(buffer_.data() + place, &size, sizeof size);
    }

    std::array<char, 1024> buffer_ = {};
    std::size_t size_ = 0;
    std::size_t start_ = 0;
};

/// A pair of interfaces, one end a port of the bridge, the other the child's eth0.
bool connect_child(const char* bridge, pid_t child) {
    const std::string outer = "floor" + std::to_string(child);
    const auto kind = [](Batch& batch, const char* name) {
        batch.attribute(IFLA_INFO_KIND, name, std::strlen(name) + 1);
    };
    Batch batch;
    ifinfomsg up = {};
    up.ifi_flags = IFF_UP;
    up.ifi_change = IFF_UP;
    batch.begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, up);
    batch.attribute(IFLA_IFNAME, outer.c_str(), outer.size() + 1);
    batch.number(IFLA_MASTER, ::if_nametoindex(bridge));
    const std::size_t info = batch.open(IFLA_LINKINFO);
    kind(batch, "veth");
    const std::size_t data = batch.open(IFLA_INFO_DATA);
    const std::size_t peer = batch.open(VETH_INFO_PEER);
    batch.append_body(ifinfomsg{});
    batch.attribute(IFLA_IFNAME, "eth0", sizeof "eth0");
    batch.number(IFLA_NET_NS_PID, static_cast<std::uint32_t>(child));
    batch.close(peer);
    batch.close(data);
    batch.close(info);
    return batch.send() || failed("make the pair of interfaces");
}

/// Address and default route, inside.
bool set_up_interface() {
    const std::array<std::uint8_t, 4> own{10, 119, 0, 2};
    const std::array<std::uint8_t, 4> gateway{10, 119, 0, 1};
    const unsigned index = ::if_nametoindex("eth0");
    Batch batch;
    ifinfomsg up = {};
    up.ifi_index = static_cast<int>(index);
    up.ifi_flags = IFF_UP;
    up.ifi_change = IFF_UP;
    batch.begin(RTM_NEWLINK, 0, up);
    ifaddrmsg address = {};
    address.ifa_family = AF_INET;
    address.ifa_prefixlen = 24;
    address.ifa_index = index;
    batch.begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, address);
    batch.attribute(IFA_LOCAL, own.data(), own.size());
    batch.attribute(IFA_ADDRESS, own.data(), own.size());
    rtmsg route = {};
    route.rtm_family = AF_INET;
    route.rtm_table = RT_TABLE_MAIN;
    route.rtm_protocol = RTPROT_STATIC;
    route.rtm_type = RTN_UNICAST;
    batch.begin(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
    batch.attribute(RTA_GATEWAY, gateway.data(), gateway.size());
    batch.number(RTA_OIF, index);
    return batch.send() || failed("set up eth0");
}

/// What a child is connected to.
struct Network {
    bool is_own = false;
    const char* bridge = nullptr;  ///< nothing: lo only
};

bool set_up_network(const Network& network, int connected) {
    char go = 0;
    return !network.is_own
           || (bring_loopback_up()
               && (network.bridge == nullptr
                   || (::read(connected, &go, 1) == 1 && set_up_interface())));
}

/// In namespaces of its own: the folder `root` as the root, and nothing else.
int run_in_namespaces(const char* root,
                      const Network& network,
                      char** command,
                      const SignalsBlocked& signals) {
    std::array<int, 2> connected{-1, -1};
    if (network.bridge != nullptr && ::pipe2(connected.data(), O_CLOEXEC) != 0) {
        failed("make a pipe");
        return kEngineFailed;
    }
    clone_args request = {};
    request.flags = kNamespaces | (network.is_own ? CLONE_NEWNET : 0);
    request.exit_signal = SIGCHLD;
    const auto child = static_cast<pid_t>(::syscall(SYS_clone3, &request, sizeof(request)));
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        signals.restore();
        if (enter_root(root) && mount_file_systems() && set_up_network(network, connected[0])) {
            execute(command);
        }
        ::_exit(kEngineFailed);
    }
    if (child < 0) {
        failed("clone3");
        return kEngineFailed;
    }
    if (network.bridge != nullptr && connect_child(network.bridge, child)) {
        static_cast<void>(::write(connected[1], "", 1));
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
                   const Network& network,
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
    const int status = run_in_namespaces(root.c_str(), network, command, signals);
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
    const Network network{what.starts_with("ns-net"), nullptr};
    const SignalsBlocked signals;
    if (what == "exec" && argc > 2) {
        return spawn(argv + 2, signals);
    }
    if ((what == "ns" || what == "ns-net") && argc > 3) {
        return run_in_namespaces(argv[2], network, argv + 3, signals);
    }
    if ((what == "ns-overlay" || what == "ns-net-overlay") && argc > 4) {
        return run_on_overlay(argv[2], argv[3], network, argv + 4, signals);
    }
    if (what == "ns-net-veth" && argc > 5) {
        return run_on_overlay(argv[3], argv[4], {true, argv[2]}, argv + 5, signals);
    }
    if (what == "setns" && argc > 3) {
        return run_beside(argv[2], argv + 3, signals);
    }
    return usage();
}
