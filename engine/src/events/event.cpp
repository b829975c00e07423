// SPDX-License-Identifier: BSD-2-Clause
#include "brig/event.hpp"

#include <algorithm>
#include <array>

namespace brig {

namespace {

constexpr std::array<std::string_view, 5> kSubjects{
    "engine", "container", "image", "volume", "network"};

constexpr std::array<std::string_view, 17> kActions{"created",
                                                    "started",
                                                    "died",
                                                    "restarting",
                                                    "stopped",
                                                    "signalled",
                                                    "renamed",
                                                    "updated",
                                                    "removed",
                                                    "connected",
                                                    "disconnected",
                                                    "tagged",
                                                    "untagged",
                                                    "snapshot-taken",
                                                    "snapshot-removed",
                                                    "rolled-back",
                                                    "lost"};
static_assert(kActions.size() == static_cast<std::size_t>(EventAction::lost) + 1);
static_assert(kSubjects.size() == static_cast<std::size_t>(EventSubject::network) + 1);

template <typename Enum, std::size_t size>
std::optional<Enum> parse(const std::array<std::string_view, size>& names, std::string_view text) {
    const auto* const found = std::find(names.begin(), names.end(), text);
    return found == names.end() ? std::nullopt
                                : std::optional{static_cast<Enum>(found - names.begin())};
}

template <typename Value>
bool allows(const std::vector<Value>& wanted, Value value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

/// `name` of an image is NAME:TAG, which NAME alone means as well when it is "latest".
bool is_named(EventSubject subject, const std::string& name, const std::string& reference) {
    return name == reference
           || (subject == EventSubject::image
               && (name == reference + ":latest" || reference == name + ":latest"));
}

bool is_about(const Event& event, const EventFilter::About& about) {
    const auto named = [&](const std::string& key) {
        const auto found = event.attributes.find(key);
        return found == event.attributes.end() ? std::string{} : found->second;
    };
    const std::string key{to_string(about.subject)};
    const bool is_subject = event.subject == about.subject;
    const std::string name = is_subject ? event.name : named(key);
    const std::string id = is_subject ? event.id : named(key + "_id");
    return !about.reference.empty()
           && (is_named(about.subject, name, about.reference) || id.starts_with(about.reference));
}

}  // namespace

std::string_view to_string(EventSubject subject) noexcept {
    return kSubjects.at(static_cast<std::size_t>(subject));
}

std::string_view to_string(EventAction action) noexcept {
    return kActions.at(static_cast<std::size_t>(action));
}

std::optional<EventSubject> parse_event_subject(std::string_view text) noexcept {
    return parse<EventSubject>(kSubjects, text);
}

std::optional<EventAction> parse_event_action(std::string_view text) noexcept {
    return parse<EventAction>(kActions, text);
}

bool matches(const EventFilter& filter, const Event& event) {
    if (event.action == EventAction::lost) {
        return true;
    }
    return allows(filter.subjects, event.subject) && allows(filter.actions, event.action)
           && std::all_of(filter.about.begin(), filter.about.end(), [&](const auto& each) {
                  return std::any_of(
                      filter.about.begin(), filter.about.end(), [&](const auto& other) {
                          return other.subject == each.subject && is_about(event, other);
                      });
              });
}

}  // namespace brig
