// SPDX-License-Identifier: BSD-2-Clause
#include "param_values.hpp"
#include "start/verbs.hpp"
#include "support/check.hpp"
#include "undo.hpp"

namespace brig {

namespace {

void add_address(Context& context, const InterfaceAddress& address, Ledger& ledger) {
    const std::string text = fmt::format("{}/{}", address.address.to_string(), address.prefix);
    const std::string what = fmt::format("address {} of interface {}", text, address.interface);
    const auto record = [&] {
        ledger.record(
            effect::kAddress, what, {{"interface", address.interface}, {"address", text}});
    };
    in_context("adding the " + what, [&] {
        if (!context.host.add_address(address, record)) {
            context.log.info("the {} is there already, and stays", what);
        }
    });
}

}  // namespace

void add_addresses(Context& context, const ParamList& params, Ledger& ledger) {
    for (const InterfaceAddress& address : interface_addresses(params)) {
        add_address(context, address, ledger);
    }
}

}  // namespace brig
