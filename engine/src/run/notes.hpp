// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/container.hpp"
#include "ledger/ledger.hpp"
#include "params/catalogue.hpp"

#include <string>

namespace brig {

struct Launch;

/// What a container's ledger says about its run, besides effects: how other processes see a running
/// container.
namespace note {
inline constexpr const char* kContainer = "container";  ///< who it is
inline constexpr const char* kParams = "params";        ///< its parameters, see param_values.hpp
inline constexpr const char* kProcess = "process";      ///< its command runs: pid, jid, …
inline constexpr const char* kReady = "ready";  ///< its exec.poststart, where it has one, has run
inline constexpr const char* kStopping =
    "stopping";  ///< pid: of a `stop` that runs the hooks, or has; nothing: it has failed
inline constexpr const char* kNoRestart =
    "no restart";  ///< pid: of who ends it on purpose, so that its restart policy has no say;
                   ///< nothing: that has failed
inline constexpr const char* kRestart =
    "restart";  ///< its supervisor's pid, and how often that has started it again
inline constexpr const char* kUpdate =
    "update";  ///< parameters and spec of an update under way; empty: done
inline constexpr const char* kExit = "exit";  ///< code, signal: its command has ended
}  // namespace note

/// Texts without NUL bytes as one fact.
[[nodiscard]] std::string join_list(const std::vector<std::string>& texts);
[[nodiscard]] std::vector<std::string> split_list(const std::string& joined);

[[nodiscard]] Facts describe_container(const Launch& launch);

/// What the ledger's notes tell of the container `id`.
[[nodiscard]] ContainerInfo container_info(const std::string& id,
                                           const Ledger& ledger,
                                           const Catalogue& catalogue);

/// The exit status in the note, if the command has ended.
[[nodiscard]] std::optional<ExitStatus> noted_exit(const Ledger& ledger);

[[nodiscard]] Facts exit_facts(const ExitStatus& status);

/// The pid of the container's command on the host, once it runs.
[[nodiscard]] std::optional<int> noted_pid(const Ledger& ledger);

/// The variables that the image and the user gave the container's command.
[[nodiscard]] std::vector<std::string> noted_environment(const Ledger& ledger);

/// Its networks, see parse_attachment().
[[nodiscard]] std::vector<std::string> noted_networks(const Ledger& ledger);

/// The ids of the containers that it depends on.
[[nodiscard]] std::vector<std::string> noted_dependencies(const Ledger& ledger);

/// Whether it goes when its run has ended.
[[nodiscard]] bool is_noted_ephemeral(const Ledger& ledger);

/// True once its command runs and its last exec.poststart has ended.
[[nodiscard]] bool is_noted_ready(const Ledger& ledger);

/// Whether a `stop` has begun to run the hooks, which nobody else must run then, and has not
/// failed.
[[nodiscard]] bool is_noted_stopping(const Ledger& ledger);

/// The same, while that `stop` goes on. One that was killed leaves the container running.
[[nodiscard]] bool is_being_stopped(const Ledger& ledger);

/// Whether somebody ends the container on purpose.
[[nodiscard]] bool is_restart_forbidden(const Ledger& ledger);

/// Notes that this process does what the note `kind`, kStopping or kNoRestart, is about.
void claim(Ledger& ledger, const char* kind);

/// Takes that note back, if it is still this process's.
void withdraw(Ledger& ledger, const char* kind);

/// The process that waits to start the container again, or is about to; nothing while it runs.
[[nodiscard]] std::optional<int> noted_restarter(const Ledger& ledger);

/// The id of the image it was made from.
[[nodiscard]] std::string noted_image_id(const Ledger& ledger);

}  // namespace brig
