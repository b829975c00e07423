// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/network_proxy.hpp"
#include "drivers/storage_proxy.hpp"
#include "support/fake_driver.hpp"

#include <gtest/gtest.h>

#include <array>

namespace brig {
namespace {

using sdk::Call;
using sdk::Target;
using test::FakeEngine;

DriverCall call_on(const std::string& object) {
    DriverCall call;
    call.container = "c0ffee000001";
    call.object = object;
    call.owner_tag = "brig:engine-1:" + object;
    return call;
}

/// The error of `step`, which must throw one.
template <typename Step>
Error error_of(Step&& step) {
    try {
        step();
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error{"nothing was thrown"};
}

class Network : public testing::Test {
  protected:
    FakeEngine engine;
    NetworkProxy network{engine.open(test::fake_network(), "lan"), {}};
};

TEST_F(Network, ContributesWhatItsDriverSays) {
    engine.fake.operation = [](Call& call, const Target&) {
        call.set_param("vnet", "new");
        call.append_param("ip4.addr", "10.0.0.1");
        call.append_param("ip4.addr", "10.0.0.2");
        call.result("ifname", "e0");
    };
    const NetworkContribution made = network.prepare(call_on("eth0"));
    ASSERT_EQ(made.params.size(), 2U);
    EXPECT_EQ(made.params[0].name, "vnet");
    EXPECT_FALSE(made.params[0].append);
    EXPECT_EQ(made.params[0].origin.kind, Origin::Kind::driver);
    EXPECT_EQ(made.params[0].origin.detail, "network 'lan' (fake-net)");
    EXPECT_EQ(made.params[1].values, (std::vector<std::string>{"10.0.0.1", "10.0.0.2"}));
    EXPECT_TRUE(made.params[1].append);
    EXPECT_EQ(made.results, (ResultMap{{"ifname", "e0"}}));
}

TEST_F(Network, TheLastSetOfAScalarCounts) {
    engine.fake.operation = [](Call& call, const Target&) {
        call.set_param("vnet", "inherit");
        call.set_param("vnet", "new");
    };
    const NetworkContribution made = network.prepare(call_on("eth0"));
    ASSERT_EQ(made.params.size(), 1U);
    EXPECT_EQ(made.params[0].values, std::vector<std::string>{"new"});
}

TEST_F(Network, AParameterThatIsNotDeclaredFailsEvenIfTheDriverGoesOn) {
    engine.fake.operation = [](Call& call, const Target&) {
        try {
            call.set_param("allow.mount", "true");
        } catch (const sdk::Error&) {
            call.debug("never mind");
        }
    };
    const Error error = error_of([&] { (void)network.prepare(call_on("eth0")); });
    EXPECT_EQ(error.code(), ErrorCode::bad_driver);
    EXPECT_NE(std::string{error.what()}.find("'allow.mount'"), std::string::npos) << error.what();
}

TEST_F(Network, CannotContributeOnceTheJailExists) {
    engine.fake.operation = [](Call& call, const Target&) { call.set_param("vnet", "new"); };
    EXPECT_EQ(error_of([&] { network.attach(call_on("eth0")); }).code(), ErrorCode::bad_driver);
}

TEST_F(Network, AFailureKeepsTheDriversWordsAndSaysWhereItHappened) {
    engine.fake.operation = [](Call&, const Target&) {
        throw sdk::Error{BRIG_EXHAUSTED, "no address is left in '10.0.0.0/30'", "enlarge it"};
    };
    const Error error = error_of([&] { (void)network.prepare(call_on("eth0")); });
    EXPECT_EQ(error.code(), ErrorCode::system);
    EXPECT_EQ(full_message(error),
              "preparing 'eth0' on network 'lan' (fake-net): no address is left in '10.0.0.0/30'");
    EXPECT_EQ(error.hint(), "enlarge it");
}

TEST_F(Network, EveryStatusHasItsCode) {
    const std::vector<std::pair<brig_status, ErrorCode>> expected{
        {BRIG_INVALID, ErrorCode::invalid_config},
        {BRIG_UNSUPPORTED, ErrorCode::unsupported},
        {BRIG_CONFLICT, ErrorCode::conflict},
        {BRIG_BUSY, ErrorCode::conflict},
        {BRIG_PERMISSION, ErrorCode::permission},
        {BRIG_NOT_FOUND, ErrorCode::not_found},
        {BRIG_CANCELLED, ErrorCode::interrupted},
        {BRIG_TIMEOUT, ErrorCode::system},
        {BRIG_INTERNAL, ErrorCode::system},
        {BRIG_INTERNAL + 7, ErrorCode::system},  // of a newer minor: its class counts
        {999, ErrorCode::bad_driver}};
    for (const auto& [status, code] : expected) {
        engine.fake.operation = [status = status](Call&, const Target&) {
            throw sdk::Error{status, "x"};
        };
        EXPECT_EQ(error_of([&] { network.teardown(call_on("eth0")); }).code(), code) << status;
    }
}

TEST_F(Network, NoExceptionOfTheDriverGetsOut) {
    engine.fake.operation = [](Call&, const Target&) { throw 7; };
    EXPECT_EQ(error_of([&] { network.teardown(call_on("eth0")); }).code(), ErrorCode::system);
}

TEST_F(Network, UnavailableWithoutAHintNamesWhatTheDriverNeeds) {
    engine.fake.operation = [](Call&, const Target&) { throw sdk::Error{BRIG_UNAVAILABLE, "x"}; };
    EXPECT_EQ(error_of([&] { network.teardown(call_on("eth0")); }).hint(),
              "the driver needs cmd:nothing");
}

TEST_F(Network, TheTargetArrivesAsItWasGiven) {
    DriverCall call = call_on("eth0");
    call.jail = JailId{7};
    call.netns = "/proc/1/ns/net";
    call.root = "/r";
    call.prior = {{"ifname", "e0"}};
    call.flags = BRIG_F_RECOVERY;
    engine.fake.operation = [](Call&, const Target& target) {
        EXPECT_EQ(target.container(), "c0ffee000001");
        EXPECT_EQ(target.object(), "eth0");
        EXPECT_EQ(target.owner_tag(), "brig:engine-1:eth0");
        EXPECT_EQ(target.jail(), 7);
        EXPECT_EQ(target.netns(), "/proc/1/ns/net");
        EXPECT_EQ(target.root(), "/r");
        EXPECT_EQ(target.prior().text("ifname"), "e0");
        EXPECT_TRUE(target.recovery());
        EXPECT_FALSE(target.dry_run());
    };
    network.attach(call);
}

TEST_F(Network, ACheckAnswersInsteadOfFailing) {
    EXPECT_EQ(network.check(call_on("eth0")), DriverCondition::sound);
    engine.fake.condition = sdk::Condition::drifted;
    EXPECT_EQ(network.check(call_on("eth0")), DriverCondition::drifted);
    engine.fake.condition = sdk::Condition::absent;
    EXPECT_EQ(network.check(call_on("eth0")), DriverCondition::absent);
}

TEST_F(Network, ListsWhatTheDriverFinds) {
    engine.fake.list = [](Call& call) { call.item("brig:1", "epair0", "left over"); };
    EXPECT_EQ(network.instance().list(),
              (std::vector<ListedObject>{{"brig:1", "epair0", "left over"}}));
}

TEST_F(Network, NamesAreShortStableAndDifferByObject) {
    std::vector<std::string> names;
    engine.fake.operation = [&](Call& call, const Target&) {
        names.push_back(call.name("brig", 15));
    };
    const NetworkContribution made = network.prepare(call_on("eth0"));
    network.teardown(call_on("eth0"));
    network.teardown(call_on("eth1"));
    EXPECT_EQ(names[0].size(), 15U);
    EXPECT_TRUE(names[0].starts_with("brig"));
    EXPECT_EQ(names[0], names[1]);
    EXPECT_NE(names[0], names[2]);
    EXPECT_EQ(made.results, (ResultMap{{"name.brig", names[0]}}));
}

TEST_F(Network, ALeaseIsTheSameWhenAskedAgainAndGoesWithItsObject) {
    std::vector<std::string> leased;
    engine.fake.operation = [&](Call& call, const Target&) {
        leased.push_back(call.lease("10.0.0.0/30", "ip4"));
    };
    (void)network.prepare(call_on("eth0"));
    (void)network.prepare(call_on("eth0"));
    (void)network.prepare(call_on("eth1"));
    EXPECT_EQ(leased[0], leased[1]);
    EXPECT_NE(leased[0], leased[2]);
    EXPECT_EQ(error_of([&] { (void)network.prepare(call_on("eth2")); }).code(), ErrorCode::system);
    engine.fake.operation = [](Call&, const Target&) {};
    network.teardown(call_on("eth0"));
    EXPECT_EQ(engine.store.leases.size(), 1U);
}

TEST_F(Network, AWantedLeaseThatIsTakenIsAConflict) {
    engine.fake.operation = [&](Call& call, const Target&) {
        EXPECT_EQ(call.lease("lo1 10.0.0.10-10.0.0.20", "ip4", "10.0.0.12"), "10.0.0.12");
    };
    (void)network.prepare(call_on("eth0"));
    EXPECT_EQ(error_of([&] { (void)network.prepare(call_on("eth1")); }).code(),
              ErrorCode::conflict);
}

TEST_F(Network, ALeaseIsFreedUnlessItsContainerIsKept) {
    engine.fake.operation = [&](Call& call, const Target&) {
        (void)call.lease("10.0.0.0/30", "ip4");
    };
    (void)network.prepare(call_on("eth0"));
    engine.fake.operation = [](Call&, const Target&) {};
    DriverCall call = call_on("eth0");
    call.keeps_leases = true;
    network.teardown(call);
    EXPECT_EQ(engine.store.leases.size(), 1U);
    call.keeps_leases = false;
    network.teardown(call);
    EXPECT_TRUE(engine.store.leases.empty());
}

TEST_F(Network, AContainerThatIsCreatedGetsItsLeasesInADryRun) {
    engine.fake.operation = [&](Call& call, const Target&) {
        EXPECT_EQ(call.lease("ip 10.0.0.9-10.0.0.9", "ip4"), "10.0.0.9");
    };
    DriverCall call = call_on("eth0");
    call.flags = BRIG_F_DRY_RUN;
    call.takes_leases = true;
    (void)network.prepare(call);
    EXPECT_EQ(engine.store.leases.size(), 1U);
    call = call_on("eth1");
    call.flags = BRIG_F_DRY_RUN;
    EXPECT_EQ(error_of([&] { (void)network.prepare(call); }).code(), ErrorCode::system);
}

TEST_F(Network, ALeaseThatThePoolHasNoMoreIsReplaced) {
    std::string pool = "ip 10.0.0.9-10.0.0.9";
    std::string leased;
    engine.fake.operation = [&](Call& call, const Target&) { leased = call.lease(pool, "ip4"); };
    (void)network.prepare(call_on("eth0"));
    pool = "ip 10.1.0.1-10.1.0.1,10.1.0.3-10.1.0.3";
    (void)network.prepare(call_on("eth0"));
    EXPECT_EQ(leased.substr(0, 5), "10.1.");
    EXPECT_EQ(engine.store.leases.size(), 1U);
    (void)network.prepare(call_on("eth1"));
    EXPECT_EQ(error_of([&] { (void)network.prepare(call_on("eth2")); }).code(), ErrorCode::system);
}

TEST_F(Network, ADryRunKeepsNothing) {
    DriverCall call = call_on("eth0");
    call.flags = BRIG_F_DRY_RUN;
    engine.fake.operation = [&](Call& services, const Target&) {
        EXPECT_FALSE(services.lease("10.0.0.0/24", "ip4").empty());
        services.put_state("k", "v");
    };
    (void)network.prepare(call);
    EXPECT_TRUE(engine.store.leases.empty());
    EXPECT_TRUE(engine.store.states.empty());
}

TEST_F(Network, StateComesBack) {
    engine.fake.operation = [&](Call& call, const Target&) {
        EXPECT_EQ(call.state("k"), std::nullopt);
        call.put_state("k", std::string_view{"a\0b", 3});
        EXPECT_EQ(call.state("k"), (std::string{"a\0b", 3}));
        call.forget_state("k");
        EXPECT_EQ(call.state("k"), std::nullopt);
    };
    network.attach(call_on("eth0"));
}

TEST_F(Network, ProgramsRunWithoutAShellAndTheirErrorsAreTold) {
    engine.fake.operation = [&](Call& call, const Target&) {
        EXPECT_EQ(call.run({"echo", "$HOME;"}).output, "$HOME;\n");
        EXPECT_EQ(call.run({"cat"}, "fed").output, "fed");
        call.run_checked({"ls", "/no such thing"});
    };
    const Error error = error_of([&] { network.attach(call_on("eth0")); });
    EXPECT_NE(std::string{error.what()}.find("No such file or directory"), std::string::npos)
        << error.what();
}

TEST_F(Network, AProgramThatIsNotThereIsNotFound) {
    engine.fake.operation = [](Call& call, const Target&) { (void)call.run({"no-such-program"}); };
    EXPECT_EQ(error_of([&] { network.attach(call_on("eth0")); }).code(), ErrorCode::not_found);
}

TEST_F(Network, ADeadlineEndsAProgram) {
    DriverCall call = call_on("eth0");
    call.time_limit = std::chrono::milliseconds{50};
    engine.fake.operation = [](Call& services, const Target&) {
        (void)services.run({"sleep", "1000"});
    };
    EXPECT_EQ(error_of([&] { network.attach(call); }).code(), ErrorCode::system);
}

TEST_F(Network, AnInterruptionStopsSettingUpButNotTearingDown) {
    engine.cancelled = true;
    engine.fake.operation = [](Call& call, const Target&) { call.stop_point(); };
    EXPECT_EQ(error_of([&] { (void)network.prepare(call_on("eth0")); }).code(),
              ErrorCode::interrupted);
    network.teardown(call_on("eth0"));
}

TEST_F(Network, WhoWatchesAnOperationSeesHowFarItIsAndMayEndIt) {
    std::vector<std::uint64_t> seen;
    DriverCall call = call_on("eth0");
    call.progress = [&](const ImportProgress& so_far) {
        seen.push_back(so_far.bytes);
        return so_far.bytes < 2;
    };
    engine.fake.operation = [](Call& services, const Target&) {
        services.stop_point();
        services.progress(1, 10, "something");
        services.stop_point();
        services.progress(2, 10, "something");
        (void)services.run({"sleep", "1000"});
    };
    EXPECT_EQ(error_of([&] { network.attach(call); }).code(), ErrorCode::interrupted);
    EXPECT_EQ(seen.front(), 0U);
    EXPECT_EQ(seen.back(), 2U);
    engine.fake.operation = [](Call& services, const Target&) { services.stop_point(); };
    call.progress = [](const ImportProgress&) { return false; };
    network.teardown(call);
}

TEST_F(Network, ALateCallOfAServiceDoesNothing) {
    std::optional<Call> late;
    engine.fake.operation = [&](Call& call, const Target&) { late = call; };
    network.attach(call_on("eth0"));
    late->info("too late");
    EXPECT_TRUE(engine.lines.empty());
    EXPECT_THROW(late->result("a", "b"), sdk::Error);
    EXPECT_THROW(late->stop_point(), sdk::Error);
}

TEST_F(Network, LinesNameTheInstance) {
    engine.fake.operation = [&](Call& call, const Target&) { call.info("hello"); };
    network.attach(call_on("eth0"));
    EXPECT_EQ(engine.lines, std::vector<std::string>{"network 'lan' (fake-net): hello"});
}

class Storage : public testing::Test {
  protected:
    FakeEngine engine;
    StorageProxy storage{engine.open(test::fake_storage(), "dir")};
};

TEST_F(Storage, PassesTheSourceOfAClone) {
    storage.provision(call_on("v1"), std::nullopt);
    storage.provision(call_on("v2"), "base@image");
    EXPECT_EQ(engine.fake.log,
              (std::vector<std::string>{"provision (empty)", "provision base@image"}));
}

TEST_F(Storage, ActivatingGivesTheRoot) {
    const ActiveVolume volume = storage.activate(call_on("v1"));
    EXPECT_EQ(volume.root, "/volumes/v");
    EXPECT_EQ(volume.results, (ResultMap{{"root", "/volumes/v"}}));
}

TEST_F(Storage, ARelativeRootIsRefused) {
    engine.fake.root = "volumes/v";
    EXPECT_EQ(error_of([&] { (void)storage.activate(call_on("v1")); }).code(),
              ErrorCode::bad_driver);
}

TEST_F(Storage, WhatADriverDoesNotHaveIsUnsupported) {
    const Error error = error_of([&] { storage.snapshot(call_on("v1"), "image"); });
    EXPECT_EQ(error.code(), ErrorCode::unsupported);
}

TEST(Globs, MatchTheWholeName) {
    EXPECT_TRUE(matches_any_glob("ip4", "ip4 ip6"));
    EXPECT_FALSE(matches_any_glob("ip4.addr", "ip4 ip6"));
    EXPECT_TRUE(matches_any_glob("ip4.addr", "ip4.*"));
    EXPECT_TRUE(matches_any_glob("vnet.interface", "*.interface"));
    EXPECT_FALSE(matches_any_glob("vnet.interfaces", "*.interface"));
    EXPECT_FALSE(matches_any_glob("vnet", ""));
}

}  // namespace
}  // namespace brig
