// SPDX-License-Identifier: BSD-2-Clause
#include "event_options.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iostream>

namespace brig::cli {

namespace {

using TimePoint = std::chrono::system_clock::time_point;

std::string format_milliseconds(TimePoint time) {
    const auto part = std::chrono::duration_cast<std::chrono::milliseconds>(
        time - std::chrono::floor<std::chrono::seconds>(time));
    std::string text = format_time(time);
    text.insert(text.size() - 1, fmt::format(".{:03}", part.count()));
    return text;
}

Json to_json(const Event& event) {
    Json attributes = Json::object();
    for (const auto& [name, value] : event.attributes) {
        attributes.add(name, value);
    }
    return Json::object()
        .add("time", format_milliseconds(event.time))
        .add("type", to_string(event.subject))
        .add("event", to_string(event.action))
        .add("id", event.id)
        .add("name", event.name)
        .add("attributes", attributes);
}

/// "2026-01-31T12:00:00.000Z container died 3f9c2a7b1d04 (name=web, exit_status=0, image=base)"
std::string to_line(const Event& event) {
    std::string line = fmt::format("{} {} {} {}",
                                   format_milliseconds(event.time),
                                   to_string(event.subject),
                                   to_string(event.action),
                                   event.id);
    std::string facts = event.name.empty() ? "" : "name=" + event.name;
    for (const auto& [name, value] : event.attributes) {
        facts.append(facts.empty() ? "" : ", ").append(name).append("=").append(value);
    }
    return facts.empty() ? line : line + " (" + facts + ")";
}

/// What is left until then; nothing means for ever.
std::optional<std::chrono::milliseconds> time_until(const std::optional<TimePoint>& end) {
    if (!end) {
        return std::nullopt;
    }
    return std::max(
        std::chrono::ceil<std::chrono::milliseconds>(*end - std::chrono::system_clock::now()),
        std::chrono::milliseconds{0});
}

}  // namespace

int events(Invocation& call) {
    Options options{"events [--since TIME] [--until TIME] [-f KEY=VALUE]…"};
    options.add()("since",
                  po::value<std::string>(),
                  "also what has happened since then: 2026-01-31T12:00:00Z, seconds, or 10m ago");
    options.add()("until", po::value<std::string>(), "nothing that happens later");
    options.add()("filter,f",
                  po::value<Strings>()->composing(),
                  "type=, event=, container=, image=, volume= or network=; repeatable");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(0, 0);
    const TimePoint now = std::chrono::system_clock::now();
    EventOptions wanted;
    std::optional<TimePoint> end;
    if (const auto text = options.find<std::string>("since")) {
        wanted.since = parse_moment(*text, now);
    }
    if (const auto text = options.find<std::string>("until")) {
        end = parse_moment(*text, now);
    }
    for (const std::string& filter : options.get("filter", Strings{})) {
        add_filter(wanted.filter, filter);
    }
    const auto stream = call.engine().events(wanted);
    while (const auto event = stream->wait(time_until(end))) {
        if (end && event->time > *end) {
            break;
        }
        call.json() ? print(to_json(*event)) : print_line(to_line(*event));
        if (!std::cout.flush()) {
            break;
        }
    }
    return kDone;
}

}  // namespace brig::cli
