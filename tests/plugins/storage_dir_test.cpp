// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <cerrno>
#include <csignal>
#include <functional>

namespace brig::test {
namespace {

// ---- Life cycle ----

TEST_F(StorageDir, GivesAnEmptyVolumeThatCanBeWrittenAndKept) {
    expect_ok(storage().provision("data"));
    write_file(activate("data") / "file", "kept");
    expect_ok(storage().deactivate("data"));
    EXPECT_EQ(read_file(activate("data") / "file"), "kept");
    EXPECT_EQ(storage().check("data").status, BRIG_OK);
    remove("data");
    EXPECT_EQ(storage().check("data").status, BRIG_NOT_FOUND);
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDir, ClonesSeeTheImageAndNotEachOther) {
    make_image();
    const fs::path one = run("one");
    const fs::path two = run("two");
    EXPECT_EQ(read_file(one / "etc/motd"), "hello");
    write_file(one / "etc/motd", "changed");
    fs::remove(one / "etc/passwd");
    EXPECT_EQ(read_file(two / "etc/motd"), "hello");
    EXPECT_TRUE(fs::exists(two / "etc/passwd"));
    remove("one");
    EXPECT_EQ(read_file(run("three") / "etc/motd"), "hello");
    remove("two");
    remove("three");
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(on_disk(), Names{});
}

TEST_F(StorageDir, MakesAnOverlayWithoutCopyingTheTree) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    EXPECT_TRUE(fs::is_empty(shelf() / "one/tree"));
    EXPECT_EQ(read_file(activate("one") / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageDir, RepeatsEveryOperationWithTheSameResult) {
    make_image();
    expect_ok(storage().provision("base"));
    expect_ok(storage().snapshot("base", "image"));
    const fs::path root = run("one");
    write_file(root / "file", "mine");
    EXPECT_EQ(run("one"), root);
    EXPECT_EQ(read_file(root / "file"), "mine");
    for (int i = 0; i < 3; ++i) {
        expect_ok(storage().deactivate("one"));
    }
    for (int i = 0; i < 3; ++i) {
        expect_ok(storage().destroy("one"));
        expect_ok(storage().deactivate("one"));
    }
    expect_ok(storage().snapshot_destroy("base", "no-such"));
    expect_ok(storage().destroy("base"));
}

TEST_F(StorageDir, IsMountedAgainAfterAReboot) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "file", "mine");
    ASSERT_EQ(::umount2(root.c_str(), 0), 0);
    EXPECT_EQ(storage().check("one").status, BRIG_OK);
    EXPECT_EQ(read_file(activate("one") / "file"), "mine");
    remove("one");
}

TEST_F(StorageDir, KeepsOwnerAndModeOfTheImagesRoot) {
    expect_ok(storage().provision("base"));
    const fs::path image = activate("base");
    ASSERT_EQ(::chown(image.c_str(), 1000, 1001), 0);
    ASSERT_EQ(::chmod(image.c_str(), 01751), 0);
    expect_ok(storage().snapshot("base", "image"));
    const mode_t old_mask = ::umask(077);
    const fs::path root = run("one");
    ::umask(old_mask);
    struct stat status {};
    ASSERT_EQ(::stat(root.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 01751U);
    EXPECT_EQ(status.st_uid, 1000U);
    EXPECT_EQ(status.st_gid, 1001U);
    remove("one");
}

TEST_F(StorageDir, HidesVolumesFromTheHostsUsers) {
    make_image();
    EXPECT_EQ(fs::status(shelf()).permissions(), fs::perms::owner_all);
}

TEST_F(StorageDir, TakesPathsThatOverlayOptionsCannotSpell) {
    open({{"path", (base_ / "a:b,c\\d e\"f").string()}});
    make_image();
    EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageDir, RenamesFoldersOfTheImage) {
    make_image();
    const fs::path root = run("one");
    EXPECT_EQ(::rename((root / "etc").c_str(), (root / "etc2").c_str()), 0);
    EXPECT_EQ(read_file(root / "etc2/motd"), "hello");
    remove("one");
}

TEST_F(StorageDir, OpensNoDeviceOfAnImage) {
    expect_ok(storage().provision("base"));
    ASSERT_EQ(::mknod((activate("base") / "zero").c_str(), S_IFCHR | 0666, makedev(1, 5)), 0);
    expect_ok(storage().snapshot("base", "image"));
    EXPECT_EQ(::open((run("one") / "zero").c_str(), O_RDONLY | O_CLOEXEC), -1);
    EXPECT_EQ(errno, EACCES);
    remove("one");
}

// ---- Ephemeral clones ----

TEST_F(StorageDir, PutsEphemeralClonesOnTheScratchFolder) {
    open({{"scratch", (base_ / "scratch").string()}});
    make_image();
    storage().set_options({{"ephemeral", "true"}});
    const fs::path root = run("one");
    EXPECT_EQ(read_file(root / "etc/motd"), "hello");
    EXPECT_TRUE(fs::exists(base_ / "scratch/volumes/one"));
    EXPECT_EQ(on_disk(), Names{"base"});
    EXPECT_EQ(storage().destroy("base").status, BRIG_BUSY);
    EXPECT_EQ(storage().list().items.size(), 2U);
    storage().set_options({});  // the key alone is enough to undo
    remove("one");
    EXPECT_TRUE(fs::is_empty(base_ / "scratch/volumes"));
}

TEST_F(StorageDir, ActivatesAnEphemeralCloneAgain) {
    make_image();
    storage().set_options({{"ephemeral", "true"}});
    write_file(run("one") / "file", "mine");
    EXPECT_TRUE(contains(mounts(), "volatile"));
    expect_ok(storage().deactivate("one"));
    EXPECT_EQ(read_file(activate("one") / "file"), "mine");
    remove("one");
    EXPECT_EQ(on_disk(), Names{"base"});
}

// ---- Snapshots ----

TEST_F(StorageDir, StacksLayersOfSnapshots) {
    make_image();
    const fs::path root = run("one");
    for (int i = 1; i <= 3; ++i) {
        activate("one");
        write_file(root / ("file" + std::to_string(i)), std::to_string(i));
        if (i == 2) {
            fs::remove(root / "etc/motd");
        }
        expect_ok(storage().deactivate("one"));
        expect_ok(storage().snapshot("one", "s" + std::to_string(i)));
    }
    const fs::path first = run("from-1", "one@s1");
    EXPECT_TRUE(fs::exists(first / "etc/motd"));
    EXPECT_FALSE(fs::exists(first / "file2"));
    const fs::path last = run("from-3", "one@s3");
    EXPECT_FALSE(fs::exists(last / "etc/motd"));
    EXPECT_EQ(read_file(last / "file1") + read_file(last / "file2") + read_file(last / "file3"),
              "123");
    remove("from-1");
    remove("from-3");
    remove("one");
}

TEST_F(StorageDir, ReturnsToASnapshot) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "file", "first");
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s1"));
    activate("one");
    write_file(root / "file", "second");
    EXPECT_EQ(storage().rollback("one", "s1").status, BRIG_BUSY);
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().rollback("one", "s1"));
    EXPECT_EQ(read_file(activate("one") / "file"), "first");
    remove("one");
}

TEST_F(StorageDir, ReturnsPastNewerSnapshotsOnlyByForce) {
    make_image();
    const fs::path root = run("one");
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s1"));
    activate("one");
    write_file(root / "file", "second");
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s2"));
    const Spoken refused = storage().rollback("one", "s1");
    EXPECT_EQ(refused.status, BRIG_CONFLICT);
    EXPECT_TRUE(contains(refused.message, "'s2'")) << refused.message;
    storage().set_flags(BRIG_F_FORCE);
    expect_ok(storage().rollback("one", "s1"));
    storage().set_flags(0);
    EXPECT_FALSE(fs::exists(activate("one") / "file"));
    EXPECT_FALSE(fs::exists(fs::symlink_status(shelf() / "one/snapshots/s2")));
    EXPECT_FALSE(fs::exists(shelf() / "one/layers/2"));
    remove("one");
}

TEST_F(StorageDir, ForgetsASnapshotAndKeepsWhatStandsOnIt) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "file", "mine");
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s1"));
    expect_ok(storage().snapshot("one", "s2"));
    expect_ok(storage().snapshot_destroy("one", "s1"));
    EXPECT_EQ(storage().provision("two", "one@s1").status, BRIG_NOT_FOUND);
    expect_ok(storage().snapshot_destroy("one", "s2"));
    EXPECT_EQ(read_file(activate("one") / "file"), "mine");
    remove("one");
}

TEST_F(StorageDir, RefusesMoreLayersThanTheKernelMounts) {
    make_image();
    run("one");
    expect_ok(storage().deactivate("one"));
    Spoken spoken;
    int made = 0;
    while (spoken.status == BRIG_OK && made < 200) {
        spoken = storage().snapshot("one", "s" + std::to_string(++made));
    }
    EXPECT_EQ(made, 100);
    EXPECT_EQ(spoken.status, BRIG_EXHAUSTED);
    EXPECT_EQ(read_file(activate("one") / "etc/motd"), "hello");
    remove("one");
}

// ---- In use ----

TEST_F(StorageDir, RefusesToDestroyWhatIsActive) {
    make_image();
    const fs::path root = run("one");
    EXPECT_EQ(storage().destroy("one").status, BRIG_BUSY);
    EXPECT_EQ(storage().snapshot("one", "s1").status, BRIG_BUSY);
    EXPECT_EQ(read_file(root / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageDir, NamesTheClonesThatKeepAnImage) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    for (const Spoken& spoken :
         {storage().destroy("base"), storage().snapshot_destroy("base", "image")}) {
        EXPECT_EQ(spoken.status, BRIG_BUSY);
        EXPECT_TRUE(contains(spoken.message, "'one'")) << spoken.message;
    }
    expect_ok(storage().destroy("one"));
    expect_ok(storage().destroy("base"));
}

/// A child that does something in a volume until it is told to end.
class Holder {
  public:
    explicit Holder(const std::function<void()>& hold) {
        int ready[2];
        EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
        pid_ = ::fork();
        if (pid_ == 0) {
            hold();
            static_cast<void>(::write(ready[1], "", 1));
            ::pause();
            ::_exit(0);
        }
        char byte = 0;
        EXPECT_EQ(::read(ready[0], &byte, 1), 1);
        ::close(ready[0]);
        ::close(ready[1]);
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    Holder(Holder&&) = delete;
    Holder& operator=(Holder&&) = delete;

    ~Holder() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

    [[nodiscard]] std::string pid() const { return std::to_string(pid_); }

  private:
    pid_t pid_;
};

TEST_F(StorageDir, NamesTheProcessThatUsesAVolume) {
    make_image();
    const fs::path root = run("one");
    const std::function<void()> uses[] = {
        [&] { static_cast<void>(::chdir(root.c_str())); },
        [&] { static_cast<void>(::open((root / "etc/motd").c_str(), O_RDONLY)); }};
    for (const std::function<void()>& use : uses) {
        const Holder holder{use};
        const Spoken spoken = storage().deactivate("one");
        EXPECT_EQ(spoken.status, BRIG_BUSY);
        EXPECT_TRUE(contains(spoken.message, "process " + holder.pid() + " (")) << spoken.message;
    }
    remove("one");
}

TEST_F(StorageDir, UnmountsByForceWhatIsInUse) {
    make_image();
    const fs::path root = run("one");
    const Holder holder{[&] { static_cast<void>(::chdir(root.c_str())); }};
    storage().set_flags(BRIG_F_FORCE);
    const Spoken spoken = storage().deactivate("one");
    expect_ok(spoken);
    EXPECT_EQ(spoken.log.size(), 1U);
    expect_ok(storage().destroy("one"));
}

// ---- What is not ours ----

TEST_F(StorageDir, NeverDeletesBehindAForeignMount) {
    make_image();
    fs::create_directories(base_ / "foreign/folder");
    write_file(base_ / "foreign/folder/file", "precious");
    expect_ok(storage().provision("data"));
    expect_ok(storage().provision("one", "base@image"));
    for (const char* volume : {"data", "one"}) {
        const fs::path target = shelf() / volume / "tree/mnt";
        fs::create_directories(target);
        ASSERT_EQ(::mount((base_ / "foreign").c_str(), target.c_str(), nullptr, MS_BIND, nullptr),
                  0);
        const Spoken spoken = storage().destroy(volume);
        EXPECT_EQ(spoken.status, BRIG_BUSY);
        EXPECT_TRUE(contains(spoken.message, "tree/mnt'")) << spoken.message;
        EXPECT_EQ(read_file(base_ / "foreign/folder/file"), "precious");
        for (const char* prefix : {"", ".trash-"}) {
            ::umount2((shelf() / (std::string{prefix} + volume) / "tree/mnt").c_str(), 0);
        }
        expect_ok(storage().destroy(volume));
    }
    EXPECT_EQ(read_file(base_ / "foreign/folder/file"), "precious");
    EXPECT_EQ(on_disk(), Names{"base"});
}

TEST_F(StorageDir, NamesWhatIsMountedInAnActiveVolume) {
    make_image();
    const fs::path root = run("one");
    ASSERT_EQ(::mount("tmpfs", (root / "etc").c_str(), "tmpfs", 0, nullptr), 0);
    const Spoken spoken = storage().deactivate("one");
    EXPECT_EQ(spoken.status, BRIG_BUSY);
    EXPECT_TRUE(contains(spoken.message, "etc' is mounted in it")) << spoken.message;
    ASSERT_EQ(::umount2((root / "etc").c_str(), 0), 0);
    remove("one");
}

TEST_F(StorageDir, LeavesAVolumeOfAnotherOwnerAlone) {
    expect_ok(storage().provision("data"));
    storage().set_owner("brig/other");
    EXPECT_EQ(storage().provision("data").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().activate("data").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().destroy("data").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().snapshot("data", "s").status, BRIG_CONFLICT);
    storage().set_owner("brig/test");
    expect_ok(storage().destroy("data"));
}

TEST_F(StorageDir, LeavesAFolderWithoutLabelAlone) {
    make_image();
    fs::create_directories(shelf() / "mine/tree");
    EXPECT_EQ(storage().provision("mine").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().destroy("mine").status, BRIG_CONFLICT);
    EXPECT_TRUE(fs::exists(shelf() / "mine/tree"));
}

TEST_F(StorageDir, RefusesAnotherSourceForAVolumeThatExists) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    EXPECT_EQ(storage().provision("one").status, BRIG_CONFLICT);
    expect_ok(storage().provision("data"));
    EXPECT_EQ(storage().provision("data", "base@image").status, BRIG_CONFLICT);
}

TEST_F(StorageDir, FollowsNoSymbolicLinkOfAVolume) {
    fs::create_directories(base_ / "outside/folder");
    write_file(base_ / "outside/folder/file", "precious");
    expect_ok(storage().provision("base"));
    const fs::path root = activate("base");
    fs::create_directory_symlink(base_ / "outside", root / "out");
    fs::create_directory_symlink("/", root / "etc");
    fs::create_symlink(base_ / "outside/folder/file", root / "file");
    expect_ok(storage().snapshot("base", "image"));
    storage().set_options({{"clone", "copy"}});
    const fs::path copy = run("copied");
    EXPECT_TRUE(fs::is_symlink(copy / "out"));
    EXPECT_EQ(fs::read_symlink(copy / "etc"), "/");
    remove("copied");
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(read_file(base_ / "outside/folder/file"), "precious");
}

TEST_F(StorageDir, RefusesNamesThatAreNotNames) {
    for (const char* name : {"", ".", "..", "a/b", "../x", ".hidden", "a b", "a\nb"}) {
        EXPECT_EQ(storage().provision(name).status, BRIG_INVALID) << name;
        EXPECT_EQ(storage().destroy(name).status, BRIG_INVALID) << name;
    }
    EXPECT_EQ(storage().provision(std::string(300, 'a')).status, BRIG_INVALID);
    make_image();
    EXPECT_EQ(storage().snapshot("base", "../x").status, BRIG_INVALID);
    for (const char* source : {"base", "base@", "@image", "../base@image", "base@../../x"}) {
        EXPECT_EQ(storage().provision("one", source).status, BRIG_INVALID) << source;
    }
    EXPECT_EQ(storage().provision("one", "none@image").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().provision("one", "base@none").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().activate("one").status, BRIG_NOT_FOUND);
    EXPECT_EQ(on_disk(), Names{"base"});
}

// ---- Removing hard cases ----

TEST_F(StorageDir, RemovesTreesDeeperThanAnyPath) {
    expect_ok(storage().provision("data"));
    int folder = ::open(activate("data").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int depth = 0; depth < 1500; ++depth) {
        ASSERT_EQ(::mkdirat(folder, "abcdefgh", 0000), 0);
        const int next = ::openat(folder, "abcdefgh", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::close(folder);
        folder = next;
    }
    ::close(folder);
    expect_ok(storage().destroy("data"));
    EXPECT_EQ(on_disk(), Names{});
}

void set_immutable(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    int flags = FS_IMMUTABLE_FL;
    const int result = ::ioctl(fd, FS_IOC_SETFLAGS, &flags);
    ::close(fd);
    if (result != 0) {
        GTEST_SKIP() << "this file system has no immutable files";
    }
}

TEST_F(StorageDir, RemovesImmutableFiles) {
    expect_ok(storage().provision("data"));
    const fs::path root = activate("data");
    fs::create_directories(root / "folder/inner");
    write_file(root / "folder/file", "");
    set_immutable(root / "folder/file");
    set_immutable(root / "folder/inner");
    set_immutable(root / "folder");
    expect_ok(storage().destroy("data"));
    EXPECT_EQ(on_disk(), Names{});
}

// ---- Copies ----

TEST_F(StorageDir, CopiesEverythingThatAFileIs) {
    expect_ok(storage().provision("base"));
    const fs::path image = activate("base");
    fs::create_directories(image / "folder");
    write_file(image / "folder/file", "content");
    fs::create_hard_link(image / "folder/file", image / "link");
    fs::create_symlink("folder/file", image / "symlink");
    ASSERT_EQ(::lchown((image / "symlink").c_str(), 7, 8), 0);
    ASSERT_EQ(::mkfifo((image / "pipe").c_str(), 0600), 0);
    ASSERT_EQ(::chmod((image / "pipe").c_str(), 0620), 0);
    ASSERT_EQ(::mknod((image / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)), 0);
    ASSERT_EQ(::chown((image / "link").c_str(), 12, 34), 0);
    ASSERT_EQ(::chmod((image / "link").c_str(), 06711), 0);
    ASSERT_EQ(::setxattr((image / "link").c_str(), "trusted.test", "value", 5, 0), 0);
    const timespec times[2] = {{1000, 5}, {2000, 7}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (image / "link").c_str(), times, 0), 0);
    ASSERT_EQ(::utimensat(AT_FDCWD, (image / "folder").c_str(), times, 0), 0);
    write_file(image / "sparse", "begin");
    fs::resize_file(image / "sparse", std::uintmax_t{1} << 30U);
    expect_ok(storage().snapshot("base", "image"));

    storage().set_options({{"clone", "copy"}});
    const fs::path root = run("one");
    struct stat file {};
    struct stat link {};
    struct stat other {};
    ASSERT_EQ(::stat((root / "folder/file").c_str(), &file), 0);
    ASSERT_EQ(::stat((root / "link").c_str(), &link), 0);
    EXPECT_EQ(file.st_ino, link.st_ino);
    EXPECT_EQ(file.st_uid, 12U);
    EXPECT_EQ(file.st_gid, 34U);
    EXPECT_EQ(file.st_mode & 07777U, 06711U);
    EXPECT_EQ(file.st_mtim.tv_sec, 2000);
    EXPECT_EQ(file.st_mtim.tv_nsec, 7);
    EXPECT_EQ(read_file(root / "link"), "content");
    char value[8] = {};
    EXPECT_EQ(::getxattr((root / "link").c_str(), "trusted.test", value, sizeof value), 5);
    ASSERT_EQ(::lstat((root / "symlink").c_str(), &other), 0);
    EXPECT_EQ(other.st_uid, 7U);
    EXPECT_EQ(fs::read_symlink(root / "symlink"), "folder/file");
    ASSERT_EQ(::lstat((root / "pipe").c_str(), &other), 0);
    EXPECT_EQ(other.st_mode, S_IFIFO | 0620U);
    ASSERT_EQ(::lstat((root / "null").c_str(), &other), 0);
    EXPECT_EQ(other.st_rdev, makedev(1, 3));
    ASSERT_EQ(::lstat((root / "folder").c_str(), &other), 0);
    EXPECT_EQ(other.st_mtim.tv_sec, 2000);
    ASSERT_EQ(::lstat((root / "sparse").c_str(), &other), 0);
    EXPECT_EQ(other.st_size, 1 << 30);
    EXPECT_LT(other.st_blocks, 1000);
    write_file(root / "link", "changed");
    EXPECT_EQ(read_file(shelf() / "base/layers/1/tree/link"), "content");
    remove("one");
    expect_ok(storage().destroy("base"));
}

TEST_F(StorageDir, ACopyStandsOnNothing) {
    open({{"clone", "copy"}});
    make_image();
    EXPECT_EQ(storage().check("base").status, BRIG_OK);
    EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(read_file(activate("one") / "etc/motd"), "hello");
    EXPECT_EQ(storage().check("one").status, BRIG_OK);
    expect_ok(storage().snapshot("one", "s1"));
    write_file(activate("one") / "etc/motd", "changed");
    expect_ok(storage().rollback("one", "s1"));
    EXPECT_EQ(read_file(activate("one") / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageDir, StopsCopyingWhenCancelledAndLeavesSomethingThatCanBeRemoved) {
    make_image();
    storage().set_options({{"clone", "copy"}});
    storage().set_cancelled(true);
    EXPECT_EQ(storage().provision("one", "base@image").status, BRIG_CANCELLED);
    storage().set_cancelled(false);
    EXPECT_EQ(storage().check("one").status, BRIG_NOT_FOUND);
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(on_disk(), Names{"base"});
}

TEST_F(StorageDir, SharesBlocksOrSaysThatItCannot) {
    make_image();
    storage().set_options({{"clone", "reflink"}});
    const Spoken spoken = storage().provision("one", "base@image");
    if (spoken.status != BRIG_OK) {
        EXPECT_EQ(spoken.status, BRIG_UNSUPPORTED);
        EXPECT_TRUE(contains(spoken.message, "reflink")) << spoken.message;
    }
    remove("one");
    EXPECT_EQ(on_disk(), Names{"base"});
}

// ---- Queries ----

TEST_F(StorageDir, ListsWhatIsOnTheDiskWithItsOwner) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    fs::rename(shelf() / "one", shelf() / ".trash-one");
    expect_ok(storage().provision("two", "base@image"));
    fs::rename(shelf() / "two", shelf() / ".new-two");
    std::vector<std::string> lines;
    for (const Spoken::Item& item : storage().list().items) {
        lines.push_back(item.id + "|" + item.owner + "|" + item.note);
    }
    std::sort(lines.begin(), lines.end());
    EXPECT_EQ(lines,
              (Names{"base|brig/test|layered clone of base/1",
                     "one|brig/test|half removed",
                     "two|brig/test|half made"}));
    expect_ok(storage().destroy("one"));
    expect_ok(storage().destroy("two"));
    EXPECT_EQ(on_disk(), Names{"base"});
}

TEST_F(StorageDir, SaysWhenAVolumeIsDamaged) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    fs::rename(shelf() / "base/layers/1", base_ / "elsewhere");
    EXPECT_EQ(storage().check("one").status, BRIG_DRIFT);
    EXPECT_EQ(storage().activate("one").status, BRIG_NOT_FOUND);
    fs::rename(base_ / "elsewhere", shelf() / "base/layers/1");
    EXPECT_EQ(storage().check("one").status, BRIG_OK);
}

TEST_F(StorageDir, ChangesNothingInADryRun) {
    make_image();
    storage().set_flags(BRIG_F_DRY_RUN);
    expect_ok(storage().provision("one", "base@image"));
    EXPECT_EQ(activate("one"), shelf() / "one/tree");
    EXPECT_EQ(storage().provision("one", "none@image").status, BRIG_NOT_FOUND);
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(on_disk(), Names{"base"});
}

TEST_F(StorageDir, KnowsWhetherItCouldWork) {
    expect_ok(storage().status());
    EXPECT_FALSE(fs::exists(base_ / "store"));
    write_file(base_ / "file", "");
    open({{"path", (base_ / "file/store").string()}});
    EXPECT_NE(storage().status().status, BRIG_OK);
}

TEST_F(StorageDir, RefusesALayeringOfAnotherSystem) {
    make_image();
    storage().set_options({{"clone", "unionfs"}});
    EXPECT_EQ(storage().provision("one", "base@image").status, BRIG_UNSUPPORTED);
}

}  // namespace
}  // namespace brig::test
