// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/driver_instance.hpp"

#include "drivers/options.hpp"
#include "support/check.hpp"

#include <algorithm>
#include <utility>

namespace brig {

namespace {

constexpr std::chrono::seconds kQueryLimit{30};

/// Takes the operation away from its handle: once this is done no thread of the driver is in a
/// service any more, and none gets in.
class EndOfCall {
  public:
    explicit EndOfCall(brig_call& call) : call_{&call} {}
    EndOfCall(const EndOfCall&) = delete;
    EndOfCall& operator=(const EndOfCall&) = delete;
    EndOfCall(EndOfCall&&) = delete;
    EndOfCall& operator=(EndOfCall&&) = delete;

    ~EndOfCall() {
        const std::unique_lock gate{call_->gate};
        call_->operation = nullptr;
    }

  private:
    brig_call* call_;
};

ErrorCode code_of(brig_status status) {
    switch (status) {
        case BRIG_INVALID:
            return ErrorCode::invalid_config;
        case BRIG_UNSUPPORTED:
            return ErrorCode::unsupported;
        case BRIG_CONFLICT:
        case BRIG_BUSY:
            return ErrorCode::conflict;
        case BRIG_PERMISSION:
            return ErrorCode::permission;
        case BRIG_CANCELLED:
            return ErrorCode::interrupted;
        case BRIG_NOT_FOUND:
            return ErrorCode::not_found;
        default:
            return ErrorCode::system;
    }
}

/// What to say when the driver says nothing.
std::string_view meaning_of(brig_status status) {
    switch (status) {
        case BRIG_INVALID:
            return "the driver found a value invalid";
        case BRIG_UNSUPPORTED:
            return "the driver cannot do that";
        case BRIG_CONFLICT:
            return "something else is in the way";
        case BRIG_PERMISSION:
            return "the driver lacks a privilege";
        case BRIG_BUSY:
            return "it is in use";
        case BRIG_UNAVAILABLE:
            return "what the driver needs is not available";
        case BRIG_EXHAUSTED:
            return "no space or no address is left";
        case BRIG_CANCELLED:
            return "it was cancelled";
        case BRIG_TIMEOUT:
            return "it took too long";
        case BRIG_NOT_FOUND:
            return "there is no such object";
        case BRIG_DRIFT:
            return "the object is not as it was set up";
        default:
            return "the driver failed without saying why";
    }
}

/// Has the driver found out what is in the way? Then the last program that failed, which may have
/// been one that looked for it, tells nothing more.
bool is_diagnosis(brig_status status, const Operation& operation) {
    return !operation.message.empty()
           && (status == BRIG_BUSY || status == BRIG_CONFLICT || status == BRIG_NOT_FOUND
               || status == BRIG_UNAVAILABLE);
}

Error error_of(brig_status status, const Operation& operation, const brig_driver& driver) {
    if (!operation.violation.empty()) {
        return Error{ErrorCode::bad_driver,
                     fmt::format("driver '{}' {}", driver.name, operation.violation)}
            .with_hint("report it to the driver's author");
    }
    std::string message =
        operation.message.empty() ? std::string{meaning_of(status)} : operation.message;
    if (!operation.last_program.empty() && !is_diagnosis(status, operation)) {
        message += "\n" + operation.last_program;
    }
    if (!operation.service_failure.empty()) {
        message += "\n" + operation.service_failure;
    }
    std::string hint = operation.hint;
    if (hint.empty() && status == BRIG_UNAVAILABLE && driver.needs != nullptr) {
        hint = fmt::format("the driver needs {}", driver.needs);
    }
    return Error{code_of(status), message}.with_hint(std::move(hint));
}

/// Throws what went wrong, if anything did; attempt() says what was being done.
template <typename Attempt>
void require_success(brig_status status,
                     const Operation& operation,
                     const brig_driver& driver,
                     const Attempt& attempt) {
    if (status != BRIG_OK || !operation.violation.empty()) {
        Error error = error_of(status, operation, driver);
        error.add_context(attempt());
        throw Error{std::move(error)};
    }
}

std::chrono::milliseconds time_limit_of(const DriverCall* call, const LoadedDriver& driver) {
    if (call == nullptr) {
        return std::min<std::chrono::milliseconds>(kQueryLimit, driver.time_limit);
    }
    return call->time_limit.value_or(driver.time_limit);
}

/// One of driver.h, or of the classes in which newer ones are.
bool is_status(brig_status status) {
    constexpr brig_status kFirstOfClasses = 10;
    constexpr brig_status kBehindClasses = 50;
    return status == BRIG_OK || status == BRIG_UNKNOWN
           || (status >= kFirstOfClasses && status < kBehindClasses);
}

std::string kind_of(const LoadedDriver& driver) {
    return driver.tables.driver.kind == BRIG_KIND_NETWORK ? "network" : "storage";
}

std::string label_of(const LoadedDriver& driver, const std::string& name) {
    return fmt::format("{} '{}' ({})", kind_of(driver), name, driver.tables.driver.name);
}

/// The call's options, and what DriverCall::ephemeral says to a driver that wants to know.
OptionMap options_of(const DriverCall& call, const DriverTables& tables) {
    OptionMap options = call.options;
    const auto rows = tables.options();
    const bool wanted = std::any_of(rows.begin(), rows.end(), [](const brig_option& row) {
        return std::string_view{row.name} == "ephemeral"
               && (row.flags & BRIG_OPT_PER_CONTAINER) != 0 && row.type == BRIG_T_BOOL;
    });
    if (call.ephemeral && wanted) {
        options.push_back({"ephemeral", {true, ""}});
    }
    return options;
}

/// Owns the C form of a DriverCall for the time of a call.
class Reference {
  public:
    Reference(const DriverCall& call, const DriverTables& tables, const char* instance_tag)
        : options_{options_of(call, tables), tables.options()},
          prior_{call.prior},
          root_{call.root.native()} {
        ref_.hdr = BRIG_HDR(brig_ref);
        ref_.flags = call.flags;
        ref_.jid = call.jail ? static_cast<std::int32_t>(*call.jail) : -1;
        ref_.container = call.container.c_str();
        ref_.object = call.object.c_str();
        ref_.owner_tag = call.owner_tag.c_str();
        ref_.root = root_.empty() ? nullptr : root_.c_str();
        ref_.netns = call.netns.empty() ? nullptr : call.netns.c_str();
        ref_.options = options_.view();
        ref_.prior = prior_.view();
        ref_.instance_tag = instance_tag;
    }

    [[nodiscard]] const brig_ref* get() const noexcept { return &ref_; }

  private:
    DriverMap options_;
    DriverMap prior_;
    std::string root_;
    brig_ref ref_{};
};

}  // namespace

DriverInstance::DriverInstance(std::shared_ptr<const LoadedDriver> driver,
                               std::shared_ptr<const HostServices> host,
                               std::string name,
                               OptionMap options)
    : driver_{std::move(driver)},
      host_{std::move(host)},
      name_{std::move(name)},
      label_{label_of(*driver_, name_)},
      path_{kind_of(*driver_) + ("/" + name_)},
      tag_{instance_tag(host_->services().engine_id, name_)},
      options_{std::move(options)} {
    Operation operation = new_operation(OperationKind::open, nullptr);
    const DriverMap config{options_, driver_->tables.options()};
    const brig_status status = enter(operation, [&](brig_call* call) {
        return driver_->open(host_->table(), call, name_.c_str(), config.view(), &handle_);
    });
    if (status == BRIG_OK && handle_ == nullptr) {
        operation.violation = "opened an instance but returned none";
    }
    require_success(
        status, operation, driver_->tables.driver, [this] { return "opening " + label_; });
}

DriverInstance::~DriverInstance() {
    driver_->tables.base.close(handle_);
}

Operation DriverInstance::new_operation(OperationKind kind, const DriverCall* call) const {
    const brig_driver& facts = driver_->tables.driver;
    Operation operation;
    operation.kind = kind;
    operation.services = &host_->services();
    operation.instance = path_;
    operation.label = label_;
    operation.allowed_params = facts.params == nullptr ? "" : facts.params;
    operation.call = call;
    operation.deadline = std::chrono::steady_clock::now() + time_limit_of(call, *driver_);
    return operation;
}

brig_status DriverInstance::enter(Operation& operation,
                                  const std::function<brig_status(brig_call*)>& entry) {
    brig_call* call = nullptr;
    {
        const std::scoped_lock lock{calls_mutex_};
        call = calls_.emplace_back(std::make_unique<brig_call>()).get();
    }
    call->operation = &operation;
    const EndOfCall end{*call};
    std::unique_lock<std::mutex> turn;
    const std::uint32_t model = driver_->tables.driver.thread_model;
    if (model != BRIG_PARALLEL) {
        turn = std::unique_lock{model == BRIG_PER_INSTANCE ? serial_ : driver_->serial};
    }
    const brig_status status = entry(call);
    if (!is_status(status) && operation.violation.empty()) {
        operation.violation = fmt::format("returned {}, which is no status", status);
    }
    return status;
}

brig_status DriverInstance::enter_with(Operation& operation, const Entry& entry) {
    const Reference reference{*operation.call, driver_->tables, tag_.c_str()};
    return enter(operation, [&](brig_call* call) { return entry(handle_, call, reference.get()); });
}

void DriverInstance::require_ready() {
    Operation operation = new_operation(OperationKind::query, nullptr);
    const brig_status status = enter(
        operation, [this](brig_call* call) { return driver_->tables.base.status(handle_, call); });
    require_success(status, operation, driver_->tables.driver, [this] { return label_; });
}

std::vector<ListedObject> DriverInstance::list() {
    Operation operation = new_operation(OperationKind::list, nullptr);
    const brig_status status = enter(
        operation, [this](brig_call* call) { return driver_->tables.base.list(handle_, call); });
    require_success(status, operation, driver_->tables.driver, [this] {
        return "listing the objects of " + label_;
    });
    return std::move(operation.items);
}

std::string DriverInstance::attempt(std::string_view doing, const DriverCall& call) const {
    // The object of a network is the network itself.
    return call.object == name_ ? fmt::format("{} {}", doing, label_)
                                : fmt::format("{} '{}' on {}", doing, call.object, label_);
}

Operation DriverInstance::perform(const Step& step, const DriverCall& call, const Entry& entry) {
    Operation operation = new_operation(step.kind, &call);
    const brig_status status = enter_with(operation, entry);
    require_success(
        status, operation, driver_->tables.driver, [&] { return attempt(step.doing, call); });
    return operation;
}

DriverCondition DriverInstance::check(const DriverCall& call, const Entry& entry) {
    Operation operation = new_operation(OperationKind::query, &call);
    const brig_status status = enter_with(operation, entry);
    switch (status) {
        case BRIG_NOT_FOUND:
            return DriverCondition::absent;
        case BRIG_DRIFT:
            return DriverCondition::drifted;
        case BRIG_UNKNOWN:
        case BRIG_UNSUPPORTED:
            return DriverCondition::unknown;
        default:
            break;
    }
    require_success(
        status, operation, driver_->tables.driver, [&] { return attempt("checking", call); });
    return DriverCondition::sound;
}

}  // namespace brig
