// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/host/services.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

namespace brig::isolation {

namespace {

constexpr std::size_t kMostState = std::size_t{1024} * 1024;
constexpr std::size_t kMostText = std::size_t{1024} * 1024;

MessageWriter request_for(Event service) {
    return MessageWriter{static_cast<std::int64_t>(service)};
}

/// The size that a caller has room for, as much as one asks for in one piece.
std::int64_t room(std::size_t size, std::size_t most) {
    return static_cast<std::int64_t>(std::min(size, most));
}

/// Does `use` for an operation that is still under way. Nothing gets out: a message that cannot be
/// sent means that the engine is gone, and with it this process in a moment.
template <typename Use>
brig_status serve(brig_call* call, Event service, Use&& use) noexcept {
    if (call == nullptr) {
        return BRIG_INVALID;
    }
    const std::shared_lock gate{call->gate};
    try {
        if (call->over) {
            call->services->tell_late(service);
            return BRIG_INVALID;
        }
        return use(*call->services);
    } catch (...) {
        return BRIG_INTERNAL;
    }
}

/// Asks, and reads the status, which each reply begins with; `read` takes the rest, where there is
/// one: it would overwrite what a failed service leaves alone.
template <typename Read>
brig_status ask(Services& services, const MessageWriter& request, Read&& read) {
    const std::string reply = services.ask(request);
    MessageReader reader{reply};
    const auto status = static_cast<brig_status>(reader.number());
    if (!reader.at_end()) {
        read(reader);
    }
    return status;
}

brig_status ask(Services& services, const MessageWriter& request) {
    return ask(services, request, [](const MessageReader&) {});
}

void copy_text(MessageReader& reader, char* out, std::size_t size) {
    const char* const text = reader.text();
    if (text != nullptr && out != nullptr && std::strlen(text) < size) {
        std::memcpy(out, text, std::strlen(text) + 1);
    }
}

void log(brig_call* call, int level, const char* line) {
    serve(call, Event::log, [&](Services& services) -> brig_status {
        services.tell(request_for(Event::log).number(level).text(line));
        return BRIG_OK;
    });
}

brig_status fail(brig_call* call, brig_status status, const char* message, const char* hint) {
    serve(call, Event::fail, [&](Services& services) -> brig_status {
        services.tell(request_for(Event::fail).number(status).text(message).text(hint));
        return BRIG_OK;
    });
    return status;
}

int cancelled(brig_call* call) {
    const brig_status status = serve(call, Event::cancelled, [](Services& services) -> brig_status {
        return ask(services, request_for(Event::cancelled));
    });
    return status == BRIG_OK ? 0 : 1;
}

void progress(brig_call* call, std::uint64_t done, std::uint64_t total, const char* what) {
    serve(call, Event::progress, [&](Services& services) -> brig_status {
        services.tell(request_for(Event::progress)
                          .number(static_cast<std::int64_t>(done))
                          .number(static_cast<std::int64_t>(total))
                          .text(what));
        return BRIG_OK;
    });
}

brig_status param(brig_call* call, const char* name, const brig_value* value, int append) {
    return serve(call, Event::param, [&](Services& services) -> brig_status {
        MessageWriter request = request_for(Event::param);
        request.text(name).number(append).number(value == nullptr ? 0 : 1);
        if (value != nullptr) {
            request.value(*value);
        }
        return ask(services, request);
    });
}

brig_status result(brig_call* call, const char* key, const char* value) {
    return serve(call, Event::result, [&](Services& services) -> brig_status {
        return ask(services, request_for(Event::result).text(key).text(value));
    });
}

brig_status item(brig_call* call, const char* owner_tag, const char* id, const char* note) {
    return serve(call, Event::item, [&](Services& services) -> brig_status {
        return ask(services, request_for(Event::item).text(owner_tag).text(id).text(note));
    });
}

brig_status name(brig_call* call, const char* prefix, std::size_t max, char* out) {
    return serve(call, Event::name, [&](Services& services) -> brig_status {
        if (out == nullptr) {
            return BRIG_INVALID;
        }
        return ask(services,
                   request_for(Event::name).text(prefix).number(room(max, kMostText)),
                   [&](MessageReader& reply) { copy_text(reply, out, max); });
    });
}

/// argv up to its nullptr.
void write_words(MessageWriter& request, const char* const* argv) {
    std::int64_t count = 0;
    while (argv[count] != nullptr) {
        ++count;
    }
    request.number(count);
    for (std::int64_t i = 0; i < count; ++i) {
        request.text(argv[i]);
    }
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status run(brig_call* call,
                const char* const* argv,
                const char* in,
                char* out,
                std::size_t* out_len,
                int* exit_code) {
    if (argv == nullptr || *argv == nullptr || exit_code == nullptr
        || (out != nullptr && out_len == nullptr)) {
        return BRIG_INVALID;
    }
    return serve(call, Event::run, [&](Services& services) -> brig_status {
        MessageWriter request = request_for(Event::run);
        write_words(request, argv);
        request.text(in).number(out == nullptr ? -1 : room(*out_len, kMostOutput));
        return ask(services, request, [&](MessageReader& reply) {
            *exit_code = static_cast<int>(reply.number());
            const auto size = static_cast<std::size_t>(reply.number());
            const std::string_view output = reply.bytes();
            if (out != nullptr) {
                std::memcpy(out, output.data(), std::min(output.size(), *out_len));
            }
            if (out_len != nullptr) {
                *out_len = size;
            }
        });
    });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status run_io(brig_call* call, const char* const* argv, int in, int out, int* exit_code) {
    if (argv == nullptr || *argv == nullptr || exit_code == nullptr) {
        return BRIG_INVALID;
    }
    return serve(call, Event::run_io, [&](Services& services) -> brig_status {
        MessageWriter request = request_for(Event::run_io);
        write_words(request, argv);
        std::vector<int> descriptors;
        for (const int fd : {in, out}) {
            request.number(fd < 0 ? 0 : 1);
            if (fd >= 0) {
                descriptors.push_back(fd);
            }
        }
        const std::string reply = services.ask(request, descriptors);
        MessageReader reader{reply};
        const auto status = static_cast<brig_status>(reader.number());
        if (!reader.at_end()) {
            *exit_code = static_cast<int>(reader.number());
        }
        return status;
    });
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status lease(brig_call* call,
                  const char* pool,
                  const char* key,
                  const char* want,
                  char* out,
                  std::size_t out_len) {
    return serve(call, Event::lease, [&](Services& services) -> brig_status {
        if (out == nullptr) {
            return BRIG_INVALID;
        }
        return ask(services,
                   request_for(Event::lease)
                       .text(pool)
                       .text(key)
                       .text(want)
                       .number(room(out_len, kMostText)),
                   [&](MessageReader& reply) { copy_text(reply, out, out_len); });
    });
}

brig_status unlease(brig_call* call, const char* pool, const char* key) {
    return serve(call, Event::unlease, [&](Services& services) -> brig_status {
        return ask(services, request_for(Event::unlease).text(pool).text(key));
    });
}

brig_status state_put(brig_call* call, const char* key, const void* bytes, std::size_t size) {
    if ((bytes == nullptr && size != 0) || size > kMostState) {
        return BRIG_INVALID;
    }
    return serve(call, Event::state_put, [&](Services& services) -> brig_status {
        return ask(
            services,
            request_for(Event::state_put).text(key).bytes({static_cast<const char*>(bytes), size}));
    });
}

/// What there is room for of a value that was read, and how long all of it is.
void copy_bytes(MessageReader& reply, void* bytes, std::size_t* size) {
    const auto whole = static_cast<std::size_t>(reply.number());
    const std::string_view value = reply.bytes();
    if (bytes != nullptr) {
        std::memcpy(bytes, value.data(), std::min(value.size(), *size));
    }
    *size = whole;
}

brig_status state_get(brig_call* call, const char* key, void* bytes, std::size_t* size) {
    if (size == nullptr || (bytes == nullptr && *size != 0)) {
        return BRIG_INVALID;
    }
    return serve(call, Event::state_get, [&](Services& services) -> brig_status {
        MessageWriter request = request_for(Event::state_get);
        request.text(key).number(room(*size, kMostState));
        return ask(
            services, request, [&](MessageReader& reply) { copy_bytes(reply, bytes, size); });
    });
}

brig_status state_del(brig_call* call, const char* key) {
    return serve(call, Event::state_del, [&](Services& services) -> brig_status {
        return ask(services, request_for(Event::state_del).text(key));
    });
}

const void* extension(const char* id) {
    static constexpr brig_run_io kRunIo{BRIG_HDR(brig_run_io), run_io};
    return id != nullptr && std::string_view{id} == BRIG_RUN_IO ? &kRunIo : nullptr;
}

}  // namespace

Services::Services(Channel& channel, EngineFacts facts)
    : channel_{channel},
      facts_{std::move(facts)},
      table_{BRIG_HDR(brig_host),
             facts_.name.c_str(),
             facts_.version.c_str(),
             facts_.id.c_str(),
             facts_.platform.c_str(),
             log,
             fail,
             cancelled,
             progress,
             param,
             result,
             item,
             name,
             run,
             lease,
             unlease,
             state_put,
             state_get,
             state_del,
             extension} {}

Services::~Services() = default;

brig_call* Services::begin() {
    const std::scoped_lock lock{calls_mutex_};
    brig_call* const call = calls_.emplace_back(std::make_unique<brig_call>()).get();
    call->services = this;
    return call;
}

void Services::end(brig_call& call) {
    const std::unique_lock gate{call.gate};
    call.over = true;
}

void Services::tell(const MessageWriter& message) {
    const std::scoped_lock turn{turn_};
    channel_.send(message.message());
}

std::string Services::ask(const MessageWriter& request, const std::vector<int>& descriptors) {
    const std::scoped_lock turn{turn_};
    channel_.send(request.message(), descriptors);
    auto reply = channel_.receive();
    if (!reply) {
        ::_exit(0);  // the engine is gone
    }
    return *std::move(reply);
}

void Services::tell_late(Event service) {
    const std::scoped_lock turn{turn_};
    if (!std::exchange(told_late_, true)) {
        channel_.send(
            request_for(Event::late).number(static_cast<std::int64_t>(service)).message());
    }
}

}  // namespace brig::isolation
