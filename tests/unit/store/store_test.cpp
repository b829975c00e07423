// SPDX-License-Identifier: BSD-2-Clause
#include "store/store.hpp"

#include "brig/error.hpp"
#include "store/sqlite.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>

namespace brig {
namespace {

namespace fs = std::filesystem;
using std::chrono::system_clock;
using test::Child;

LeaseHolder holder(const std::string& container, const std::string& network = "lan") {
    return {"network/" + network, container, network, "ip4"};
}

class StoreTest : public ::testing::Test {
  protected:
    ImageInfo image(const std::string& id, const std::string& name) const {
        ImageInfo info;
        info.id = id;
        info.name = name;
        info.tag = "latest";
        info.storage = "dir";
        info.volume = "image-" + id;
        info.defaults = {"nobody", {"A=1", "B=", ""}, {"sh", "\xff"}, "/srv"};
        info.source = "directory /srv/root";
        info.created = now_;
        info.digest = "sha256:12";
        info.size = 12345678901;
        info.history = {{now_, "a command\twith\na break", "", false}, {{}, "", "note", true}};
        return info;
    }

    ContainerRecord container(const std::string& id, const std::string& name) const {
        ContainerRecord record;
        record.id = id;
        record.name = name;
        record.spec.image = "base";
        record.spec.command = {"echo", "Hello World"};
        record.image_id = "aaaaaaaaaaaa";
        record.storage = "dir";
        record.created = now_;
        return record;
    }

    /// The code and message of the Error that `work` ends with.
    template <typename Work>
    static std::string refusal(Work&& work) {
        try {
            work();
        } catch (const Error& error) {
            return std::string{to_string(error.code())} + ": " + error.what();
        }
        return "done";
    }

    test::TemporaryFolder folder_;
    fs::path state_ = folder_.path() / "state";
    Store store_{state_};
    system_clock::time_point now_ = system_clock::now();
};

TEST_F(StoreTest, AnswersNothingAndCreatesNothingWhereNoneIs) {
    EXPECT_EQ(store_.find_image("base", "latest"), std::nullopt);
    EXPECT_TRUE(store_.images().empty());
    EXPECT_TRUE(store_.images_with_id_prefix("a").empty());
    EXPECT_EQ(store_.find_container_id("web"), std::nullopt);
    EXPECT_EQ(store_.find_container_by_id("a"), std::nullopt);
    EXPECT_TRUE(store_.containers().empty());
    EXPECT_TRUE(store_.containers_with_id_prefix("a").empty());
    EXPECT_EQ(store_.find_lease("pool", holder("c1")), std::nullopt);
    EXPECT_EQ(store_.get_state("scope", "key"), std::nullopt);
    store_.remove_container("a");
    store_.remove_image("a");
    store_.untag_image("base", "latest");
    store_.remove_lease("pool", holder("c1"));
    store_.remove_state("scope", "key");
    EXPECT_FALSE(fs::exists(state_));
}

TEST_F(StoreTest, IsPrivate) {
    store_.put_state("a", "b", "c");
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    EXPECT_EQ(fs::status(state_).permissions(), fs::perms::owner_all);
    EXPECT_EQ(fs::status(state_ / "images").permissions(), fs::perms::owner_all);
    const auto mode = fs::perms::owner_read | fs::perms::owner_write;
    EXPECT_EQ(fs::status(state_ / "drivers.db").permissions(), mode);
    EXPECT_EQ(fs::status(state_ / "drivers.db-wal").permissions(), mode);
    EXPECT_EQ(fs::status(state_ / "images/aaaaaaaaaaaa").permissions(), mode);
}

// Opening a database reads its log, so that a log which grows makes every command slower.
TEST_F(StoreTest, KeepsItsLogShortHoweverManyCommandsWriteOnce) {
    {
        Store store{state_};
        store.add_image(image("aaaaaaaaaaaa", "base"));
    }
    for (int i = 0; i < 200; ++i) {
        Store store{state_};
        store.add_container(container(fmt::format("{:012x}", i), fmt::format("c{}", i)));
    }
    EXPECT_LT(fs::file_size(state_ / "brig.db-wal"), 256U * 1024U);
    EXPECT_EQ(Store{state_}.containers().size(), 200U);
}

TEST_F(StoreTest, KeepsAnImage) {
    const ImageInfo added = image("aaaaaaaaaaaa", "base");
    store_.add_image(added);
    const auto found = Store{state_}.find_image("base", "latest");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->id, added.id);
    EXPECT_EQ(found->name, "base");
    EXPECT_EQ(found->tag, "latest");
    EXPECT_EQ(found->storage, added.storage);
    EXPECT_EQ(found->volume, added.volume);
    EXPECT_EQ(found->defaults, added.defaults);
    EXPECT_EQ(found->source, added.source);
    EXPECT_EQ(found->created, added.created);
    EXPECT_EQ(found->digest, added.digest);
    EXPECT_EQ(found->size, added.size);
    EXPECT_EQ(found->history, added.history);
    EXPECT_FALSE(store_.find_image("base", "other"));
}

TEST_F(StoreTest, ReadsAnImageOfAnEarlierVersion) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    std::ofstream{state_ / "images/aaaaaaaaaaaa"}
        << "1\tcommand=sh%00\tcreated=1000\tsource=directory /x\tstorage=dir\tvolume=v\n";
    const auto found = store_.find_image("base", "latest");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->volume, "v");
    EXPECT_EQ(found->digest, "");
    EXPECT_EQ(found->size, 0U);
    EXPECT_TRUE(found->history.empty());
}

TEST_F(StoreTest, AddsAnImageOnce) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    EXPECT_EQ(refusal([&] { store_.add_image(image("aaaaaaaaaaaa", "other")); }),
              "already_exists: there is an image aaaaaaaaaaaa already");
    EXPECT_FALSE(store_.find_image("other", "latest"));
}

TEST_F(StoreTest, IsNotInTheWayOfItselfAfterACrash) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    // Half a record, half a name, and a name whose image has gone.
    std::ofstream{state_ / "images/.new"} << "1\tstor";
    fs::create_symlink("aaaaaaaaaaaa", state_ / "images/names/.new");
    fs::create_symlink("cccccccccccc", state_ / "images/names/gone:latest");
    EXPECT_EQ(store_.images().size(), 1U);
    EXPECT_FALSE(store_.find_image("gone", "latest"));
    store_.add_image(image("bbbbbbbbbbbb", "other"));
    EXPECT_EQ(store_.images().size(), 2U);
}

TEST_F(StoreTest, RefusesARecordThatItDoesNotUnderstand) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    for (const char* text : {"", "1\tstorage=dir\n", "2\tvolume=a\tcreated=1\n"}) {
        std::ofstream{state_ / "images/aaaaaaaaaaaa"} << text;
        const std::string said =
            refusal([&] { static_cast<void>(store_.find_image("base", "latest")); });
        EXPECT_NE(said.find("of an image cannot be read"), std::string::npos) << said;
    }
}

TEST_F(StoreTest, MovesANameToANewerImage) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    store_.add_image(image("bbbbbbbbbbbb", "base"));
    EXPECT_EQ(store_.find_image("base", "latest")->id, "bbbbbbbbbbbb");
    const auto images = store_.images();
    ASSERT_EQ(images.size(), 2U);
    EXPECT_EQ(images[0].id, "aaaaaaaaaaaa");
    EXPECT_EQ(images[0].name + images[0].tag, "");
    EXPECT_EQ(images[1].name, "base");
}

TEST_F(StoreTest, FindsAnImageOnceByItsPrefix) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    store_.add_image(image("ab0000000000", "other"));
    store_.tag_image("aaaaaaaaaaaa", "all", "1");
    EXPECT_EQ(store_.images_with_id_prefix("a").size(), 2U);
    const auto found = store_.images_with_id_prefix("aa");
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, "all");
    EXPECT_EQ(found[0].tag, "1");
    EXPECT_TRUE(store_.images_with_id_prefix("b").empty());
}

TEST_F(StoreTest, LosesNamesBeforeImages) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    store_.untag_image("base", "latest");
    EXPECT_FALSE(store_.find_image("base", "latest"));
    EXPECT_EQ(store_.images().size(), 1U);
    store_.tag_image("aaaaaaaaaaaa", "base", "2");
    store_.remove_image("aaaaaaaaaaaa");
    EXPECT_TRUE(store_.images().empty());
    EXPECT_FALSE(store_.find_image("base", "2"));
    EXPECT_EQ(refusal([&] { store_.tag_image("aaaaaaaaaaaa", "base", "3"); }),
              "not_found: there is no image aaaaaaaaaaaa");
}

TEST_F(StoreTest, KeepsAnImageThatIsUsed) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    store_.add_container(container("c1", "web"));
    EXPECT_EQ(refusal([&] { store_.remove_image("aaaaaaaaaaaa"); }),
              "conflict: image aaaaaaaaaaaa is used by container \"web\"");
    store_.remove_container("c1");
    store_.remove_image("aaaaaaaaaaaa");
    EXPECT_EQ(refusal([&] { store_.add_container(container("c1", "web")); }),
              "not_found: there is no image aaaaaaaaaaaa");
}

TEST_F(StoreTest, KeepsAContainer) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    ContainerRecord record = container("c1", "web");
    store_.add_container(record);
    EXPECT_EQ(store_.find_container_id("web"), "c1");
    auto found = store_.find_container_by_id("c1");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->spec.command, record.spec.command);
    EXPECT_EQ(found->created, now_);
    EXPECT_FALSE(found->started || found->finished || found->exit || found->needs_attention);

    record.name = "www";
    record.started = now_ + std::chrono::system_clock::duration{1};
    record.finished = now_ + std::chrono::hours{1};
    record.exit = ExitStatus{0, 9};
    record.needs_attention = true;
    store_.update_container(record);
    found = Store{state_}.find_container_by_id("c1");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, "www");
    EXPECT_EQ(found->started, record.started);
    EXPECT_EQ(found->finished, record.finished);
    EXPECT_EQ(found->exit, record.exit);
    EXPECT_TRUE(found->needs_attention);

    store_.remove_container("c1");
    EXPECT_FALSE(store_.find_container_by_id("c1"));
    EXPECT_EQ(refusal([&] { store_.update_container(record); }),
              "not_found: there is no container c1");
}

TEST_F(StoreTest, ChangesASpecificationApartFromTheRest) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    ContainerRecord record = container("c1", "web");
    store_.add_container(record);
    store_.change_spec("c1", [](ContainerSpec& spec) { spec.params = {"allow.mlock"}; });
    record.needs_attention = true;
    store_.update_container(record);  // by somebody who read it before the change
    const auto found = store_.find_container_by_id("c1");
    EXPECT_EQ(found->spec.params, std::vector<std::string>{"allow.mlock"});
    EXPECT_TRUE(found->needs_attention);
    EXPECT_EQ(refusal([&] { store_.change_spec("c2", [](ContainerSpec& /*spec*/) {}); }),
              "not_found: there is no container c2");
}

TEST_F(StoreTest, KeepsThatAContainerWasStoppedApartFromTheRest) {
    store_.set_stopped_by_user("c1", true);
    EXPECT_FALSE(fs::exists(state_)) << "made for an ephemeral container";
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    ContainerRecord record = container("c1", "web");
    store_.add_container(record);
    EXPECT_FALSE(store_.find_container_by_id("c1")->stopped_by_user);
    store_.set_stopped_by_user("c1", true);
    store_.update_container(record);  // by somebody who read it before
    EXPECT_TRUE(store_.find_container_by_id("c1")->stopped_by_user);
    store_.set_stopped_by_user("c1", false);
    EXPECT_FALSE(store_.find_container_by_id("c1")->stopped_by_user);
}

TEST_F(StoreTest, BringsADatabaseOfTheFirstSchemaUpToDate) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    store_.add_container(container("c1", "web"));
    store_.close();
    Database::open(state_ / "brig.db")
        ->execute(
            "ALTER TABLE container DROP COLUMN stopped_by_user; DROP TABLE volume;"
            "PRAGMA user_version = 1");
    EXPECT_EQ(store_.find_container_by_id("c1")->name, "web");
    EXPECT_FALSE(store_.find_container_by_id("c1")->stopped_by_user);
    store_.set_stopped_by_user("c1", true);
    store_.add_container(container("c2", "db"));
    EXPECT_TRUE(store_.find_container_by_id("c1")->stopped_by_user);
    EXPECT_FALSE(store_.find_container_by_id("c2")->stopped_by_user);
}

TEST_F(StoreTest, KeepsVolumesUnderUniqueNames) {
    EXPECT_TRUE(store_.volumes().empty());
    const VolumeInfo data{"v-aaaaaaaaaaaa", "data", "dir", {"quota=1G", "x="}, {}};
    store_.add_volume(data);
    EXPECT_EQ(store_.find_volume("data")->options, data.options);
    EXPECT_EQ(store_.find_volume("v-aaaaaaaaaaaa")->name, "data");
    EXPECT_FALSE(store_.find_volume("v-aaaa"));
    EXPECT_TRUE(store_.has_volume("v-aaaaaaaaaaaa"));
    try {
        store_.add_volume({"v-bbbbbbbbbbbb", "data", "dir", {}, {}});
        FAIL() << "two volumes of one name";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::already_exists);
    }
    // A name counts before an id.
    store_.add_volume({"v-cccccccccccc", "v-aaaaaaaaaaaa", "dir", {}, {}});
    EXPECT_EQ(store_.find_volume("v-aaaaaaaaaaaa")->id, "v-cccccccccccc");
    store_.remove_volume("v-aaaaaaaaaaaa");
    EXPECT_FALSE(store_.find_volume("data"));
    EXPECT_EQ(store_.volumes().size(), 1U);
}

TEST_F(StoreTest, ListsContainersByAge) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    ContainerRecord older = container("ff", "older");
    older.created -= std::chrono::hours{1};
    store_.add_container(container("aa", "newer"));
    store_.add_container(older);
    const auto all = store_.containers();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name, "older");
    ASSERT_EQ(store_.containers_with_id_prefix("f").size(), 1U);
    EXPECT_TRUE(store_.containers_with_id_prefix("fff").empty());
}

TEST_F(StoreTest, RefusesATakenName) {
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    store_.add_container(container("c1", "web"));
    store_.add_container(container("c2", "db"));
    const std::string taken = "already_exists: the name \"web\" is taken by container c1";
    EXPECT_EQ(refusal([&] { store_.add_container(container("c3", "web")); }), taken);
    EXPECT_EQ(refusal([&] { store_.update_container(container("c2", "web")); }), taken);
    EXPECT_EQ(refusal([&] { store_.add_container(container("c2", "other")); }),
              "already_exists: there is a container c2 already");
    EXPECT_EQ(store_.find_container_by_id("c2")->name, "db");
}

TEST_F(StoreTest, AddsAllContainersOrNone) {
    ContainerRecord web = container("c1", "web");
    ContainerRecord db = container("c2", "db");
    for (ContainerRecord* record : {&web, &db}) {
        // One with a root of its own has neither image nor storage.
        record->image_id.clear();
        record->storage.clear();
        record->spec.image.clear();
        record->spec.root = "/jails/" + record->name;
    }
    ContainerRecord again = db;
    again.id = "c3";
    EXPECT_THROW(store_.add_containers({web, db, again}), Error);
    EXPECT_TRUE(store_.containers().empty());
    store_.add_containers({web, db});
    EXPECT_EQ(store_.find_container_by_id("c2")->spec.root, "/jails/db");
    EXPECT_EQ(store_.containers().size(), 2U);
}

TEST_F(StoreTest, LeasesAValueOnceInAPool) {
    EXPECT_TRUE(store_.add_lease("lan", holder("c1"), "10.0.0.2"));
    EXPECT_TRUE(store_.add_lease("lan", holder("c1"), "10.0.0.2"));
    EXPECT_FALSE(store_.add_lease("lan", holder("c2"), "10.0.0.2"));
    EXPECT_TRUE(store_.add_lease("other", holder("c2"), "10.0.0.2"));
    EXPECT_EQ(store_.find_lease("lan", holder("c1")), "10.0.0.2");
    EXPECT_EQ(store_.find_lease("lan", holder("c2")), std::nullopt);
    EXPECT_EQ(refusal([&] { store_.add_lease("lan", holder("c1"), "10.0.0.3"); }),
              "conflict: \"ip4\" of \"c1\" has 10.0.0.2 of pool \"lan\" already, not 10.0.0.3");
    store_.remove_lease("lan", holder("c1"));
    EXPECT_TRUE(store_.add_lease("lan", holder("c2"), "10.0.0.2"));
}

TEST_F(StoreTest, KnowsWhoHasWhatAndFreesWhatAContainerHad) {
    EXPECT_TRUE(store_.add_lease("ip", holder("c1"), "10.0.0.2"));
    EXPECT_TRUE(store_.add_lease("ip", holder("c1", "dmz"), "10.1.0.2"));
    EXPECT_TRUE(store_.add_lease("ip", holder("c2"), "10.0.0.3"));
    EXPECT_EQ(store_.holder_of("ip", "10.1.0.2"), holder("c1", "dmz"));
    EXPECT_EQ(store_.holder_of("ip", "10.1.0.3"), std::nullopt);
    EXPECT_EQ(store_.leased_values("ip"),
              (std::set<std::string>{"10.0.0.2", "10.0.0.3", "10.1.0.2"}));
    store_.remove_leases(holder("c1"));
    EXPECT_EQ(store_.find_lease("ip", holder("c1")), std::nullopt);
    EXPECT_EQ(store_.find_lease("ip", holder("c1", "dmz")), "10.1.0.2");
    store_.remove_leases_of("c1");
    ASSERT_EQ(store_.leases().size(), 1U);
    EXPECT_EQ(store_.leases().front().holder, holder("c2"));
}

TEST_F(StoreTest, KeepsTheStateOfDriversAsBytes) {
    const std::string bytes{"a\0\xff\n", 4};
    store_.put_state("scope", "key", "first");
    store_.put_state("scope", "key", bytes);
    store_.put_state("scope", "empty", "");
    EXPECT_EQ(store_.get_state("scope", "key"), bytes);
    EXPECT_EQ(store_.get_state("scope", "empty"), "");
    EXPECT_EQ(store_.get_state("other", "key"), std::nullopt);
    store_.remove_state("scope", "key");
    EXPECT_EQ(store_.get_state("scope", "key"), std::nullopt);
}

TEST_F(StoreTest, CanBeMoved) {
    store_.put_state("a", "b", "c");
    Store moved{std::move(store_)};
    EXPECT_EQ(moved.get_state("a", "b"), "c");
}

TEST_F(StoreTest, IsSharedByProcessesFromItsFirstMoment) {
    constexpr int kProcesses = 8;
    constexpr int kContainers = 25;
    std::vector<std::unique_ptr<Child>> children;
    for (int process = 0; process < kProcesses; ++process) {
        children.push_back(std::make_unique<Child>([&, process] {
            Store store{state_};
            store.add_image(image("aaaaaaaaaaaa" + std::to_string(process), "base"));
            for (int i = 0; i < kContainers; ++i) {
                ContainerRecord record = container(fmt::format("{}-{}", process, i), "");
                record.name = record.id;
                record.image_id = "aaaaaaaaaaaa" + std::to_string(process);
                store.add_container(record);
            }
            return std::string{"done"};
        }));
    }
    for (const auto& child : children) {
        EXPECT_EQ(child->said(), "done");
    }
    EXPECT_EQ(store_.containers().size(), std::size_t{kProcesses * kContainers});
    EXPECT_EQ(store_.images().size(), std::size_t{kProcesses});
}

TEST_F(StoreTest, GivesOneOfManyProcessesTheNameAndEachItsOwnAddress) {
    constexpr int kProcesses = 8;
    store_.add_image(image("aaaaaaaaaaaa", "base"));
    std::vector<std::unique_ptr<Child>> children;
    for (int process = 0; process < kProcesses; ++process) {
        children.push_back(std::make_unique<Child>([&, process] {
            Store store{state_};
            const std::string id = "c" + std::to_string(process);
            int address = 1;
            while (!store.add_lease("lan", holder(id), "10.0.0." + std::to_string(address))) {
                ++address;
            }
            return refusal([&] { store.add_container(container(id, "web")); }).substr(0, 14) + " "
                   + std::to_string(address);
        }));
    }
    int winners = 0;
    std::vector<int> addresses;
    for (const auto& child : children) {
        const std::string said = child->said();
        winners += said.starts_with("done") ? 1 : 0;
        EXPECT_TRUE(said.starts_with("done") || said.starts_with("already_exists")) << said;
        addresses.push_back(std::stoi(said.substr(said.find(' '))));
    }
    EXPECT_EQ(winners, 1);
    std::sort(addresses.begin(), addresses.end());
    EXPECT_EQ(addresses, (std::vector<int>{1, 2, 3, 4, 5, 6, 7, 8}));
}

}  // namespace
}  // namespace brig
