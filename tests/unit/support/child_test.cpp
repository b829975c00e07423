// SPDX-License-Identifier: BSD-2-Clause
#include "support/child.hpp"

#include "brig/error.hpp"
#include "support/unique_resource.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill(2) is POSIX
#include <unistd.h>

namespace brig {
namespace {

ChildResult run(std::vector<std::string> argv, const std::string& input = {}) {
    ChildRequest request;
    request.argv = std::move(argv);
    request.input = input;
    return run_child(request);
}

TEST(Child, GivesOutputErrorsAndStatus) {
    const ChildResult result = run({"sh", "-c", "cat; echo oops >&2; exit 3"}, "input");
    EXPECT_EQ(result.output, "input");
    EXPECT_EQ(result.errors, "oops\n");
    EXPECT_EQ(result.exit_code, 3);
}

TEST(Child, ASignalIsAStatusAbove128) {
    EXPECT_EQ(run({"sh", "-c", "kill -9 $$"}).exit_code, 137);
}

TEST(Child, OutputIsCutButCounted) {
    ChildRequest request;
    request.argv = {"sh", "-c", "head -c 100000 /dev/zero; echo oops >&2"};
    request.max_output = 10;
    const ChildResult result = run_child(request);
    EXPECT_EQ(result.output.size(), 10U);
    EXPECT_EQ(result.output_size, 100'000U);
    EXPECT_EQ(result.errors, "oops\n");  // complaints are not output
}

TEST(Child, ADaemonThatKeepsThePipeIsNotWaitedFor) {
    ChildRequest request;
    request.argv = {"sh", "-c", "sleep 1000 & echo $!"};
    const ChildResult result = run_child(request);
    EXPECT_EQ(result.end, ChildResult::End::exited);
    EXPECT_EQ(::kill(std::stoi(result.output), SIGKILL), 0);
}

TEST(Child, TheDeadlineKillsEvenWhatIgnoresSigterm) {
    ChildRequest request;
    request.argv = {"sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"};
    request.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds{100};
    const ChildResult result = run_child(request);
    EXPECT_EQ(result.end, ChildResult::End::timed_out);
    EXPECT_EQ(result.exit_code, 137);
}

TEST(Child, InheritsTheOneDescriptorAndNoOther) {
    const UniqueFd lock{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    const UniqueFd other{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    ChildRequest request;
    // FreeBSD's /dev/fd has 0 to 2 only, and not every shell copies those of two digits.
    request.argv = {"sh",
                    "-c",
                    "for fd in $1 $2; do { [ -e /dev/fd/$fd ] || (eval \": <&$fd\") 2>/dev/null; } "
                    "&& echo open || echo closed; done",
                    "sh",
                    std::to_string(lock.get()),
                    std::to_string(other.get())};
    request.inherited_fd = lock.get();
    EXPECT_EQ(run_child(request).output, "open\nclosed\n");
}

TEST(Child, SaysWhatCannotBeExecuted) {
    try {
        (void)run({"/etc/passwd"});
        FAIL() << "a text was executed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::command_not_executable);
    }
    try {
        (void)run({"no-such-program"});
        FAIL() << "nothing was executed";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::command_not_found);
    }
}

}  // namespace
}  // namespace brig
