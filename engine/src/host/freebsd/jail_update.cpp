// SPDX-License-Identifier: BSD-2-Clause
#include "host/freebsd/jail_update.hpp"

#include "host/freebsd/jail_param_list.hpp"
#include "host/freebsd/jail_syscalls.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

namespace brig::freebsd {

void update_jail(const Jail& jail, const ParamList& changes) {
    in_context(fmt::format("change the parameters of the jail '{}'", jail.name), [&] {
        JailParamList list;
        list.add("jid", std::to_string(static_cast<int>(jail.id)));
        for (const Param& change : changes) {
            // jail(8): `meta.key` alone takes the key away.
            if (is_key(change)) {
                list.add_key(
                    change.name,
                    change.values.empty() ? std::nullopt : std::optional{change.values.front()});
            } else {
                list.add(change.name, join(change.values, ","));
            }
        }
        if (list.set(JAIL_UPDATE) < 0) {
            throw_jail_error();
        }
    });
}

}  // namespace brig::freebsd
