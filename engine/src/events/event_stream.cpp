// SPDX-License-Identifier: BSD-2-Clause
#include "events/event_log.hpp"
#include "support/check.hpp"
#include "support/file_lock.hpp"
#include "support/file_status.hpp"
#include "support/folder_watch.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>

namespace brig {

namespace {

using Clock = std::chrono::steady_clock;

/// One of the files, as it is read.
struct EventFile {
    UniqueFd fd;
    std::uint64_t number = 0;
};

std::optional<EventFile> open_file(const std::filesystem::path& path) {
    EventFile file{UniqueFd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)}};
    if (!file.fd) {
        if (errno != ENOENT) {
            throw_system_error(errno, fmt::format("open {}", path.native()));
        }
        return std::nullopt;
    }
    file.number = number_of_event_file(file.fd);
    return file;
}

class FileEventStream : public EventStream {
  public:
    FileEventStream(std::filesystem::path run, EventOptions options)
        : run_{std::move(run)}, options_{std::move(options)}, watch_{run_} {
        auto file = options_.since ? oldest() : open_file(event_file(run_));
        if (!file) {
            throw Error{ErrorCode::conflict,
                        fmt::format("the run directory {} was just emptied", run_.native())};
        }
        read_from(*std::move(file));
        if (!options_.since) {
            skip_to_end();
        }
    }

    [[nodiscard]] int fd() const noexcept override { return watch_.fd(); }

    [[nodiscard]] std::optional<Event> next() override {
        std::optional<Event> event = take();
        if (!event) {
            watch_.clear();
            do {
                read_on();
                event = take();
            } while (!event && turn_page());
        }
        return event;
    }

    [[nodiscard]] std::optional<Event> wait(
        std::optional<std::chrono::milliseconds> timeout) override {
        const Clock::time_point end = Clock::now() + timeout.value_or(std::chrono::milliseconds{0});
        for (;;) {
            if (auto event = next()) {
                return event;
            }
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
            if (timeout && left.count() <= 0) {
                return std::nullopt;
            }
            if (!changed_within(timeout ? static_cast<int>(std::min<std::int64_t>(
                                    left.count(), std::numeric_limits<int>::max()))
                                        : -1)) {
                return std::nullopt;
            }
        }
    }

  private:
    /// False when it has been interrupted, or nothing has changed.
    [[nodiscard]] bool changed_within(int milliseconds) const {
        struct pollfd changed {
            watch_.fd(), POLLIN, 0
        };
        const int ready = ::poll(&changed, 1, milliseconds);
        if (ready < 0 && errno != EINTR) {
            throw_system_error(errno, "wait for events");
        }
        return ready > 0;
    }

    void read_from(EventFile file) {
        file_ = std::move(file);
        pending_.clear();
        begin_ = 0;
        watch_.follow(file_.fd);
    }

    /// Not into the middle of what somebody is writing.
    void skip_to_end() {
        lock_file(file_.fd.get(), LOCK_EX, event_file(run_));
        check(::lseek(file_.fd.get(), 0, SEEK_END), "go to the end of the events");
        check(::flock(file_.fd.get(), LOCK_UN), "unlock the events");
    }

    void read_on() {
        pending_.erase(0, begin_);
        begin_ = 0;
        std::array<char, 65536> buffer{};
        const ssize_t count =
            check(::read(file_.fd.get(), buffer.data(), buffer.size()), "read events");
        pending_.append(buffer.data(), static_cast<std::size_t>(count));
        at_end_ = count == 0;
    }

    /// The next wanted event of what has been read.
    std::optional<Event> take() {
        if (lost_) {
            lost_ = false;
            return Event{std::chrono::time_point_cast<std::chrono::milliseconds>(
                             std::chrono::system_clock::now()),
                         EventSubject::engine,
                         EventAction::lost,
                         {},
                         {},
                         {}};
        }
        for (std::size_t end = 0; (end = pending_.find('\n', begin_)) != std::string::npos;) {
            auto event = parse_event(std::string_view{pending_}.substr(begin_, end - begin_));
            begin_ = end + 1;
            if (event && (!options_.since || event->time >= *options_.since)
                && matches(options_.filter, *event)) {
                return event;
            }
        }
        return std::nullopt;
    }

    /// True when there is more to read: of this file, or of the next one.
    bool turn_page() {
        if (!at_end_) {
            return true;
        }
        if (is_replaced_) {
            // The end that was just seen is its last.
            is_replaced_ = false;
            read_from(following());
            return true;
        }
        // What was written between our reading and its replacement is still to be read.
        is_replaced_ = !is_still_at(file_.fd.get(), event_file(run_)) && oldest();
        return is_replaced_;
    }

    /// The file after the one that has been read, or, if there have been several meanwhile, the
    /// oldest that is left.
    EventFile following() {
        auto file = oldest_after(file_.number);
        if (!file) {
            throw Error{ErrorCode::conflict,
                        fmt::format("the run directory {} was just emptied", run_.native())};
        }
        lost_ = file->number != file_.number + 1;
        return *std::move(file);
    }

    [[nodiscard]] std::optional<EventFile> oldest() const { return oldest_after(0); }

    /// Of the two files, the older one, unless its number says that it has been read.
    [[nodiscard]] std::optional<EventFile> oldest_after(std::uint64_t number) const {
        auto file = open_file(event_file(run_));
        if (file && file->number != number + 1) {
            auto older = open_file(old_event_file(run_));
            if (older && older->number != number && older->number + 1 == file->number) {
                return older;
            }
        }
        return file;
    }

    std::filesystem::path run_;
    EventOptions options_;
    FolderWatch watch_;
    EventFile file_;
    std::string pending_;
    std::size_t begin_ = 0;  ///< of what has not been taken of it
    bool at_end_ = false;
    bool is_replaced_ = false;  ///< the file, by the next one
    bool lost_ = false;
};

}  // namespace

std::unique_ptr<EventStream> EventLog::read(const EventOptions& options) const {
    static_cast<void>(open());
    return std::make_unique<FileEventStream>(run_.path(), options);
}

}  // namespace brig
