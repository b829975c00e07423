// SPDX-License-Identifier: BSD-2-Clause
#include "process/environment.hpp"

#include "support/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>

// NOLINTNEXTLINE: POSIX has it so, and FreeBSD declares it nowhere
extern char** environ;

namespace brig {

namespace {

/// jail(8) gives /bin:/usr/bin; images of today expect the administrator's folders too.
constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

}  // namespace

std::vector<std::string> own_environment() {
    std::vector<std::string> variables;
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
        variables.emplace_back(*variable);
    }
    return variables;
}

void add_variables(std::vector<std::string>& environment,
                   const std::vector<std::string>& assignments) {
    for (const std::string& assignment : assignments) {
        const std::string name = assignment.substr(0, assignment.find('=') + 1);
        const auto same = std::find_if(environment.begin(),
                                       environment.end(),
                                       [&](const std::string& v) { return v.starts_with(name); });
        if (same != environment.end()) {
            *same = assignment;
        } else {
            environment.push_back(assignment);
        }
    }
}

std::vector<std::string> clean_environment() {
    std::vector<std::string> variables{std::string{"PATH="} + kPath};
    if (const char* term = std::getenv("TERM"); term != nullptr) {
        variables.push_back(std::string{"TERM="} + term);
    }
    return variables;
}

std::vector<std::string> user_variables(const Credentials& credentials) {
    return {"HOME=" + credentials.home, "SHELL=" + credentials.shell, "USER=" + credentials.user};
}

std::vector<std::string> hook_variables(const std::string& name,
                                        const std::string& path,
                                        std::optional<JailId> jail) {
    std::vector<std::string> variables{"JNAME=" + name, "JPATH=" + path};
    if (jail) {
        variables.push_back(fmt::format("JID={}", static_cast<int>(*jail)));
    }
    return variables;
}

void check_variable(const std::string& text, Findings& findings) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
        findings.add({"-e", fmt::format("'{}' is not NAME=value", text), "write -e NAME=value"});
    } else if (text.find('\0') != std::string::npos) {
        findings.add({"-e", "an environment variable contains a NUL byte", ""});
    }
}

}  // namespace brig
