// SPDX-License-Identifier: BSD-2-Clause
#include "events/event_log.hpp"

#include "support/check.hpp"
#include "support/facts.hpp"
#include "support/file_lock.hpp"
#include "support/file_status.hpp"
#include "support/quantity.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace brig {

namespace {

constexpr std::string_view kHeader = "brig-events 1 ";

/// A new file with its first line, which nobody sees yet.
UniqueFd make_file(const std::filesystem::path& file, std::uint64_t number) {
    constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    UniqueFd made{check(::open(file.c_str(), kFlags, S_IRUSR | S_IWUSR), "make {}", file.native())};
    write_text(made.get(), fmt::format("{}{}\n", kHeader, number), file.native());
    return made;
}

void put_in_place(const std::filesystem::path& made, const std::filesystem::path& file) {
    check(::rename(made.c_str(), file.c_str()), "rename {} to {}", made.native(), file.native());
}

}  // namespace

std::filesystem::path event_file(const std::filesystem::path& run) {
    return run / "events";
}

std::filesystem::path old_event_file(const std::filesystem::path& run) {
    return run / "events.1";
}

std::string format_event(const Event& event) {
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(event.time.time_since_epoch());
    return fmt::format("{}\t{}\t{}\t{}\t{}{}\n",
                       time.count(),
                       to_string(event.subject),
                       to_string(event.action),
                       escape_field(event.id),
                       escape_field(event.name),
                       format_facts(event.attributes));
}

std::optional<Event> parse_event(std::string_view line) {
    constexpr std::size_t kFixedFields = 5;
    const std::vector<std::string> fields = split(line, '\t');
    if (fields.size() < kFixedFields) {
        return std::nullopt;
    }
    const auto time = parse_integer(fields[0]);
    const auto subject = parse_event_subject(fields[1]);
    const auto action = parse_event_action(fields[2]);
    if (!time || !subject || !action) {
        return std::nullopt;
    }
    Event event;
    event.time = std::chrono::system_clock::time_point{std::chrono::milliseconds{*time}};
    event.subject = *subject;
    event.action = *action;
    event.id = unescape_field(fields[3]);
    event.name = unescape_field(fields[4]);
    parse_facts(event.attributes, fields, kFixedFields);
    return event;
}

std::uint64_t number_of_event_file(const UniqueFd& file) {
    std::array<char, 64> buffer{};
    const ssize_t count = ::pread(file.get(), buffer.data(), buffer.size(), 0);
    std::string_view line{buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
    line = line.substr(0, line.find('\n'));
    if (!line.starts_with(kHeader)) {
        return 0;
    }
    return static_cast<std::uint64_t>(parse_integer(line.substr(kHeader.size())).value_or(0));
}

void EventLog::append(const std::vector<Event>& events) const {
    std::string text;
    for (const Event& event : events) {
        text += format_event(event);
    }
    const std::filesystem::path path = event_file(run_.path());
    for (;;) {
        const UniqueFd file = open();
        lock_file(file.get(), LOCK_SH, path);
        if (!is_still_at(file.get(), path)) {
            continue;  // another one took its place
        }
        const ssize_t written =
            check(::write(file.get(), text.data(), text.size()), "write {}", path.native());
        if (static_cast<std::size_t>(written) != text.size()) {
            throw_system_error(ENOSPC, fmt::format("write {}", path.native()));
        }
        if (is_full(file)) {
            replace(file);
        }
        return;
    }
}

/// Makes the first one where there is none.
UniqueFd EventLog::open() const {
    const std::filesystem::path path = event_file(run_.path());
    for (;;) {
        UniqueFd file{::open(path.c_str(), O_RDWR | O_APPEND | O_CLOEXEC)};
        if (file) {
            return file;
        }
        if (errno != ENOENT) {
            throw_system_error(errno, fmt::format("open {}", path.native()));
        }
        begin();
    }
}

void EventLog::begin() const {
    run_.make_folders();
    const UniqueFd lock = lock_folder(run_.path(), LOCK_EX);
    const std::filesystem::path path = event_file(run_.path());
    if (::access(path.c_str(), F_OK) != 0) {
        const std::filesystem::path made = run_.path() / "events.first";
        make_file(made, 1);
        put_in_place(made, path);
    }
}

bool EventLog::is_full(const UniqueFd& file) const {
    struct stat status {};
    check(::fstat(file.get(), &status), "look at the events");
    return static_cast<std::size_t>(status.st_size) >= full_;
}

/// At no moment is there no file called "events": somebody would begin with the first one.
void EventLog::replace(const UniqueFd& full) const {
    const std::filesystem::path path = event_file(run_.path());
    const std::filesystem::path old = old_event_file(run_.path());
    lock_file(full.get(), LOCK_EX, path);
    if (!is_still_at(full.get(), path)) {
        return;  // another one was faster
    }
    const std::filesystem::path made = run_.path() / "events.new";
    make_file(made, number_of_event_file(full) + 1);
    if (::unlink(old.c_str()) != 0 && errno != ENOENT) {
        throw_system_error(errno, fmt::format("remove {}", old.native()));
    }
    check(::link(path.c_str(), old.c_str()), "link {}", old.native());
    put_in_place(made, path);
}

}  // namespace brig
