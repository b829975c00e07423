// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/host_services.hpp"

#include "drivers/lease_range.hpp"
#include "drivers/short_name.hpp"
#include "params/rules.hpp"
#include "support/check.hpp"
#include "support/child.hpp"
#include "support/text.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

namespace brig {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMostText = std::size_t{64} * 1024;
constexpr std::size_t kMostState = std::size_t{1024} * 1024;
constexpr std::size_t kLongestStateKey = 255;
constexpr std::size_t kMostErrors = 2000;
constexpr std::size_t kShortestHash = 8;

brig_status status_of(const Error& error) noexcept {
    switch (error.code()) {
        case ErrorCode::not_found:
        case ErrorCode::command_not_found:
            return BRIG_NOT_FOUND;
        case ErrorCode::permission:
        case ErrorCode::command_not_executable:
            return BRIG_PERMISSION;
        case ErrorCode::invalid_config:
            return BRIG_INVALID;
        case ErrorCode::conflict:
        case ErrorCode::already_exists:
            return BRIG_CONFLICT;
        default:
            return BRIG_INTERNAL;
    }
}

/// Runs one service for a driver: nothing happens when its operation has ended, and no exception
/// gets out.
template <typename Service>
brig_status serve(brig_call* call, Service&& service) noexcept {
    if (call == nullptr) {
        return BRIG_INVALID;
    }
    const std::shared_lock gate{call->gate};
    if (call->operation == nullptr) {
        return BRIG_INVALID;
    }
    try {
        return service(*call->operation);
    } catch (const Error& error) {
        const std::scoped_lock lock{call->data};
        call->operation->service_failure = full_message(error);
        return status_of(error);
    } catch (...) {  // out of memory
        return BRIG_INTERNAL;
    }
}

/// Notes a breach of contract, for which the operation fails whatever it returns.
brig_status violation(brig_call* call, Operation& operation, std::string what) {
    const std::scoped_lock lock{call->data};
    operation.violation = std::move(what);
    return BRIG_INVALID;
}

bool is_text(const char* text) {
    return text != nullptr && ::strnlen(text, kMostText) < kMostText;
}

LogLevel level_of(int level) {
    switch (level) {
        case BRIG_LOG_DEBUG:
            return LogLevel::debug;
        case BRIG_LOG_INFO:
            return LogLevel::info;
        default:
            return LogLevel::warn;  // errors are returned, and end as one message
    }
}

void log(brig_call* raw, int level, const char* line) {
    serve(raw, [&](const Operation& operation) -> brig_status {
        if (is_text(line)) {
            operation.services->log.write(level_of(level), "{}: {}", operation.label, line);
        }
        return BRIG_OK;
    });
}

brig_status fail(brig_call* raw, brig_status status, const char* message, const char* hint) {
    serve(raw, [&](Operation& operation) -> brig_status {
        const std::scoped_lock lock{raw->data};
        operation.message = is_text(message) ? message : "";
        operation.hint = is_text(hint) ? hint : "";
        return BRIG_OK;
    });
    return status;
}

bool interrupted(brig_call* call, const Operation& operation) {
    if (operation.kind == OperationKind::removal) {
        return false;
    }
    if (operation.services->cancelled && operation.services->cancelled()) {
        return true;
    }
    if (operation.call == nullptr || !operation.call->progress) {
        return false;
    }
    const std::scoped_lock lock{call->data};
    return !operation.call->progress(operation.so_far);
}

int cancelled(brig_call* raw) {
    const brig_status status = serve(raw, [raw](const Operation& operation) -> brig_status {
        return interrupted(raw, operation) || Clock::now() >= operation.deadline ? BRIG_CANCELLED
                                                                                 : BRIG_OK;
    });
    return status == BRIG_OK ? 0 : 1;  // an operation that has ended is to be left, too
}

void progress(brig_call* raw, std::uint64_t done, std::uint64_t total, const char* what) {
    serve(raw, [&](Operation& operation) -> brig_status {
        if (operation.services->progress && is_text(what)) {
            operation.services->progress(done, total, what);
        }
        const std::scoped_lock lock{raw->data};
        operation.so_far = {0, done, total};
        return BRIG_OK;
    });
}

/// The texts of a value; nothing if it is malformed.
std::optional<std::vector<std::string>> texts_of(const brig_value& value) {
    if ((value.type & BRIG_T_LIST) != 0) {
        if (value.count > kMostText || (value.count != 0 && value.list == nullptr)
            || !std::all_of(value.list, value.list + value.count, is_text)) {
            return std::nullopt;
        }
        return std::vector<std::string>(value.list, value.list + value.count);
    }
    switch (value.type) {
        case BRIG_T_BOOL:
            return std::vector<std::string>{value.i != 0 ? "true" : "false"};
        case BRIG_T_INT:
        case BRIG_T_SIZE:
        case BRIG_T_DURATION_MS:
            return std::vector<std::string>{std::to_string(value.i)};
        default:
            return is_text(value.s) ? std::optional{std::vector<std::string>{value.s}}
                                    : std::nullopt;
    }
}

void contribute(Operation& operation, Contribution contribution) {
    auto& params = operation.params;
    const auto same = [&](const Contribution& other) {
        return other.name == contribution.name && other.append == contribution.append;
    };
    const auto earlier = std::find_if(params.begin(), params.end(), same);
    if (earlier == params.end()) {
        params.push_back(std::move(contribution));
    } else if (contribution.append) {
        earlier->values.insert(
            earlier->values.end(), contribution.values.begin(), contribution.values.end());
    } else {
        *earlier = std::move(contribution);
    }
}

brig_status param(brig_call* raw, const char* name, const brig_value* value, int append) {
    return serve(raw, [&](Operation& operation) -> brig_status {
        if (operation.kind != OperationKind::set_up) {
            return violation(raw, operation, "contributed a parameter where that is not possible");
        }
        if (!is_text(name) || value == nullptr) {
            return violation(raw, operation, "contributed a parameter without name or value");
        }
        if (!matches_any_glob(name, operation.allowed_params)) {
            return violation(raw,
                             operation,
                             fmt::format("contributed the parameter '{}', which is not among those "
                                         "it declares ({})",
                                         name,
                                         operation.allowed_params));
        }
        if (!may_be_contributed(name)) {
            return violation(
                raw,
                operation,
                fmt::format("contributed the parameter '{}', which no driver may", name));
        }
        auto texts = texts_of(*value);
        if (!texts) {
            return violation(
                raw, operation, fmt::format("gave the parameter '{}' a malformed value", name));
        }
        const std::scoped_lock lock{raw->data};
        contribute(operation,
                   {name,
                    std::move(*texts),
                    append != 0,
                    {Origin::Kind::driver, std::string{operation.label}}});
        return BRIG_OK;
    });
}

brig_status result(brig_call* raw, const char* key, const char* value) {
    return serve(raw, [&](Operation& operation) -> brig_status {
        const bool recorded = operation.kind == OperationKind::set_up
                              || operation.kind == OperationKind::inside
                              || operation.kind == OperationKind::inspect;
        // Keys with a dot before them are the engine's, in the same record.
        if (!recorded || !is_text(key) || *key == '\0' || *key == '.' || !is_text(value)) {
            return BRIG_INVALID;
        }
        const std::scoped_lock lock{raw->data};
        operation.results.insert_or_assign(key, value);
        return BRIG_OK;
    });
}

brig_status item(brig_call* raw, const char* owner_tag, const char* id, const char* note) {
    return serve(raw, [&](Operation& operation) -> brig_status {
        const bool reports =
            operation.kind == OperationKind::list || operation.kind == OperationKind::inspect;
        if (!reports || !is_text(owner_tag) || !is_text(id)) {
            return BRIG_INVALID;
        }
        const std::scoped_lock lock{raw->data};
        operation.items.push_back({owner_tag, id, is_text(note) ? note : ""});
        return BRIG_OK;
    });
}

/// The key of the object of `operation` as a text.
std::string object_key(const Operation& operation) {
    return fmt::format(
        "{}/{}/{}/", operation.instance, operation.call->container, operation.call->object);
}

brig_status name(brig_call* raw, const char* prefix, std::size_t max, char* out) {
    return serve(raw, [&](Operation& operation) -> brig_status {
        if (operation.call == nullptr || !is_text(prefix) || out == nullptr
            || max < std::strlen(prefix) + kShortestHash) {
            return BRIG_INVALID;
        }
        const std::string key = std::string{"name."} + prefix;
        const auto prior = operation.call->prior.find(key);
        const bool known = prior != operation.call->prior.end() && prior->second.size() < max;
        const std::string chosen =
            known ? prior->second
                  : short_name(
                      prefix, max - 1, operation.services->engine_id + "/" + object_key(operation));
        std::memcpy(out, chosen.c_str(), chosen.size() + 1);
        const std::scoped_lock lock{raw->data};
        operation.results.insert_or_assign(key, chosen);
        return BRIG_OK;
    });
}

brig_status status_of(ChildResult::End end) {
    switch (end) {
        case ChildResult::End::timed_out:
            return BRIG_TIMEOUT;
        case ChildResult::End::cancelled:
            return BRIG_CANCELLED;
        case ChildResult::End::exited:
            break;
    }
    return BRIG_OK;
}

std::string tail_of(const std::string& text) {
    const std::size_t end = text.find_last_not_of(" \n") + 1;
    const std::size_t begin = end > kMostErrors ? end - kMostErrors : 0;
    return text.substr(begin, end - begin);
}

/// A helper program of that name, or the name itself.
std::string helper_or(const Operation& operation, const std::string& name) {
    const std::filesystem::path helper = operation.services->helpers / name;
    const bool may_be_one =
        name.find('/') == std::string::npos && !operation.services->helpers.empty();
    return may_be_one && ::access(helper.c_str(), X_OK) == 0 ? helper.native() : name;
}

/// What a driver asks for with argv, under the terms of its operation.
ChildRequest child_request(brig_call* call, const Operation& operation, const char* const* argv) {
    ChildRequest request;
    for (const char* const* word = argv; *word != nullptr; ++word) {
        request.argv.emplace_back(*word);
    }
    request.argv.front() = helper_or(operation, request.argv.front());
    request.deadline = operation.deadline;
    request.cancelled = [call, &operation] { return interrupted(call, operation); };
    request.inherited_fd = operation.call == nullptr ? -1 : operation.call->lock_fd;
    return request;
}

/// Runs it, and keeps what it complained about for the message of a failure.
ChildResult run_for(brig_call* raw, Operation& operation, const ChildRequest& request) {
    const std::string line = command_line(request.argv);
    operation.services->log.debug("{}: running {}", operation.label, line);
    ChildResult ended = run_child(request);
    const std::scoped_lock lock{raw->data};
    operation.last_program =
        ended.exit_code == 0 ? "" : fmt::format("{}: {}", line, tail_of(ended.errors));
    return ended;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status run(brig_call* raw,
                const char* const* argv,
                const char* in,
                char* out,
                std::size_t* out_len,
                int* exit_code) {
    const bool wants_output = out != nullptr;
    if (argv == nullptr || *argv == nullptr || exit_code == nullptr
        || (wants_output && out_len == nullptr)) {
        return BRIG_INVALID;
    }
    return serve(raw, [&](Operation& operation) -> brig_status {
        ChildRequest request = child_request(raw, operation, argv);
        request.input = in == nullptr ? "" : in;
        request.max_output = wants_output ? *out_len : 0;
        const ChildResult ended = run_for(raw, operation, request);
        std::copy_n(ended.output.data(), wants_output ? ended.output.size() : 0, out);
        if (out_len != nullptr) {
            *out_len = ended.output_size;
        }
        *exit_code = ended.exit_code;
        return status_of(ended.end);
    });
}

brig_status run_io(brig_call* raw, const char* const* argv, int in, int out, int* exit_code) {
    if (argv == nullptr || *argv == nullptr || exit_code == nullptr) {
        return BRIG_INVALID;
    }
    return serve(raw, [&](Operation& operation) -> brig_status {
        ChildRequest request = child_request(raw, operation, argv);
        request.in = in;
        request.out = out;
        request.max_output = 0;
        const ChildResult ended = run_for(raw, operation, request);
        *exit_code = ended.exit_code;
        return status_of(ended.end);
    });
}

/// A pool as a driver writes it: "RANGES", or "SCOPE RANGES".
struct Pool {
    std::string scope;  ///< within which values are unique, as the store knows it
    LeasePool values;
};

std::optional<Pool> parse_pool(const Operation& operation, const char* text) {
    if (operation.call == nullptr || !is_text(text)) {
        return std::nullopt;
    }
    const std::string_view pool{text};
    const std::size_t blank = pool.rfind(' ');
    auto values = LeasePool::parse(pool.substr(blank == std::string_view::npos ? 0 : blank + 1));
    if (!values) {
        return std::nullopt;
    }
    return Pool{blank == std::string_view::npos ? fmt::format("instance {}", operation.instance)
                                                : "scope " + std::string{pool.substr(0, blank)},
                *std::move(values)};
}

LeaseHolder holder_in(const Operation& operation, const std::string& key) {
    return {
        std::string{operation.instance}, operation.call->container, operation.call->object, key};
}

bool is_dry_run(const Operation& operation) {
    return operation.call != nullptr && (operation.call->flags & BRIG_F_DRY_RUN) != 0;
}

/// A dry run changes nothing, but for the leases of a container that is being created: they are to
/// be its own from then on.
bool only_asks(const Operation& operation) {
    return is_dry_run(operation) && !operation.call->takes_leases;
}

/// Takes `value` for `holder`, or only says whether that could be done.
bool take(const Operation& operation,
          const std::string& scope,
          const LeaseHolder& holder,
          const std::string& value) {
    DriverStore& store = *operation.services->store;
    if (only_asks(operation)) {
        const auto other = store.holder_of(scope, value);
        return !other || *other == holder;
    }
    return store.add_lease(scope, holder, value);
}

/// A free value of the pool. The search begins where the key says, so that it seldom goes on, and a
/// container that comes back is likely to get its old one.
std::optional<std::string> take_any(const Operation& operation,
                                    const Pool& pool,
                                    const LeaseHolder& holder) {
    const std::uint64_t size = pool.values.size();
    const std::uint64_t start =
        size == 0 ? 0 : stable_hash(object_key(operation) + holder.key) % size;
    std::set<std::string> taken;
    for (std::uint64_t i = 0; i < size; ++i) {
        std::string value = pool.values.at((start + i) % size);
        if (taken.contains(value)) {
            continue;
        }
        if (take(operation, pool.scope, holder, value)) {
            return value;
        }
        // Others may take some meanwhile; then this comes here again.
        taken = operation.services->store->leased_values(pool.scope);
    }
    return std::nullopt;
}

brig_status copy_text(const std::string& text, char* out, std::size_t out_len) {
    if (text.size() >= out_len) {
        return BRIG_INVALID;
    }
    std::memcpy(out, text.c_str(), text.size() + 1);
    return BRIG_OK;
}

/// What `holder` has of the pool. What the pool does not have any more, or is not what is wanted
/// now, is given back.
std::optional<std::string> held_value(const Operation& operation,
                                      const Pool& pool,
                                      const LeaseHolder& holder,
                                      const std::optional<std::string>& wanted) {
    auto held = operation.services->store->find_lease(pool.scope, holder);
    if (held && pool.values.find(*held) && wanted.value_or(*held) == *held) {
        return held;
    }
    if (held && !only_asks(operation)) {
        operation.services->store->remove_lease(pool.scope, holder);
    }
    return std::nullopt;
}

/// Finds out in `value` what `holder` has already, or gets now; the status says why it gets
/// nothing.
brig_status lease_from(const Operation& operation,
                       const Pool& pool,
                       const LeaseHolder& holder,
                       const std::optional<std::string>& wanted,
                       std::string& value) {
    if (const auto held = held_value(operation, pool, holder, wanted)) {
        value = *held;
        return BRIG_OK;
    }
    if (wanted) {
        value = *wanted;
        return take(operation, pool.scope, holder, value) ? BRIG_OK : BRIG_CONFLICT;
    }
    const auto any = take_any(operation, pool, holder);
    value = any.value_or("");
    return any ? BRIG_OK : BRIG_EXHAUSTED;
}

// NOLINTNEXTLINE(readability-function-size): the parameters are the interface's
brig_status lease(brig_call* raw,
                  const char* pool_text,
                  const char* key_text,
                  const char* want,
                  char* out,
                  std::size_t out_len) {
    return serve(raw, [&](Operation& operation) -> brig_status {
        const auto pool = parse_pool(operation, pool_text);
        if (!pool || !is_text(key_text) || out == nullptr) {
            return BRIG_INVALID;
        }
        const bool particular = is_text(want) && *want != '\0';
        const auto wanted = particular ? pool->values.find(want) : std::nullopt;
        if (particular && !wanted) {
            return BRIG_INVALID;
        }
        std::string value;
        const brig_status status =
            lease_from(operation, *pool, holder_in(operation, key_text), wanted, value);
        return status == BRIG_OK ? copy_text(value, out, out_len) : status;
    });
}

brig_status unlease(brig_call* raw, const char* pool_text, const char* key) {
    return serve(raw, [&](const Operation& operation) -> brig_status {
        const auto pool = parse_pool(operation, pool_text);
        if (!pool || !is_text(key)) {
            return BRIG_INVALID;
        }
        if (!only_asks(operation)) {
            operation.services->store->remove_lease(pool->scope, holder_in(operation, key));
        }
        return BRIG_OK;
    });
}

bool is_state_key(const char* key) {
    return is_text(key) && *key != '\0' && std::strlen(key) <= kLongestStateKey;
}

brig_status state_put(brig_call* raw, const char* key, const void* bytes, std::size_t size) {
    return serve(raw, [&](const Operation& operation) -> brig_status {
        if (!is_state_key(key) || (bytes == nullptr && size != 0) || size > kMostState) {
            return BRIG_INVALID;
        }
        if (!is_dry_run(operation)) {
            operation.services->store->put_state(
                std::string{operation.instance},
                key,
                std::string{static_cast<const char*>(bytes), size});
        }
        return BRIG_OK;
    });
}

brig_status state_get(brig_call* raw, const char* key, void* bytes, std::size_t* size) {
    return serve(raw, [&](const Operation& operation) -> brig_status {
        if (!is_state_key(key) || size == nullptr || (bytes == nullptr && *size != 0)) {
            return BRIG_INVALID;
        }
        const auto value =
            operation.services->store->get_state(std::string{operation.instance}, key);
        if (!value) {
            return BRIG_NOT_FOUND;
        }
        if (bytes != nullptr) {
            std::memcpy(bytes, value->data(), std::min(*size, value->size()));
        }
        *size = value->size();
        return BRIG_OK;
    });
}

brig_status state_del(brig_call* raw, const char* key) {
    return serve(raw, [&](const Operation& operation) -> brig_status {
        if (!is_state_key(key)) {
            return BRIG_INVALID;
        }
        if (!is_dry_run(operation)) {
            operation.services->store->remove_state(std::string{operation.instance}, key);
        }
        return BRIG_OK;
    });
}

const void* extension(const char* id) {
    static constexpr brig_run_io kRunIo{BRIG_HDR(brig_run_io), run_io};
    return is_text(id) && std::string_view{id} == BRIG_RUN_IO ? &kRunIo : nullptr;
}

/// `*` in `glob` is any text.
bool matches_glob(std::string_view name, std::string_view glob) {
    const std::size_t star = glob.find('*');
    if (star == std::string_view::npos) {
        return name == glob;
    }
    if (!name.starts_with(glob.substr(0, star))) {
        return false;
    }
    const std::string_view rest = glob.substr(star + 1);
    for (std::size_t skipped = star; skipped <= name.size(); ++skipped) {
        if (matches_glob(name.substr(skipped), rest)) {
            return true;
        }
    }
    return false;
}

}  // namespace

HostServices::HostServices(DriverServices services)
    : services_{std::move(services)},
      table_{BRIG_HDR(brig_host),
             "brig",
             services_.engine_version.c_str(),
             services_.engine_id.c_str(),
             services_.platform.c_str(),
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

void release_leases(const Operation& removal) {
    if (!is_dry_run(removal) && !removal.call->keeps_leases) {
        removal.services->store->remove_leases(holder_in(removal, ""));
    }
}

bool matches_any_glob(std::string_view name, std::string_view globs) {
    const std::vector<std::string> all = split(globs, ' ');
    return std::any_of(all.begin(), all.end(), [&](const std::string& glob) {
        return !glob.empty() && matches_glob(name, glob);
    });
}

}  // namespace brig
