// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/address_restriction.hpp"
#include "host/linux/cgroup.hpp"
#include "host/linux/frame_writer.hpp"
#include "host/linux/host_linux.hpp"
#include "host/linux/neighbours.hpp"
#include "host/linux/record.hpp"
#include "support/check.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

namespace brig::host_linux {

namespace {

Error gone(const Jail& jail) {
    return Error{ErrorCode::not_found,
                 fmt::format("jail \"{}\" not found", jail.name),
                 std::make_error_code(std::errc::no_such_file_or_directory)};
}

/// Whether there is a process but init in the jail, after `signal` was sent to all of them. A jail
/// that is gone has none.
bool signal_all(const Jail& jail, int signal) {
    const auto init = ControlClient::connect(jail.folder);
    if (!init) {
        return false;
    }
    FrameWriter request{FrameType::signal_all};
    request.value(static_cast<std::int32_t>(signal));
    init->send(request.finish());
    const auto reply = init->receive();
    return reply
           && FrameReader{reply->payload.data(), reply->payload.size()}.value<Answer>().value != 0;
}

/// A handle of the init behind `init`. While the connection stands, that is the process that has
/// this pid.
UniqueFd open_init(const ControlClient& init) {
    UniqueFd pidfd{static_cast<int>(::syscall(SYS_pidfd_open, init.init_pid(), 0))};
    pollfd connection{init.fd(), POLLIN, 0};
    if (!pidfd && errno == ESRCH) {
        return {};
    }
    check(pidfd.get(), "open the jail's init");
    return ::poll(&connection, 1, 0) == 0 ? std::move(pidfd) : UniqueFd{};
}

bool shares_pid_namespace(pid_t one, pid_t other) {
    const auto name_of = [](pid_t pid, struct stat& status) {
        return ::stat(fmt::format("/proc/{}/ns/pid", pid).c_str(), &status) == 0;
    };
    struct stat first {};
    struct stat second {};
    return name_of(one, first) && name_of(other, second) && first.st_ino == second.st_ino
           && first.st_dev == second.st_dev;
}

}  // namespace

JailRecord ask_record(const ControlClient& init) {
    return parse_record(init.ask(FrameWriter{FrameType::describe}.finish()).payload);
}

ControlClient connect_to(const Jail& jail) {
    auto init = ControlClient::connect(jail.folder);
    if (!init) {
        throw gone(jail);
    }
    return std::move(*init);
}

LinuxHost::~LinuxHost() {
    end_prepared();
}

/// It is our child, and would stay a zombie if it were only let go of.
void LinuxHost::end_prepared() {
    if (prepared_) {
        end_process(prepared_->init.pidfd.get());
        prepared_.reset();
    }
}

void LinuxHost::prepare_jail(const std::string& name) {
    end_prepared();  // one whose start was refused
    try {
        prepared_ = PreparedJail{name, start_init(init_program_, name)};
    } catch (const Error& error) {
        log_.debug("{}", error.what());  // create_jail() tries again, and reports
    }
}

InitProcess LinuxHost::take_prepared(const std::string& name) {
    if (prepared_ && prepared_->name == name) {
        InitProcess init = std::move(prepared_->init);
        prepared_.reset();
        return init;
    }
    return start_init(init_program_, name);
}

InitProcess LinuxHost::start_restricted(const JailRequest& request, const AddressRules& rules) {
    // One that was prepared is not in the control group, and had better begin anew than move there.
    if (prepared_) {
        prepared_->name.clear();
        ::syscall(SYS_pidfd_send_signal, prepared_->init.pidfd.get(), SIGKILL, nullptr, 0);
    }
    const UniqueFd cgroup = make_jail_cgroup(request.name, request.folder);
    InitProcess init = start_init(init_program_, request.name, cgroup.get());
    try {
        // It prepares itself meanwhile; no command runs before it has been told what to build.
        restrict_addresses(cgroup.get(), rules);
    } catch (...) {
        end_process(init.pidfd.get());
        throw;
    }
    end_prepared();
    return init;
}

Jail LinuxHost::create_jail(const JailRequest& request) {
    const UniqueFd addresses = check_new_jail(request);
    const AddressRules rules = address_rules(request.params);
    InitProcess init = build_jail(
        rules.restrict_something() ? start_restricted(request, rules) : take_prepared(request.name),
        request);
    Jail jail{JailId{init.pid}, request.name, request.root, request.folder};
    log_.debug("jail '{}' has init {}", request.name, init.pid);
    jails_.insert_or_assign(request.name, std::move(init));
    return jail;
}

std::optional<Jail> LinuxHost::find_jail(const std::string& name,
                                         const std::filesystem::path& folder) {
    const auto init = ControlClient::connect(folder);
    if (!init) {
        return std::nullopt;
    }
    init->send(FrameWriter{FrameType::describe}.finish());
    const auto reply = init->receive();
    if (!reply) {
        return std::nullopt;  // it has just ended
    }
    const JailRecord record = parse_record(reply->payload);
    if (record.name != name) {
        return std::nullopt;
    }
    return Jail{JailId{init->init_pid()}, name, record.root, folder};
}

ParamList LinuxHost::jail_params(const Jail& jail) {
    const ControlClient init = connect_to(jail);
    return view_of(state_of(ask_record(init), init.init_pid()));
}

ParamList LinuxHost::view_of(JailState jail) const {
    const JailTable table{{std::move(jail)}, params_of_host()};
    return table.get(table.jails().front(), catalogue_.rows());
}

bool LinuxHost::signal_jail(const Jail& jail, int signal) {
    // The usual end: the command was alone, and init said so with its status.
    const auto ours = jails_.find(jail.name);
    return (ours == jails_.end() || !*ours->second.is_empty) && signal_all(jail, signal);
}

std::string LinuxHost::network_namespace(const Jail& jail) const {
    return fmt::format("/proc/{}/ns/net", static_cast<int>(jail.id));
}

bool LinuxHost::signal_process(const Jail& jail, pid_t pid, int signal) {
    // Opened before it is looked at: who ends meanwhile, and has a successor of the same number, is
    // not reached by the signal, nor is the successor.
    const UniqueFd process{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))};
    if ((!process && errno == ESRCH) || !shares_pid_namespace(pid, static_cast<int>(jail.id))) {
        return false;
    }
    check(process.get(), "open process {}", pid);
    const long sent = ::syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0);
    if (sent != 0 && errno == ESRCH) {
        return false;
    }
    check(sent, "send signal {} to process {}", signal, pid);
    return true;
}

bool LinuxHost::has_processes(const Jail& jail) {
    return signal_all(jail, 0);
}

void LinuxHost::remove_jail(const std::string& name, const std::filesystem::path& folder) {
    if (const auto ours = jails_.find(name); ours != jails_.end()) {
        end_process(ours->second.pidfd.get());
        jails_.erase(ours);
    } else if (const auto init = ControlClient::connect(folder)) {
        if (const UniqueFd pidfd = open_init(*init)) {
            end_process(pidfd.get());
        }
    }
    remove_jail_cgroup(folder);
    if (const auto address = control_address(folder)) {
        ::unlinkat(address->folder.get(), kControlSocket, 0);  // gone is what we want
    }
}

}  // namespace brig::host_linux
