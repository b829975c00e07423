// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_create.hpp"

#include "host/freebsd/jail_param_list.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "params/address_value.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <fcntl.h>

#include <array>

namespace brig::freebsd {

namespace {

/// A kernel without jail descriptors refuses the flag (EINVAL); one with them misses the "desc"
/// to write to (ENOENT). Neither gets as far as a jail.
bool has_owning_descriptors() {
    return ::jail_set(nullptr, 0, JAIL_UPDATE | kOwnDescriptor) < 0 && errno == ENOENT;
}

/// Set from the rest of the request, or by nobody (`jid`).
bool is_ours(const std::string& name) {
    return name == "path" || name == "name" || name == "persist" || name == "jid";
}

/// Of "em0|10.0.0.2/24" the kernel takes the address alone.
std::vector<std::string> values_for_kernel(const Param& param) {
    if (param.type != ParamType::ip4_list && param.type != ParamType::ip6_list) {
        return param.values;
    }
    std::vector<std::string> addresses;
    for (const std::string& text : param.values) {
        const auto value = parse_address_value(text, param.type);
        addresses.push_back(value ? value->address : text);
    }
    return addresses;
}

void add_all(JailParamList& list, const JailRequest& request) {
    list.add("name", request.name);
    list.add("path", request.root.native());
    list.add("persist", "true");
    for (const Param& param : request.params) {
        if (param.performer != ParamPerformer::kernel || is_ours(param.name)) {
            continue;
        }
        if (is_key(param)) {
            list.add_key(param.name, join(param.values, ","));
        } else {
            list.add(param.name, join(values_for_kernel(param), ","));
        }
    }
}

}  // namespace

CreatedJail create_jail(const JailRequest& request) {
    const std::string attempt =
        fmt::format("create the jail '{}' at '{}'", request.name, request.root.native());
    return in_context(attempt, [&] {
        JailParamList list;
        add_all(list, request);
        int descriptor = -1;
        int flags = JAIL_CREATE;
        if (has_owning_descriptors()) {
            list.add_descriptor(descriptor);
            flags |= kOwnDescriptor;
        }
        const int id = list.set(flags);
        if (id < 0) {
            throw_jail_error();
        }
        CreatedJail jail{JailId{id}, UniqueFd{descriptor}};
        if (jail.owner) {
            // The kernel has no flag for a descriptor that is close-on-exec from birth.
            check(::fcntl(descriptor, F_SETFD, FD_CLOEXEC), "keep the jail's descriptor");
        }
        return jail;
    });
}

}  // namespace brig::freebsd
