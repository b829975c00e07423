// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/serve.hpp"

#include "drivers/isolation/protocol.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace brig::isolation {

namespace {

constexpr std::int64_t kMostWords = 100'000;
constexpr std::int64_t kMostText = std::int64_t{1024} * 1024;

/// One request, and what it takes to answer it.
struct Asked {
    brig_call* call;
    const brig_host& host;
    MessageReader& request;
    Channel& channel;
};

MessageWriter reply_with(brig_status status) {
    MessageWriter reply{static_cast<std::int64_t>(Request::reply)};
    reply.number(status);
    return reply;
}

void reply(const Asked& asked, brig_status status) {
    asked.channel.send(reply_with(status).message());
}

/// argv, as it was read.
std::vector<const char*> read_words(MessageReader& request) {
    std::vector<const char*> words;
    const std::int64_t count = request.number_up_to(kMostWords);
    for (std::int64_t i = 0; i < count; ++i) {
        words.push_back(request.required_text());
    }
    words.push_back(nullptr);
    return words;
}

void log(const Asked& asked) {
    const auto level = static_cast<int>(asked.request.number_up_to(BRIG_LOG_ERROR));
    asked.host.log(asked.call, level, asked.request.text());
}

void fail(const Asked& asked) {
    const auto status = static_cast<brig_status>(asked.request.number());
    const char* const message = asked.request.text();
    asked.host.fail(asked.call, status, message, asked.request.text());
}

void progress(const Asked& asked) {
    const auto done = static_cast<std::uint64_t>(asked.request.number());
    const auto total = static_cast<std::uint64_t>(asked.request.number());
    asked.host.progress(asked.call, done, total, asked.request.text());
}

void cancelled(const Asked& asked) {
    reply(asked, asked.host.cancelled(asked.call) == 0 ? BRIG_OK : BRIG_CANCELLED);
}

void param(const Asked& asked) {
    const char* const name = asked.request.text();
    const auto append = static_cast<int>(asked.request.number_up_to(1));
    std::vector<const char*> list;
    const bool has_value = asked.request.number_up_to(1) != 0;
    const brig_value value = has_value ? asked.request.value(list) : brig_value{};
    reply(asked, asked.host.param(asked.call, name, has_value ? &value : nullptr, append));
}

void result(const Asked& asked) {
    const char* const key = asked.request.text();
    reply(asked, asked.host.result(asked.call, key, asked.request.text()));
}

void item(const Asked& asked) {
    const char* const tag = asked.request.text();
    const char* const id = asked.request.text();
    reply(asked, asked.host.item(asked.call, tag, id, asked.request.text()));
}

/// Replies with a text that a service wrote, if it succeeded.
void reply_text(const Asked& asked, brig_status status, const std::string& text) {
    MessageWriter message = reply_with(status);
    if (status == BRIG_OK) {
        message.text(text.c_str());
    }
    asked.channel.send(message.message());
}

void name(const Asked& asked) {
    const char* const prefix = asked.request.text();
    std::string name(static_cast<std::size_t>(asked.request.number_up_to(kMostText)), '\0');
    const brig_status status = asked.host.name(asked.call, prefix, name.size(), name.data());
    reply_text(asked, status, name);
}

void lease(const Asked& asked) {
    const char* const pool = asked.request.text();
    const char* const key = asked.request.text();
    const char* const want = asked.request.text();
    std::string value(static_cast<std::size_t>(asked.request.number_up_to(kMostText)), '\0');
    const brig_status status =
        asked.host.lease(asked.call, pool, key, want, value.data(), value.size());
    reply_text(asked, status, value);
}

void unlease(const Asked& asked) {
    const char* const pool = asked.request.text();
    reply(asked, asked.host.unlease(asked.call, pool, asked.request.text()));
}

/// Whether a program was run, so that there is something to tell about how it ended.
bool was_run(brig_status status) {
    return status == BRIG_OK || status == BRIG_TIMEOUT || status == BRIG_CANCELLED;
}

void run(const Asked& asked) {
    const std::vector<const char*> words = read_words(asked.request);
    const char* const input = asked.request.text();
    const std::int64_t wanted = asked.request.number();
    if (wanted > static_cast<std::int64_t>(kMostOutput)) {
        throw BadMessage{"a message asks for too much"};
    }
    std::string output(wanted < 0 ? 0 : static_cast<std::size_t>(wanted), '\0');
    std::size_t size = output.size();
    int exit_code = 0;
    const brig_status status = asked.host.run(
        asked.call, words.data(), input, wanted < 0 ? nullptr : output.data(), &size, &exit_code);
    MessageWriter message = reply_with(status);
    if (was_run(status)) {
        output.resize(std::min(output.size(), size));
        message.number(exit_code).number(static_cast<std::int64_t>(size)).bytes(output);
    }
    asked.channel.send(message.message());
}

void run_io(const Asked& asked) {
    const auto* const table = static_cast<const brig_run_io*>(asked.host.extension(BRIG_RUN_IO));
    const std::vector<const char*> words = read_words(asked.request);
    const auto descriptor = [&] {
        return asked.request.number_up_to(1) != 0 ? asked.channel.take_descriptor() : UniqueFd{};
    };
    const UniqueFd in = descriptor();
    const UniqueFd out = descriptor();
    int exit_code = 0;
    const brig_status status =
        table->run_io(asked.call, words.data(), in.get(), out.get(), &exit_code);
    MessageWriter message = reply_with(status);
    if (was_run(status)) {
        message.number(exit_code);
    }
    asked.channel.send(message.message());
}

void state_put(const Asked& asked) {
    const char* const key = asked.request.text();
    const std::string_view value = asked.request.bytes();
    reply(asked, asked.host.state_put(asked.call, key, value.data(), value.size()));
}

void state_get(const Asked& asked) {
    const char* const key = asked.request.text();
    std::string value(static_cast<std::size_t>(asked.request.number_up_to(kMostText)), '\0');
    std::size_t size = value.size();
    const brig_status status = asked.host.state_get(asked.call, key, value.data(), &size);
    MessageWriter message = reply_with(status);
    if (status == BRIG_OK) {
        value.resize(std::min(value.size(), size));
        message.number(static_cast<std::int64_t>(size)).bytes(value);
    }
    asked.channel.send(message.message());
}

void state_del(const Asked& asked) {
    reply(asked, asked.host.state_del(asked.call, asked.request.text()));
}

using Server = void (*)(const Asked&);

Server server_of(Event event) {
    switch (event) {
        case Event::log:
            return log;
        case Event::fail:
            return fail;
        case Event::progress:
            return progress;
        case Event::cancelled:
            return cancelled;
        case Event::param:
            return param;
        case Event::result:
            return result;
        case Event::item:
            return item;
        case Event::name:
            return name;
        case Event::run:
            return run;
        case Event::run_io:
            return run_io;
        case Event::lease:
            return lease;
        case Event::unlease:
            return unlease;
        case Event::state_put:
            return state_put;
        case Event::state_get:
            return state_get;
        case Event::state_del:
            return state_del;
        default:
            throw BadMessage{"a message is of no known kind"};
    }
}

}  // namespace

void serve(brig_call* call, const brig_host& host, MessageReader& request, Channel& channel) {
    server_of(static_cast<Event>(request.kind()))({call, host, request, channel});
}

}  // namespace brig::isolation
