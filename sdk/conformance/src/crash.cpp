// SPDX-License-Identifier: BSD-2-Clause
#include "crash.hpp"

#include "drivers/short_name.hpp"
#include "fields.hpp"
#include "support/check.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <random>
#include <set>

namespace brig::conformance {

namespace {

/// Where a process is killed: at a host call, or at a system call of the driver.
struct CrashPoint {
    std::string name;
    Fault fault;
    unsigned system_call = 0;  ///< 0: at the fault
};

/// Calls that only tell or ask something: a crash there is one at the next of the others.
bool is_worth_a_crash(const HostCall& call) {
    static const std::set<std::string> worth{"param",
                                             "result",
                                             "name",
                                             "run",
                                             "lease",
                                             "unlease",
                                             "state_put",
                                             "state_get",
                                             "state_del"};
    return worth.contains(call.service);
}

bool changes_something(const HostCall& call) {
    static const std::set<std::string> changing{
        "run", "lease", "unlease", "state_put", "state_del"};
    return changing.contains(call.service);
}

std::vector<CrashPoint> points_of(const CrashPlan& plan) {
    std::vector<CrashPoint> points;
    for (const HostCall& call : plan.calls) {
        if (is_worth_a_crash(call)) {
            points.push_back({fmt::format("before_call_{}", call.number),
                              {Fault::Kind::die_before, call.number, BRIG_OK}});
        }
        if (changes_something(call)) {
            points.push_back({fmt::format("after_call_{}", call.number),
                              {Fault::Kind::die_after, call.number, BRIG_OK}});
        }
    }
    for (unsigned i = 1; i <= plan.system_calls; ++i) {
        points.push_back({fmt::format("at_system_call_{}", i), {}, i});
    }
    return points;
}

/// Repeats an operation after `what` has happened to it: it has to succeed.
void repeat(Session& session, const Scenario& scenario, unsigned flags, const std::string& what) {
    Action again = scenario.action;
    again.flags |= flags;
    expect_ok(session.act(again), "to repeat it after " + what + " failed", rule::kUnknownOutcome);
    if (scenario.holds) {
        scenario.holds(session);
    }
}

/// Removes, as recovery does, whatever `what` has left.
void remove(Session& session,
            const Scenario& scenario,
            const WorldState& before,
            const std::string& what) {
    for (Action action : scenario.remove) {
        action.flags |= BRIG_F_RECOVERY;
        expect_ok(session.act(action),
                  name_of(action.verb) + " failed after " + what,
                  rule::kUnknownOutcome);
    }
    expect_clean(session, before, "something is left after " + what + " and its removal");
}

/// One test of a crash: its world, and the jail that outlives the processes that die in it.
class Crash {
  public:
    Crash(Bench& bench, const Scenario& scenario)
        : bench_{bench}, scenario_{scenario}, before_{bench.world.look()} {
        if (bench.subject.is_network()) {
            jail_ = World::start_jail();
        }
    }

    /// Does what comes before the operation, as another process of the engine would have.
    void lead_up() {
        if (!scenario_.before) {
            return;
        }
        const pid_t child = fork_child([&] {
            Session session{bench_.subject, bench_.block, bench_.world};
            session.context().jail = jail_;
            scenario_.before(session);
        });
        expect(wait_for(child) == 0,
               "what comes before the operation failed, which suite core tells more of",
               rule::kUnknownOutcome);
    }

    /// Does the operation in a process that is killed there.
    void strike(const CrashPoint& point, const std::vector<Action>& actions) {
        const auto work = [&] {
            Session session{bench_.subject, bench_.block, bench_.world};
            session.context().jail = jail_;
            recorder().arm(point.fault);
            bench_.block.armed() = 1;
            for (const Action& action : actions) {
                session.act(action);
            }
            bench_.block.armed() = 0;
        };
        const int status = point.system_call != 0
                               ? run_to_system_call(bench_.block, point.system_call, work)
                               : wait_for(fork_child(work));
        bench_.block.armed() = 0;
        bench_.block.services() = 0;
        if (WIFSIGNALED(status)) {
            recorder().begin_operation(fmt::format(
                "(the process was killed: {}, signal {})", point.name, WTERMSIG(status)));
        }
        expect(!WIFSIGNALED(status) || WTERMSIG(status) == SIGKILL,
               fmt::format("the driver ended the process by signal {}", WTERMSIG(status)),
               rule::kNoException);
    }

    /// What list() has to show of what a crash left.
    void expect_listed() {
        Session session{bench_.subject, bench_.block, bench_.world};
        const auto left = additions(session, before_);
        if (std::none_of(left.begin(), left.end(), is_listable)) {
            return;
        }
        const Answer listed = session.list();
        expect_ok(listed, "list failed after a crash", rule::kList);
        const bool shown =
            std::any_of(listed.items.begin(), listed.items.end(), [&](const ListedObject& object) {
                // What is half made may bear the key alone, in its name: nobody else has it.
                const bool by_name =
                    object.owner_tag.empty()
                    && (object.id == scenario_.action.key.object || object.id == kImage.object);
                return by_name || bears(object, session.tag(scenario_.action.key))
                       || bears(object, session.instance_tag())
                       || bears(object, session.tag(kImage));
            });
        if (!shown) {
            throw Failure{"list does not show what a crash left", rule::kTagged, left};
        }
    }

    void retry() {
        Session session{bench_.subject, bench_.block, bench_.world};
        session.context().jail = jail_;
        repeat(session, scenario_, BRIG_F_RECOVERY, "a crash");
    }

    void undo() {
        Session session{bench_.subject, bench_.block, bench_.world};
        session.context().jail = jail_;
        remove(session, scenario_, before_, "a crash");
    }

  private:
    Bench& bench_;
    const Scenario& scenario_;
    WorldState before_;
    std::optional<Jail> jail_;
};

void add_crashes(const CrashPlan& plan, Tests& tests) {
    for (const CrashPoint& point : points_of(plan)) {
        const Scenario& scenario = plan.scenario;
        const std::string name = "crash." + scenario.name + "_" + point.name;
        tests.push_back({name, [scenario, point](Bench& bench) {
                             Crash crash{bench, scenario};
                             crash.lead_up();
                             crash.strike(point, {scenario.action});
                             crash.expect_listed();
                             crash.undo();
                         }});
        tests.push_back({name + "_repeated", [scenario, point](Bench& bench) {
                             Crash crash{bench, scenario};
                             crash.lead_up();
                             crash.strike(point, {scenario.action});
                             crash.retry();
                             crash.undo();
                         }});
    }
}

/// A second crash, in the middle of what was to remove the rests of the first one.
void crash_twice(Bench& bench, const CrashPlan& plan, unsigned number) {
    const std::vector<CrashPoint> points = points_of(plan);
    std::mt19937_64 random{bench.seed * 1000003 + stable_hash(plan.scenario.name) + number};
    const CrashPoint& first = points[random() % points.size()];
    constexpr unsigned kReach = 12;
    CrashPoint second{"in its removal", {}, static_cast<unsigned>(1 + random() % kReach)};
    if (!can_stop_at_system_calls() || plan.system_calls == 0) {
        second.fault = {Fault::Kind::die_before, second.system_call, BRIG_OK};
        second.system_call = 0;
    }
    std::vector<Action> removal = plan.scenario.remove;
    for (Action& action : removal) {
        action.flags |= BRIG_F_RECOVERY;
    }
    Crash crash{bench, plan.scenario};
    crash.lead_up();
    crash.strike(first, {plan.scenario.action});
    crash.strike(second, removal);
    crash.expect_listed();
    crash.undo();
}

void add_double_crashes(const CrashPlan& plan, Tests& tests) {
    constexpr unsigned kTimes = 4;
    for (unsigned i = 1; i <= kTimes && !points_of(plan).empty(); ++i) {
        tests.push_back({fmt::format("crash.{}_twice_{}", plan.scenario.name, i),
                         [plan, i](Bench& bench) { crash_twice(bench, plan, i); }});
    }
}

struct NamedFault {
    std::string name;
    Fault fault;
};

/// Every way in which the contract lets a host call fail.
std::vector<NamedFault> faults_of(const HostCall& call) {
    const auto refuse = [&](const char* name, brig_status status) {
        return NamedFault{name, {Fault::Kind::refuse, call.number, status}};
    };
    const auto program = [&](const char* name, Fault::Kind kind) {
        return NamedFault{name, {kind, call.number, BRIG_OK}};
    };
    if (call.service == "run") {
        return {refuse("not_found", BRIG_NOT_FOUND),
                refuse("timeout", BRIG_TIMEOUT),
                program("program_fails", Fault::Kind::program_fails),
                program("program_fails_afterwards", Fault::Kind::program_lies_failure),
                program("program_lies", Fault::Kind::program_lies_success),
                program("program_torn", Fault::Kind::program_tears)};
    }
    if (call.service == "lease") {
        return {refuse("exhausted", BRIG_EXHAUSTED), refuse("conflict", BRIG_CONFLICT)};
    }
    if (call.service == "param" || call.service == "result" || call.service == "name") {
        return {refuse("invalid", BRIG_INVALID)};
    }
    if (call.service == "unlease" || call.service.starts_with("state_")) {
        return {refuse("internal", BRIG_INTERNAL)};
    }
    return {};
}

/// After it has failed, and again when it is repeated.
void fail_at(Bench& bench, const Scenario& scenario, const Fault& fault, bool must_fail) {
    if (fault.kind == Fault::Kind::program_tears && bench.world.programs().empty()) {
        throw Skip{"only the stand-ins can be torn"};
    }
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    give_jail(session);
    for (const bool repeats : {false, true}) {
        if (scenario.before) {
            scenario.before(session);
        }
        recorder().arm(fault);
        const Answer answer = session.act(scenario.action);
        recorder().arm({});
        expect(!must_fail || answer.status != BRIG_OK,
               "it succeeded although the engine refused it something",
               rule::kUnknownOutcome);
        if (repeats) {
            repeat(session, scenario, 0, "a failure");
        }
        remove(session, scenario, before, "a failure");
    }
}

void add_failures_at(const HostCall& call, const Scenario& scenario, Tests& tests) {
    const bool must_fail = call.service == "param" || call.service == "name";
    for (const NamedFault& each : faults_of(call)) {
        tests.push_back(
            {fmt::format("crash.{}_fails_at_call_{}_{}", scenario.name, call.number, each.name),
             [scenario, each, must_fail](Bench& bench) {
                 fail_at(bench, scenario, each.fault, must_fail);
             }});
    }
}

void add_failures(const CrashPlan& plan, Tests& tests) {
    for (const HostCall& call : plan.calls) {
        add_failures_at(call, plan.scenario, tests);
    }
}

/// The calls as text, for the way out of a world.
std::string pack_calls(const std::vector<HostCall>& calls) {
    std::vector<std::string> fields;
    for (const HostCall& call : calls) {
        fields.push_back(std::to_string(call.number));
        fields.push_back(call.service);
    }
    return pack(fields);
}

std::vector<HostCall> unpack_calls(const std::string& text) {
    std::vector<HostCall> calls;
    const std::vector<std::string> fields = unpack(text);
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        HostCall call;
        call.number = static_cast<unsigned>(std::stoul(fields[i]));
        call.service = fields[i + 1];
        calls.push_back(call);
    }
    return calls;
}

void count_calls(const Subject& subject, SharedBlock& block, World& world, const CrashPlan& plan) {
    recorder().begin_test(&block, world.programs());
    static_cast<void>(instance_options(subject, world.folder()));
    Bench bench{subject, block, world, 0};
    Crash crash{bench, plan.scenario};
    crash.lead_up();
    const std::optional<Jail> jail = subject.is_network() ? World::start_jail() : std::nullopt;
    const auto work = [&] {
        Session session{subject, block, world};
        session.context().jail = jail;
        block.armed() = 1;
        session.act(plan.scenario.action);
        block.armed() = 0;
        block.put(SharedBlock::Slot::verdict, pack_calls(recorder().calls()));
    };
    if (can_stop_at_system_calls()) {
        run_to_system_call(block, 0, work);
    } else {
        static_cast<void>(wait_for(fork_child(work)));
    }
}

}  // namespace

bool may_match_crash(const std::string& glob) {
    return glob.find("crash") != std::string::npos || glob.starts_with("*");
}

std::vector<CrashPlan> find_crash_plans(const Subject& subject, const WorldPlan& plan) {
    std::vector<CrashPlan> plans;
    const UniqueFd nothing{check(::open("/dev/null", O_RDWR | O_CLOEXEC), "open /dev/null")};
    for (Scenario& scenario : scenarios_of(subject)) {
        CrashPlan found{std::move(scenario), {}, 0};
        SharedBlock block;
        run_in_world(
            plan, nothing.get(), [&](World& world) { count_calls(subject, block, world, found); });
        found.calls = unpack_calls(block.get(SharedBlock::Slot::verdict));
        found.system_calls = block.count();
        plans.push_back(std::move(found));
    }
    return plans;
}

void add_crash_tests(const Subject& /*subject*/,
                     const std::vector<CrashPlan>& plans,
                     Tests& tests) {
    for (const CrashPlan& plan : plans) {
        add_crashes(plan, tests);
        add_double_crashes(plan, tests);
        add_failures(plan, tests);
    }
}

}  // namespace brig::conformance
