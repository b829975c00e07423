// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/host/session.hpp"

#include "drivers/isolation/description.hpp"
#include "drivers/isolation/reference.hpp"
#include "drivers/library.hpp"
#include "support/check.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace brig::isolation {

namespace {

/// An operation that is to be performed, with what was read for it.
struct Performance {
    OperationId id;
    brig_inst* instance;
    brig_call* call;
    const brig_ref* ref;        ///< nullptr: it is about the instance
    const char* argument;       ///< or nullptr
    const brig_stream* stream;  ///< nullptr unless it moves one
};

brig_status invoke(const Performance& what, brig_status (*operation)(brig_inst*, brig_call*)) {
    return operation(what.instance, what.call);
}

brig_status invoke(const Performance& what, brig_op* operation) {
    return operation(what.instance, what.call, what.ref);
}

brig_status invoke(const Performance& what, brig_op_arg* operation) {
    return operation(what.instance, what.call, what.ref, what.argument);
}

brig_status invoke(const Performance& what, brig_op_stream* operation) {
    return operation(what.instance, what.call, what.ref, what.stream);
}

bool wants_reference(OperationId id) {
    return id != OperationId::status && id != OperationId::list;
}

bool wants_stream(OperationId id) {
    return id == OperationId::send || id == OperationId::receive;
}

/// An exception of the driver ends the process here, as it would have to in any program.
brig_status invoke(const DriverTables& tables, const Performance& what) noexcept {
    brig_status status = BRIG_UNSUPPORTED;
    for_each_operation(tables, [&](auto id, auto operation) {
        if (id == what.id && operation != nullptr) {
            status = invoke(what, operation);
        }
    });
    return status;
}

/// With few gaps below it, the lowest free descriptor is the number of open ones.
std::int64_t lowest_free_descriptor() {
    const int fd = ::fcntl(kSocketFd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return ::getdtablesize();
    }
    ::close(fd);
    return fd;
}

/// What the driver forked and left comes to this process, running or ended.
bool has_children() {
    return ::waitpid(-1, nullptr, WNOHANG) >= 0 || errno != ECHILD;
}

std::string refusal_of(const Error& error) {
    return MessageWriter{static_cast<std::int64_t>(Event::refused)}
        .number(static_cast<std::int64_t>(error.code()))
        .text(full_message(error).c_str())
        .text(error.hint().c_str())
        .message();
}

/// A stream of snapshots, as it was read.
class StreamStorage {
  public:
    StreamStorage(MessageReader& reader, Channel& channel) : fd_{channel.take_descriptor()} {
        stream_.hdr = BRIG_HDR(brig_stream);
        stream_.snapshot = reader.required_text();
        stream_.base = reader.text();
        stream_.token = reader.text();
        stream_.flags = static_cast<std::uint32_t>(reader.number());
        stream_.fd = fd_.get();
    }

    [[nodiscard]] const brig_stream& get() const noexcept { return stream_; }

  private:
    UniqueFd fd_;
    brig_stream stream_{};
};

}  // namespace

Session::Session(Channel channel, std::filesystem::path driver)
    : channel_{std::move(channel)}, driver_{std::move(driver)} {}

bool Session::greet() {
    const auto message = channel_.receive();
    if (!message) {
        return false;
    }
    MessageReader hello{*message};
    EngineFacts facts{
        hello.required_text(), hello.required_text(), hello.required_text(), hello.required_text()};
    hello.end();
    services_ = std::make_unique<Services>(channel_, std::move(facts));
    try {
        const DriverTables offered = offered_tables(load_driver_library(driver_), driver_);
        tables_ = accept(offered, driver_);
        channel_.send(describe_tables(offered));
    } catch (const Error& error) {
        channel_.send(refusal_of(error));
        return false;
    }
    return true;
}

int Session::serve() {
    if (!greet()) {
        return 0;
    }
    while (const auto message = channel_.receive()) {
        answer(*message);
    }
    return 0;
}

void Session::answer(const std::string& message) {
    MessageReader request{message};
    switch (static_cast<Request>(request.kind())) {
        case Request::open:
            return open(request);
        case Request::perform:
            return perform(request);
        case Request::close:
            return close(request);
        default:
            throw BadMessage{"the engine sent what makes no sense"};
    }
}

void Session::open(MessageReader& request) {
    const std::int64_t id = request.number();
    const char* const name = request.required_text();
    MapStorage config;
    request.map(config);
    brig_call* const call = services_->begin();
    brig_inst* instance = nullptr;
    const brig_status status =
        tables_.base.open(&services_->table(), call, name, config.view(), &instance);
    if (status == BRIG_OK) {
        instances_[id] = instance;
    }
    finish(*call, status == BRIG_OK && instance == nullptr ? kOpenedNothing : status);
}

void Session::perform(MessageReader& request) {
    Performance what{};
    what.id = static_cast<OperationId>(request.number());
    what.instance = instances_.at(request.number());
    what.call = services_->begin();
    // The container's lock, held for as long as the driver may be changing something for it.
    const bool has_lock = request.number() != 0;
    const UniqueFd lock = has_lock ? channel_.take_descriptor() : UniqueFd{};
    std::optional<ReferenceStorage> reference;
    std::optional<StreamStorage> stream;
    if (wants_reference(what.id)) {
        what.ref = &reference.emplace(request).get();
        what.argument = request.text();
    }
    if (wants_stream(what.id)) {
        what.stream = &stream.emplace(request, channel_).get();
    }
    request.end();
    const brig_status status = invoke(tables_, what);
    stream.reset();
    finish(*what.call, status);
}

void Session::close(MessageReader& request) {
    const auto found = instances_.find(request.number());
    if (found != instances_.end()) {
        tables_.base.close(found->second);
        instances_.erase(found);
    }
}

void Session::finish(brig_call& call, brig_status status) {
    Services::end(call);
    static_cast<void>(std::fflush(nullptr));  // what it has printed is to be seen now
    services_->tell(MessageWriter{static_cast<std::int64_t>(Event::done)}
                        .number(status)
                        .number(lowest_free_descriptor())
                        .number(has_children() ? 1 : 0));
}

}  // namespace brig::isolation
