// SPDX-License-Identifier: BSD-2-Clause
// What network drivers promise, one operation after the other.
#include "kit.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace brig::conformance {

namespace {

Action prepare(const Key& key = kFirst, unsigned flags = 0) {
    return {Verb::prepare, key, {}, flags};
}
Action attach(const Key& key = kFirst) {
    return {Verb::attach, key, {}, 0};
}
Action teardown(const Key& key = kFirst, unsigned flags = 0) {
    return {Verb::teardown, key, {}, flags};
}
Action check_of(const Key& key = kFirst) {
    return {Verb::check, key, {}, 0};
}

/// A driver that leaves check out, or cannot tell, is not held to it.
bool can_check(const Answer& answer) {
    return answer.status != BRIG_UNSUPPORTED && answer.status != BRIG_UNKNOWN;
}

void expect_sound(Session& session, const std::string& when) {
    const Answer answer = session.act(check_of());
    if (can_check(answer)) {
        expect_ok(answer, "check does not find what is there " + when, rule::kNetworkCheck);
    }
}

void expect_not_sound(Session& session, const std::string& when) {
    const Answer answer = session.act(check_of());
    expect(!can_check(answer) || answer.status == BRIG_NOT_FOUND || answer.status == BRIG_DRIFT,
           "check says " + status_name(answer.status) + " " + when,
           rule::kNetworkCheck);
}

void remove_everything(Session& session, const WorldState& before, const std::string& when) {
    do_all(session, life_of(session.subject()).remove, rule::kTeardown);
    expect_clean(session, before, "something is left " + when);
}

void life(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    expect_ok(session.status(), "status is not good in a fresh world", rule::kPrepare);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    expect_sound(session, "after attach");
    remove_everything(session, before, "after a whole life");
}

/// What a life leaves is the same each time, so it does not grow.
void leaves_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    for (const Key& key : {kFirst, kSecond}) {
        do_all(session, {prepare(key)}, rule::kPrepare);
        do_all(session, life_of(bench.subject, key).remove, rule::kTeardown);
    }
    const WorldState once = look(session);
    do_all(session, {prepare(kThird)}, rule::kPrepare);
    do_all(session, life_of(bench.subject, kThird).remove, rule::kTeardown);
    expect_clean(session, once, "each attachment leaves something", rule::kTeardown);
}

void prepare_twice(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    const Answer first = session.act(prepare());
    expect_ok(first, "prepare failed", rule::kPrepare);
    const WorldState once = look(session);
    const Answer second = session.act(prepare());
    expect_ok(second, "prepare failed when it was repeated", rule::kPrepare);
    expect(first.results == second.results,
           "prepare records other results when it is repeated",
           rule::kIdempotent);
    const bool same_params =
        std::equal(first.params.begin(),
                   first.params.end(),
                   second.params.begin(),
                   second.params.end(),
                   [](const Contribution& one, const Contribution& other) {
                       return one.name == other.name && one.values == other.values;
                   });
    expect(same_params, "prepare contributes otherwise when it is repeated", rule::kPrepare);
    const auto changed = difference(once, look(session));
    if (!changed.empty()) {
        throw Failure{"to repeat prepare changed the world", rule::kIdempotent, changed};
    }
    remove_everything(session, before, "after prepare was repeated");
}

void attach_twice(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    const WorldState once = look(session);
    const WorldState inside =
        session.context().jail ? World::look_into(*session.context().jail) : WorldState{};
    do_all(session, {attach()}, rule::kIdempotent);
    auto changed = difference(once, look(session));
    if (session.context().jail) {
        const auto more = difference(inside, World::look_into(*session.context().jail));
        changed.insert(changed.end(), more.begin(), more.end());
    }
    if (!changed.empty()) {
        throw Failure{"to repeat attach changed the world", rule::kIdempotent, changed};
    }
    do_all(session, {prepare(), attach()}, rule::kIdempotent);
    expect_sound(session, "after all was repeated");
    remove_everything(session, before, "after attach was repeated");
}

void teardown_of_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, life_of(bench.subject).remove, rule::kRemoves);
    do_all(session, {teardown(kFirst, BRIG_F_RECOVERY)}, rule::kRemoves);
    expect_clean(session, before, "to remove what is not there changed the world");
}

void teardown_ten_times(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    constexpr int kTimes = 10;
    for (int i = 0; i < kTimes; ++i) {
        do_all(session, {teardown()}, rule::kRemoves);
    }
    remove_everything(session, before, "after ten times teardown");
}

void teardown_without_prior(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    session.context().uses_prior = false;
    do_all(session, {teardown(kFirst, BRIG_F_RECOVERY)}, rule::kRemoves);
    expect(count_listed(session, session.tag(kFirst)) == 0,
           "list still shows what teardown without earlier results should have removed",
           rule::kRemoves);
    remove_everything(session, before, "after teardown without earlier results");
}

void teardown_without_jail(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    if (session.context().jail) {
        World::end_jail(*session.context().jail);
        session.context().jail.reset();
    }
    do_all(session, {teardown(kFirst, BRIG_F_RECOVERY)}, rule::kRemoves);
    remove_everything(session, before, "after the jail died before teardown");
}

/// The engine's memory outlives the world, as it does a reboot.
void teardown_after_reboot(Bench& bench) {
    if (bench.world.plan().real) {
        throw Skip{"the machine itself is not rebooted"};
    }
    const WorldEnd end = run_in_world(bench.world.plan(), -1, [&](World& other) {
        Session session{bench.subject, bench.block, other};
        do_all(session, {prepare()}, rule::kPrepare);
    });
    expect(end.status == 0, "prepare failed in another world", rule::kPrepare);
    Session session{bench.subject, bench.block, bench.world};
    recorder().begin_operation("(the machine was rebooted)");
    const WorldState before = bench.world.look();
    do_all(session, {teardown(kFirst, BRIG_F_RECOVERY | BRIG_F_NEW_BOOT)}, rule::kRemoves);
    if (has_verb(bench.subject, Verb::remove_shared)) {
        do_all(session, {{Verb::remove_shared, kFirst, {}, BRIG_F_NEW_BOOT}}, rule::kRemoves);
    }
    expect_clean(session, before, "something is left after a reboot and teardown");
}

void two_attachments(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare(kFirst)}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach(kFirst)}, rule::kAttach);
    const WorldState one = look(session);
    session.context().container_options.clear();  // a port, say, could not be published twice
    do_all(session, {prepare(kSecond), teardown(kSecond)}, rule::kPrepare);
    session.context().container_options = bench.subject.container;
    expect_clean(session, one, "a second attachment's life changed what the first one has");
    expect_sound(session, "after another attachment was torn down");
    remove_everything(session, before, "after two attachments");
}

void list_shows(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    const Answer nothing = session.list();
    expect_ok(nothing, "list failed", rule::kList);
    expect(nothing.items.empty(), "list shows something in a world without anything", rule::kList);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    const auto made = additions(session, before);
    const std::size_t listed =
        count_listed(session, session.tag(kFirst)) + count_listed(session, session.instance_tag());
    if (listed == 0 && std::any_of(made.begin(), made.end(), is_listable)) {
        throw Failure{"list does not show what was made", rule::kList, made};
    }
    for (const ListedObject& object : session.list().items) {
        expect(bears(object, session.tag(kFirst)) || bears(object, session.instance_tag()),
               "list shows '" + object.id + "' with a tag that nothing was given: '"
                   + object.owner_tag + "'",
               rule::kTagged);
    }
    remove_everything(session, before, "after list");
}

void check_of_nothing(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    const Answer answer = session.act(check_of());
    do_all(session, {prepare()}, rule::kPrepare);
    const bool makes_something = !additions(session, before).empty();
    expect(!makes_something || !can_check(answer) || answer.status == BRIG_NOT_FOUND
               || answer.status == BRIG_DRIFT,
           "check says " + status_name(answer.status) + " of what was never made",
           rule::kNetworkCheck);
    remove_everything(session, before, "after check");
}

/// The names of interfaces among lines that were added.
std::vector<std::string> interfaces_in(const std::vector<std::string>& lines) {
    std::vector<std::string> names;
    for (const std::string& line : lines) {
        if (line.starts_with("+ interface ")) {
            names.push_back(split(line, ' ').at(2));
        }
    }
    return names;
}

void check_sees_damage(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    const auto interfaces = interfaces_in(additions(session, before));
    for (const std::string& name : interfaces) {
        recorder().begin_operation("(the kit removes interface " + name + ")");
        remove_interface(name);
    }
    if (!interfaces.empty()) {
        expect_not_sound(session, "although its interfaces are gone");
        do_all(session, {prepare(kFirst, BRIG_F_RECOVERY), attach()}, rule::kIdempotent);
        expect_sound(session, "after prepare and attach put it right");
    }
    remove_everything(session, before, "after a damage");
}

/// What a world says of an interface.
WorldState about(const std::string& name, const WorldState& state) {
    WorldState lines;
    for (const std::string& line : state) {
        if ((line + " ").find(" " + name + " ") != std::string::npos) {
            lines.insert(line);
        }
    }
    return lines;
}

/// What is there under a name of ours, but is not ours, stays: a driver fails, or makes do with
/// another name.
void foreign_interface(Bench& bench) {
    std::vector<std::string> names;
    {
        Session session{bench.subject, bench.block, bench.world};
        const WorldState before = look(session);
        do_all(session, {prepare()}, rule::kPrepare);
        give_jail(session);
        do_all(session, {attach()}, rule::kAttach);
        names = interfaces_in(additions(session, before));
        remove_everything(session, before, "after a life");
    }
    for (const std::string& name : names) {
        if (!make_interface(name)) {
            throw Skip{"no interface of somebody else's can be made here"};
        }
        Session session{bench.subject, bench.block, bench.world};
        recorder().begin_operation("(the kit makes interface " + name + ", without a tag)");
        const WorldState foreign = look(session);
        give_jail(session);
        const Answer answer = session.act(prepare());
        const Answer inside = answer.ok() ? session.act(attach()) : answer;
        expect(!inside.ok() || about(name, look(session)) == about(name, foreign),
               "it went on with interface '" + name + "', which bears no tag",
               rule::kForeign);
        do_all(session, life_of(bench.subject).remove, rule::kRemoves);
        expect_clean(session,
                     foreign,
                     "interface '" + name + "', which is not ours, was touched",
                     rule::kForeign);
        remove_interface(name);
    }
}

void dry_run(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    const Answer dry = session.act(prepare(kFirst, BRIG_F_DRY_RUN));
    expect_ok(dry, "prepare failed in a dry run", rule::kDryRun);
    expect_clean(session, before, "a dry run changed the world", rule::kDryRun);
    const Answer wet = session.act(prepare());
    expect_ok(wet, "prepare failed", rule::kPrepare);
    std::vector<std::string> names[2];
    for (const auto& [answer, list] : {std::pair{&dry, &names[0]}, std::pair{&wet, &names[1]}}) {
        for (const Contribution& param : answer->params) {
            list->push_back(param.name);
        }
    }
    expect(names[0] == names[1], "a dry run contributes other parameters", rule::kDryRun);
    remove_everything(session, before, "after a dry run");
}

void exhausted(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    recorder().exhaust_pools(true);
    const Answer answer = session.act(prepare());
    const auto calls = recorder().calls();
    recorder().exhaust_pools(false);
    const bool leases = std::any_of(
        calls.begin(), calls.end(), [](const HostCall& call) { return call.service == "lease"; });
    if (leases) {
        expect_status(answer, BRIG_EXHAUSTED, "no address was left", rule::kPrepare);
    }
    remove_everything(session, before, "after no address was left");
}

void detach_first(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    give_jail(session);
    do_all(session, {attach()}, rule::kAttach);
    for (int i = 0; i < 2; ++i) {
        do_all(session, {{Verb::detach, kFirst, {}, 0}}, rule::kDetach);
    }
    do_all(session, {prepare(), attach()}, rule::kIdempotent);
    expect_sound(session, "after it was detached and attached again");
    remove_everything(session, before, "after detach");
}

void shared_life(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    const Action ensure{Verb::ensure_shared, kFirst, {}, 0};
    do_all(session, {ensure}, rule::kEnsure);
    const WorldState once = look(session);
    do_all(session, {ensure}, rule::kIdempotent);
    expect_clean(session, once, "to repeat ensure changed the world", rule::kIdempotent);
    expect_ok(session.act({Verb::check_shared, kFirst, {}, 0}),
              "check of what is shared does not find it",
              rule::kNetworkCheck);
    for (int i = 0; i < 2; ++i) {
        do_all(session, {{Verb::remove_shared, kFirst, {}, 0}}, rule::kRemoveShared);
    }
    expect_clean(session, before, "something that was shared is left");
}

/// The engine asks for it only when nobody is on the network. A driver that looks itself, and
/// refuses, must have looked first.
void shared_in_use(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    give_jail(session);
    const Life life = life_of(bench.subject);
    do_all(session, life.make, rule::kPrepare);
    const WorldState used = look(session);
    if (!session.act({Verb::remove_shared, kFirst, {}, 0}).ok()) {
        expect_clean(
            session, used, "a removal that was refused changed something", rule::kRemoveShared);
    }
    do_all(session, life.remove, rule::kRemoves);
    expect_clean(session, before, "something that was shared is left");
}

void shared_damage(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    const Action ensure{Verb::ensure_shared, kFirst, {}, 0};
    do_all(session, {ensure}, rule::kEnsure);
    const WorldState whole = look(session);
    for (const std::string& name : interfaces_in(additions(session, before))) {
        recorder().begin_operation("(the kit removes interface " + name + ")");
        remove_interface(name);
    }
    const Answer answer = session.act({Verb::check_shared, kFirst, {}, 0});
    const bool damaged = !difference(whole, look(session)).empty();
    expect(!damaged || answer.status == BRIG_NOT_FOUND || answer.status == BRIG_DRIFT,
           "check of what is shared says " + status_name(answer.status)
               + " although its interface is gone",
           rule::kNetworkCheck);
    do_all(session, {ensure}, rule::kEnsure);
    expect_clean(session, whole, "ensure does not put back what was removed", rule::kEnsure);
    do_all(session, {{Verb::remove_shared, kFirst, {}, 0}}, rule::kRemoveShared);
    expect_clean(session, before, "something that was shared is left");
}

/// With options that another container would have had.
void changed_options(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kPrepare);
    const WorldState original = look(session);
    for (const brig_option& row : bench.subject.tables.options()) {
        if ((row.flags & BRIG_OPT_PER_CONTAINER) == 0) {
            continue;
        }
        session.context().container_options = bench.subject.container;
        std::erase_if(session.context().container_options,
                      [&](const auto& option) { return option.first == row.name; });
        session.context().container_options.emplace_back(row.name,
                                                         sample_value(row, bench.world.folder()));
        const Answer answer = session.act(prepare());
        session.context().container_options = bench.subject.container;
        expect(answer.violation.empty(),
               "another '" + std::string{row.name} + "': " + answer.violation,
               rule::kParams);
        if (answer.status == BRIG_CONFLICT) {
            expect_clean(session, original, "a conflict changed the world", rule::kPrepare);
        }
        do_all(session, {prepare()}, rule::kIdempotent);
    }
    remove_everything(session, before, "after options were changed");
}

void oldest_engine(Bench& bench) {
    if (bench.subject.tables.driver.min_minor > 0) {
        throw Skip{fmt::format("the driver asks for engines of interface 1.{} or newer",
                               bench.subject.tables.driver.min_minor)};
    }
    Session session{bench.subject, bench.block, bench.world, {"check", {}, TableAge::oldest}};
    const WorldState before = look(session);
    do_all(session, {prepare(), teardown()}, rule::kGrows);
    expect_clean(session, before, "something is left under an engine of SDK 1.0");
}

void newer_engine(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world, {"check", {}, TableAge::newer}};
    const WorldState before = look(session);
    do_all(session, {prepare()}, rule::kUnknownFlags);
    do_all(session, life_of(bench.subject).remove, rule::kUnknownFlags);
    expect_clean(session, before, "something is left under a newer engine");
}

/// A test of an operation that a driver may leave out, which says so when it does.
Test test_by_table(bool has, const Test& test) {
    return has ? test : Test{test.name, [](Bench& /*bench*/) {
                                 throw Skip{"the driver leaves the operation out"};
                             }};
}

}  // namespace

void add_network_tests(const Subject& subject, Tests& tests) {
    const Tests always{
        {"core.life", life},
        {"core.leaves_nothing", leaves_nothing},
        {"core.prepare_twice", prepare_twice},
        {"core.attach_twice", attach_twice},
        {"core.changed_options", changed_options},
        {"core.foreign_interface", foreign_interface},
        {"core.teardown_of_nothing", teardown_of_nothing},
        {"core.teardown_ten_times", teardown_ten_times},
        {"core.teardown_without_prior", teardown_without_prior},
        {"core.teardown_without_jail", teardown_without_jail},
        {"core.teardown_after_reboot", teardown_after_reboot},
        {"core.two_attachments", two_attachments},
        {"core.list_shows", list_shows},
        {"core.check_of_nothing", check_of_nothing},
        {"core.check_sees_damage", check_sees_damage},
        {"core.dry_run", dry_run},
        {"core.exhausted", exhausted},
        {"core.oldest_engine", oldest_engine},
        {"core.newer_engine", newer_engine},
    };
    tests.insert(tests.end(), always.begin(), always.end());
    const bool detaches = has_verb(subject, Verb::detach);
    const bool shares = has_verb(subject, Verb::ensure_shared);
    tests.push_back(test_by_table(detaches, {"core.detach_first", detach_first}));
    tests.push_back(test_by_table(shares, {"core.shared_life", shared_life}));
    tests.push_back(test_by_table(shares, {"core.shared_in_use", shared_in_use}));
    tests.push_back(test_by_table(shares, {"core.shared_damage", shared_damage}));
}

}  // namespace brig::conformance
