// SPDX-License-Identifier: BSD-2-Clause
#include "create.hpp"
#include "depend.hpp"
#include "find.hpp"
#include "launch.hpp"
#include "recover.hpp"
#include "remove.hpp"
#include "run/notes.hpp"
#include "start.hpp"
#include "support/model_engine.hpp"
#include "support/temporary_folder.hpp"
#include "undo.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <tuple>
#include <utility>

namespace brig {
namespace {

using test::base_image;
using test::Fault;
using test::ModelWorld;
using test::Rig;

ContainerSpec spec_of(bool ephemeral, const std::string& network = "lan") {
    ContainerSpec spec;
    spec.image = "base";
    spec.name = "web";
    spec.command = {"true"};
    spec.ephemeral = ephemeral;
    spec.params = {"exec.prepare=prepare",
                   "exec.prestart=prestart",
                   "exec.created=created",
                   "exec.start=start",
                   "exec.poststart=poststart",
                   "exec.prestop=prestop",
                   "exec.stop=stop",
                   "exec.poststop=poststop",
                   "exec.release=release",
                   "mount.procfs",
                   "zfs.dataset=tank/web"};
    spec.networks = {network};
    return spec;
}

using World = std::tuple<Fault::Kind, std::string>;  ///< with the name of the network

class FaultsTest : public ::testing::TestWithParam<World> {
  protected:
    FaultsTest() { Rig{folder_.path()}.store.add_image(base_image()); }

    /// Runs a whole container with a fault at point `at`. True when the fault came about. A crash
    /// happens in a child process.
    bool run_with_fault(int at, bool ephemeral, bool again = false) {
        if (kind() == Fault::Kind::fail) {
            return run_here({Fault::Kind::fail, at}, ephemeral, again);
        }
        const pid_t child = ::fork();
        if (child == 0) {
            run_here({Fault::Kind::crash, at}, ephemeral, again);
            ::_exit(0);
        }
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

    [[nodiscard]] static Fault::Kind kind() { return std::get<0>(GetParam()); }

    void recover_all() {
        Rig rig{folder_.path()};
        Context context = rig.context(folder_.path());
        recover(context);
    }

    [[nodiscard]] std::set<std::string> effects() const {
        return ModelWorld{folder_.path() / "world"}.effects();
    }

    [[nodiscard]] std::vector<std::string> run_folders() const {
        return RunDir{folder_.path() / "run"}.ids();
    }

    test::TemporaryFolder folder_;

  private:
    /// As a supervisor does it: in the same run folder.
    void run_again(Context& context, const Launch& launch, brig::Run& run) {
        end(context, run);
        Ledger ledger =
            context.run.renew(run.id,
                              run.ledger,
                              {{note::kContainer, *run.ledger.find_note(note::kContainer)},
                               {note::kRestart, {{"pid", "1"}, {"count", "1"}}}});
        EXPECT_EQ(inspect_container(context, run.id).state, ContainerState::restarting);
        std::optional<brig::Run> second;
        try {
            second.emplace(start_again(context, launch, {}, ledger));
        } catch (const Error&) {
            close_run(context, run.id, ledger);
            throw;
        }
        EXPECT_EQ(inspect_container(context, run.id).state, ContainerState::running);
        finish(context, *second);
    }

    bool run_here(Fault fault, bool ephemeral, bool again) {
        Rig rig{folder_.path()};
        Context context = rig.context(folder_.path());
        rig.world.set_fault(fault);
        try {
            const Launch launch =
                resolve_launch(context, spec_of(ephemeral, std::get<1>(GetParam())), new_id());
            if (!ephemeral) {
                create(context, launch);
            }
            brig::Run run = start(context, launch, {});
            if (again) {
                run_again(context, launch, run);
            } else {
                finish(context, run);
            }
        } catch (const Error&) {
            EXPECT_TRUE(rig.world.fault_happened());
        }
        return rig.world.fault_happened();
    }
};

TEST_P(FaultsTest, NothingOfAnEphemeralContainerIsLeft) {
    int at = 1;
    for (; run_with_fault(at, true); ++at) {
        SCOPED_TRACE(at);
        recover_all();
        ASSERT_EQ(effects(), std::set<std::string>{});
        ASSERT_EQ(run_folders(), std::vector<std::string>{});
    }
    EXPECT_GT(at, 20) << "the model world has fewer points than a start has effects";
}

TEST_P(FaultsTest, AKeptContainerKeepsItsVolumeAndNothingElse) {
    int at = 1;
    for (; run_with_fault(at, false); ++at) {
        SCOPED_TRACE(at);
        recover_all();
        ASSERT_EQ(run_folders(), std::vector<std::string>{});
        Rig rig{folder_.path()};
        Context context = rig.context(folder_.path());
        const auto id = rig.store.find_container_id("web");
        ASSERT_EQ(effects(), id ? std::set<std::string>{"volume " + *id} : std::set<std::string>{});
        if (id) {
            remove(context, *id);
            ASSERT_EQ(effects(), std::set<std::string>{});
        }
    }
    EXPECT_GT(at, 20);
}

TEST_P(FaultsTest, NothingOfAContainerThatIsStartedAgainIsLeft) {
    int at = 1;
    for (; run_with_fault(at, false, true); ++at) {
        SCOPED_TRACE(at);
        recover_all();
        ASSERT_EQ(run_folders(), std::vector<std::string>{});
        Rig rig{folder_.path()};
        Context context = rig.context(folder_.path());
        if (const auto id = rig.store.find_container_id("web")) {
            ASSERT_EQ(effects(), std::set<std::string>{"volume " + *id});
            remove(context, *id);
        }
        ASSERT_EQ(effects(), std::set<std::string>{});
    }
    EXPECT_GT(at, 40);
}

TEST_P(FaultsTest, RecoveryThatIsItselfDisturbedIsFinishedByTheNext) {
    // One fault in the middle of a run, then one at every point of the recovery.
    constexpr int kMiddle = 12;
    for (int at = 1; at < 40; ++at) {
        SCOPED_TRACE(at);
        ASSERT_TRUE(run_with_fault(kMiddle, true));
        const pid_t child = ::fork();
        if (child == 0) {
            Rig rig{folder_.path()};
            Context context = rig.context(folder_.path());
            rig.world.set_fault({kind(), at});
            recover(context);
            ::_exit(0);
        }
        ASSERT_EQ(::waitpid(child, nullptr, 0), child);
        recover_all();
        ASSERT_EQ(effects(), std::set<std::string>{});
        ASSERT_EQ(run_folders(), std::vector<std::string>{});
    }
}

INSTANTIATE_TEST_SUITE_P(Faults,
                         FaultsTest,
                         ::testing::Combine(::testing::Values(Fault::Kind::fail,
                                                              Fault::Kind::crash),
                                            ::testing::Values("lan", "vnet")),
                         [](const auto& world) {
                             const bool fails = std::get<0>(world.param) == Fault::Kind::fail;
                             return std::get<1>(world.param) + (fails ? "Failure" : "Crash");
                         });

TEST(Lent, AreRecordedAndThereWhileTheContainerRuns) {
    for (const auto& [network, effect] : {std::pair{"lan", "address 192.0.2.9 of em0"},
                                          std::pair{"vnet", "interface epair0b in "}}) {
        const test::TemporaryFolder folder;
        Rig rig{folder.path()};
        rig.store.add_image(base_image());
        Context context = rig.context(folder.path());
        brig::Run run =
            start(context, resolve_launch(context, spec_of(true, network), new_id()), {});
        const bool by_jail = std::string_view{effect}.ends_with(' ');
        EXPECT_TRUE(rig.world.has(by_jail ? effect + run.id : effect));
        EXPECT_TRUE(rig.world.has("dataset tank/web in " + run.id));
        finish(context, run);
        EXPECT_EQ(rig.world.effects(), std::set<std::string>{});
    }
}

TEST(Depend, RefusesWhatDoesNotRunAndLoops) {
    const test::TemporaryFolder folder;
    Rig rig{folder.path()};
    rig.store.add_image(base_image());
    Context context = rig.context(folder.path());
    const auto keep = [&](const std::string& name, const std::string& needs) {
        ContainerSpec spec = spec_of(false);
        spec.name = name;
        spec.params.push_back("depend=" + needs);
        return create(context, resolve_launch(context, spec, new_id()));
    };
    const auto start_it = [&](const ContainerRecord& record) {
        return start(context, resolve_launch(context, record.spec, record.id), {});
    };
    const ContainerRecord web = keep("web", "db");
    EXPECT_THROW(static_cast<void>(start_it(web)), Error);  // there is no db
    const ContainerRecord db = keep("db", "disk");
    const ContainerRecord disk = keep("disk", "");
    EXPECT_THROW(static_cast<void>(start_it(web)), Error);
    EXPECT_EQ(in_start_order(context, {"web", "disk", "db"}),
              (std::vector<std::string>{"disk", "db", "web"}));

    brig::Run disk_run = start_it(disk);
    brig::Run db_run = start_it(db);
    EXPECT_EQ(running_dependents(context, disk.id), std::vector<std::string>{db.id});
    EXPECT_TRUE(running_dependents(context, db.id).empty());
    finish(context, db_run);
    finish(context, disk_run);
    EXPECT_TRUE(running_dependents(context, disk.id).empty());

    ContainerRecord loop = disk;
    loop.spec.params.push_back("depend=web");
    context.store.update_container(loop);
    EXPECT_EQ(in_start_order(context, {"web", "db", "disk"}).size(), 3U);
    EXPECT_THROW(static_cast<void>(start_it(loop)), Error);
}

TEST(Recover, RemovesAnImageThatHasNoNameYet) {
    const test::TemporaryFolder folder;
    Rig rig{folder.path()};
    const ImageInfo image = base_image();
    rig.store.add_image(image);
    Context context = rig.context(folder.path());
    const auto killed = [&] {
        Ledger ledger = context.run.open(image.id);
        record_volume(ledger, image.storage, image.volume);
    };
    killed();
    recover(context);
    EXPECT_TRUE(rig.store.has_image(image.id));

    rig.store.untag_image(image.name, image.tag);
    const ContainerRecord user = [&] {
        ContainerSpec spec = spec_of(false);
        spec.image = image.id;
        return create(context, resolve_launch(context, spec, new_id()));
    }();
    killed();
    recover(context);
    EXPECT_TRUE(rig.store.has_image(image.id));

    remove(context, user.id);
    killed();
    recover(context);
    EXPECT_FALSE(rig.store.has_image(image.id));
    EXPECT_TRUE(RunDir{folder.path() / "run"}.ids().empty());
}

TEST(Hooks, RunInTheOrderOfJail8) {
    const test::TemporaryFolder folder;
    Rig rig{folder.path()};
    rig.store.add_image(base_image());
    Context context = rig.context(folder.path());
    brig::Run run = start(context, resolve_launch(context, spec_of(true), new_id()), {});
    finish(context, run);
    EXPECT_EQ(rig.world.logged(),
              "on host: prepare\non host: prestart\non host: created\nin jail: start\n"
              "in jail: true\non host: poststart\non host: prestop\nin jail: stop\n"
              "on host: poststop\non host: release\n");
}

TEST(Hooks, OfSeveralLinesAreOneCommandAfterwardsToo) {
    const test::TemporaryFolder folder;
    Rig rig{folder.path()};
    rig.store.add_image(base_image());
    Context context = rig.context(folder.path());
    ContainerSpec spec = spec_of(true);
    spec.params = {"exec.poststop=program\nargument"};
    brig::Run run = start(context, resolve_launch(context, spec, new_id()), {});
    finish(context, run);
    EXPECT_EQ(rig.world.logged(), "in jail: true\non host: program\n");
}

TEST(Find, TellsTheWordsOfACommandApart) {
    const test::TemporaryFolder folder;
    Rig rig{folder.path()};
    rig.store.add_image(base_image());
    Context context = rig.context(folder.path());
    ContainerSpec spec = spec_of(true);
    spec.command = {"sh", "-c", "one\ntwo", ""};
    brig::Run run = start(context, resolve_launch(context, spec, new_id()), {});
    EXPECT_EQ(inspect_container(context, run.id).command, spec.command);
    finish(context, run);
}

TEST(Find, ShowsTheNewNameAndTheImageOfARunningContainer) {
    const test::TemporaryFolder folder;
    Rig rig{folder.path()};
    rig.store.add_image(base_image());
    Context context = rig.context(folder.path());
    ContainerRecord record = create(context, resolve_launch(context, spec_of(false), new_id()));
    ContainerSpec by_id = record.spec;
    by_id.image = record.image_id;
    brig::Run run = start(context, resolve_launch(context, by_id, record.id), {});
    record.name = "www";
    context.store.update_container(record);
    const ContainerInfo info = inspect_container(context, record.id);
    EXPECT_EQ(info.name, "www");
    EXPECT_EQ(info.image, "base");
    EXPECT_EQ(info.state, ContainerState::running);
    finish(context, run);
}

}  // namespace
}  // namespace brig
