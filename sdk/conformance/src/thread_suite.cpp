// SPDX-License-Identifier: BSD-2-Clause
// The thread model that a driver declares, under load.
#include "kit.hpp"
#include "support/check.hpp"

#include <array>
#include <mutex>
#include <random>
#include <thread>

namespace brig::conformance {

namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 8;

/// The first thing that went wrong on any thread.
class Complaint {
  public:
    void note(const Answer& answer, const Action& action) {
        if (answer.ok()) {
            return;
        }
        const std::scoped_lock lock{mutex_};
        if (text_.empty()) {
            text_ = fmt::format("{} of '{}' returned {} while other threads were at work ({})",
                                name_of(action.verb),
                                action.key.object,
                                status_name(answer.status),
                                answer.message);
        }
    }
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

  private:
    std::mutex mutex_;
    std::string text_;
};

Key key_of(int thread) {
    return {fmt::format("0b5e550{}", thread), fmt::format("thread-{}", thread)};
}

void act_all(Session& session, const std::vector<Action>& actions, Complaint& complaint) {
    for (const Action& action : actions) {
        complaint.note(session.act(action), action);
    }
}

/// One thread's work: lives of its own key. What is shared with others stays.
void live(Session& session, int thread, Complaint& complaint) {
    std::vector<Action> make = life_of(session.subject(), key_of(thread)).make;
    if (session.subject().is_network()) {
        make.resize(1);  // without a jail there is no inside
    }
    for (int round = 0; round < kRounds; ++round) {
        act_all(session, make, complaint);
        act_all(session, own_removal(session.subject(), key_of(thread)), complaint);
    }
}

/// As many at once as the engine would have; it holds the others back itself.
void load(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    Complaint complaint;
    session.context().container_options.clear();  // a port, say, could not be published twice
    recorder().keep_all(true);  // of several operations at once none begins the list anew
    std::vector<std::thread> threads;
    threads.reserve(kThreads);
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&session, i, &complaint] { live(session, i, complaint); });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    expect(complaint.text().empty(), complaint.text(), rule::kThreads);
    if (has_verb(bench.subject, Verb::remove_shared)) {
        do_all(session, {{Verb::remove_shared, {}, {}, 0}}, rule::kRemoveShared);
    }
    expect_clean(session, before, "something is left after operations on several threads");
}

/// What is shared goes when all are gone.
void remove_keys(Session& session, int keys) {
    for (int i = 0; i < keys; ++i) {
        do_all(session, own_removal(session.subject(), key_of(i)), rule::kRemoves);
    }
    if (has_verb(session.subject(), Verb::remove_shared)) {
        do_all(session, {{Verb::remove_shared, {}, {}, 0}}, rule::kRemoves);
    }
}

/// Operations in an order that nobody thought of. Each may fail, but all can be removed after it.
void random_order(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    std::mt19937_64 random{bench.seed};
    session.context().container_options.clear();  // as above
    constexpr int kSteps = 60;
    constexpr int kKeys = 3;
    const std::vector<Verb> verbs =
        bench.subject.is_network()
            ? std::vector<Verb>{Verb::prepare, Verb::prepare, Verb::teardown, Verb::check}
            : std::vector<Verb>{
                Verb::provision, Verb::activate, Verb::deactivate, Verb::destroy, Verb::check};
    for (int i = 0; i < kSteps; ++i) {
        const Verb verb = verbs[random() % verbs.size()];
        const Key key = key_of(static_cast<int>(random() % kKeys));
        const Answer answer = session.act({verb, key, {}, 0});
        expect(answer.violation.empty(), answer.violation, rule::kParams);
        const bool must_succeed =
            verb == Verb::prepare || verb == Verb::provision || verb == Verb::teardown;
        expect(!must_succeed || answer.ok(),
               fmt::format(
                   "{} failed in a random order of operations: {}", name_of(verb), answer.message),
               rule::kIdempotent);
    }
    remove_keys(session, kKeys);
    expect_clean(session, before, "something is left after a random order of operations");
}

}  // namespace

void add_thread_tests(const Subject& /*subject*/, Tests& tests) {
    tests.push_back({"threads.load", load});
    tests.push_back({"core.random_order", random_order});
}

}  // namespace brig::conformance
