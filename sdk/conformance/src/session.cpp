// SPDX-License-Identifier: BSD-2-Clause
#include "session.hpp"

#include "fields.hpp"
#include "recorded_host.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <sys/utsname.h>

#include <array>
#include <cstring>
#include <utility>

namespace brig::conformance {

namespace {

constexpr const char* kEngine = "kit";
constexpr const char* kPriorScope = ".prior";
constexpr std::uint32_t kUnknownFlag = 1U << 30;

/// How the driver wants to be opened. The engine calls open() without a context, so this is the
/// process's, as the recorder is.
struct Opening {
    decltype(brig_base_ops::open) open = nullptr;
    TableAge age = TableAge::current;
};

Opening& opening() {
    static Opening one;
    return one;
}

brig_status open_recorded(const brig_host* host,
                          brig_call* call,
                          const char* name,
                          brig_map config,
                          brig_inst** instance) {
    const Opening how = opening();
    if (how.open == nullptr) {
        return BRIG_INTERNAL;  // no session has begun
    }
    return how.open(recorder().wrap(host, how.age), call, name, config, instance);
}

/// A reference as an engine of another age would pass it.
struct AgedRef {
    brig_ref ref;
    std::array<const void*, 4> unknown;
};

AgedRef aged(const brig_ref& ref, TableAge age) {
    AgedRef other{};
    other.ref = ref;
    if (age == TableAge::oldest) {
        other.ref.hdr = {static_cast<std::uint32_t>(kOldestRef), 0};
        other.ref.instance_tag = nullptr;
    } else if (age == TableAge::newer) {
        other.ref.hdr.size = sizeof(AgedRef);
        other.ref.flags |= kUnknownFlag;
    }
    return other;
}

std::string words_for(const Action& action) {
    std::string words = name_of(action.verb) + " " + action.key.object;
    if (action.argument) {
        words += " " + *action.argument;
    }
    static constexpr std::array<std::pair<unsigned, const char*>, 6> kFlags{{
        {BRIG_F_RECOVERY, " RECOVERY"},
        {BRIG_F_DRY_RUN, " DRY_RUN"},
        {BRIG_F_FORCE, " FORCE"},
        {BRIG_F_NEW_BOOT, " NEW_BOOT"},
        {BRIG_F_PROMOTE, " PROMOTE"},
    }};
    for (const auto& [flag, word] : kFlags) {
        words += (action.flags & flag) != 0 ? word : "";
    }
    return words;
}

OperationKind kind_of(Verb verb) {
    switch (verb) {
        case Verb::prepare:
        case Verb::activate:
            return OperationKind::set_up;
        case Verb::attach:
        case Verb::ensure_shared:
        case Verb::provision:
        case Verb::snapshot:
        case Verb::rollback:
            return OperationKind::inside;
        case Verb::check:
        case Verb::check_shared:
            return OperationKind::query;
        case Verb::snapshots:
        case Verb::diff:
        case Verb::usage:
            return OperationKind::inspect;
        default:
            return OperationKind::removal;
    }
}

brig_op* plain_operation(const DriverTables& tables, Verb verb) {
    switch (verb) {
        case Verb::prepare:
            return tables.network.prepare;
        case Verb::attach:
            return tables.network.attach;
        case Verb::detach:
            return tables.network.detach;
        case Verb::teardown:
            return tables.network.teardown;
        case Verb::ensure_shared:
            return tables.shared.ensure;
        case Verb::remove_shared:
            return tables.shared.remove;
        case Verb::check_shared:
            return tables.shared.check;
        case Verb::activate:
            return tables.storage.activate;
        case Verb::deactivate:
            return tables.storage.deactivate;
        case Verb::destroy:
            return tables.storage.destroy;
        case Verb::snapshots:
            return tables.inspect.snapshots;
        case Verb::usage:
            return tables.inspect.usage;
        case Verb::check:
            return tables.driver.kind == BRIG_KIND_NETWORK ? tables.network.check
                                                           : tables.storage.check;
        default:
            return nullptr;
    }
}

brig_op_arg* operation_with_argument(const DriverTables& tables, Verb verb) {
    switch (verb) {
        case Verb::provision:
            return tables.storage.provision;
        case Verb::snapshot:
            return tables.storage.snapshot;
        case Verb::snapshot_destroy:
            return tables.storage.snapshot_destroy;
        case Verb::rollback:
            return tables.storage.rollback;
        case Verb::diff:
            return tables.inspect.diff;
        default:
            return nullptr;
    }
}

bool is_shared_verb(Verb verb) {
    return verb == Verb::ensure_shared || verb == Verb::remove_shared || verb == Verb::check_shared;
}

}  // namespace

std::string name_of(Verb verb) {
    static constexpr std::array kNames{"prepare",
                                       "attach",
                                       "detach",
                                       "teardown",
                                       "ensure_shared",
                                       "remove_shared",
                                       "check_shared",
                                       "provision",
                                       "activate",
                                       "deactivate",
                                       "destroy",
                                       "snapshot",
                                       "snapshot_destroy",
                                       "rollback",
                                       "check",
                                       "snapshots",
                                       "diff",
                                       "usage"};
    return kNames.at(static_cast<std::size_t>(verb));
}

Session::Session(const Subject& subject, SharedBlock& block, World& world, Terms terms)
    : subject_{subject}, world_{world}, store_{block}, terms_{std::move(terms)} {
    context_.container_options = subject.container;
    recorder().begin_operation("open " + terms_.name);
    utsname system{};
    ::uname(&system);
    DriverServices services;
    services.engine_version = "0";
    services.engine_id = kEngine;
    services.platform = to_lower(system.sysname);
    services.release = system.release;
    services.store = &store_;
    services.helpers = world_.helpers();
    services.cancelled = [] { return recorder().is_cancelled(); };
    auto loaded = std::make_shared<LoadedDriver>();
    loaded->tables = subject.tables;
    opening() = {subject.tables.base.open, terms_.age};
    loaded->tables.base.open = open_recorded;
    const OptionMap options =
        terms_.options ? *terms_.options : instance_options(subject, world.folder());
    instance_ =
        std::make_unique<DriverInstance>(std::move(loaded),
                                         std::make_shared<HostServices>(std::move(services)),
                                         terms_.name,
                                         options);
    recorder().end_operation("BRIG_OK");
}

std::string Session::tag(const Key& key) const {
    return subject_.is_network() || !key.container.empty()
               ? fmt::format("brig:{}:{}", kEngine, key.container)
               : fmt::format("brig:{}:v-{}", kEngine, key.object);
}

std::string Session::instance_tag() const {
    return brig::instance_tag(kEngine, terms_.name);
}

std::string Session::prior_key(const Key& key) const {
    return pack({terms_.name, key.container, key.object});
}

DriverCall Session::call_for(const Action& action) {
    DriverCall call;
    call.container = action.key.container;
    call.object = action.key.object;
    call.owner_tag = tag(action.key);
    if (is_shared_verb(action.verb)) {
        call.container = "";
        call.object = terms_.name;
        call.owner_tag = instance_tag();
    }
    call.flags = action.flags;
    call.time_limit = context_.time_limit;
    if (context_.jail) {
        call.jail = static_cast<JailId>(context_.jail->id);
        call.netns = context_.jail->netns;
    }
    if (!is_shared_verb(action.verb)) {
        call.options = context_.container_options;
    }
    const auto prior = store_.get_state(kPriorScope, prior_key(action.key));
    if (context_.uses_prior && prior && !is_shared_verb(action.verb)) {
        const std::vector<std::string> fields = unpack(*prior);
        for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
            call.prior[fields[i]] = fields[i + 1];
        }
    }
    return call;
}

DriverInstance::Entry Session::entry_for(const Action& action, Answer& answer) const {
    const DriverTables& tables = subject_.tables;
    const TableAge age = terms_.age;
    return [&tables, &action, &answer, age](
               brig_inst* instance, brig_call* call, const brig_ref* ref) {
        const AgedRef other = aged(*ref, age);
        const char* argument = action.argument ? action.argument->c_str() : nullptr;
        if (brig_op* plain = plain_operation(tables, action.verb)) {
            answer.status = plain(instance, call, &other.ref);
        } else if (brig_op_arg* operation = operation_with_argument(tables, action.verb)) {
            answer.status = operation(instance, call, &other.ref, argument);
        } else {
            answer.status = BRIG_OK;  // an operation that is left out has nothing to do
        }
        return answer.status;
    };
}

Answer Session::perform(const Step& step,
                        const DriverCall& call,
                        const DriverInstance::Entry& entry) {
    Answer answer;
    const auto begin = std::chrono::steady_clock::now();
    try {
        Operation done = instance_->perform(step, call, entry);
        answer.status = BRIG_OK;
        answer.results = std::move(done.results);
        answer.params = std::move(done.params);
        answer.items = std::move(done.items);
        if (step.doing == "teardown" || step.doing == "destroy") {
            release_leases(done);
        }
    } catch (const Error& error) {
        answer.message = full_message(error);
        if (error.code() == ErrorCode::bad_driver) {
            answer.violation = error.what();
        }
    }
    answer.took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin);
    return answer;
}

Answer Session::act(const Action& action) {
    const std::string name = name_of(action.verb);
    const DriverCall call = call_for(action);
    recorder().begin_operation(words_for(action));
    Answer said;
    Answer answer = perform({name, kind_of(action.verb)}, call, entry_for(action, said));
    answer.status = said.status;
    recorder().end_operation(status_name(answer.status)
                             + (answer.message.empty() ? "" : ": " + answer.message));
    if (answer.ok() && (action.flags & BRIG_F_DRY_RUN) == 0) {
        remember(action, answer.results);
    }
    return answer;
}

void Session::remember(const Action& action, const ResultMap& results) {
    if (is_shared_verb(action.verb) || kind_of(action.verb) == OperationKind::inspect) {
        return;
    }
    const std::string key = prior_key(action.key);
    if (action.verb == Verb::teardown || action.verb == Verb::destroy) {
        store_.remove_state(kPriorScope, key);
        return;
    }
    ResultMap all = call_for(action).prior;
    for (const auto& [name, value] : results) {
        all[name] = value;
    }
    std::vector<std::string> fields;
    for (const auto& [name, value] : all) {
        fields.push_back(name);
        fields.push_back(value);
    }
    if (!results.empty()) {
        store_.put_state(kPriorScope, key, pack(fields));
    }
}

Answer Session::list() {
    recorder().begin_operation("list");
    Answer answer;
    try {
        answer.items = instance_->list();
        answer.status = BRIG_OK;
    } catch (const Error& error) {
        answer.message = full_message(error);
        answer.violation = error.code() == ErrorCode::bad_driver ? error.what() : "";
    }
    recorder().end_operation(answer.ok() ? "BRIG_OK" : answer.message);
    return answer;
}

Answer Session::status() {
    recorder().begin_operation("status");
    Answer answer;
    try {
        instance_->require_ready();
        answer.status = BRIG_OK;
    } catch (const Error& error) {
        answer.message = full_message(error);
    }
    recorder().end_operation(answer.ok() ? "BRIG_OK" : answer.message);
    return answer;
}

namespace {

brig_stream stream_for(const SnapshotStream& stream) {
    brig_stream table{};
    table.hdr = BRIG_HDR(brig_stream);
    table.snapshot = stream.snapshot.c_str();
    table.base = stream.base.empty() ? nullptr : stream.base.c_str();
    table.token = stream.token.empty() ? nullptr : stream.token.c_str();
    table.fd = stream.fd;
    if (stream.resumable) {
        table.flags = BRIG_STREAM_RESUMABLE;
    }
    return table;
}

}  // namespace

Answer Session::send(const Key& key, const SnapshotStream& stream) {
    recorder().begin_operation("send " + key.object + " " + stream.snapshot);
    const brig_stream table = stream_for(stream);
    brig_status said = BRIG_INTERNAL;
    const DriverCall call = call_for({Verb::check, key, {}, 0});
    Answer answer = perform({"send", OperationKind::query},
                            call,
                            [&](brig_inst* instance, brig_call* handle, const brig_ref* ref) {
                                said = subject_.tables.stream.send(instance, handle, ref, &table);
                                return said;
                            });
    answer.status = said;
    recorder().end_operation(status_name(said));
    return answer;
}

Answer Session::receive(const Key& key, const SnapshotStream& stream) {
    recorder().begin_operation("receive " + key.object + " " + stream.snapshot);
    const brig_stream table = stream_for(stream);
    brig_status said = BRIG_INTERNAL;
    const DriverCall call = call_for({Verb::check, key, {}, 0});
    Answer answer = perform({"receive", OperationKind::inside},
                            call,
                            [&](brig_inst* instance, brig_call* handle, const brig_ref* ref) {
                                said =
                                    subject_.tables.stream.receive(instance, handle, ref, &table);
                                return said;
                            });
    answer.status = said;
    recorder().end_operation(status_name(said));
    return answer;
}

}  // namespace brig::conformance
