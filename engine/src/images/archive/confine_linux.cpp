// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/confine.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <seccomp.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <vector>

namespace brig::archive {
namespace {

struct CapTraits {
    using Handle = cap_t;
    static constexpr Handle kNone = nullptr;

    static void close(Handle caps) noexcept { ::cap_free(caps); }
};
using UniqueCaps = UniqueResource<CapTraits>;

struct SeccompTraits {
    using Handle = scmp_filter_ctx;
    static constexpr Handle kNone = nullptr;

    static void close(Handle filter) noexcept { ::seccomp_release(filter); }
};
using UniqueFilter = UniqueResource<SeccompTraits>;

std::vector<cap_value_t> needed_for(Work work) {
    if (work == Work::read_tree) {
        return {CAP_DAC_READ_SEARCH};
    }
    return {CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_MKNOD, CAP_SETFCAP};
}

bool has(cap_t caps, cap_value_t cap) {
    cap_flag_value_t value = CAP_CLEAR;
    return ::cap_get_flag(caps, cap, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

/// Keeps of the needed capabilities those we have; a container's root may have fewer.
void drop_capabilities(Work work) {
    const UniqueCaps current{::cap_get_proc()};
    check(current ? 0 : -1, "read own capabilities");
    const UniqueCaps kept{::cap_init()};
    check(kept ? 0 : -1, "allocate capabilities");
    for (const cap_value_t cap : needed_for(work)) {
        if (has(current.get(), cap)) {
            check(::cap_set_flag(kept.get(), CAP_PERMITTED, 1, &cap, CAP_SET), "keep capability");
            check(::cap_set_flag(kept.get(), CAP_EFFECTIVE, 1, &cap, CAP_SET), "keep capability");
        }
    }
    check(::cap_set_proc(kept.get()), "drop capabilities");
}

/// What reading or writing files never takes, and what root can do without any capability:
/// run programs (libarchive would, for compressions it was built without), talk to the host's
/// daemons, signal its processes, find files by handle outside of the chroot(2).
constexpr std::array kForbiddenCalls{
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(kill),
    SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo),
    SCMP_SYS(rt_tgsigqueueinfo),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(setpriority),
    SCMP_SYS(sched_setscheduler),
    SCMP_SYS(sched_setaffinity),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
};

/// Calls that would make memory executable. iconv(3) loads shared objects from the root, which is
/// the archive's by now; libarchive does not need it between UTF-8 and UTF-8, but this makes sure.
constexpr std::array kMappingCalls{SCMP_SYS(mmap), SCMP_SYS(mprotect), SCMP_SYS(pkey_mprotect)};

/// libseccomp returns a negated errno instead of setting it.
void check_seccomp(int result, const char* attempt) {
    if (result < 0) {
        throw_system_error(-result, attempt);
    }
}

void forbid(const UniqueFilter& filter, int call) {
    check_seccomp(::seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0, nullptr),
                  "forbid a system call");
}

void forbid_when(const UniqueFilter& filter, int call, const scmp_arg_cmp& argument) {
    check_seccomp(::seccomp_rule_add_array(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 1, &argument),
                  "forbid arguments of a system call");
}

void forbid_calls() {
    const UniqueFilter filter{::seccomp_init(SCMP_ACT_ALLOW)};
    if (!filter) {
        throw_system_error(ENOMEM, "make a seccomp filter");
    }
    for (const int call : kForbiddenCalls) {
        forbid(filter, call);
    }
    for (const int call : kMappingCalls) {
        forbid_when(filter, call, {2, SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC});
    }
    // Other processes of root are none of our business; abort(3) and getrlimit(2) are.
    forbid_when(
        filter, SCMP_SYS(tgkill), {0, SCMP_CMP_NE, static_cast<scmp_datum_t>(::getpid()), 0});
    forbid_when(filter, SCMP_SYS(prlimit64), {0, SCMP_CMP_NE, 0, 0});
    check_seccomp(::seccomp_load(filter.get()), "load a seccomp filter");
}

}  // namespace

void give_up_privileges(Work work) {
    drop_capabilities(work);
    check(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "set no_new_privs");
    forbid_calls();
}

bool keeps_file_flags() noexcept {
    return false;
}

}  // namespace brig::archive
