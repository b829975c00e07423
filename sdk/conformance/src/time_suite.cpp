// SPDX-License-Identifier: BSD-2-Clause
// How soon a driver stops when it is to stop.
#include "scenario.hpp"
#include "support/check.hpp"

#include <algorithm>

namespace brig::conformance {

namespace {

constexpr std::chrono::seconds kSoon{2};

bool is_removal(Verb verb) {
    return verb == Verb::teardown || verb == Verb::remove_shared || verb == Verb::detach
           || verb == Verb::deactivate || verb == Verb::destroy || verb == Verb::snapshot_destroy;
}

void expect_soon(const Answer& answer, const std::string& what) {
    expect(answer.took <= kSoon,
           fmt::format("{}: it returned after {} ms", what, answer.took.count()),
           rule::kCancel);
}

void remove_all(Session& session, const Scenario& scenario, const WorldState& before) {
    do_all(session, scenario.remove, rule::kUnknownOutcome);
    expect_clean(session, before, "something is left after it was cancelled and removed");
}

/// Once for each of its host calls, in one world.
void cancel_everywhere(Bench& bench, const Scenario& scenario) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    give_jail(session);
    constexpr unsigned kMostPoints = 200;
    for (unsigned from = 1; from <= kMostPoints; ++from) {
        if (scenario.before) {
            scenario.before(session);
        }
        recorder().cancel_from(from);
        const Answer answer = session.act(scenario.action);
        recorder().cancel_from(0);
        const std::size_t calls = recorder().calls().size();
        expect_soon(answer, fmt::format("cancelled at host call {}", from));
        expect(!is_removal(scenario.action.verb) || answer.ok(),
               "it did not finish when it was cancelled: " + answer.message,
               rule::kRemovalGoesOn);
        remove_all(session, scenario, before);
        if (from > calls) {
            return;
        }
    }
}

void deadline_in_the_past(Bench& bench, const Scenario& scenario) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    give_jail(session);
    if (scenario.before) {
        scenario.before(session);
    }
    const auto limit = session.context().time_limit;
    session.context().time_limit = std::chrono::milliseconds{-1};
    const Answer answer = session.act(scenario.action);
    session.context().time_limit = limit;
    expect_soon(answer, "its deadline had passed");
    if (answer.ok() && scenario.holds) {
        scenario.holds(session);
    }
    remove_all(session, scenario, before);
}

}  // namespace

void add_time_tests(const Subject& subject, Tests& tests) {
    for (const Scenario& scenario : scenarios_of(subject)) {
        tests.push_back({"time.cancel_" + scenario.name,
                         [scenario](Bench& bench) { cancel_everywhere(bench, scenario); },
                         Company::none});
        tests.push_back({"time.deadline_of_" + scenario.name,
                         [scenario](Bench& bench) { deadline_in_the_past(bench, scenario); },
                         Company::none});
    }
}

}  // namespace brig::conformance
