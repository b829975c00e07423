// SPDX-License-Identifier: BSD-2-Clause
// Layers that are not mounted but copied, or joined to one for systems that mount only one.
#include "plugins/storage-dir/join_layers.hpp"
#include "plugins/storage-dir/layers.hpp"
#include "plugins/storage_dir_fixture.hpp"

#include <sys/xattr.h>

#include <map>

namespace brig::test {
namespace {

using storage_dir::Entry;
using storage_dir::Shelves;

/// Each path below `root`, with what can be seen of it.
std::map<std::string, std::string> listing(const fs::path& root) {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator{root}) {
        struct stat status {};
        EXPECT_EQ(::lstat(entry.path().c_str(), &status), 0);
        std::ostringstream text;
        text << std::oct << status.st_mode << ' ' << std::dec << status.st_uid << ' '
             << status.st_mtim.tv_sec << '.' << status.st_mtim.tv_nsec << ' '
             << (entry.is_symlink()        ? fs::read_symlink(entry.path()).string()
                 : entry.is_regular_file() ? read_file(entry.path())
                                           : "");
        found[fs::relative(entry.path(), root)] = text.str();
    }
    return found;
}

class StorageDirLayers : public StorageDir {
  protected:
    /// Makes `one`, with the snapshots s1 and s2, of three layers that cover, remove, replace and
    /// rename each other's.
    void make_layers() {
        expect_ok(storage().provision("base"));
        const fs::path base = activate("base");
        fs::create_directories(base / "etc/rc.d");
        fs::create_directories(base / "usr/share/man");
        fs::create_directories(base / "var/empty");
        write_file(base / "etc/motd", "hello");
        write_file(base / "etc/passwd", "root");
        write_file(base / "etc/rc.d/cron", "cron");
        write_file(base / "usr/share/man/brig.8", "page");
        fs::create_hard_link(base / "etc/motd", base / "var/motd");
        fs::create_symlink("motd", base / "etc/issue");
        fs::permissions(base / "var/empty", fs::perms{0555});
        expect_ok(storage().deactivate("base"));
        expect_ok(storage().snapshot("base", "image"));

        const fs::path one = run("one");
        fs::remove(one / "etc/motd");
        write_file(one / "etc/passwd", "root toor");
        fs::remove_all(one / "etc/rc.d");
        fs::create_directory(one / "etc/rc.d");
        write_file(one / "etc/rc.d/sshd", "sshd");
        fs::rename(one / "usr/share", one / "usr/lore");
        freeze("s1");
        activate("one");
        write_file(one / "etc/motd", "back");
        fs::remove(one / "etc/issue");
        write_file(one / "usr/lore/man/jail.8", "new page");
        freeze("s2");
    }

    void freeze(const std::string& snapshot) {
        expect_ok(storage().deactivate("one"));
        expect_ok(storage().snapshot("one", snapshot));
    }

    std::vector<Entry> layers(const std::string& number) {
        return layers_below(shelves_, {"one", number});
    }

    std::map<std::string, std::string> mounted(const std::string& snapshot) {
        const auto found = listing(run("look", "one@" + snapshot));
        remove("look");
        return found;
    }

    void open_shelves() { shelves_ = Shelves{(base_ / "store").string(), ""}; }

    FakeCall call_;
    Shelves shelves_{"", ""};
};

TEST_F(StorageDirLayers, AreCopiedAsTheyLookWhenMounted) {
    make_layers();
    for (const char* snapshot : {"s1", "s2"}) {
        const auto wanted = mounted(snapshot);
        EXPECT_TRUE(wanted.contains("usr/lore/man/brig.8"));
        EXPECT_FALSE(wanted.contains("etc/rc.d/cron"));
        storage().set_options({{"clone", "copy"}});
        const fs::path copy = run("copy", std::string{"one@"} + snapshot);
        EXPECT_EQ(listing(copy), wanted) << snapshot;
        char value[8] = {};
        EXPECT_LT(
            ::getxattr((copy / "etc/rc.d").c_str(), "trusted.overlay.opaque", value, sizeof value),
            0);
        remove("copy");
        storage().set_options({});
    }
    remove("one");
}

TEST_F(StorageDirLayers, AreNotCopiedThroughAMount) {
    make_layers();
    storage().set_options({{"clone", "copy"}});
    const fs::path tree = shelf() / "base/layers/1/tree";
    for (const char* name : {"etc/passwd", "var/empty"}) {
        const fs::path point = tree / name;
        const fs::path source = fs::is_directory(point) ? "/proc/sys" : "/proc/version";
        ASSERT_EQ(::mount(source.c_str(), point.c_str(), nullptr, MS_BIND, nullptr), 0);
        const Spoken spoken = storage().provision("copy", "base@image");
        EXPECT_EQ(spoken.status, BRIG_BUSY) << name;
        EXPECT_TRUE(contains(spoken.message, point.string())) << spoken.message;
        ASSERT_EQ(::umount(point.c_str()), 0);
        expect_ok(storage().destroy("copy"));
    }
    storage().set_options({});
    remove("one");
}

TEST_F(StorageDirLayers, AreJoinedByOtherNamesOfTheirFiles) {
    make_layers();
    open_shelves();
    const auto wanted = mounted("s2");
    const fs::path joined = join_layers(call_.get(), layers("2"));
    EXPECT_EQ(listing(joined), wanted);
    EXPECT_EQ(joined, shelf() / "one/layers/2/joined");
    EXPECT_EQ(fs::hard_link_count(joined / "etc/passwd"), 2U);
    EXPECT_TRUE(fs::equivalent(joined / "var/motd", shelf() / "base/layers/1/tree/var/motd"));
    EXPECT_EQ(join_layers(call_.get(), layers("2")), joined);
    EXPECT_EQ(listing(joined), wanted);
    remove("one");
    EXPECT_EQ(fs::hard_link_count(shelf() / "base/layers/1/tree/var/motd"), 2U);
}

TEST_F(StorageDirLayers, TakeNoMoreRoomWhenTheyAreJoined) {
    make_layers();
    write_file(shelf() / "base/layers/1/tree/large", std::string(1U << 20U, 'x'));
    open_shelves();
    const std::string before = storage().usage("one").results["used"];
    static_cast<void>(join_layers(call_.get(), layers("2")));
    EXPECT_EQ(storage().usage("one").results["used"], before);
    remove("one");
}

TEST_F(StorageDirLayers, AreNotJoinedByHalves) {
    make_layers();
    open_shelves();
    call_.set_cancelled(true);
    EXPECT_THROW(join_layers(call_.get(), layers("2")), sdk::Error);
    EXPECT_FALSE(fs::exists(shelf() / "one/layers/2/.joined"));
    EXPECT_FALSE(fs::exists(shelf() / "one/layers/2/joined"));
    remove("one");
}

TEST_F(StorageDirLayers, AreJoinedAnewAfterACrash) {
    make_layers();
    open_shelves();
    const auto wanted = mounted("s1");
    fs::create_directories(shelf() / "one/layers/1/.joined/etc/half");
    write_file(shelf() / "one/layers/1/.joined/etc/motd", "half");
    EXPECT_EQ(listing(join_layers(call_.get(), layers("1"))), wanted);
    EXPECT_FALSE(fs::exists(shelf() / "one/layers/1/.joined"));
    remove("one");
}

}  // namespace
}  // namespace brig::test
