// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_processes.hpp"

#include "host/freebsd/sysctl.hpp"

#include <sys/param.h>
#include <sys/sysctl.h>
#include <sys/user.h>

#include <algorithm>
#include <cstring>

namespace brig::freebsd {

std::vector<pid_t> processes_in(const std::vector<int>& jails, Visitors visitors) {
    const std::string table = sysctl_bytes({CTL_KERN, KERN_PROC, KERN_PROC_PROC}, "kern.proc");
    std::vector<pid_t> pids;
    kinfo_proc process{};
    for (std::size_t at = 0; at + sizeof process <= table.size(); at += sizeof process) {
        std::memcpy(&process, table.data() + at, sizeof process);
        const bool inside = std::find(jails.begin(), jails.end(), process.ki_jid) != jails.end();
        const bool counts =
            visitors == Visitors::included || std::strcmp(process.ki_tdname, kVisitorName) != 0;
        if (inside && counts && process.ki_stat != SZOMB) {
            pids.push_back(process.ki_pid);
        }
    }
    return pids;
}

}  // namespace brig::freebsd
