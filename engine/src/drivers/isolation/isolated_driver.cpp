// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/isolated_driver.hpp"

#include "drivers/isolation/protocol.hpp"
#include "drivers/isolation/reference.hpp"
#include "drivers/isolation/serve.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace brig::isolation {

namespace {

using Clock = std::chrono::steady_clock;

/// How long a driver may take to load, which is milliseconds where not many others start at the
/// same time, and to return once its operation was cancelled or is past its deadline.
constexpr std::chrono::seconds kLoading{60};
constexpr std::chrono::seconds kGrace{2};

constexpr std::int64_t kMostLeftOpen = 64;
constexpr std::size_t kMostLines = 20;
constexpr std::size_t kMostSaid = std::size_t{256} * 1024 * 1024;  // in one operation
constexpr std::size_t kLongestExcerpt = 200;

/// What a driver did that its process is not trusted any more; the end of a sentence about it.
class Misbehaviour : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

std::string excerpt_of(const std::string& text) {
    const std::string line = text.substr(0, text.find('\n'));
    return line.size() > kLongestExcerpt ? line.substr(0, kLongestExcerpt) + "…" : line;
}

/// The last line of what a process complained about, which often says why it crashed.
std::string last_words(const std::string& errors) {
    const std::size_t end = errors.find_last_not_of(" \n") + 1;
    if (end == 0) {
        return {};
    }
    const std::size_t begin = errors.rfind('\n', end - 1) + 1;
    return fmt::format(": {}", excerpt_of(errors.substr(begin, end - begin)));
}

DriverProcess::Patience until(Clock::time_point deadline) {
    return [deadline] {
        if (Clock::now() >= deadline) {
            throw Misbehaviour{fmt::format("did not load within {} seconds", kLoading.count())};
        }
    };
}

/// For as long as the operation may go on, and a little longer.
DriverProcess::Patience patience_with(brig_call* call, const brig_host& host) {
    return [call, &host, end = std::optional<Clock::time_point>{}]() mutable {
        if (!end && host.cancelled(call) != 0) {
            end = Clock::now() + kGrace;
        }
        if (end && Clock::now() >= *end) {
            throw Misbehaviour{
                fmt::format("did not return within {} seconds after its deadline, or after it was "
                            "cancelled",
                            kGrace.count())};
        }
    };
}

}  // namespace

/// An instance in the driver's process; in each process that there is in the course of time.
class IsolatedInstance {
  public:
    IsolatedInstance(IsolatedDriver& driver, std::int64_t id, const char* name, brig_map config)
        : driver_{driver}, id_{id} {
        opening_.number(id).text(name).map(config);
    }

    [[nodiscard]] std::int64_t id() const noexcept { return id_; }

    /// What opens it.
    [[nodiscard]] const MessageWriter& opening() const noexcept { return opening_; }

    /// Which of the driver's processes it is open in.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }
    void set_generation(std::uint64_t generation) noexcept { generation_ = generation; }

    static IsolatedInstance& of(brig_inst* handle) {
        return *reinterpret_cast<IsolatedInstance*>(handle);
    }

    brig_inst* handle() { return reinterpret_cast<brig_inst*>(this); }

    /// The beginning of a request for an operation on it.
    [[nodiscard]] MessageWriter request_for(OperationId operation) const {
        MessageWriter request{static_cast<std::int64_t>(Request::perform)};
        request.number(static_cast<std::int64_t>(operation)).number(id_);
        return request;
    }

    brig_status perform(brig_call* call, OperationId operation) {
        return driver_.perform(call, *this, request_for(operation).number(0), {});
    }

    brig_status perform(brig_call* call,
                        OperationId operation,
                        const brig_ref& ref,
                        const char* argument,
                        const brig_stream* stream) {
        const int lock = call->operation->call->lock_fd;
        MessageWriter request = request_for(operation);
        request.number(lock < 0 ? 0 : 1);
        std::vector<int> descriptors;
        if (lock >= 0) {
            descriptors.push_back(lock);
        }
        write_reference(request, ref);
        request.text(argument);
        if (stream != nullptr) {
            request.text(stream->snapshot)
                .text(stream->base)
                .text(stream->token)
                .number(stream->flags);
            descriptors.push_back(stream->fd);
        }
        return driver_.perform(call, *this, request, descriptors);
    }

    static void close(brig_inst* handle) {
        const std::unique_ptr<IsolatedInstance> instance{&of(handle)};
        instance->driver_.close(*instance);
    }

  private:
    IsolatedDriver& driver_;
    std::int64_t id_;
    MessageWriter opening_{static_cast<std::int64_t>(Request::open)};
    std::uint64_t generation_ = 0;
};

namespace {

// The tables' operations.

template <OperationId kId>
brig_status on_instance(brig_inst* handle, brig_call* call) {
    return IsolatedInstance::of(handle).perform(call, kId);
}

template <OperationId kId>
brig_status on_object(brig_inst* handle, brig_call* call, const brig_ref* ref) {
    return IsolatedInstance::of(handle).perform(call, kId, *ref, nullptr, nullptr);
}

template <OperationId kId>
brig_status with_argument(brig_inst* handle,
                          brig_call* call,
                          const brig_ref* ref,
                          const char* argument) {
    return IsolatedInstance::of(handle).perform(call, kId, *ref, argument, nullptr);
}

template <OperationId kId>
brig_status with_stream(brig_inst* handle,
                        brig_call* call,
                        const brig_ref* ref,
                        const brig_stream* stream) {
    return IsolatedInstance::of(handle).perform(call, kId, *ref, nullptr, stream);
}

template <OperationId kId>
void set(brig_status (*&operation)(brig_inst*, brig_call*)) {
    operation = on_instance<kId>;
}

template <OperationId kId>
void set(brig_op*& operation) {
    operation = on_object<kId>;
}

template <OperationId kId>
void set(brig_op_arg*& operation) {
    operation = with_argument<kId>;
}

template <OperationId kId>
void set(brig_op_stream*& operation) {
    operation = with_stream<kId>;
}

/// For `base.open`, which has no instance that would lead here: see LoadedDriver::open.
brig_status open_elsewhere(
    const brig_host* /*host*/, brig_call* /*call*/, const char*, brig_map, brig_inst**) {
    return BRIG_UNSUPPORTED;
}

DriverTables tables_for(const Description& description) {
    DriverTables tables = description.tables();
    tables.base.open = open_elsewhere;
    tables.base.close = IsolatedInstance::close;
    for_each_operation(tables, [&](auto id, auto& operation) {
        if ((description.operations() & bit_of(id)) != 0) {
            set<decltype(id)::value>(operation);
        }
    });
    return tables;
}

}  // namespace

IsolatedDriver::IsolatedDriver(std::filesystem::path program,
                               std::filesystem::path file,
                               std::shared_ptr<const HostServices> host)
    : program_{std::move(program)}, file_{std::move(file)}, host_{std::move(host)} {
    try {
        process_ = std::make_unique<DriverProcess>(program_, file_);
        description_ = std::make_unique<Description>(greet(*process_));
        generation_ = 1;
    } catch (const Misbehaviour& failure) {
        throw Error{ErrorCode::bad_driver,
                    fmt::format("driver '{}' {}", file_.native(), failure.what())}
            .with_hint("report it to the driver's author");
    } catch (const BadMessage& failure) {
        throw Error{
            ErrorCode::bad_driver,
            fmt::format("driver '{}' cannot be spoken with: {}", file_.native(), failure.what())}
            .with_hint("report it to the driver's author");
    }
    tables_ = accept(tables_for(*description_), file_);
}

IsolatedDriver::~IsolatedDriver() = default;

/// Tells a new process who we are, and returns its description of the driver.
std::string IsolatedDriver::greet(DriverProcess& process) const {
    const brig_host& host = host_->table();
    process.set_patience(until(Clock::now() + kLoading));
    MessageWriter hello{static_cast<std::int64_t>(Request::hello)};
    hello.text(host.engine_name).text(host.engine_version).text(host.engine_id).text(host.platform);
    std::optional<std::string> answer;
    try {
        process.channel().send(hello.message());
        answer = process.channel().receive();
    } catch (const PeerGone&) {
        // Said below.
        answer.reset();
    }
    if (!answer) {
        const std::string how = process.end();
        throw Misbehaviour{
            fmt::format("{} while it was loaded{}", how, last_words(process.take_errors()))};
    }
    MessageReader reader{*answer};
    if (reader.kind() == static_cast<std::int64_t>(Event::refused)) {
        const auto code = static_cast<ErrorCode>(
            reader.number_up_to(static_cast<std::int64_t>(ErrorCode::internal)));
        const char* const message = reader.required_text();
        throw Error{code, message}.with_hint(reader.required_text());
    }
    if (reader.kind() != static_cast<std::int64_t>(Event::description)) {
        throw BadMessage{"it does not say what it is"};
    }
    return *std::move(answer);
}

/// Another process where the last one is gone, or belongs to the process that forked this one.
void IsolatedDriver::require_process() {
    if (process_ && process_->is_ours()) {
        return;
    }
    process_.reset();
    auto process = std::make_unique<DriverProcess>(program_, file_);
    static_cast<void>(greet(*process));
    process_ = std::move(process);
    ++generation_;
}

brig_status IsolatedDriver::open(brig_call* call,
                                 const char* name,
                                 brig_map config,
                                 brig_inst** handle) {
    const std::scoped_lock turn{turn_};
    auto instance = std::make_unique<IsolatedInstance>(*this, ++last_instance_, name, config);
    const brig_status status = converse(call, instance->opening(), {});
    if (status == BRIG_OK) {
        instance->set_generation(generation_);
        *handle = instance.release()->handle();
    }
    return status == kOpenedNothing ? BRIG_OK : status;
}

brig_status IsolatedDriver::perform(brig_call* call,
                                    IsolatedInstance& instance,
                                    const MessageWriter& request,
                                    const std::vector<int>& descriptors) {
    const std::scoped_lock turn{turn_};
    if (instance.generation() != generation_ || !process_ || !process_->is_ours()) {
        const brig_status status = converse(call, instance.opening(), {});
        if (status != BRIG_OK) {
            return status;
        }
        instance.set_generation(generation_);
    }
    return converse(call, request, descriptors);
}

void IsolatedDriver::close(const IsolatedInstance& instance) noexcept {
    const std::scoped_lock turn{turn_};
    if (!process_ || !process_->is_ours() || instance.generation() != generation_) {
        return;
    }
    try {
        process_->channel().send(MessageWriter{static_cast<std::int64_t>(Request::close)}
                                     .number(instance.id())
                                     .message());
    } catch (...) {
        process_.reset();
    }
}

/// One operation, and what becomes of it when the driver's process does not keep to the rules.
brig_status IsolatedDriver::converse(brig_call* call,
                                     const MessageWriter& request,
                                     const std::vector<int>& descriptors) {
    try {
        const auto status = talk(call, request, descriptors);
        return status ? *status : broken_off(call);
    } catch (const PeerGone&) {
        return broken_off(call);
    } catch (const Misbehaviour& failure) {
        return misbehaved(call, failure.what());
    } catch (const BadMessage& failure) {
        return misbehaved(call, fmt::format("has damaged its own process: {}", failure.what()));
    } catch (const Error& error) {
        process_.reset();
        const std::scoped_lock lock{call->data};
        call->operation->service_failure = full_message(error);
        return BRIG_INTERNAL;
    }
}

/// Sends the request, and does what the driver asks for until it is done; nothing when its process
/// is gone.
std::optional<brig_status> IsolatedDriver::talk(brig_call* call,
                                                const MessageWriter& request,
                                                const std::vector<int>& descriptors) {
    require_process();
    process_->set_patience(patience_with(call, host_->table()));
    process_->channel().send(request.message(), descriptors);
    std::size_t said = 0;
    while (const auto message = process_->channel().receive()) {
        said += message->size();
        if (said > kMostSaid) {
            throw Misbehaviour{"said more than brig can listen to in one operation"};
        }
        if (const auto status = take_turn(call, *message)) {
            return status;
        }
    }
    return std::nullopt;
}

/// Does what a message asks for; the operation's status when it was the last one.
std::optional<brig_status> IsolatedDriver::take_turn(brig_call* call, const std::string& message) {
    MessageReader reader{message};
    switch (static_cast<Event>(reader.kind())) {
        case Event::done:
            return finish(*call->operation, reader);
        case Event::late:
            host_->services().log.warn(
                "{}: a thread of the driver called the engine after its operation had ended",
                call->operation->label);
            break;
        default:
            serve(call, host_->table(), reader, process_->channel());
    }
    process_->channel().drop_descriptors();
    return std::nullopt;
}

/// The operation fails, and the next one gets another process.
brig_status IsolatedDriver::misbehaved(brig_call* call, const std::string& how) {
    process_.reset();
    const std::scoped_lock lock{call->data};
    call->operation->violation = how;
    return BRIG_INTERNAL;
}

/// The driver's process is gone.
brig_status IsolatedDriver::broken_off(brig_call* call) {
    const std::string how = process_->end();
    const std::string errors = process_->take_errors();
    host_->services().log.debug("{}: the driver's last words: {}", call->operation->label, errors);
    return misbehaved(call, how + last_words(errors));
}

/// What the driver printed where programs complain.
void IsolatedDriver::pass_on(const Operation& operation, const std::string& errors) const {
    std::vector<std::string> lines = split(errors, '\n');
    lines.resize(std::min(lines.size(), kMostLines));
    for (const std::string& line : lines) {
        if (!line.empty()) {
            host_->services().log.warn("{}: {}", operation.label, line);
        }
    }
}

/// What is to be said of a driver whose operation has returned.
brig_status IsolatedDriver::finish(Operation& operation, MessageReader& done) {
    const auto status = static_cast<brig_status>(done.number());
    const std::int64_t descriptors = done.number();
    const bool left_processes = done.number() != 0;
    const std::string output = process_->take_output();
    pass_on(operation, process_->take_errors());
    if (left_processes) {
        throw Misbehaviour{"left a process that it had forked"};
    }
    if (descriptors > kMostLeftOpen) {
        throw Misbehaviour{fmt::format("left {} descriptors open", descriptors)};
    }
    if (!output.empty()) {
        operation.violation = fmt::format("wrote '{}' to its standard output, which is not its own",
                                          excerpt_of(output));
    }
    return status;
}

}  // namespace brig::isolation
