// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/ledger.hpp"

#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>

// The file is lines of fields separated by tabs:
//
//     +  <number> <kind> <what> <name=value>…    an effect, before it is made
//     =  <number> <name=value>…                  results of an effect
//     -  <number>                                the effect was undone
//     !  <kind> <name=value>…                    a note
//
// with the bytes that would disturb it written as %XX.

namespace brig {

namespace {

/// A note of the ledger itself.
constexpr const char* kOwner = "owner";
constexpr const char* kPid = "pid";

int parse_number(const std::string& text) {
    int number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Locks `fd`. False when `wait` is not set and somebody else holds the lock.
bool lock(int fd, bool wait, const std::filesystem::path& file) {
    while (::flock(fd, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
        if (errno == EWOULDBLOCK) {
            return false;
        }
        if (errno != EINTR) {
            throw_system_error(errno, fmt::format("lock {}", file.native()));
        }
    }
    return true;
}

}  // namespace

std::optional<Ledger> Ledger::create(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) {
        throw Error{ErrorCode::already_exists, fmt::format("ledger {} exists", file.native())};
    }
    if (fd < 0 && errno == ENOENT) {
        return std::nullopt;
    }
    Ledger ledger{file, UniqueFd{check(fd, "create {}", file.native())}};
    lock(ledger.lock_fd(), true, file);
    ledger.sign();
    return ledger;
}

Ledger Ledger::replace(const std::filesystem::path& file,
                       const std::map<std::string, Facts>& notes) {
    std::filesystem::path next = file;
    next += ".next";
    Ledger ledger = create(next).value();
    for (const auto& [kind, facts] : notes) {
        if (kind != kOwner) {
            ledger.note(kind, facts);
        }
    }
    check(::rename(next.c_str(), file.c_str()), "replace {}", file.native());
    ledger.file_ = file;
    return ledger;
}

std::optional<Ledger> Ledger::open(const std::filesystem::path& file, bool wait) {
    UniqueFd fd{::open(file.c_str(), O_RDWR | O_APPEND | O_CLOEXEC)};
    if (!fd && errno == ENOENT) {
        return std::nullopt;
    }
    check(fd.get(), "open {}", file.native());
    Ledger ledger{file, std::move(fd)};
    // Whoever held the lock may have finished and removed the file meanwhile.
    if (!lock(ledger.lock_fd(), wait, file) || ledger.is_unlinked()) {
        return std::nullopt;
    }
    ledger.cut_off_behind(ledger.load());
    ledger.sign();
    return ledger;
}

std::optional<Ledger> Ledger::peek(const std::filesystem::path& file) {
    UniqueFd fd{::open(file.c_str(), O_RDWR | O_APPEND | O_CLOEXEC)};
    if (!fd && errno == ENOENT) {
        return std::nullopt;
    }
    check(fd.get(), "open {}", file.native());
    Ledger ledger{file, std::move(fd)};
    ledger.reload();
    return ledger;
}

bool Ledger::is_orphaned() const {
    const Facts* owner = find_note(kOwner);
    const int pid = owner != nullptr && owner->contains(kPid) ? parse_number(owner->at(kPid)) : 0;
    return pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
}

bool Ledger::is_locked(const std::filesystem::path& file) {
    const UniqueFd fd{::open(file.c_str(), O_RDWR | O_CLOEXEC)};
    return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
}

int Ledger::record(std::string kind, std::string what, Facts facts) {
    const int number = last_number_ + 1;
    append(fmt::format(
        "+\t{}\t{}\t{}{}", number, escape_field(kind), escape_field(what), format_facts(facts)));
    last_number_ = number;
    effects_.push_back({number, std::move(kind), std::move(what), std::move(facts)});
    return number;
}

void Ledger::add_facts(int number, const Facts& facts) {
    if (facts.empty()) {
        return;
    }
    const std::string line = fmt::format("=\t{}{}", number, format_facts(facts));
    append(line);
    apply(line);
}

void Ledger::forget(int number) {
    const std::string line = fmt::format("-\t{}", number);
    append(line);
    apply(line);
}

void Ledger::note(const std::string& kind, const Facts& facts) {
    append(fmt::format("!\t{}{}", escape_field(kind), format_facts(facts)));
    notes_[kind] = facts;
}

const Facts* Ledger::find_note(const std::string& kind) const {
    const auto found = notes_.find(kind);
    return found == notes_.end() ? nullptr : &found->second;
}

void Ledger::reload() {
    static_cast<void>(load());
}

/// The size of all whole lines: what follows the last newline was cut short by a crash.
std::size_t Ledger::load() {
    effects_.clear();
    notes_.clear();
    check(::lseek(fd_.get(), 0, SEEK_SET), "rewind {}", file_.native());
    std::string content = read_text(fd_.get(), file_.native());
    content.resize(content.rfind('\n') + 1);
    for (const std::string& line : split(content, '\n')) {
        apply(line);
    }
    return content.size();
}

/// Or else what comes next would be a part of the line that was cut short.
void Ledger::cut_off_behind(std::size_t whole) const {
    struct stat status {};
    const auto size = static_cast<off_t>(whole);
    if (::fstat(fd_.get(), &status) == 0 && status.st_size > size) {
        check(::ftruncate(fd_.get(), size), "shorten {}", file_.native());
    }
}

bool Ledger::is_unlinked() const {
    struct stat status {};
    return ::fstat(fd_.get(), &status) != 0 || status.st_nlink == 0;
}

void Ledger::wait_for_unlock() const {
    while (::flock(fd_.get(), LOCK_SH) != 0) {
        if (errno != EINTR) {
            throw_system_error(errno, fmt::format("wait for {}", file_.native()));
        }
    }
}

void Ledger::sign() {
    try {
        note(kOwner, {{kPid, std::to_string(::getpid())}});
    } catch (const Error&) {
        // A full disk. Nobody waits for what this process leaves running, then.
    }
}

void Ledger::append(const std::string& line) {
    const std::string text = line + '\n';
    const ssize_t written =
        check(::write(fd_.get(), text.data(), text.size()), "write {}", file_.native());
    if (static_cast<std::size_t>(written) != text.size()) {
        throw_system_error(ENOSPC, fmt::format("write {}", file_.native()));
    }
}

void Ledger::apply(const std::string& line) {
    const std::vector<std::string> fields = split(line, '\t');
    if (fields.size() < 2) {
        return;
    }
    if (fields[0] == "!") {
        Facts facts;
        parse_facts(facts, fields, 2);
        notes_[unescape_field(fields[1])] = std::move(facts);
        return;
    }
    const int number = parse_number(fields[1]);
    const auto effect = std::find_if(
        effects_.begin(), effects_.end(), [&](const Effect& e) { return e.number == number; });
    if (fields[0] == "+" && fields.size() >= 4) {
        effects_.push_back({number, unescape_field(fields[2]), unescape_field(fields[3]), {}});
        parse_facts(effects_.back().facts, fields, 4);
        last_number_ = std::max(last_number_, number);
    } else if (fields[0] == "=" && effect != effects_.end()) {
        parse_facts(effect->facts, fields, 2);
    } else if (fields[0] == "-" && effect != effects_.end()) {
        effects_.erase(effect);
    }
}

}  // namespace brig
