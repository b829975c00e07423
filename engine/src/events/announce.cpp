// SPDX-License-Identifier: BSD-2-Clause
#include "events/announce.hpp"

#include "events/event_log.hpp"
#include "run/notes.hpp"
#include "support/check.hpp"

#include <utility>
#include <vector>

namespace brig {

namespace {

void append(const Context& context, std::vector<Event> events) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
    for (Event& event : events) {
        event.time = now;
    }
    try {
        EventLog{context.run}.append(events);
    } catch (const Error& failure) {
        context.log.warn("an event could not be recorded: {}", full_message(failure));
    }
}

Event about_container(EventAction action,
                      const std::string& id,
                      const std::string& name,
                      Facts attributes) {
    return {{}, EventSubject::container, action, id, name, std::move(attributes)};
}

/// One that is kept is started by its image's id, which is not what people call it.
std::string image_of(const Launch& launch) {
    const ImageInfo& image = launch.image;
    if (image.name.empty()) {
        return launch.spec.image;
    }
    return image.tag == "latest" ? image.name : image.name + ":" + image.tag;
}

Event about_launch(EventAction action, const Launch& launch) {
    return about_container(action, launch.id, launch.name, {{"image", image_of(launch)}});
}

Facts facts_of_end(const std::string& image, const std::optional<ExitStatus>& exit) {
    Facts facts{{"image", image}};
    if (exit) {
        facts["exit_status"] = std::to_string(exit->shell_status());
        if (exit->signal != 0) {
            facts["signal"] = std::to_string(exit->signal);
        }
    }
    return facts;
}

}  // namespace

void announce(const Context& context, Event event) {
    append(context, {std::move(event)});
}

void announce_container(const Context& context,
                        EventAction action,
                        const std::string& id,
                        const std::string& name,
                        Facts attributes) {
    announce(context, about_container(action, id, name, std::move(attributes)));
}

void announce_image(const Context& context,
                    EventAction action,
                    const ImageInfo& image,
                    Facts attributes) {
    const std::string name = image.name.empty() ? "" : image.name + ":" + image.tag;
    announce(context, {{}, EventSubject::image, action, image.id, name, std::move(attributes)});
}

void announce_network(const Context& context,
                      EventAction action,
                      const std::string& name,
                      Facts attributes) {
    announce(context, {{}, EventSubject::network, action, name, name, std::move(attributes)});
}

void announce_new(const Context& context, const Launch& launch) {
    announce(context, about_launch(EventAction::created, launch));
}

void announce_start(const Context& context, const Launch& launch) {
    std::vector<Event> events;
    if (launch.spec.ephemeral) {
        events.push_back(about_launch(EventAction::created, launch));
    }
    events.push_back(about_launch(EventAction::started, launch));
    append(context, std::move(events));
}

void announce_end(const Context& context, const std::string& id, const Ledger& ledger) {
    const Facts* noted = ledger.find_note(note::kContainer);
    if (noted == nullptr || !noted_pid(ledger)) {
        return;
    }
    std::string name = noted->at("name");
    std::string image = noted->at("image");
    const bool ephemeral = is_noted_ephemeral(ledger);
    if (const auto kept = ephemeral ? std::nullopt : context.store.find_container_by_id(id)) {
        name = kept->name;  // it may have been renamed since
        image = kept->spec.image;
    }
    std::vector<Event> events{
        about_container(EventAction::died, id, name, facts_of_end(image, noted_exit(ledger)))};
    if (ephemeral) {
        events.push_back(about_container(EventAction::removed, id, name, {{"image", image}}));
    }
    append(context, std::move(events));
}

}  // namespace brig
