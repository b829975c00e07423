// SPDX-License-Identifier: BSD-2-Clause
#include "update.hpp"

#include "create.hpp"
#include "find.hpp"
#include "launch.hpp"
#include "recover.hpp"
#include "run/notes.hpp"
#include "start.hpp"
#include "support/model_engine.hpp"
#include "support/temporary_folder.hpp"
#include "update/verbs.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace brig {
namespace {

using test::base_image;
using test::Fault;
using test::Rig;

using Values = std::vector<std::string>;

ContainerSpec spec_of(bool ephemeral, std::vector<std::string> params) {
    ContainerSpec spec;
    spec.image = "base";
    spec.name = "web";
    spec.command = {"true"};
    spec.ephemeral = ephemeral;
    spec.params = std::move(params);
    return spec;
}

/// A container that runs in a model world.
class UpdateTest : public ::testing::Test {
  protected:
    UpdateTest() { rig_.store.add_image(base_image()); }

    void TearDown() override {
        if (run_) {
            finish(context_, *run_);
        }
    }

    /// @return its id
    const std::string& start_it(bool ephemeral, std::vector<std::string> params = {}) {
        const std::string id = new_id();
        Launch launch = resolve_launch(context_, spec_of(ephemeral, std::move(params)), id);
        if (!ephemeral) {
            create(context_, launch);
        }
        run_.emplace(start(context_, launch, {}));
        return run_->id;
    }

    [[nodiscard]] const std::string& id() const { return run_->id; }

    std::vector<Change> change(std::vector<std::string> params,
                               std::vector<std::string> unset = {}) {
        return update(context_, id(), {std::move(params), std::move(unset), {}, {}});
    }

    /// What an update is refused with.
    std::string refusal(const UpdateSpec& wanted) {
        try {
            update(context_, id(), wanted);
        } catch (const Error& error) {
            return std::string{error.what()} + "\n" + error.hint();
        }
        return "";
    }

    [[nodiscard]] std::string in_jail(const std::string& name) {
        Host& host = context_.host;
        const ParamList params = host.jail_params(*host.find_jail(id(), {}));
        return find_param(params, name)->values.front();
    }

    [[nodiscard]] Values noted(const std::string& name) {
        const ParamList params = inspect_container(context_, id()).params;
        const Param* param = find_param(params, name);
        return param == nullptr ? Values{} : param->values;
    }

    [[nodiscard]] std::vector<std::string> stored() {
        return context_.store.find_container_by_id(id())->spec.params;
    }

    test::TemporaryFolder folder_;
    Rig rig_{folder_.path()};
    Context context_ = rig_.context(folder_.path());
    std::optional<brig::Run> run_;
};

TEST_F(UpdateTest, ReachesTheJailTheNotesAndTheRecord) {
    start_it(false);
    const std::vector<Change> changes = change({"allow.raw_sockets"});
    EXPECT_EQ(
        changes,
        (std::vector{Change{
            "allow.raw_sockets", false, Values{"false"}, Values{"true"}, ChangeTime::now, ""}}));
    EXPECT_EQ(in_jail("allow.raw_sockets"), "true");
    EXPECT_EQ(noted("allow.raw_sockets"), Values{"true"});
    EXPECT_EQ(stored(), Values{"allow.raw_sockets"});
}

TEST_F(UpdateTest, KeepsForTheNextStartWhatAStartPerforms) {
    start_it(false);
    const std::vector<Change> changes = change({"exec.poststart=greet"});
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].when, ChangeTime::next_start);
    EXPECT_EQ(noted("exec.poststart"), Values{});
    EXPECT_EQ(stored(), Values{"exec.poststart=greet"});
}

TEST_F(UpdateTest, RefusesInTheKernelsWordsAndTouchesNothing) {
    start_it(false);
    const std::string message =
        refusal({{"osrelease=1", "allow.mlock", "stop.timeout=-1"}, {"nosuch"}, {"BAD"}, {"A=B"}});
    EXPECT_NE(message.find("osrelease cannot be changed after creation"), message.npos) << message;
    EXPECT_NE(message.find("stop.timeout"), message.npos) << message;
    EXPECT_NE(message.find("unknown parameter: nosuch"), message.npos) << message;
    EXPECT_NE(message.find("'BAD' is not NAME=value"), message.npos) << message;
    EXPECT_NE(message.find("'A=B' is not the name of a variable"), message.npos) << message;
    EXPECT_EQ(in_jail("allow.mlock"), "false");
    EXPECT_EQ(stored(), Values{});
}

TEST_F(UpdateTest, TakesBackWhatIsUnset) {
    start_it(false, {"host.hostname=web", "allow.mlock", "exec.stop=ours"});
    change({}, {"host.hostname", "allow.mlock", "exec.stop"});
    EXPECT_EQ(in_jail("host.hostname"), id());
    EXPECT_EQ(in_jail("allow.mlock"), "false");
    EXPECT_EQ(noted("exec.stop"), Values{"/bin/sh /etc/rc.shutdown"});
    EXPECT_EQ(stored(), Values{});
}

TEST_F(UpdateTest, LeavesEverythingElseAsItIs) {
    start_it(false, {"allow.mlock", "exec.prestop=one", "stop.timeout=3"});
    const ParamList before = inspect_container(context_, id()).params;
    change({"stop.timeout=4", "exec.prestop=two"});
    EXPECT_EQ(noted("exec.prestop"), (Values{"one", "two"}));
    EXPECT_EQ(noted("stop.timeout"), Values{"4"});
    change({}, {"exec.prestop", "stop.timeout"});
    ParamList after = before;
    after.erase(std::remove_if(after.begin(),
                               after.end(),
                               [](const Param& param) {
                                   return param.name == "exec.prestop"
                                          || param.name == "stop.timeout";
                               }),
                after.end());
    EXPECT_EQ(inspect_container(context_, id()).params, after);
    EXPECT_EQ(stored(), Values{"allow.mlock"});
}

TEST_F(UpdateTest, IsHeldByTheHooksOfTheEnd) {
    start_it(true, {"exec.prestop=before"});
    change({"exec.prestop=after"}, {"exec.prestop"});
    finish(context_, *run_);
    run_.reset();
    EXPECT_EQ(rig_.world.logged(), "in jail: true\non host: after\n");
}

TEST_F(UpdateTest, ReachesAnEphemeralContainer) {
    start_it(true, {"exec.prestop=one", "allow.mlock"});
    change({"allow.raw_sockets", "exec.prestop=two"}, {"allow.mlock"});
    EXPECT_EQ(in_jail("allow.raw_sockets"), "true");
    EXPECT_EQ(in_jail("allow.mlock"), "false");
    EXPECT_EQ(noted("exec.prestop"), (Values{"one", "two"}));
}

TEST_F(UpdateTest, RefusesAnEphemeralContainerWhatWaitsForAStart) {
    start_it(true);
    const std::string message = refusal({{"exec.poststart=greet", "allow.mlock"}, {}, {"A=B"}, {}});
    EXPECT_NE(message.find("-J exec.poststart=greet"), message.npos) << message;
    EXPECT_NE(message.find("has no next start"), message.npos) << message;
    EXPECT_NE(message.find("environment A"), message.npos) << message;
    EXPECT_EQ(in_jail("allow.mlock"), "false");
}

TEST_F(UpdateTest, SaysWhatAnEarlierOneLeftForTheNextStart) {
    start_it(false);
    change({"exec.poststart=greet"});
    const std::vector<Change> changes = change({}, {"exec.poststart"});
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes[0].old_values, Values{"greet"});
    EXPECT_EQ(changes[0].new_values, Values{});
    EXPECT_EQ(changes[0].reason, "the container runs with it already");
}

TEST_F(UpdateTest, HoldsVariablesForTheNextStart) {
    start_it(false);
    UpdateSpec wanted;
    wanted.environment = {"A=1", "B=2"};
    EXPECT_EQ(update(context_, id(), wanted).size(), 2U);
    wanted.environment = {"A=3"};
    wanted.unset_environment = {"B", "C"};
    EXPECT_EQ(update(context_, id(), wanted).size(), 2U);
    EXPECT_EQ(context_.store.find_container_by_id(id())->spec.environment, Values{"A=3"});
}

TEST_F(UpdateTest, KeepsARestartPolicyAtOnce) {
    start_it(false);
    UpdateSpec wanted;
    wanted.restart = parse_restart_policy("on-failure:3");
    const std::vector<Change> changes = update(context_, id(), wanted);
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(
        changes[0],
        (Change{
            "restart", false, Values{"no"}, Values{"on-failure:3"}, ChangeTime::now, "", true}));
    EXPECT_EQ(inspect_container(context_, id()).restart, *wanted.restart);
    EXPECT_TRUE(update(context_, id(), wanted).empty());
}

TEST_F(UpdateTest, RefusesAnEphemeralContainerARestartPolicy) {
    start_it(true);
    UpdateSpec wanted;
    wanted.restart = parse_restart_policy("always");
    EXPECT_NE(refusal(wanted).find("(--rm) cannot be started again"), std::string::npos);
}

TEST_F(UpdateTest, DoesNotMakeTheSpecificationGrow) {
    start_it(false, {"stop.timeout=1"});
    for (const char* text :
         {"stop.timeout=2", "stop.timeout=3", "exec.prestop", "exec.prestop=a"}) {
        change({text});
    }
    change({"exec.prestop", "exec.prestop=b"});
    EXPECT_EQ(stored(), (Values{"stop.timeout=3", "exec.prestop", "exec.prestop=b"}));
}

TEST_F(UpdateTest, OfAStoppedContainerMayChangeEverything) {
    const std::string id =
        create(context_, resolve_launch(context_, spec_of(false, {}), new_id())).id;
    const std::vector<Change> changes =
        update(context_, id, {{"osrelease=14.0", "allow.mlock"}, {}, {}, {}});
    ASSERT_EQ(changes.size(), 2U);
    EXPECT_EQ(changes[0].when, ChangeTime::next_start);
    EXPECT_EQ(changes[0].reason, "");
    EXPECT_EQ(context_.store.find_container_by_id(id)->spec.params,
              (Values{"osrelease=14.0", "allow.mlock"}));
}

/// A fault at every point of an update, for a kept and for an ephemeral container.
class UpdateFaultsTest : public UpdateTest, public ::testing::WithParamInterface<bool> {
  protected:
    /// In a process of its own, which a crash ends. True when the fault came about.
    bool update_with_fault(Fault fault) {
        const pid_t child = ::fork();
        if (child == 0) {
            Rig rig{folder_.path()};
            Context context = rig.context(folder_.path());
            rig.world.set_fault(fault);
            try {
                update(
                    context, id(), {{"allow.mlock", "stop.timeout=7"}, {"host.hostname"}, {}, {}});
            } catch (const Error&) {
                ::_exit(rig.world.fault_happened() ? 1 : 2);
            }
            ::_exit(rig.world.fault_happened() ? 1 : 0);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 2);
        return WIFSIGNALED(status) || WEXITSTATUS(status) == 1;
    }

    /// True when everything is new, false when everything is old; a mixture fails.
    bool is_new() {
        const bool fresh = in_jail("allow.mlock") == "true";
        EXPECT_EQ(in_jail("host.hostname"), fresh ? id() : "web");
        EXPECT_EQ(noted("allow.mlock"), fresh ? Values{"true"} : Values{});
        EXPECT_EQ(noted("stop.timeout"), fresh ? Values{"7"} : Values{"3"});
        if (!GetParam()) {
            EXPECT_EQ(stored(),
                      fresh ? (Values{"allow.mlock", "stop.timeout=7"})
                            : (Values{"host.hostname=web", "stop.timeout=3"}));
        }
        return fresh;
    }

    const std::vector<std::string> old_params_{"host.hostname=web", "stop.timeout=3"};
};

TEST_P(UpdateFaultsTest, AFailureLeavesEverythingAsItWas) {
    start_it(GetParam(), old_params_);
    int at = 1;
    for (; update_with_fault({Fault::Kind::fail, at}); ++at) {
        SCOPED_TRACE(at);
        EXPECT_FALSE(is_new());
    }
    EXPECT_GT(at, 2);
    EXPECT_TRUE(is_new());
}

TEST_P(UpdateFaultsTest, RecoveryFinishesWhatACrashInterrupted) {
    start_it(GetParam(), old_params_);
    for (int at = 1; at <= 2; ++at) {
        SCOPED_TRACE(at);
        ASSERT_TRUE(update_with_fault({Fault::Kind::crash, at}));
        const RecoveryReport report = recover(context_);
        ASSERT_EQ(report.items.size(), 1U);
        EXPECT_EQ(report.items[0].finished, Values{"its update"});
        EXPECT_TRUE(is_new());
        EXPECT_TRUE(recover(context_).items.empty());
        change({"host.hostname=web", "stop.timeout=3"}, {"allow.mlock"});
    }
}

TEST_P(UpdateFaultsTest, TheNextUpdateFinishesWhatACrashInterrupted) {
    start_it(GetParam(), old_params_);
    ASSERT_TRUE(update_with_fault({Fault::Kind::crash, 2}));
    change({"allow.raw_sockets"});
    EXPECT_EQ(in_jail("allow.mlock"), "true");
    EXPECT_EQ(in_jail("allow.raw_sockets"), "true");
    EXPECT_EQ(noted("stop.timeout"), Values{"7"});
}

TEST_P(UpdateFaultsTest, RecoveryFinishesWhatWasKilledWhileItWasStored) {
    start_it(GetParam(), old_params_);
    for (const bool stored_first : {false, true}) {
        SCOPED_TRACE(stored_first);
        const pid_t child = ::fork();
        if (child == 0) {
            Rig rig{folder_.path()};
            Context context = rig.context(folder_.path());
            Findings findings;
            const SpecEdit edit =
                read_edit({{"allow.mlock", "stop.timeout=7"}, {"host.hostname"}, {}, {}},
                          context.catalogue,
                          findings);
            Subject subject = find_subject(context, id());
            const Difference difference = compare(context, subject, edit, findings);
            carry_out(context, *subject.run, {difference.live, difference.spec}, [&] {
                if (stored_first && !GetParam()) {
                    context.store.change_spec(
                        id(), [&](ContainerSpec& spec) { apply(edit, context.catalogue, spec); });
                }
                ::kill(::getpid(), SIGKILL);
            });
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        ASSERT_TRUE(WIFSIGNALED(status));
        EXPECT_EQ(recover(context_).items.size(), 1U);
        EXPECT_TRUE(is_new());
        change({"host.hostname=web", "stop.timeout=3"}, {"allow.mlock"});
    }
}

INSTANTIATE_TEST_SUITE_P(Faults, UpdateFaultsTest, ::testing::Bool(), [](const auto& ephemeral) {
    return ephemeral.param ? "Ephemeral" : "Kept";
});

}  // namespace
}  // namespace brig
