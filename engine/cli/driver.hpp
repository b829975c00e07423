// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <string>
#include <vector>

namespace brig::cli {

// What a driver says of itself, in different forms.

[[nodiscard]] Json driver_json(const DriverInfo& driver);

/// A table of the configuration with every option and its help, to be edited.
[[nodiscard]] std::string driver_toml(const DriverInfo& driver);

/// A manual page in mdoc(7).
[[nodiscard]] std::string driver_man(const DriverInfo& driver);

// The verbs of `brig driver`, each with the words after it.
int check_driver(Invocation& call, Strings arguments);
int inspect_driver(Invocation& call, Strings arguments);
int new_driver(Invocation& call, Strings arguments);

}  // namespace brig::cli
