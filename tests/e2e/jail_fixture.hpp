// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"
#include "host/host.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace brig {

/// How a command in a jail ended, and what it wrote.
struct Outcome {
    ExitStatus status;
    std::string out;
    std::string err;
};

/// Real jails over a root made from the machine's static busybox.
class JailTest : public ::testing::Test {
  protected:
    using Setting = std::pair<std::string, std::string>;

    void SetUp() override;
    void TearDown() override;

    /// A request for jail "test" on the host's network, with /dev and /proc.
    [[nodiscard]] JailRequest request(std::initializer_list<Setting> params = {}) const;

    /// Creates it.
    const Jail& create(std::initializer_list<Setting> params = {});

    /// Runs a command in the jail and waits for it.
    Outcome run(std::vector<std::string> argv, const Credentials& user = {});

    /// The same through the jail's shell.
    Outcome shell(const std::string& script, const Credentials& user = {});

    [[nodiscard]] ProcessRequest command(std::vector<std::string> argv) const;

    std::filesystem::path folder_;  ///< all that the test makes
    std::filesystem::path root_;
    std::filesystem::path run_folder_;
    std::unique_ptr<Host> host_;
    Jail jail_;
};

/// The code of the Error that `act` throws, or `internal` with a failure when it throws none.
template <typename Act>
Error error_of(Act&& act) {
    try {
        std::forward<Act>(act)();
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "nothing was thrown";
    return Error{ErrorCode::internal, "nothing was thrown"};
}

}  // namespace brig
