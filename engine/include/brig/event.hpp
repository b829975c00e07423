// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace BRIG_API brig {

/// What an event is about.
enum class EventSubject {
    engine,  ///< the events themselves: see EventAction::lost
    container,
    image,
    volume,
    network
};

/// What has happened to it. More may come: switch over it with a default.
enum class EventAction {
    created,
    started,           ///< container: its command runs, and exec.poststart is through
    died,              ///< container: a run has ended, however, and all of it is undone
    restarting,        ///< container: it is to be started again, after a pause
    stopped,           ///< container: somebody stopped it, after it has died
    signalled,         ///< container: somebody sent its command a signal
    renamed,           ///< container
    updated,           ///< container: parameters or variables of it are others
    removed,           ///< with what was kept of it
    connected,         ///< network: a container that exists came to it
    disconnected,      ///< network: a container that exists left it
    tagged,            ///< image: it has a further name
    untagged,          ///< image: it lost one of its names
    snapshot_taken,    ///< container
    snapshot_removed,  ///< container
    rolled_back,       ///< container: its root is again as in a snapshot
    lost               ///< engine: events are missing here, since they were not read in time
};

/// "container", …
[[nodiscard]] std::string_view to_string(EventSubject subject) noexcept;

/// "created", "snapshot-taken", …
[[nodiscard]] std::string_view to_string(EventAction action) noexcept;

/// What `to_string` gives, back; nothing for any other text.
[[nodiscard]] std::optional<EventSubject> parse_event_subject(std::string_view text) noexcept;
[[nodiscard]] std::optional<EventAction> parse_event_action(std::string_view text) noexcept;

/// Something that has happened, by whichever process.
struct Event {
    std::chrono::system_clock::time_point time;  ///< in milliseconds
    EventSubject subject = EventSubject::engine;
    EventAction action = EventAction::lost;
    std::string id;    ///< of a network its name
    std::string name;  ///< as it was called then; of an image NAME:TAG

    /// Further facts, by action: `image` of a container; of `died` the `exit_status` as a shell has
    /// it and the `signal`, neither when its owner was killed and nobody knows; `count` and
    /// `pause_ms` of `restarting`; `signal` of `signalled`; `old_name` of `renamed`; `changed`
    /// (names, with commas between) of `updated`; `snapshot`; `container` and `container_id` of
    /// what happens to a network; `driver`, `storage`. More may come.
    std::map<std::string, std::string> attributes;

    friend bool operator==(const Event&, const Event&) = default;
};

/// Which events are wanted. Of a list that is not empty, one must fit; all lists must.
/// `EventAction::lost` always passes.
struct EventFilter {
    struct About {
        EventSubject subject = EventSubject::container;
        std::string reference;  ///< a name, or the beginning of an id
    };

    std::vector<EventSubject> subjects;
    std::vector<EventAction> actions;

    /// The subject itself, or one that is named among the attributes: the containers of an image,
    /// the networks that a container comes to. Of several for one subject, one must fit.
    std::vector<About> about;
};

[[nodiscard]] bool matches(const EventFilter& filter, const Event& event);

struct EventOptions {
    /// Also what has happened since then, as far as it is still known: the last thousands of
    /// events, and none from before a reboot. Nothing: only what happens from now on.
    std::optional<std::chrono::system_clock::time_point> since;
    EventFilter filter;
};

/// What happens to the containers, images, volumes and networks of a state directory, in order.
///
/// Nothing is sent to a reader, and nobody waits for one: it reads a file in the run folder, to
/// which every process appends. One that does not read for a long while finds EventAction::lost,
/// and should then look at everything anew (`Engine::containers`).
///
/// It is used by one thread at a time, which may be another than the engine's, and outlives it.
class EventStream {
  public:
    EventStream() = default;
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;
    EventStream(EventStream&&) = delete;
    EventStream& operator=(EventStream&&) = delete;
    virtual ~EventStream() = default;

    /// Becomes readable when there may be more; for poll(2). Then call next() until it gives
    /// nothing, which makes it unreadable again.
    [[nodiscard]] virtual int fd() const noexcept = 0;

    /// The next event, if there is one now.
    [[nodiscard]] virtual std::optional<Event> next() = 0;

    /// Waits for the next event: for ever, or as long as `timeout` says. Nothing when there is none
    /// by then, or when a signal interrupted the waiting.
    [[nodiscard]] virtual std::optional<Event> wait(
        std::optional<std::chrono::milliseconds> timeout) = 0;
};

}  // namespace brig
