// SPDX-License-Identifier: BSD-2-Clause
#include "run/notes.hpp"

#include "launch.hpp"
#include "networks/attachments.hpp"
#include "param_values.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill(2) is POSIX, not C++
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace brig {

namespace {

constexpr const char* kPid = "pid";

using TimePoint = std::chrono::system_clock::time_point;

std::string format_time(TimePoint time) {
    return std::to_string(
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count());
}

std::optional<long long> number(const Facts* facts, const char* name) {
    if (facts == nullptr) {
        return std::nullopt;
    }
    const auto fact = facts->find(name);
    long long value = 0;
    if (fact == facts->end()
        || std::from_chars(fact->second.data(), fact->second.data() + fact->second.size(), value).ec
               != std::errc{}) {
        return std::nullopt;
    }
    return value;
}

std::string text(const Facts* facts, const char* name) {
    if (facts == nullptr) {
        return "";
    }
    const auto fact = facts->find(name);
    return fact == facts->end() ? "" : fact->second;
}

// None of the texts that are kept as lists contains a NUL byte, as what execve(2) takes cannot.
constexpr char kListSeparator = '\0';

std::vector<std::string> list(const Facts* facts, const char* name) {
    return split_list(text(facts, name));
}

std::optional<TimePoint> time(const Facts* facts, const char* name) {
    const auto milliseconds = number(facts, name);
    return milliseconds ? std::optional{TimePoint{std::chrono::milliseconds{*milliseconds}}}
                        : std::nullopt;
}

}  // namespace

std::string join_list(const std::vector<std::string>& texts) {
    return join(texts, std::string(1, kListSeparator));
}

std::vector<std::string> split_list(const std::string& joined) {
    return joined.empty() ? std::vector<std::string>{} : split(joined, kListSeparator);
}

Facts describe_container(const Launch& launch) {
    std::vector<std::string> networks;
    for (const LaunchAttachment& each : launch.attachments) {
        networks.push_back(to_string(AttachmentSpec{each.network->name(), each.written}));
    }
    return {{"name", launch.name},
            {"image", launch.spec.image},
            {"image_id", launch.image.id},
            {"networks", join_list(networks)},
            {"command", join_list(launch.command)},
            {"ephemeral", launch.spec.ephemeral ? "1" : "0"},
            {"created", format_time(std::chrono::system_clock::now())}};
}

std::vector<std::string> noted_networks(const Ledger& ledger) {
    return list(ledger.find_note(note::kContainer), "networks");
}

ContainerInfo container_info(const std::string& id,
                             const Ledger& ledger,
                             const Catalogue& catalogue) {
    const Facts* container = ledger.find_note(note::kContainer);
    const Facts* process = ledger.find_note(note::kProcess);
    ContainerInfo info;
    info.id = id;
    info.name = text(container, "name");
    info.image = text(container, "image");
    info.networks = network_names(noted_networks(ledger));
    for (const RecordedAttachment& attachment : attachments_in(ledger)) {
        info.attachments.push_back(info_of(attachment));
    }
    info.command = list(container, "command");
    info.ephemeral = is_noted_ephemeral(ledger);
    info.created = time(container, "created").value_or(TimePoint{});
    info.started = time(process, "started");
    info.root = text(process, "root");
    info.exit = noted_exit(ledger);
    info.pid = info.exit ? std::nullopt : noted_pid(ledger);
    info.state = process != nullptr        ? ContainerState::running
                 : noted_restarter(ledger) ? ContainerState::restarting
                                           : ContainerState::created;
    info.restarts =
        static_cast<unsigned>(number(ledger.find_note(note::kRestart), "count").value_or(0));
    if (const auto jid = number(process, "jid")) {
        info.jail = static_cast<JailId>(*jid);
    }
    if (const Facts* params = ledger.find_note(note::kParams); params != nullptr) {
        info.params = params_from_facts(*params, catalogue);
    }
    return info;
}

bool is_noted_ephemeral(const Ledger& ledger) {
    return text(ledger.find_note(note::kContainer), "ephemeral") == "1";
}

std::optional<ExitStatus> noted_exit(const Ledger& ledger) {
    const Facts* exit = ledger.find_note(note::kExit);
    if (exit == nullptr) {
        return std::nullopt;
    }
    return ExitStatus{static_cast<int>(number(exit, "code").value_or(0)),
                      static_cast<int>(number(exit, "signal").value_or(0))};
}

Facts exit_facts(const ExitStatus& status) {
    return {{"code", std::to_string(status.code)}, {"signal", std::to_string(status.signal)}};
}

std::optional<int> noted_pid(const Ledger& ledger) {
    const auto pid = number(ledger.find_note(note::kProcess), kPid);
    return pid ? std::optional{static_cast<int>(*pid)} : std::nullopt;
}

std::vector<std::string> noted_environment(const Ledger& ledger) {
    return list(ledger.find_note(note::kProcess), "environment");
}

std::vector<std::string> noted_dependencies(const Ledger& ledger) {
    return list(ledger.find_note(note::kContainer), "depend");
}

bool is_noted_ready(const Ledger& ledger) {
    const Facts* params = ledger.find_note(note::kParams);
    const bool has_more = params != nullptr && params->contains("exec.poststart");
    return ledger.find_note(has_more ? note::kReady : note::kProcess) != nullptr;
}

bool is_noted_stopping(const Ledger& ledger) {
    return number(ledger.find_note(note::kStopping), kPid).has_value();
}

bool is_being_stopped(const Ledger& ledger) {
    const auto stopper = number(ledger.find_note(note::kStopping), kPid);
    return stopper && (::kill(static_cast<pid_t>(*stopper), 0) == 0 || errno == EPERM);
}

bool is_restart_forbidden(const Ledger& ledger) {
    return number(ledger.find_note(note::kNoRestart), kPid).has_value();
}

void claim(Ledger& ledger, const char* kind) {
    ledger.note(kind, {{kPid, std::to_string(::getpid())}});
}

void withdraw(Ledger& ledger, const char* kind) {
    ledger.reload();
    if (number(ledger.find_note(kind), kPid) == ::getpid()) {
        ledger.note(kind, {});
    }
}

std::optional<int> noted_restarter(const Ledger& ledger) {
    const auto pid = number(ledger.find_note(note::kRestart), kPid);
    return pid && !noted_pid(ledger) ? std::optional{static_cast<int>(*pid)} : std::nullopt;
}

std::string noted_image_id(const Ledger& ledger) {
    return text(ledger.find_note(note::kContainer), "image_id");
}

}  // namespace brig
