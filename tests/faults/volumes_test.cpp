// SPDX-License-Identifier: BSD-2-Clause
#include "volumes/volumes.hpp"

#include "create.hpp"
#include "launch.hpp"
#include "recover.hpp"
#include "remove.hpp"
#include "run/volume_users.hpp"
#include "snapshots.hpp"
#include "start.hpp"
#include "support/model_engine.hpp"
#include "support/temporary_folder.hpp"
#include "volumes/use_volume.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

namespace brig {
namespace {

using test::Fault;
using test::ModelWorld;
using test::Rig;

/// A world with the volume "data" and a container that mounts it twice.
class VolumesTest : public ::testing::TestWithParam<Fault::Kind> {
  protected:
    using Work = std::function<void(Context&)>;

    VolumesTest() {
        Rig{folder_.path()}.store.add_image(test::base_image());
        undisturbed([this](Context& context) { data_ = create_volume(context, volume("data")); });
    }

    static VolumeSpec volume(const std::string& name) { return {name, "model", {}}; }

    static ContainerSpec user(bool ephemeral) {
        ContainerSpec spec;
        spec.image = "base";
        spec.name = "web";
        spec.command = {"true"};
        spec.ephemeral = ephemeral;
        spec.params = {"mount=data /a volume", "mount=data /b volume ro"};
        spec.networks = {"lan"};
        return spec;
    }

    void undisturbed(const Work& work) {
        Rig rig{folder_.path()};
        Context context = rig.context(folder_.path());
        work(context);
    }

    /// Does `work` with a fault at point `at`; false when there was no such point any more.
    bool disturbed(int at, const Work& work) {
        if (GetParam() == Fault::Kind::fail) {
            return work_here(at, work);
        }
        const pid_t child = ::fork();
        if (child == 0) {
            work_here(at, work);
            ::_exit(0);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

    void recover_all() {
        undisturbed([](Context& context) { recover(context); });
    }

    [[nodiscard]] bool exists(const std::string& effect) const {
        return ModelWorld{folder_.path() / "world"}.has(effect);
    }

    [[nodiscard]] bool is_used() const {
        return !VolumeUsers{folder_.path() / "run", data_.id}.all().empty();
    }

    test::TemporaryFolder folder_;
    VolumeInfo data_;

  private:
    bool work_here(int at, const Work& work) {
        Rig rig{folder_.path()};
        Context context = rig.context(folder_.path());
        rig.world.set_fault({GetParam(), at});
        try {
            work(context);
        } catch (const Error&) {
            EXPECT_TRUE(rig.world.fault_happened());
        }
        return rig.world.fault_happened();
    }
};

TEST_P(VolumesTest, MadeIsThereWithItsRecordOrNotAtAll) {
    int at = 1;
    for (; disturbed(at, [&](Context& context) { create_volume(context, volume("new")); }); ++at) {
        SCOPED_TRACE(at);
        recover_all();
        undisturbed([&](Context& context) {
            const auto made = context.store.find_volume("new");
            std::size_t count = 0;
            for (const ListedObject& object : context.instances.storage("model").list()) {
                count += object.id.starts_with(kVolumePrefix) ? 1 : 0;
            }
            ASSERT_EQ(count, made ? 2U : 1U);
            if (made) {
                remove_volume(context, "new");
            }
        });
    }
    EXPECT_GT(at, 1);
}

TEST_P(VolumesTest, RemovedIsGoneOrStillThere) {
    int at = 1;
    for (; disturbed(at, [&](Context& context) { remove_volume(context, "data"); }); ++at) {
        SCOPED_TRACE(at);
        recover_all();
        undisturbed([&](Context& context) {
            const bool kept = context.store.has_volume(data_.id);
            ASSERT_EQ(exists("volume " + data_.id), kept);
            if (!kept) {
                data_ = create_volume(context, volume("data"));
            }
        });
    }
    EXPECT_GT(at, 1);
    EXPECT_FALSE(exists("volume " + data_.id));
}

TEST_P(VolumesTest, OutlivesItsUsersHoweverTheyEnd) {
    for (const bool ephemeral : {true, false}) {
        int at = 1;
        const auto whole_life = [&](Context& context) {
            const Launch launch = resolve_launch(context, user(ephemeral), new_id());
            if (!ephemeral) {
                create(context, launch);
            }
            brig::Run run = start(context, launch, {});
            EXPECT_TRUE(exists("active " + data_.id));
            EXPECT_TRUE(is_used());
            finish(context, run);
        };
        for (; disturbed(at, whole_life); ++at) {
            SCOPED_TRACE(at);
            recover_all();
            ASSERT_TRUE(exists("volume " + data_.id));
            ASSERT_FALSE(exists("active " + data_.id));
            ASSERT_FALSE(is_used());
            undisturbed([](Context& context) {
                if (const auto id = context.store.find_container_id("web")) {
                    remove(context, *id);
                }
            });
        }
        EXPECT_GT(at, 8);
        undisturbed([](Context& context) {
            if (const auto id = context.store.find_container_id("web")) {
                remove(context, *id);
            }
        });
    }
}

INSTANTIATE_TEST_SUITE_P(Faults,
                         VolumesTest,
                         ::testing::Values(Fault::Kind::fail, Fault::Kind::crash),
                         [](const auto& kind) {
                             return std::string{kind.param == Fault::Kind::fail ? "Failure"
                                                                                : "Crash"};
                         });

/// An engine's stories over a model world, without faults.
class VolumeStory : public ::testing::Test {
  protected:
    VolumeStory() { rig_.store.add_image(test::base_image()); }

    static std::string message_of(const std::function<void()>& work) {
        try {
            work();
        } catch (const Error& error) {
            return error.what();
        }
        return "";
    }

    ContainerSpec spec(const std::string& mount) {
        ContainerSpec spec;
        spec.image = "base";
        spec.command = {"true"};
        spec.params = {mount};
        spec.networks = {"lan"};
        return spec;
    }

    test::TemporaryFolder folder_;
    Rig rig_{folder_.path()};
    Context context_ = rig_.context(folder_.path());
};

TEST_F(VolumeStory, StaysActiveUntilItsLastUserLeaves) {
    const VolumeInfo data = create_volume(context_, {"data", "model", {}});
    const auto start_one = [&] {
        ContainerSpec user = spec("mount=data /a volume");
        user.ephemeral = true;
        return start(context_, resolve_launch(context_, user, new_id()), {});
    };
    brig::Run first = start_one();
    brig::Run second = start_one();
    EXPECT_EQ(users_of_volume(context_, data).size(), 2U);
    EXPECT_NE(message_of([&] { remove_volume(context_, "data"); }), "");
    finish(context_, first);
    EXPECT_TRUE(rig_.world.has("active " + data.id));
    finish(context_, second);
    EXPECT_FALSE(rig_.world.has("active " + data.id));
    EXPECT_EQ(message_of([&] { remove_volume(context_, "data"); }), "");
}

TEST_F(VolumeStory, ThatIsNamedByAKeptContainerIsInUse) {
    const VolumeInfo data = create_volume(context_, {"data", "model", {}});
    const auto other = create_volume(context_, {"other", "model", {}});
    ContainerSpec kept = spec("mount=data /a\\040b volume ro");
    kept.name = "web";
    create(context_, resolve_launch(context_, kept, new_id()));
    EXPECT_EQ(users_of_volume(context_, data), std::vector<std::string>{"web"});
    ContainerSpec by_id = spec("mount=" + data.id + " /a volume");
    by_id.name = "id";
    create(context_, resolve_launch(context_, by_id, new_id()));
    EXPECT_EQ(users_of_volume(context_, data), (std::vector<std::string>{"id", "web"}));
    EXPECT_EQ(prune_volumes(context_, true).front().id, other.id);
    EXPECT_TRUE(rig_.world.has("volume " + other.id)) << "a dry run removes nothing";
    EXPECT_EQ(prune_volumes(context_, false).size(), 1U);
    EXPECT_FALSE(rig_.world.has("volume " + other.id));
    EXPECT_TRUE(rig_.world.has("volume " + data.id));
}

TEST_F(VolumeStory, WithoutARecordIsLeftAloneByRecovery) {
    const VolumeInfo data = create_volume(context_, {"data", "model", {}});
    ContainerSpec kept = spec("exec.clean");
    kept.name = "web";
    const ContainerRecord web = create(context_, resolve_launch(context_, kept, new_id()));
    rig_.store.remove_volume(data.id);
    rig_.store.remove_container(web.id);

    const RecoveryReport report = recover(context_);
    ASSERT_EQ(report.items.size(), 2U);
    for (const RecoveryReport::Item& item : report.items) {
        EXPECT_TRUE(item.undone.empty());
        EXPECT_NE(item.failures.front().find("of which there is no record"), std::string::npos);
    }
    recover(context_, {.remove_unknown = true});
    EXPECT_FALSE(rig_.world.has("volume " + web.id));
    EXPECT_TRUE(rig_.world.has("volume " + data.id));
    remove_volume(context_, data.id);
    EXPECT_FALSE(rig_.world.has("volume " + data.id));
}

TEST_F(VolumeStory, RecoveryTakesRootsOfEphemeralContainersWithoutBeingAsked) {
    ContainerSpec ephemeral = spec("exec.clean");
    ephemeral.ephemeral = true;
    const brig::Run run = start(context_, resolve_launch(context_, ephemeral, new_id()), {});
    rig_.world.take("jail " + run.id);
    rig_.world.take("active " + run.id);
    std::filesystem::remove_all(folder_.path() / "run");  // as a reboot does
    recover(context_);
    EXPECT_FALSE(rig_.world.has("volume " + run.id));
}

TEST_F(VolumeStory, SnapshotsAreOfKeptContainersAndHaveNames) {
    ContainerSpec kept = spec("exec.clean");
    kept.name = "web";
    const ContainerRecord web = create(context_, resolve_launch(context_, kept, new_id()));
    EXPECT_EQ(take_snapshot(context_, web.id, "one").name, "one");
    EXPECT_EQ(message_of([&] { take_snapshot(context_, web.id, "one"); }),
              "container 'web' has a snapshot 'one' already");
    EXPECT_NE(message_of([&] { take_snapshot(context_, web.id, "../x"); }), "");
    const std::string by_time = take_snapshot(context_, web.id, "").name;
    EXPECT_EQ(by_time.size(), std::string{"20260131-120000"}.size());
    EXPECT_NE(take_snapshot(context_, web.id, "").name, by_time);
    EXPECT_EQ(list_snapshots(context_, web.id).size(), 3U);
    EXPECT_EQ(message_of([&] { roll_back(context_, web.id, "two", false); }),
              "container 'web' has no snapshot 'two'");
    roll_back(context_, web.id, "one", false);
    remove_snapshot(context_, web.id, "one");
    EXPECT_EQ(list_snapshots(context_, web.id).size(), 2U);

    ContainerSpec ephemeral = spec("exec.clean");
    ephemeral.ephemeral = true;
    brig::Run run = start(context_, resolve_launch(context_, ephemeral, new_id()), {});
    EXPECT_NE(message_of([&] { take_snapshot(context_, run.id, "one"); }), "");
    finish(context_, run);
}

}  // namespace
}  // namespace brig
