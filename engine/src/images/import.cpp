// SPDX-License-Identifier: BSD-2-Clause
#include "images/import.hpp"

#include "images/helper_process.hpp"
#include "images/helper_report.hpp"
#include "images/source.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace brig {
namespace {

constexpr int kTickMs = 100;

/// One run of brig-archive, with what it says.
class ArchiveHelper {
  public:
    ArchiveHelper(const std::filesystem::path& libexec,
                  const char* verb,
                  const std::filesystem::path& directory,
                  HelperIo io)
        : verb_{verb},
          status_{make_pipe_above_standard()},
          process_{libexec / "brig-archive",
                   {verb, "--status-fd", std::to_string(kHelperStatusFd), directory.native()},
                   with_status(io, status_.write.get())} {
        // Once ours is closed, the pipe ends when the helper does.
        status_.write.reset();
    }

    [[nodiscard]] int status_fd() const noexcept { return status_.read.get(); }
    [[nodiscard]] const HelperReport& report() const noexcept { return report_; }

    /// Reads what there is to read; false at the end.
    bool read_status() {
        std::array<char, 16384> buffer{};
        const ssize_t size = ::read(status_fd(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) {
            return true;
        }
        report_.feed({buffer.data(), static_cast<std::size_t>(check(size, "read from a helper"))});
        return size > 0;
    }

    void wait() { exit_ = process_.wait(); }

    [[nodiscard]] bool succeeded() const {
        return report_.done() && !report_.failure() && exit_.value_or(0) == 0;
    }

    /// @throws what the helper said about its failure.
    void throw_failure() const {
        const auto& failure = report_.failure();
        if (!failure) {
            return;
        }
        const std::error_code cause{failure->error_number, std::generic_category()};
        const bool refused = cause.value() == EPERM || cause.value() == EACCES;
        const ErrorCode kernel = refused ? ErrorCode::permission : ErrorCode::system;
        throw Error{cause ? kernel : ErrorCode::invalid_config, failure->message, cause}.with_hint(
            cause.value() == ENOSPC ? "free some space on the storage that images are kept on"
                                    : failure->hint);
    }

    /// @throws for an end without a word.
    [[noreturn]] void throw_broken() const {
        throw Error{ErrorCode::internal,
                    fmt::format("brig-archive {} {}{}{}",
                                verb_,
                                describe_exit(),
                                report_.output().empty() ? "" : ": ",
                                report_.output())};
    }

    [[nodiscard]] bool ended_by_broken_pipe() const {
        return exit_ && WIFSIGNALED(*exit_) && WTERMSIG(*exit_) == SIGPIPE;
    }

  private:
    static HelperIo with_status(HelperIo io, int status) {
        io.status = status;
        return io;
    }

    [[nodiscard]] std::string describe_exit() const {
        if (exit_ && WIFSIGNALED(*exit_)) {
            return fmt::format("was ended by signal {}", WTERMSIG(*exit_));
        }
        return exit_ ? fmt::format("ended with status {} before it was done", WEXITSTATUS(*exit_))
                     : "ended before it was done";
    }

    const char* verb_;
    Pipe status_;
    HelperReport report_;
    std::optional<int> exit_;
    HelperProcess process_;
};

/// Follows helpers until they end.
class Watch {
  public:
    /// `progress_of` says how far the import is.
    Watch(const ProgressSink& sink, std::function<ImportProgress()> progress_of)
        : sink_{sink}, progress_of_{std::move(progress_of)} {}

    void follow(const std::vector<ArchiveHelper*>& helpers) const {
        std::vector<ArchiveHelper*> talking = helpers;
        while (!talking.empty()) {
            wait_for_status(talking);
            throw_if_cancelled();
        }
        for (ArchiveHelper* helper : helpers) {
            helper->wait();
        }
    }

  private:
    /// Waits for a message or a tick, and drops the helpers that have ended.
    static void wait_for_status(std::vector<ArchiveHelper*>& talking) {
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
        std::vector<ArchiveHelper*> still;
        for (std::size_t i = 0; i < polled.size(); ++i) {
            if (polled[i].revents == 0 || talking[i]->read_status()) {
                still.push_back(talking[i]);
            }
        }
        talking = std::move(still);
    }

    void throw_if_cancelled() const {
        if (sink_ && !sink_(progress_of_())) {
            throw Error{ErrorCode::interrupted, "the import was cancelled"};
        }
    }

    const ProgressSink& sink_;
    std::function<ImportProgress()> progress_of_;
};

/// @throws what went wrong, the cause before its consequences: what could not be read makes the
/// archive end early, and what could not be unpacked breaks the pipe that it came through.
void throw_unless_succeeded(const std::vector<ArchiveHelper*>& helpers) {
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

std::uint64_t log_warnings(const std::vector<ArchiveHelper*>& helpers, const Log& log) {
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

/// Follows `helpers`, of which the last unpacks.
ImportResult finish(const std::vector<ArchiveHelper*>& helpers,
                    const Watch& watch,
                    const Log& log) {
    watch.follow(helpers);
    throw_unless_succeeded(helpers);
    const HelperReport& unpacked = helpers.back()->report();
    return {unpacked.entries(), unpacked.bytes(), log_warnings(helpers, log)};
}

ImportProgress progress_of(const ArchiveHelper& unpacking) {
    return {unpacking.report().entries(), unpacking.report().bytes(), 0};
}

/// Where to unpack, and with what.
struct ImportTarget {
    const std::filesystem::path& libexec;
    const std::filesystem::path& root;
};

ImportResult import_archive(const ImportTarget& target,
                            const std::filesystem::path& path,
                            const ProgressSink& progress,
                            const Log& log) {
    const ArchiveFile archive{path};
    log.debug("unpack {} into {}", path.native(), target.root.native());
    ArchiveHelper unpacking{target.libexec, "unpack", target.root, {archive.fd(), -1, -1}};
    const auto so_far = [&] {
        ImportProgress done = progress_of(unpacking);
        if (archive.size() > 0) {
            done.bytes = archive.position();
            done.total_bytes = archive.size();
        }
        return done;
    };
    return finish({&unpacking}, Watch{progress, so_far}, log);
}

ImportResult import_directory(const ImportTarget& target,
                              const std::filesystem::path& path,
                              const ProgressSink& progress,
                              const Log& log) {
    const std::filesystem::path source = source_directory(path, target.root);
    log.debug("copy {} into {}", source.native(), target.root.native());
    Pipe stream = make_pipe_above_standard();
    ArchiveHelper packing{target.libexec, "pack", source, {-1, stream.write.get(), -1}};
    ArchiveHelper unpacking{target.libexec, "unpack", target.root, {stream.read.get(), -1, -1}};
    // The helpers have theirs; with ours open, neither would notice the other's end.
    stream = {};
    return finish(
        {&packing, &unpacking}, Watch{progress, [&] { return progress_of(unpacking); }}, log);
}

}  // namespace

ImportResult import_into(const std::filesystem::path& libexec,
                         const ImageSource& source,
                         const std::filesystem::path& root,
                         const ProgressSink& progress,
                         const Log& log) {
    const ImportTarget target{libexec, root};
    if (const auto* directory = std::get_if<FromDirectory>(&source); directory != nullptr) {
        return import_directory(target, directory->path, progress, log);
    }
    return import_archive(target, std::get<FromArchive>(source).path, progress, log);
}

}  // namespace brig
