// SPDX-License-Identifier: BSD-2-Clause
#include "up.hpp"

#include "create.hpp"
#include "launch.hpp"
#include "ledger/ledger.hpp"
#include "recover.hpp"
#include "support/model_engine.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <limits>

namespace brig {
namespace {

using test::base_image;
using test::Fault;
using test::Rig;

/// Containers of a file over a model world, where a command ends as soon as it was started.
class UpTest : public ::testing::Test {
  protected:
    UpTest() {
        rig_.store.add_image(base_image());
        ImageInfo other = base_image();
        other.id = other.volume = "bbbbbbbbbbbb";
        other.name = "other";
        rig_.store.add_image(other);
        for (const char* image : {"aaaaaaaaaaaa", "bbbbbbbbbbbb"}) {
            rig_.world.make(std::string{"volume "} + image);
        }
    }

    void TearDown() override {
        for (const std::string& id : context_.run.ids()) {
            if (auto ledger = Ledger::peek(context_.run.ledger_file(id))) {
                ledger->wait_for_unlock();
            }
        }
    }

    ContainerSelection write(const std::string& text) {
        std::ofstream{folder_.path() / "f.toml"} << text;
        return {folder_.path() / "f.toml", {}};
    }

    /// A container with these further members.
    static std::string table(const std::string& name, const std::string& members = "") {
        return "[container." + name + "]\nimage = 'base'\ncommand = ['true']\n" + members + "\n";
    }

    /// Keeps a container as its file says, without starting it.
    std::string keep(const std::string& text) {
        const ContainerSpec spec = parse_containers(text, "old").front().spec;
        return create(context_, resolve_launch(context_, spec, new_id())).id;
    }

    UpAction planned(const std::string& text, bool recreate = false) {
        UpOptions options;
        options.recreate = recreate;
        return plan_up(context_, write(text), options).front().action;
    }

    template <typename Verb>
    static std::string refusal(Verb verb) {
        try {
            verb();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_config);
            return error.what();
        }
        return "accepted";
    }

    test::TemporaryFolder folder_;
    Rig rig_{folder_.path()};
    Context context_ = rig_.context(folder_.path());
};

TEST_F(UpTest, OfAFailureReachesOnlyWhatDependsOnIt) {
    const ContainerSelection file = write(table("a") + table("b") + table("c", "depend = ['a']")
                                          + table("d", "depend = ['c']"));
    rig_.world.set_fault({Fault::Kind::fail, 1});
    const std::vector<UpResult> results = up(context_, file, {});
    rig_.world.set_fault({});
    ASSERT_EQ(results.size(), 4U);
    EXPECT_TRUE(results[0].failure.has_value());
    EXPECT_FALSE(results[1].failure.has_value());
    EXPECT_EQ(results[1].action, UpAction::create);
    EXPECT_STREQ(results[2].failure.value().what(),
                 "nothing was done to 'c', since 'a' failed before");
    EXPECT_STREQ(results[3].failure.value().what(),
                 "nothing was done to 'd', since 'c' failed before");
    EXPECT_TRUE(rig_.store.find_container_id("b"));
    for (const char* name : {"a", "c", "d"}) {
        EXPECT_FALSE(rig_.store.find_container_id(name)) << name;
    }
}

TEST_F(UpTest, CanBeRepeatedAfterAFailureAnywhere) {
    bool happened = true;
    for (int point = 1; happened; ++point) {
        const std::string name = "c" + std::to_string(point);
        const ContainerSelection file = write(table(name));
        rig_.world.set_fault({Fault::Kind::fail, point});
        const bool failed = up(context_, file, {}).front().failure.has_value();
        // What fails after the fork is counted there.
        happened = failed || rig_.world.fault_happened();
        rig_.world.set_fault({});
        TearDown();
        recover_abandoned(context_, std::numeric_limits<std::size_t>::max());  // as Engine::up
        const std::optional<Error> failure = up(context_, file, {}).front().failure;
        EXPECT_FALSE(failure.has_value()) << point << ": " << full_message(*failure);
        TearDown();
    }
}

TEST_F(UpTest, DoesNothingUnlessAllCanBeDone) {
    const ContainerSelection file =
        write(table("a") + table("b", "params = ['nosuch']") + table("c", "depend = ['x']")
              + table("d", "depend = ['d']"));
    const std::string place = (folder_.path() / "f.toml").string();
    const auto before = rig_.world.effects();
    EXPECT_EQ(refusal([&] { up(context_, file, {}); }),
              place + ":8:11: unknown parameter: nosuch ('brig params' lists every parameter there "
                      "is)\n"
                  + place + ":12:11: depend: there is no container \"x\" (did you mean 'a'?)\n"
                  + place + ":13:12: depend: 'd' depends on itself: d -> d");
    EXPECT_EQ(rig_.world.effects(), before);
    EXPECT_FALSE(rig_.store.find_container_id("a"));
}

TEST_F(UpTest, SeesWhatAContainerNeeds) {
    EXPECT_EQ(planned(table("web")), UpAction::create);
    keep(table("web", "params = ['stop.timeout=3']"));
    EXPECT_EQ(planned("\n" + table("web", "params = ['stop.timeout=3']")), UpAction::start);
    EXPECT_EQ(planned(table("web", "params = {stop.timeout = 3}")), UpAction::start);
    EXPECT_EQ(planned(table("web", "params = {stop.timeout = 4}")), UpAction::update);
    EXPECT_EQ(planned(table("web", "params = {stop.timeout = 3}\nuser = 'u'")), UpAction::update);
    EXPECT_EQ(planned(table("web")), UpAction::update);
}

TEST_F(UpTest, RecreatesOnlyWhenAskedTo) {
    keep(table("web"));
    const std::string other = "[container.web]\nimage = 'other'\ncommand = ['true']\n";
    EXPECT_NE(refusal([&] {
                  static_cast<void>(planned(other));
              }).find("container 'web' has the image 'base', which cannot become"),
              std::string::npos);
    EXPECT_EQ(planned(other, true), UpAction::recreate);
    const std::string before = *rig_.store.find_container_id("web");
    UpOptions options;
    options.recreate = true;
    const UpResult result = up(context_, write(other), options).front();
    EXPECT_EQ(result.action, UpAction::recreate);
    EXPECT_FALSE(result.failure.has_value());
    EXPECT_NE(result.id, before);
    EXPECT_EQ(rig_.store.find_container_by_id(result.id)->image_id, "bbbbbbbbbbbb");
}

TEST_F(UpTest, KeepsWhatTheFileSays) {
    const std::string id = keep(table("web", "params = ['stop.timeout=3']\nenv = ['A=1']"));
    const UpResult result =
        up(context_, write(table("web", "params = ['stop.timeout=4']\nenv = ['A=2']")), {}).front();
    EXPECT_FALSE(result.failure.has_value());
    EXPECT_EQ(result.id, id);
    ASSERT_EQ(result.changes.size(), 2U);
    EXPECT_EQ(result.changes[0].name, "stop.timeout");
    EXPECT_EQ(result.changes[0].when, ChangeTime::now);
    EXPECT_TRUE(result.changes[1].is_variable);
    const ContainerSpec spec = rig_.store.find_container_by_id(id)->spec;
    EXPECT_EQ(spec.params, std::vector<std::string>{"stop.timeout=4"});
    EXPECT_EQ(spec.environment, std::vector<std::string>{"A=2"});
}

TEST_F(UpTest, TakesWhatWasAskedForAndWhatThatDependsOn) {
    ContainerSelection file = write(table("a") + table("b", "depend = ['a']") + table("c"));
    file.names = {"b"};
    const std::vector<UpPlan> plans = plan_up(context_, file, {});
    ASSERT_EQ(plans.size(), 2U);
    EXPECT_EQ(plans[0].plan.name, "a");
    EXPECT_EQ(plans[1].plan.name, "b");
    file.names = {"x"};
    EXPECT_THROW(static_cast<void>(plan_up(context_, file, {})), Error);
}

}  // namespace
}  // namespace brig
