// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "drivers/driver_instance.hpp"
#include "recorder.hpp"
#include "shared_store.hpp"
#include "subject.hpp"
#include "world.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brig::conformance {

/// What can be asked of a driver.
enum class Verb {
    prepare,
    attach,
    detach,
    teardown,
    ensure_shared,
    remove_shared,
    check_shared,
    provision,
    activate,
    deactivate,
    destroy,
    snapshot,
    snapshot_destroy,
    rollback,
    check,
    snapshots,
    diff,
    usage
};

[[nodiscard]] std::string name_of(Verb verb);

/// What an operation is about.
struct Key {
    std::string container = "0b5e55ed";
    std::string object = "first";
};

/// One operation, as a value: so that it can be done again, or elsewhere.
struct Action {
    Verb verb = Verb::prepare;
    Key key;
    std::optional<std::string> argument;
    unsigned flags = 0;
};

/// What a driver answered.
struct Answer {
    brig_status status = BRIG_INTERNAL;
    std::string message;    ///< of a failure, for people
    std::string violation;  ///< how it broke the contract while doing it; empty: it did not
    ResultMap results;
    std::vector<Contribution> params;
    std::vector<ListedObject> items;
    std::chrono::milliseconds took{};

    [[nodiscard]] bool ok() const { return status == BRIG_OK && violation.empty(); }
};

/// An engine with one instance of the driver: its real services and its way of calling, with the
/// recorder in between. What drivers recorded is remembered in the shared memory of the test, so
/// that another session goes on where a crash ended one.
class Session {
  public:
    struct Terms {
        std::string name = "check";
        std::optional<OptionMap> options;  ///< of the instance; default: the subject's
        TableAge age = TableAge::current;
    };

    /// What the next operations are told besides.
    struct Context {
        std::optional<Jail> jail;
        OptionMap container_options;
        bool uses_prior = true;
        std::chrono::milliseconds time_limit = std::chrono::minutes{1};
    };

    Session(const Subject& subject, SharedBlock& block, World& world, Terms terms);
    Session(const Subject& subject, SharedBlock& block, World& world)
        : Session{subject, block, world, Terms{}} {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    Session(Session&&) = delete;
    Session& operator=(Session&&) = delete;
    ~Session() = default;

    Answer act(const Action& action);
    Answer list();
    Answer status();

    // Streams need a descriptor.
    Answer send(const Key& key, const SnapshotStream& stream);
    Answer receive(const Key& key, const SnapshotStream& stream);

    [[nodiscard]] Context& context() noexcept { return context_; }
    [[nodiscard]] std::string tag(const Key& key) const;
    [[nodiscard]] std::string instance_tag() const;
    [[nodiscard]] SharedStore& store() noexcept { return store_; }
    [[nodiscard]] World& world() noexcept { return world_; }
    [[nodiscard]] const Subject& subject() const noexcept { return subject_; }

  private:
    [[nodiscard]] DriverCall call_for(const Action& action);
    [[nodiscard]] DriverInstance::Entry entry_for(const Action& action, Answer& answer) const;
    Answer perform(const Step& step, const DriverCall& call, const DriverInstance::Entry& entry);
    void remember(const Action& action, const ResultMap& results);
    [[nodiscard]] std::string prior_key(const Key& key) const;

    Context context_;
    const Subject& subject_;
    World& world_;
    SharedStore store_;
    Terms terms_;
    std::unique_ptr<DriverInstance> instance_;
};

}  // namespace brig::conformance
