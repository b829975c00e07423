// SPDX-License-Identifier: BSD-2-Clause
#include "networks/names.hpp"
#include "param_values.hpp"
#include "start/verbs.hpp"

namespace brig {

void write_names(Context& context,
                 const Launch& launch,
                 const ParamList& params,
                 const std::filesystem::path& root,
                 Ledger& ledger) {
    const NamedContainer container{launch.id,
                                   {param_value(params, "host.hostname", ""), launch.name},
                                   launch.spec.root.empty() ? root : std::filesystem::path{}};
    write_resolver(context, container, ledger);
    announce(context, container, ledger);
}

}  // namespace brig
