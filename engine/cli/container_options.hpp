// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/spec.hpp"
#include "options.hpp"
#include "output.hpp"

namespace brig::cli {

/// The options that `run` and `create` share.
void add_container_options(Options& options);

/// The specification that options and operands (IMAGE [COMMAND ARG…]) describe.
[[nodiscard]] ContainerSpec container_spec(const Options& options);

/// The same with the image from elsewhere; operands are COMMAND ARG….
[[nodiscard]] ContainerSpec container_spec(const Options& options, const std::string& image);

[[nodiscard]] Json to_json(const Plan& plan);

/// Prints what a run would do: every step, every parameter with its origin, the jail(8) line.
void print_plan(const Plan& plan, bool as_json);

/// --dry-run and --target, which `run` and `create` share too.
void add_dry_run_options(Options& options);

/// With --dry-run, prints what a run would do: every step, every parameter with its origin, the
/// jail(8) line. False without. @throws UsageError for --target alone.
[[nodiscard]] bool dry_run(Invocation& call, const Options& options, const ContainerSpec& spec);

}  // namespace brig::cli
