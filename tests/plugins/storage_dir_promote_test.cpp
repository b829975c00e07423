// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"

namespace brig::test {
namespace {

/// A volume that goes while its clones stay.
class StorageDirPromote : public StorageDir {
  protected:
    Spoken hand_over(const std::string& volume) {
        storage().set_flags(BRIG_F_PROMOTE);
        Spoken spoken = storage().destroy(volume);
        storage().set_flags(0);
        return spoken;
    }

    /// A clone that is not active, with a file of its own.
    void make_clone(const std::string& volume, const std::string& source = "base@image") {
        write_file(run(volume, source) / volume, "mine");
        expect_ok(storage().deactivate(volume));
    }

    void expect_content(const std::string& volume) {
        const fs::path root = activate(volume);
        EXPECT_EQ(read_file(root / "etc/motd"), "hello") << volume;
        EXPECT_EQ(read_file(root / volume), "mine");
        expect_ok(storage().deactivate(volume));
        EXPECT_EQ(storage().check(volume).status, BRIG_OK);
    }

    Names listed() {
        Names names;
        for (const Spoken::Item& item : storage().list().items) {
            names.push_back(item.id);
        }
        std::sort(names.begin(), names.end());
        return names;
    }
};

TEST_F(StorageDirPromote, ClonesOutliveTheirImage) {
    make_image();
    make_clone("one");
    make_clone("two");
    EXPECT_EQ(storage().destroy("base").status, BRIG_BUSY);
    expect_ok(hand_over("base"));
    expect_ok(hand_over("base"));
    EXPECT_EQ(storage().check("base").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().provision("three", "base@image").status, BRIG_NOT_FOUND);
    EXPECT_EQ(listed(), (Names{"one", "two"}));
    expect_content("one");
    expect_content("two");
    expect_ok(storage().destroy("one"));  // nobody is in anybody's way
    expect_content("two");
    expect_ok(storage().destroy("two"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDirPromote, KeepsOnlyWhatClonesStandOn) {
    make_image();
    write_file(activate("base") / "second", "2");
    expect_ok(storage().deactivate("base"));
    expect_ok(storage().snapshot("base", "newer"));
    write_file(activate("base") / "head", "3");
    expect_ok(storage().deactivate("base"));
    make_clone("one");
    expect_ok(hand_over("base"));
    EXPECT_EQ(on_disk(), (Names{".kept-base.1", "one"}));
    Names kept;
    for (const auto& entry : fs::recursive_directory_iterator{shelf() / ".kept-base.1"}) {
        kept.push_back(entry.path().filename());
    }
    std::sort(kept.begin(), kept.end());
    EXPECT_EQ(kept, (Names{"1", "etc", "label", "label", "layers", "motd", "passwd", "tree"}));
    expect_content("one");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDirPromote, GoesAsEverIfThereAreNoClones) {
    make_image();
    expect_ok(hand_over("base"));
    EXPECT_EQ(on_disk(), Names{});
    expect_ok(storage().provision("data"));
    expect_ok(hand_over("data"));
    storage().set_options({{"clone", "copy"}});
    make_image();
    make_clone("one");
    expect_ok(hand_over("base"));
    EXPECT_EQ(on_disk(), Names{"one"});
    expect_content("one");
}

TEST_F(StorageDirPromote, LetsTheNameBeUsedAgain) {
    make_image();
    make_clone("one");
    expect_ok(hand_over("base"));
    expect_ok(storage().provision("base"));
    fs::create_directories(activate("base") / "etc");
    write_file(activate("base") / "etc/motd", "hello");
    expect_ok(storage().snapshot("base", "image"));
    make_clone("two");
    expect_ok(hand_over("base"));
    EXPECT_EQ(on_disk(), (Names{".kept-base.1", ".kept-base.2", "one", "two"}));
    expect_content("one");
    expect_content("two");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(on_disk(), (Names{".kept-base.2", "two"}));
    expect_content("two");
    expect_ok(storage().destroy("two"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDirPromote, WorksAlongAChainOfClones) {
    make_image();
    make_clone("one");
    expect_ok(storage().snapshot("one", "s"));
    make_clone("two", "one@s");
    expect_ok(storage().snapshot("two", "s"));
    make_clone("three", "two@s");
    expect_ok(hand_over("base"));
    expect_content("one");
    expect_content("three");
    expect_ok(hand_over("one"));
    expect_ok(hand_over("two"));
    EXPECT_EQ(listed(), Names{"three"});
    const fs::path root = activate("three");
    EXPECT_EQ(read_file(root / "one") + read_file(root / "two") + read_file(root / "three"),
              "mineminemine");
    expect_ok(storage().deactivate("three"));
    expect_content("three");
    expect_ok(storage().destroy("three"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDirPromote, AVolumeWithSnapshotsKeepsThem) {
    make_image();
    make_clone("one");
    expect_ok(storage().snapshot("one", "s1"));
    expect_ok(storage().snapshot("one", "s2"));
    expect_ok(hand_over("base"));
    make_clone("two", "one@s1");
    expect_content("two");
    expect_ok(storage().rollback("one", "s2"));
    expect_ok(storage().snapshot_destroy("one", "s2"));
    expect_content("one");
    expect_ok(storage().destroy("two"));
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDirPromote, NamesTheCloneThatIsActive) {
    make_image();
    make_clone("one");
    expect_ok(storage().snapshot("one", "s"));
    make_clone("two", "one@s");
    activate("two");
    const Spoken refused = hand_over("base");
    EXPECT_EQ(refused.status, BRIG_BUSY);
    EXPECT_TRUE(contains(refused.message, "'two'")) << refused.message;
    EXPECT_EQ(on_disk(), (Names{"base", "one", "two"}));
    expect_ok(storage().deactivate("two"));
    storage().set_flags(BRIG_F_PROMOTE | BRIG_F_DRY_RUN);
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(on_disk(), (Names{"base", "one", "two"}));
    expect_ok(hand_over("base"));
    expect_content("two");
}

TEST_F(StorageDirPromote, NamesWhoAVolumeIsKeptForInsteadOfAHiddenFolder) {
    make_image();
    make_clone("one");
    expect_ok(storage().snapshot("one", "s"));
    make_clone("two", "one@s");
    expect_ok(hand_over("one"));
    for (const Spoken& refused :
         {storage().destroy("base"), storage().snapshot_destroy("base", "image")}) {
        EXPECT_EQ(refused.status, BRIG_BUSY);
        EXPECT_TRUE(contains(refused.message, "cloned to 'two'")) << refused.message;
    }
    expect_ok(storage().destroy("two"));
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDirPromote, StillKnowsWhatACloneWasClonedFrom) {
    make_image();
    make_clone("one");
    expect_ok(hand_over("base"));
    const Spoken changes = storage().diff("one");
    expect_ok(changes);
    ASSERT_EQ(changes.items.size(), 1U);
    EXPECT_EQ(changes.items.front().id, "/one");
    expect_ok(storage().provision("one", "base@image"));  // a repetition
    Spoken alone = storage().usage("one");
    expect_ok(storage().snapshot("one", "s"));
    make_clone("two", "one@s");
    EXPECT_GT(std::stoull("0" + alone.results["used"]),
              std::stoull("0" + storage().usage("two").results["used"]));
}

TEST_F(StorageDirPromote, ServesClonesOnTheScratchFolder) {
    open({{"scratch", (base_ / "scratch").string()}});
    make_image();
    storage().set_options({{"ephemeral", "true"}});
    make_clone("one");
    expect_ok(hand_over("base"));
    expect_content("one");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(on_disk(), Names{});
}

}  // namespace
}  // namespace brig::test
