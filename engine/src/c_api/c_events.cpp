// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/barrier.hpp"

#include <memory>

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

struct brig_event_stream {
    std::unique_ptr<EventStream> stream;

    // The last one given.
    Event event{};
    std::vector<std::string> attributes{};
    TextList attribute_list{};
    brig_event row{};
};

namespace {

const brig_event* show(brig_event_stream& stream, Event event) {
    stream.event = std::move(event);
    stream.attributes.clear();
    for (const auto& [name, value] : stream.event.attributes) {
        stream.attributes.emplace_back(name).append("=").append(value);
    }
    stream.attribute_list = TextList{stream.attributes};
    stream.row = {sizeof stream.row,
                  0,
                  milliseconds_of(stream.event.time),
                  to_string(stream.event.subject).data(),
                  to_string(stream.event.action).data(),
                  stream.event.id.c_str(),
                  stream.event.name.c_str(),
                  stream.attribute_list.get()};
    return &stream.row;
}

}  // namespace

brig_error_code brig_events(brig_engine* engine,
                            int64_t since,
                            brig_event_stream** stream,
                            brig_error* error) {
    const auto open = [&] {
        *stream = nullptr;
        EventOptions options;
        if (since != 0) {
            options.since = std::chrono::system_clock::time_point{std::chrono::milliseconds{since}};
        }
        *stream = new brig_event_stream{engine->engine.events(options)};
    };
    return guarded_with(error, open, engine, stream);
}

int brig_event_stream_fd(const brig_event_stream* stream) {
    return stream == nullptr ? -1 : stream->stream->fd();
}

brig_error_code brig_event_stream_next(brig_event_stream* stream,
                                       int timeout,
                                       const brig_event** event,
                                       brig_error* error) {
    const auto wait = [&] {
        *event = nullptr;
        auto next = timeout < 0 ? stream->stream->wait(std::nullopt)
                                : stream->stream->wait(std::chrono::milliseconds{timeout});
        if (next) {
            *event = show(*stream, *std::move(next));
        }
    };
    return guarded_with(error, wait, stream, event);
}

void brig_event_stream_free(brig_event_stream* stream) {
    delete stream;
}
