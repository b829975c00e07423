// SPDX-License-Identifier: BSD-2-Clause
// Writes the system call filters of jails as C++ arrays. A program of the build, since compiling a
// filter costs as much time as half a jail: brig-init only hands the result to the kernel.
//
//     brig-seccomp-generate ARCHITECTURE OUTPUT     (x86_64 or aarch64)
//
// A jailed root may do much, as in a FreeBSD jail, so a filter names what is denied. What a newer
// kernel may add is denied by number.
#include "host/linux/restrictions.hpp"

#include <asm/ioctls.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <initializer_list>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace brig::host_linux {

namespace {

using Code = std::vector<sock_filter>;

/// The first number that this list of rules was not written for; 466 is removexattrat(2), Linux
/// 6.13. The same on every architecture that the project supports.
constexpr std::uint32_t kFirstUnknownCall = 467;

/// Arguments that the kernel reads as int: whatever is above their 32 bits must not hide them.
constexpr scmp_datum_t kIntMask = 0xffffffffU;

void must(int result, const std::string& what) {
    if (result != 0) {
        throw std::runtime_error{what + ": " + std::strerror(-result)};
    }
}

/// One filter under construction: everything is allowed that no rule denies.
class Filter {
  public:
    explicit Filter(std::uint32_t architecture)
        : context_{seccomp_init(SCMP_ACT_ALLOW), seccomp_release} {
        if (seccomp_arch_exist(context_.get(), architecture) != 0) {
            must(seccomp_arch_remove(context_.get(), SCMP_ARCH_NATIVE), "remove architecture");
            must(seccomp_arch_add(context_.get(), architecture), "add architecture");
        }
        // Other ABIs (ia32, x32) have other numbers: not there.
        must(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)),
             "set the action for other ABIs");
        must(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimise");
    }

    void deny(int error, const char* call, std::initializer_list<scmp_arg_cmp> arguments = {}) {
        const int number = seccomp_syscall_resolve_name(call);
        if (number == __NR_SCMP_ERROR) {
            throw std::runtime_error{std::string{"unknown system call: "} + call};
        }
        const std::vector<scmp_arg_cmp> list{arguments};
        must(seccomp_rule_add_array(context_.get(),
                                    SCMP_ACT_ERRNO(static_cast<unsigned>(error)),
                                    number,
                                    static_cast<unsigned>(list.size()),
                                    list.data()),
             std::string{"deny "} + call);
    }

    void deny_all(int error, std::initializer_list<const char*> calls) {
        for (const char* call : calls) {
            deny(error, call);
        }
    }

    [[nodiscard]] Code code() const {
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::tmpfile(), std::fclose};
        if (!file) {
            throw std::runtime_error{"cannot make a temporary file"};
        }
        must(seccomp_export_bpf(context_.get(), fileno(file.get())), "export");
        const auto size = static_cast<std::size_t>(lseek(fileno(file.get()), 0, SEEK_END));
        Code result(size / sizeof(sock_filter));
        if (pread(fileno(file.get()), result.data(), size, 0) != static_cast<ssize_t>(size)) {
            throw std::runtime_error{"cannot read the exported filter"};
        }
        return result;
    }

  private:
    std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
};

scmp_arg_cmp int_equals(unsigned argument, scmp_datum_t value) {
    return SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, kIntMask, value);
}

scmp_arg_cmp has_flag(unsigned argument, scmp_datum_t flag) {
    return SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, flag, flag);
}

/// New namespaces would bring new privileges: a jail's root would be root of a user namespace.
void deny_namespaces(Filter& filter) {
    for (const scmp_datum_t flag : {static_cast<scmp_datum_t>(CLONE_NEWNS),
                                    static_cast<scmp_datum_t>(CLONE_NEWCGROUP),
                                    static_cast<scmp_datum_t>(CLONE_NEWUTS),
                                    static_cast<scmp_datum_t>(CLONE_NEWIPC),
                                    static_cast<scmp_datum_t>(CLONE_NEWUSER),
                                    static_cast<scmp_datum_t>(CLONE_NEWPID),
                                    static_cast<scmp_datum_t>(CLONE_NEWNET)}) {
        filter.deny(EPERM, "clone", {has_flag(0, flag)});
        filter.deny(EPERM, "unshare", {has_flag(0, flag)});
    }
    constexpr scmp_datum_t kNewTime = 0x80;  // in clone(2) these bits are the exit signal
    filter.deny(EPERM, "unshare", {has_flag(0, kNewTime)});
    filter.deny(EPERM, "setns");
    // Its flags are in memory, where a filter cannot see them. C libraries fall back to clone(2).
    filter.deny(ENOSYS, "clone3");
}

void deny_always(Filter& filter) {
    filter.deny_all(EPERM,
                    {// the kernel itself
                     "init_module",
                     "finit_module",
                     "delete_module",
                     "create_module",
                     "kexec_load",
                     "kexec_file_load",
                     "reboot",
                     "bpf",
                     "perf_event_open",
                     "userfaultfd",
                     "lookup_dcookie",
                     "iopl",
                     "ioperm",
                     "acct",
                     "swapon",
                     "swapoff",
                     "_sysctl",
                     "uselib",
                     "nfsservctl",
                     "quotactl",
                     "quotactl_fd",
                     "vhangup",
                     "fanotify_init",
                     "open_by_handle_at",
                     // keyrings have no namespace
                     "keyctl",
                     "add_key",
                     "request_key",
                     "pivot_root"});
    // A ring makes system calls, socket(2) among them, that no filter sees.
    filter.deny_all(ENOSYS, {"io_uring_setup", "io_uring_enter", "io_uring_register"});
    deny_namespaces(filter);
    // Typing on a terminal that the jail shares with the user who started it.
    filter.deny(EPERM, "ioctl", {int_equals(1, TIOCSTI)});
    filter.deny(EPERM, "ioctl", {int_equals(1, TIOCLINUX)});
    // The owner of a file may change its project, and so leave the project's quota.
    filter.deny(EPERM, "ioctl", {int_equals(1, FS_IOC_FSSETXATTR)});
    // The jail's root has the uid of its init, and could starve it.
    filter.deny(EPERM, "prlimit64", {int_equals(0, 1)});
}

/// "Protocol not supported" is what socket(2) says in a FreeBSD jail.
void deny_family(Filter& filter, int family) {
    filter.deny(EPROTONOSUPPORT, "socket", {int_equals(0, static_cast<scmp_datum_t>(family))});
}

void deny_raw_inet(Filter& filter) {
    constexpr scmp_datum_t kTypeMask = 0xf;  // the rest of the argument is flags
    for (const int family : {AF_INET, AF_INET6}) {
        const auto domain = int_equals(0, static_cast<scmp_datum_t>(family));
        filter.deny(EPERM, "socket", {domain, SCMP_A1(SCMP_CMP_MASKED_EQ, kTypeMask, SOCK_RAW)});
    }
    // Linux's ping sockets, which are SOCK_DGRAM.
    filter.deny(EPERM, "socket", {int_equals(0, AF_INET), int_equals(2, IPPROTO_ICMP)});
    filter.deny(EPERM, "socket", {int_equals(0, AF_INET6), int_equals(2, IPPROTO_ICMPV6)});
}

/// Leaves Unix, IPv4, IPv6 and what routing sockets are in FreeBSD; AF_PACKET has its own rule.
void deny_other_families(Filter& filter) {
    for (int family = 0; family <= AF_PACKET; ++family) {
        const bool usual = family == AF_UNIX || family == AF_INET || family == AF_INET6
                           || family == AF_NETLINK || family == AF_PACKET;
        if (!usual) {
            deny_family(filter, family);
        }
    }
    filter.deny(EPROTONOSUPPORT, "socket", {SCMP_A0(SCMP_CMP_GT, AF_PACKET)});
    filter.deny(EPROTONOSUPPORT,
                "socket",
                {int_equals(0, AF_NETLINK), SCMP_A2(SCMP_CMP_NE, NETLINK_ROUTE)});
}

void deny(Filter& filter, Restriction restriction) {
    switch (restriction) {
        case no_inet:
            return deny_family(filter, AF_INET);
        case no_inet6:
            return deny_family(filter, AF_INET6);
        case no_sysvmsg:
            return filter.deny_all(ENOSYS, {"msgget", "msgsnd", "msgrcv", "msgctl"});
        case no_sysvsem:
            return filter.deny_all(ENOSYS, {"semget", "semop", "semctl", "semtimedop"});
        case no_sysvshm:
            return filter.deny_all(ENOSYS, {"shmget", "shmat", "shmdt", "shmctl"});
        case no_raw_inet:
            return deny_raw_inet(filter);
        case no_packet:
            return deny_family(filter, AF_PACKET);
        case no_other_af:
            return deny_other_families(filter);
        case no_msgbuf:
            return filter.deny(EPERM, "syslog");
        case no_settime:
            return filter.deny_all(EPERM, {"settimeofday", "clock_settime", "stime"});
        case no_mount:
            return filter.deny_all(EPERM,
                                   {"mount",
                                    "umount",
                                    "umount2",
                                    "move_mount",
                                    "open_tree",
                                    "fsopen",
                                    "fsconfig",
                                    "fsmount",
                                    "fspick",
                                    "mount_setattr"});
        case no_chflags:
            // Which flags is in memory, where a filter cannot see it; one makes new files inherit
            // the project, and with it the quota.
            return filter.deny(EPERM, "ioctl", {int_equals(1, FS_IOC_SETFLAGS)});
        case restriction_end:
            break;
    }
}

/// Puts the test for calls that are newer than these rules before all others.
void deny_unknown_calls(Code& code) {
    const Code prefix{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kFirstUnknownCall, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    };
    code.insert(code.begin(), prefix.begin(), prefix.end());
}

/// Asks brig-init what to do about mount(2) and umount2(2). Other architectures, and what other
/// filters deny, never come to that: an error has precedence over a question.
Code ask_about_mounts(std::uint32_t architecture) {
    const auto number = [architecture](const char* call) {
        return static_cast<std::uint32_t>(seccomp_syscall_resolve_name_rewrite(architecture, call));
    };
    // The low half of an argument, on the little-endian machines that there are.
    constexpr auto kThirdArgument = offsetof(seccomp_data, args) + 2 * sizeof(std::uint64_t);
    return {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number("mount"), 4, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number("umount2"), 0, 2),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kThirdArgument),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kOwnUnmount, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
}

void write_array(std::ostream& out, const std::string& name, const Code& code) {
    out << "inline constexpr sock_filter " << name << "[] = {\n";
    for (const sock_filter& line : code) {
        out << "    {" << line.code << ", " << int{line.jt} << ", " << int{line.jf} << ", "
            << line.k << "U},\n";
    }
    out << "};\n";
}

Code compile(std::uint32_t architecture, bool always, std::uint32_t restrictions) {
    Filter filter{architecture};
    if (always) {
        deny_always(filter);
    }
    for (std::uint32_t bit = 1; bit < restriction_end; bit <<= 1U) {
        if ((restrictions & bit) != 0) {
            deny(filter, static_cast<Restriction>(bit));
        }
    }
    Code code = filter.code();
    if (always) {
        deny_unknown_calls(code);
    }
    return code;
}

void write_programs(std::ostream& out, std::uint32_t architecture) {
    out << "// Written by seccomp/generate.cpp.\n#pragma once\n\n#include <linux/filter.h>\n\n"
           "namespace brig::host_linux {\n\n"
           "struct SeccompProgram { unsigned short size; const sock_filter* code; };\n"
           "struct RestrictionProgram { unsigned restriction; SeccompProgram program; };\n";
    const auto write = [&](const std::string& name, const Code& code) {
        write_array(out, name + "Code", code);
        out << "inline constexpr SeccompProgram " << name << "{" << code.size() << ", " << name
            << "Code};\n";
    };
    write("kBaseProgram", compile(architecture, true, 0));
    write("kUsualProgram", compile(architecture, true, kUsualRestrictions));
    write("kMountRequests", ask_about_mounts(architecture));
    std::string table;
    for (std::uint32_t bit = 1; bit < restriction_end; bit <<= 1U) {
        const std::string name = "kRestriction" + std::to_string(bit);
        write(name, compile(architecture, false, bit));
        table += "    {" + std::to_string(bit) + ", " + name + "},\n";
    }
    out << "inline constexpr RestrictionProgram kRestrictionPrograms[] = {\n"
        << table << "};\n\n}  // namespace brig::host_linux\n";
}

}  // namespace

}  // namespace brig::host_linux

int main(int argc, char** argv) {
    if (argc != 3) {
        static_cast<void>(std::fputs("usage: brig-seccomp-generate ARCHITECTURE OUTPUT\n", stderr));
        return EXIT_FAILURE;
    }
    try {
        const std::uint32_t architecture = seccomp_arch_resolve_name(argv[1]);
        if (architecture == 0) {
            throw std::runtime_error{std::string{"unknown architecture: "} + argv[1]};
        }
        std::ofstream out{argv[2]};
        brig::host_linux::write_programs(out, architecture);
        out.close();
        if (!out) {
            throw std::runtime_error{std::string{"cannot write "} + argv[2]};
        }
    } catch (const std::exception& error) {
        static_cast<void>(std::fprintf(stderr, "brig-seccomp-generate: %s\n", error.what()));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
