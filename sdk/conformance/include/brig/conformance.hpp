// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// The conformance kit: finds out whether a driver keeps the contract of brig/driver.h.
///
/// Each test runs in a process and a world of its own. On Linux the world is made of namespaces, on
/// FreeBSD that of a network is a jail: what a driver does there it does for real, and nothing of
/// it reaches the host. The driver is driven by the engine's own code, so what passes here works
/// there.
namespace brig::conformance {

/// What is to be checked, and how.
struct CheckOptions {
    std::filesystem::path driver;                 ///< the shared object
    std::optional<std::filesystem::path> config;  ///< options of the instance under test, as TOML
    std::string only = "*";                       ///< glob over the names of tests: "crash.*"
    std::uint64_t seed = 1;                       ///< of every choice that is made at random
    unsigned jobs = 0;               ///< tests at once; 0: what the machine can do. One if `real`
    bool real = false;               ///< on the machine itself instead of a world of its own
    std::filesystem::path helpers;   ///< the folder of brig's helper programs
    std::filesystem::path programs;  ///< the folder of the stand-ins for programs of the system
};

/// How a test ended.
enum class Verdict {
    passed,
    failed,
    skipped  ///< the driver does not declare, or the machine does not have, what it needs
};

/// One test, and what an author needs to mend what it found.
struct TestResult {
    std::string name;  ///< "crash.teardown_after_call_7"
    Verdict verdict = Verdict::passed;
    std::string what;                ///< what broke, or why it was skipped: one sentence
    std::string rule;                ///< the words of brig/driver.h that were broken
    std::vector<std::string> trace;  ///< operations and host calls up to there
    std::vector<std::string> left;   ///< how the world differs from what it should be
    std::string output;              ///< what was written to descriptors 1 and 2
    std::string rerun;               ///< the line that repeats this test alone
    std::chrono::milliseconds took{};
};

/// What all tests found.
struct CheckReport {
    std::string driver;  ///< its name, or the file if it has none
    std::string version;
    std::uint64_t seed = 0;
    std::vector<TestResult> tests;

    [[nodiscard]] std::size_t count(Verdict verdict) const;
    [[nodiscard]] bool passed() const { return count(Verdict::failed) == 0; }
};

/// Told of every test when it and those before it have ended. May be empty.
using Observer = std::function<void(const TestResult&)>;

/// Checks a driver. To be called by a process with one thread only, since it forks.
/// @throws Error{not_found} when there is no such file; Error{invalid_config} for what is wrong
/// with
///         `config`; Error{unsupported} where no world can be made.
[[nodiscard]] CheckReport check_driver(const CheckOptions& options, const Observer& observer);

/// One test for people; empty for one that passed.
[[nodiscard]] std::string format_text(const TestResult& test);

/// The last lines of a report for people.
[[nodiscard]] std::string format_summary(const CheckReport& report);

/// A report as JUnit's XML, as programs for continuous integration read it.
[[nodiscard]] std::string format_junit(const CheckReport& report);

}  // namespace brig::conformance
