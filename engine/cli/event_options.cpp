// SPDX-License-Identifier: BSD-2-Clause
#include "event_options.hpp"

#include "command.hpp"
#include "escape.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ctime>
#include <optional>
#include <string_view>

namespace brig::cli {

namespace {

using TimePoint = std::chrono::system_clock::time_point;

/// A number at the beginning of `text`, which is taken away; at most so many digits.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits) {
    std::int64_t number = 0;
    const char* const end = text.data() + std::min(text.size(), digits);
    const auto [stopped, failure] = std::from_chars(text.data(), end, number);
    if (failure != std::errc{} || number < 0) {
        return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
    return number;
}

bool take_letter(std::string_view& text, char letter) {
    const bool there = text.starts_with(letter);
    text.remove_prefix(there ? 1 : 0);
    return there;
}

std::optional<std::chrono::seconds> unit_called(std::string_view name) {
    if (name == "s") {
        return std::chrono::seconds{1};
    }
    if (name == "m") {
        return std::chrono::minutes{1};
    }
    if (name == "h") {
        return std::chrono::hours{1};
    }
    return name == "d" ? std::optional<std::chrono::seconds>{std::chrono::hours{24}} : std::nullopt;
}

/// Seconds since 1970, or, with a unit, before now.
std::optional<TimePoint> parse_number(std::string_view text, TimePoint now) {
    constexpr std::size_t kDigits = 11;  // until the year 5138; no product of them overflows
    const auto number = take_number(text, kDigits);
    if (!number) {
        return std::nullopt;
    }
    if (text.empty()) {
        return TimePoint{std::chrono::seconds{*number}};
    }
    // No clock goes back further than ten thousand years.
    constexpr std::int64_t kMost = 366L * 10'000;
    const auto unit = unit_called(text);
    return unit && *number <= kMost ? std::optional{now - *unit * *number} : std::nullopt;
}

/// RFC 3339, of UTC.
std::optional<TimePoint> parse_date(std::string_view text) {
    std::tm parts{};
    const auto take = [&](int& part, std::size_t digits, char before) {
        const bool begins = before == '\0' || take_letter(text, before);
        const auto number = begins ? take_number(text, digits) : std::nullopt;
        part = static_cast<int>(number.value_or(0));
        return number.has_value();
    };
    const bool whole = take(parts.tm_year, 4, '\0') && take(parts.tm_mon, 2, '-')
                       && take(parts.tm_mday, 2, '-') && take(parts.tm_hour, 2, 'T')
                       && take(parts.tm_min, 2, ':') && take(parts.tm_sec, 2, ':');
    if (!whole) {
        return std::nullopt;
    }
    int milliseconds = 0;
    if (text.starts_with('.') && !take(milliseconds, 3, '.')) {
        return std::nullopt;
    }
    take_letter(text, 'Z');
    parts.tm_year -= 1900;
    parts.tm_mon -= 1;
    const std::tm written = parts;
    const std::time_t time = ::timegm(&parts);  // makes a 32nd of January the 1st of February
    if (!text.empty() || parts.tm_mon != written.tm_mon || parts.tm_mday != written.tm_mday) {
        return std::nullopt;
    }
    return std::chrono::system_clock::from_time_t(time) + std::chrono::milliseconds{milliseconds};
}

[[noreturn]] void refuse_value(const char* what, const std::string& value, const char* hint) {
    throw UsageError{std::string{what} + " \"" + printable(value) + "\": " + hint};
}

}  // namespace

TimePoint parse_moment(const std::string& text, TimePoint now) {
    const auto moment = text.find('-') == std::string::npos ? parse_number(text, now)  //
                                                            : parse_date(text);
    if (!moment) {
        refuse_value("no time", text, "give 2026-01-31T12:00:00Z, seconds since 1970, or 10m");
    }
    return *moment;
}

void add_filter(EventFilter& filter, const std::string& text) {
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (value.empty()) {
        refuse_value("no filter", text, "give KEY=VALUE");
    }
    if (key == "type") {
        const auto subject = parse_event_subject(value);
        subject ? filter.subjects.push_back(*subject)
                : refuse_value("no type", value, "there are container, image, volume, network");
    } else if (key == "event") {
        const auto action = parse_event_action(value);
        action ? filter.actions.push_back(*action)
               : refuse_value("no event", value, "see brig(8), or: brig events --since 1d");
    } else if (const auto subject = parse_event_subject(key);
               subject && *subject != EventSubject::engine) {
        filter.about.push_back({*subject, value});
    } else {
        refuse_value("no filter", key, "there are type, event, container, image, volume, network");
    }
}

}  // namespace brig::cli
