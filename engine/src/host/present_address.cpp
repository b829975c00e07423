// SPDX-License-Identifier: BSD-2-Clause
#include "host/present_address.hpp"

#include "support/check.hpp"
#include "support/resolve_name.hpp"

#include <ifaddrs.h>

#include <memory>

namespace brig {

namespace {

struct FreeList {
    void operator()(ifaddrs* list) const noexcept { ::freeifaddrs(list); }
};

}  // namespace

bool has_address(const InterfaceAddress& address) {
    ifaddrs* first = nullptr;
    check(::getifaddrs(&first), "list the addresses of the host");
    const std::unique_ptr<ifaddrs, FreeList> list{first};
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        if (address.interface == entry->ifa_name
            && ip_address_of(entry->ifa_addr) == address.address) {
            return true;
        }
    }
    return false;
}

}  // namespace brig
