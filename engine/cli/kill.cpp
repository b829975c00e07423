// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"

#include <array>
#include <charconv>
#include <csignal>

namespace brig::cli {

namespace {

struct SignalName {
    const char* name;
    int number;
};

constexpr std::array kSignals{SignalName{"HUP", SIGHUP},
                              SignalName{"INT", SIGINT},
                              SignalName{"QUIT", SIGQUIT},
                              SignalName{"ABRT", SIGABRT},
                              SignalName{"KILL", SIGKILL},
                              SignalName{"USR1", SIGUSR1},
                              SignalName{"USR2", SIGUSR2},
                              SignalName{"ALRM", SIGALRM},
                              SignalName{"TERM", SIGTERM},
                              SignalName{"CHLD", SIGCHLD},
                              SignalName{"CONT", SIGCONT},
                              SignalName{"STOP", SIGSTOP},
                              SignalName{"TSTP", SIGTSTP},
                              SignalName{"WINCH", SIGWINCH}};

/// "TERM", "SIGTERM" or "15".
int parse_signal(const Options& options, std::string text) {
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc{} && end == text.data() + text.size() && number > 0 && number < NSIG) {
        return number;
    }
    if (text.starts_with("SIG")) {
        text.erase(0, 3);
    }
    for (const SignalName& signal : kSignals) {
        if (text == signal.name) {
            return signal.number;
        }
    }
    throw options.error("there is no signal '" + text + "'");
}

}  // namespace

int kill(Invocation& call) {
    Options options{"kill [-s SIGNAL] CONTAINER…"};
    options.add()("signal,s", po::value<std::string>(), "by name or number; default KILL");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, kMany);
    const int signal = parse_signal(options, options.get<std::string>("signal", "KILL"));
    for (const std::string& container : options.operands()) {
        call.engine().kill(container, signal);
    }
    return kDone;
}

}  // namespace brig::cli
