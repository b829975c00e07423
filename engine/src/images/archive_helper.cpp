// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive_helper.hpp"

#include "support/check.hpp"
#include "support/text.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

namespace brig {
namespace {

constexpr int kTickMs = 100;

std::vector<std::string> command_words(std::vector<std::string> words,
                                       const std::filesystem::path& directory) {
    words.insert(words.end(), {"--parent", std::to_string(::getpid()), directory.native()});
    return words;
}

HelperIo with_status(HelperIo io, int status) {
    io.status = status;
    return io;
}

}  // namespace

ArchiveHelper::ArchiveHelper(const std::filesystem::path& libexec,
                             const std::vector<std::string>& words,
                             const std::filesystem::path& directory,
                             HelperIo io)
    : verb_{words.front()},
      status_{make_pipe_above_standard()},
      process_{libexec / "brig-archive",
               command_words(words, directory),
               with_status(io, status_.write.get())} {
    // Once ours is closed, the pipe ends when the helper does.
    status_.write.reset();
}

bool ArchiveHelper::read_status() {
    std::array<char, 16384> buffer{};
    const ssize_t size = ::read(status_fd(), buffer.data(), buffer.size());
    if (size < 0 && errno == EINTR) {
        return true;
    }
    report_.feed({buffer.data(), static_cast<std::size_t>(check(size, "read from a helper"))});
    return size > 0;
}

bool ArchiveHelper::succeeded() const {
    return report_.done() && !report_.failure() && exit_.value_or(0) == 0;
}

void ArchiveHelper::throw_failure() const {
    const auto& failure = report_.failure();
    if (!failure) {
        return;
    }
    const std::error_code cause{failure->error_number, std::generic_category()};
    const bool refused = cause.value() == EPERM || cause.value() == EACCES;
    const ErrorCode kernel = refused ? ErrorCode::permission : ErrorCode::system;
    const bool full = cause.value() == ENOSPC || cause.value() == EDQUOT;
    throw Error{cause ? kernel : ErrorCode::invalid_config, failure->message, cause}.with_hint(
        full ? "free some space on the storage that images are kept on" : failure->hint);
}

void ArchiveHelper::throw_broken() const {
    throw Error{ErrorCode::internal,
                fmt::format("brig-archive {} {}{}{}",
                            verb_,
                            describe_exit(),
                            report_.output().empty() ? "" : ": ",
                            report_.output())};
}

bool ArchiveHelper::ended_by_broken_pipe() const {
    return exit_ && WIFSIGNALED(*exit_) && WTERMSIG(*exit_) == SIGPIPE;
}

std::string ArchiveHelper::describe_exit() const {
    if (exit_ && WIFSIGNALED(*exit_)) {
        return fmt::format("was ended by signal {}", WTERMSIG(*exit_));
    }
    return exit_ ? fmt::format("ended with status {} before it was done", WEXITSTATUS(*exit_))
                 : "ended before it was done";
}

namespace {

/// Waits for a message or a tick, and drops the helpers that have ended.
void wait_for_status(HelperList& talking) {
    std::vector<pollfd> polled;
    polled.reserve(talking.size());
    for (const ArchiveHelper* helper : talking) {
        polled.push_back({helper->status_fd(), POLLIN, 0});
    }
    if (::poll(polled.data(), static_cast<nfds_t>(polled.size()), kTickMs) < 0) {
        if (errno != EINTR) {
            throw_system_error(errno, "wait for brig-archive");
        }
        return;
    }
    HelperList still;
    for (std::size_t i = 0; i < polled.size(); ++i) {
        if (polled[i].revents == 0 || talking[i]->read_status()) {
            still.push_back(talking[i]);
        }
    }
    talking = std::move(still);
}

void throw_unless_succeeded(const HelperList& helpers) {
    for (const ArchiveHelper* helper : helpers) {
        helper->throw_failure();
    }
    for (const ArchiveHelper* helper : helpers) {
        if (!helper->succeeded() && !helper->ended_by_broken_pipe()) {
            helper->throw_broken();
        }
    }
    for (const ArchiveHelper* helper : helpers) {
        if (!helper->succeeded()) {
            helper->throw_broken();
        }
    }
}

}  // namespace

void follow_helpers(const HelperList& helpers,
                    const ProgressSink& progress,
                    const std::function<ImportProgress()>& progress_of) {
    HelperList talking = helpers;
    while (!talking.empty()) {
        wait_for_status(talking);
        if (progress && !progress(progress_of())) {
            throw Error{ErrorCode::interrupted, "the import was cancelled"};
        }
    }
    for (ArchiveHelper* helper : helpers) {
        helper->wait();
    }
    throw_unless_succeeded(helpers);
}

std::uint64_t log_warnings(const HelperList& helpers, const Log& log) {
    std::uint64_t count = 0;
    for (const ArchiveHelper* helper : helpers) {
        const HelperReport& report = helper->report();
        count += report.warnings();
        if (report.warnings() > 0) {
            log.warn("not everything was kept ({} warnings): {}",
                     report.warnings(),
                     join(split(report.first_warnings(), '\n'), "; "));
        }
    }
    return count;
}

}  // namespace brig
