// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/status.hpp"

#include "images/archive/printable.hpp"
#include "support/facts.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <cerrno>

namespace brig::archive {
namespace {

constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

void Status::count_entry() {
    ++entries_;
    report_when_due();
}

void Status::count_bytes(std::uint64_t bytes) {
    bytes_ += bytes;
    if (most_bytes_ != 0 && bytes_ > most_bytes_) {
        throw Error{
            ErrorCode::invalid_config,
            fmt::format("there is more in it than the {} bytes that are allowed", most_bytes_)}
            .with_hint("--max-size says how much may be unpacked");
    }
    report_when_due();
}

void Status::fact(std::string_view name, std::string_view value) const {
    send(fmt::format("fact {}={}", escape_field(name), escape_field(value)));
}

void Status::warning(std::string_view text) const {
    send(fmt::format("warning {}", printable(text)));
}

void Status::error(const Error& error) const {
    if (!error.hint().empty()) {
        send(fmt::format("hint {}", printable(error.hint())));
    }
    send(fmt::format("error {} {}", error.cause().value(), printable(full_message(error))));
}

void Status::done() const {
    send(fmt::format("done {} {}", entries_, bytes_));
}

void Status::report_when_due() {
    const auto now = std::chrono::steady_clock::now();
    if (now - reported_ >= kInterval) {
        reported_ = now;
        send(fmt::format("progress {} {}", entries_, bytes_));
    }
}

void Status::send(std::string_view line) const {
    const std::string message = fmt::format("{}\n", line);
    std::string_view rest = message;
    while (!rest.empty()) {
        const ssize_t sent = ::write(fd_, rest.data(), rest.size());
        if (sent >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EINTR) {
            return;  // Nobody listens any more; the exit status still tells.
        }
    }
}

}  // namespace brig::archive
