// SPDX-License-Identifier: BSD-2-Clause
#include "param_values.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

void lend_to_jail(Context& context, const ParamList& params, const Jail& jail, Ledger& ledger) {
    for (const std::string& dataset : param_list(params, "zfs.dataset")) {
        in_context("zfs.dataset", [&] {
            ledger.record(
                effect::kDataset, fmt::format("dataset {}", dataset), {{"dataset", dataset}});
            context.host.lend_dataset(jail, dataset);
        });
    }
    for (const std::string& interface : param_list(params, "vnet.interface")) {
        in_context("vnet.interface", [&] {
            ledger.record(effect::kInterface,
                          fmt::format("interface {}", interface),
                          {{"interface", interface}});
            context.host.lend_interface(jail, interface);
        });
    }
}

}  // namespace brig
