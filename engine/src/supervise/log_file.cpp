// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/log_file.hpp"

#include "process/wait.hpp"
#include "support/check.hpp"
#include "support/file_status.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <ctime>

namespace brig {

namespace {

constexpr std::size_t kMaxSize = std::size_t{10} << 20U;
constexpr std::size_t kMaxLine = std::size_t{64} << 10U;
constexpr std::size_t kHeader = sizeof "2026-01-31T12:00:00.000Z O " - 1;

using TimePoint = std::chrono::system_clock::time_point;

std::string format_time(TimePoint time) {
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                       parts.tm_year + 1900,
                       parts.tm_mon + 1,
                       parts.tm_mday,
                       parts.tm_hour,
                       parts.tm_min,
                       parts.tm_sec,
                       milliseconds % 1000);
}

int parse_int(std::string_view text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// A line as `write_line` made it; nothing for what is none (a line cut short by a full disk).
std::optional<LogLine> parse_line(std::string_view line) {
    if (line.size() < kHeader || line[23] != 'Z') {
        return std::nullopt;
    }
    std::tm parts{};
    parts.tm_year = parse_int(line.substr(0, 4)) - 1900;
    parts.tm_mon = parse_int(line.substr(5, 2)) - 1;
    parts.tm_mday = parse_int(line.substr(8, 2));
    parts.tm_hour = parse_int(line.substr(11, 2));
    parts.tm_min = parse_int(line.substr(14, 2));
    parts.tm_sec = parse_int(line.substr(17, 2));
    const auto time = std::chrono::system_clock::from_time_t(::timegm(&parts))
                      + std::chrono::milliseconds{parse_int(line.substr(20, 3))};
    return LogLine{time, line[25] == 'E', std::string{line.substr(kHeader)}};
}

/// Reads lines from a file that may grow.
class LineReader {
  public:
    explicit LineReader(const std::filesystem::path& file)
        : fd_{::open(file.c_str(), O_RDONLY | O_CLOEXEC)} {}

    /// Gives what is there now to `sink`; false when it wants no more.
    bool drain(const std::function<bool(const LogLine&)>& sink) {
        std::array<char, 65536> buffer{};
        ssize_t count = 0;
        while (fd_ && (count = ::read(fd_.get(), buffer.data(), buffer.size())) > 0) {
            pending_.append(buffer.data(), static_cast<std::size_t>(count));
            if (!give_lines(sink)) {
                return false;
            }
        }
        return true;
    }

    /// True when the file at `file` is not the one that is read: it was rotated.
    [[nodiscard]] bool is_not(const std::filesystem::path& file) const {
        return !fd_ || !is_still_at(fd_.get(), file);
    }

  private:
    bool give_lines(const std::function<bool(const LogLine&)>& sink) {
        for (std::size_t end = 0; (end = pending_.find('\n')) != std::string::npos;) {
            const auto line = parse_line(std::string_view{pending_}.substr(0, end));
            pending_.erase(0, end + 1);
            if (line && !sink(*line)) {
                return false;
            }
        }
        return true;
    }

    UniqueFd fd_;
    std::string pending_;
};

}  // namespace

LogWriter::LogWriter(std::filesystem::path folder) : folder_{std::move(folder)} {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (failure) {
        throw_system_error(failure.value(), fmt::format("make folder {}", folder_.native()));
    }
    if (!open()) {
        throw_system_error(errno, fmt::format("open {}", (folder_ / "log").native()));
    }
}

bool LogWriter::open() {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    UniqueFd file{::open((folder_ / "log").c_str(), kFlags, 0600)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0) {
        return false;
    }
    file_ = std::move(file);
    size_ = static_cast<std::size_t>(status.st_size);
    return true;
}

void LogWriter::go_on_in_new_file() {
    // What cannot be opened costs lines of the log, not the container.
    static_cast<void>(open());
}

void LogWriter::write(bool is_error, std::string_view bytes) {
    if (!is_still_at(file_.get(), folder_ / "log")) {
        go_on_in_new_file();
    }
    std::string& pending = pending_.at(is_error ? 1 : 0);
    pending += bytes;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos;) {
        write_line(is_error, std::string_view{pending}.substr(begin, end - begin));
        begin = end + 1;
    }
    pending.erase(0, begin);
    if (pending.size() > kMaxLine) {
        write_line(is_error, pending);
        pending.clear();
    }
}

void LogWriter::finish() {
    for (const bool is_error : {false, true}) {
        std::string& pending = pending_.at(is_error ? 1 : 0);
        if (!pending.empty()) {
            write_line(is_error, pending);
            pending.clear();
        }
    }
}

void LogWriter::write_line(bool is_error, std::string_view line) {
    if (size_ > kMaxSize) {
        std::error_code ignored;
        std::filesystem::rename(folder_ / "log", folder_ / "log.1", ignored);
        go_on_in_new_file();
    }
    const std::string text = format_time(std::chrono::system_clock::now())
                             + (is_error ? " E " : " O ") + std::string{line} + '\n';
    // A full disk costs lines of the log, not the container.
    if (::write(file_.get(), text.data(), text.size()) > 0) {
        size_ += text.size();
    }
}

void read_log(const std::filesystem::path& folder,
              const std::function<bool(const LogLine&)>& sink,
              bool follow,
              const std::function<bool()>& running) {
    if (!LineReader{folder / "log.1"}.drain(sink)) {
        return;
    }
    auto reader = std::make_unique<LineReader>(folder / "log");
    bool wanted = reader->drain(sink);
    while (follow && wanted) {
        // What was written before the container ended is read after that was seen.
        const bool last = !running();
        wanted = reader->drain(sink);
        if (last) {
            return;
        }
        if (wanted && reader->is_not(folder / "log")) {
            wanted = reader->drain(sink);
            reader = std::make_unique<LineReader>(folder / "log");
        }
        static_cast<void>(wait_until([] { return false; }, std::chrono::milliseconds{50}));
    }
}

}  // namespace brig
