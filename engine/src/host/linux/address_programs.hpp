// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/ip_address.hpp"

#include <linux/bpf.h>

#include <optional>
#include <vector>

/// `ip4.addr` and `ip6.addr` as programs for the kernel's hooks of a control group: what a FreeBSD
/// kernel does with the sockets of a jail that shares the host's network stack, see jail(8) and
/// prison_local_ip4, prison_remote_ip4 and prison_check_ip4 of its sys/netinet/in_jail.c. Pure.
///
/// Two programs draw the line: none of the jail's sockets sends from another address than the
/// jail's, or to the host's 127.0.0.1 and ::1, or is given what was sent to another address. A raw
/// socket, or one for pings, is judged by the packet that it sends. When a packet leaves, though,
/// the firewall may have translated its addresses already. So a TCP or UDP socket is judged by the
/// address that it has: these send from no other, since what a message names as its source has been
/// looked at when it was sent.
///
/// The others see to it that nobody comes to that line who does what programs do: they put the
/// jail's address where a program leaves it open or asks for the loopback, and give an errno where
/// it asks for another.
namespace brig::host_linux {

/// The addresses of one family.
struct FamilyRule {
    /// False: all of the host's, and `addresses` says nothing.
    bool is_restricted = true;
    /// Those of the jail, the first one for what it does not choose itself. None: it has no such
    /// family.
    std::vector<IpAddress> addresses;
    /// False: the jail's system calls make no socket of this family, which needs no programs then.
    bool has_sockets = true;
};

struct AddressRules {
    FamilyRule ip4;
    FamilyRule ip6;

    [[nodiscard]] bool restrict_something() const noexcept {
        return ip4.is_restricted || ip6.is_restricted;
    }
};

/// A program, and where it belongs.
struct AddressProgram {
    const char* name;  ///< at most 15 letters, for bpftool(8)
    bpf_prog_type type;
    bpf_attach_type hook;
    std::vector<bpf_insn> code;
};

/// The programs that `rules` take. Without `can_set_errno` (bpf_set_retval(), Linux 5.18) what is
/// refused is refused with EPERM.
[[nodiscard]] std::vector<AddressProgram> make_address_programs(const AddressRules& rules,
                                                                bool can_set_errno);

}  // namespace brig::host_linux
