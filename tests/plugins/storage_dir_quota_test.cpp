// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"
#include "support/file_system_image.hpp"
#include "support/traced_child.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <functional>
#include <set>

namespace brig::test {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

/// A storage on a file system of its own.
class StorageDirOnFileSystem : public StorageDir {
  protected:
    void mount_file_system(const std::string& type, const std::string& options) {
        std::vector<std::string> mkfs{"mkfs.xfs", "-q"};
        if (type == "ext4") {
            mkfs = {"mkfs.ext4", "-q", "-O", "quota,project", "-E", "quotatype=prjquota"};
        }
        file_system_.emplace(base_ / "disk", base_ / "mounted", type, mkfs, options);
        before_ = mounts();
        path_ = (base_ / "mounted/store").string();
        open({{"path", path_}});
    }

    void TearDown() override {
        StorageDir::TearDown();
        file_system_.reset();
        std::error_code busy;
        fs::remove_all(base_, busy);
    }

    [[nodiscard]] fs::path volumes() const { return fs::path{path_} / "volumes"; }

    void set_quota(std::uint64_t bytes) {
        storage().set_options({{"quota", std::to_string(bytes)}});
    }

    std::optional<FileSystemImage> file_system_;
    std::string path_;
};

/// The project of a file.
std::uint32_t project_of(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    fsxattr attributes{};
    EXPECT_EQ(::ioctl(fd, FS_IOC_FSGETXATTR, &attributes), 0) << path;
    ::close(fd);
    return attributes.fsx_projid;
}

void set_project(const fs::path& path, std::uint32_t project, unsigned flags) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    fsxattr attributes{};
    EXPECT_EQ(::ioctl(fd, FS_IOC_FSGETXATTR, &attributes), 0) << path;
    attributes.fsx_projid = project;
    attributes.fsx_xflags = flags;
    EXPECT_EQ(::ioctl(fd, FS_IOC_FSSETXATTR, &attributes), 0) << path;
    ::close(fd);
}

/// In a process that the file system does not let write beyond limits as it may let root: how many
/// bytes can be written to a new file.
std::uint64_t writable_to(const fs::path& folder) {
    const fs::path file = folder / "filler";
    const pid_t child = ::fork();
    if (child == 0) {
        const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        static_cast<void>(::setuid(1000));
        const std::string chunk(64 * 1024, 'x');
        for (int i = 0; i < 1024 && ::write(fd, chunk.data(), chunk.size()) > 0; ++i) {
            ::fsync(fd);
        }
        ::_exit(errno == ENOSPC || errno == EDQUOT ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    struct stat written {};
    return ::stat(file.c_str(), &written) == 0 ? static_cast<std::uint64_t>(written.st_size) : 0;
}

class StorageDirQuota : public StorageDirOnFileSystem,
                        public ::testing::WithParamInterface<const char*> {
  protected:
    void SetUp() override {
        StorageDirOnFileSystem::SetUp();
        if (base_.empty()) {
            return;
        }
        mount_file_system(GetParam(), "prjquota");
        if (!file_system_->failure().empty()) {
            storage_.reset();
            GTEST_SKIP() << file_system_->failure();
        }
        make_image();
    }

    /// The projects on the file system that have a limit.
    std::set<std::uint32_t> limited_projects() {
        std::set<std::uint32_t> found;
        const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        if_nextdqblk block{};
        for (std::uint32_t id = 1;
             ::syscall(SYS_quotactl_fd, fd, QCMD(Q_GETNEXTQUOTA, PRJQUOTA), id, &block) == 0;
             id = block.dqb_id + 1) {
            if (block.dqb_bhardlimit != 0) {
                found.insert(block.dqb_id);
            }
        }
        ::close(fd);
        return found;
    }

    void limit_project(std::uint32_t project, std::uint64_t bytes) {
        const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
        if_dqblk block{};
        block.dqb_bhardlimit = bytes / 1024;
        block.dqb_valid = QIF_BLIMITS;
        EXPECT_EQ(::syscall(SYS_quotactl_fd, fd, QCMD(Q_SETQUOTA, PRJQUOTA), project, &block), 0);
        ::close(fd);
    }

    std::uint64_t result(const std::string& volume, const std::string& key) {
        Spoken spoken = storage().usage(volume);
        expect_ok(spoken);
        return std::stoull("0" + spoken.results[key]);
    }

    void expect_names(const Names& expected) {
        Names names;
        for (const fs::directory_entry& entry : fs::directory_iterator{volumes()}) {
            names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        EXPECT_EQ(names, expected);
    }
};

INSTANTIATE_TEST_SUITE_P(Real,
                         StorageDirQuota,
                         ::testing::Values("xfs", "ext4"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(StorageDirQuota, LimitsWhatAContainerWrites) {
    set_quota(8 * kMiB);
    const fs::path root = run("one");
    set_quota(16 * kMiB);
    const fs::path other = run("two");
    struct statvfs seen {};
    ASSERT_EQ(::statvfs(root.c_str(), &seen), 0);
    EXPECT_EQ(seen.f_blocks * seen.f_frsize, 8 * kMiB);  // df(1)
    const std::uint64_t written = writable_to(root);
    EXPECT_GT(written, 6 * kMiB);
    EXPECT_LE(written, 8 * kMiB);
    EXPECT_EQ(read_file(root / "etc/motd"), "hello");
    EXPECT_LE(result("one", "used"), 8 * kMiB);
    EXPECT_GE(result("one", "used"), written);
    EXPECT_EQ(result("one", "limit"), 8 * kMiB);
    EXPECT_GT(writable_to(other), 14 * kMiB);
    remove("one");
    remove("two");
    EXPECT_EQ(limited_projects(), std::set<std::uint32_t>{});
    expect_names({"base"});
}

TEST_P(StorageDirQuota, LimitsVolumesOfEveryKind) {
    open({{"path", path_}, {"quota", std::to_string(8 * kMiB)}});  // of the storage
    expect_ok(storage().provision("data"));
    EXPECT_LE(writable_to(activate("data")), 8 * kMiB);
    expect_ok(storage().destroy("data"));
    storage().set_options({{"clone", "copy"}});
    EXPECT_LE(writable_to(run("one")), 8 * kMiB);
    remove("one");
    storage().set_options({{"clone", "copy"}, {"quota", "0"}});
    EXPECT_GT(writable_to(run("two")), 8 * kMiB);
    EXPECT_EQ(storage().usage("two").results.count("limit"), 0U);
    remove("two");
    expect_names({"base"});
}

TEST_P(StorageDirQuota, ChangesTheLimitWhenActivatedWithAnother) {
    set_quota(8 * kMiB);
    const fs::path root = run("one");
    set_quota(16 * kMiB);
    activate("one");  // also while it is active
    EXPECT_EQ(result("one", "limit"), 16 * kMiB);
    EXPECT_GT(writable_to(root), 10 * kMiB);
    expect_ok(storage().deactivate("one"));
    storage().set_options({});
    activate("one");
    EXPECT_EQ(result("one", "limit"), 0U);
    EXPECT_EQ(limited_projects(), std::set<std::uint32_t>{});
    expect_ok(storage().deactivate("one"));
    set_quota(4 * kMiB);  // below what it holds
    activate("one");
    EXPECT_EQ(writable_to(root / "etc"), 0U);
    remove("one");
}

TEST_P(StorageDirQuota, GivesAVolumeThatHadNoneItsFirst) {
    const fs::path root = run("one");
    fs::create_directories(root / "a/b");
    write_file(root / "a/b/file", std::string(kMiB, 'x'));
    fs::create_symlink("/", root / "a/link");
    ASSERT_EQ(::mkfifo((root / "a/pipe").c_str(), 0600), 0);
    set_quota(8 * kMiB);
    const Spoken refused = storage().activate("one");
    EXPECT_EQ(refused.status, BRIG_BUSY);
    EXPECT_TRUE(contains(refused.message, "'one'")) << refused.message;
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s1"));
    activate("one");
    const std::uint32_t project = project_of(volumes() / "one");
    EXPECT_NE(project, 0U);
    EXPECT_EQ(project_of(volumes() / "one/layers/1/tree/a/b/file"), project);
    EXPECT_EQ(project_of(volumes() / "one/work"), project);
    EXPECT_EQ(project_of(volumes() / "one/layers"), 0U);
    EXPECT_GE(result("one", "used"), kMiB);
    write_file(root / "etc/motd", "copied up");
    ASSERT_EQ(::rename((root / "a").c_str(), (root / "c").c_str()), 0);
    EXPECT_LE(writable_to(root), 7 * kMiB);
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s2"));
    expect_ok(storage().rollback("one", "s2"));
    remove("one");
    EXPECT_EQ(limited_projects(), std::set<std::uint32_t>{});
}

TEST_P(StorageDirQuota, CountsSnapshotsAndOutlivesTheImage) {
    set_quota(8 * kMiB);
    const fs::path root = run("one");
    write_file(root / "big", std::string(3 * kMiB, 'x'));
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "s1"));
    activate("one");
    EXPECT_GE(result("one", "used"), 3 * kMiB);
    EXPECT_LE(writable_to(root), 5 * kMiB);
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().rollback("one", "s1"));
    run("two", "one@s1");
    EXPECT_LT(result("two", "used"), kMiB);
    expect_ok(storage().deactivate("two"));
    storage().set_flags(BRIG_F_PROMOTE);
    expect_ok(storage().destroy("base"));
    expect_ok(storage().destroy("one"));
    storage().set_flags(0);
    EXPECT_EQ(limited_projects().size(), 1U);
    EXPECT_EQ(read_file(activate("two") / "big").size(), 3 * kMiB);
    remove("two");
    EXPECT_EQ(limited_projects(), std::set<std::uint32_t>{});
    expect_names({});
}

TEST_P(StorageDirQuota, CanBeEmptiedWhenItIsFull) {
    set_quota(4 * kMiB);
    fs::path root = run("one");
    EXPECT_GT(writable_to(root), 2 * kMiB);
    expect_ok(storage().deactivate("one"));
    root = activate("one");
    fs::remove(root / "filler");
    EXPECT_FALSE(fs::exists(root / "filler"));
    EXPECT_GT(writable_to(root), 2 * kMiB);
    writable_to(root / "etc");  // the last blocks
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "full"));
    expect_ok(storage().rollback("one", "full"));
    storage().set_flags(BRIG_F_PROMOTE);
    expect_ok(storage().destroy("base"));
    storage().set_flags(0);
    EXPECT_GT(fs::file_size(activate("one") / "filler"), 2 * kMiB);
    EXPECT_EQ(storage().diff("one", "full").items.size(), 0U);
    remove("one");
    expect_names({});
}

TEST_P(StorageDirQuota, TakesNoProjectThatSomebodyElseUses) {
    set_quota(8 * kMiB);
    std::set<std::uint32_t> taken;
    for (int i = 0; i < 5; ++i) {
        expect_ok(storage().provision("one", "base@image"));
        const std::uint32_t project = project_of(volumes() / "one");
        EXPECT_TRUE(taken.insert(project).second) << project;
        expect_ok(storage().destroy("one"));
        limit_project(project, kMiB);  // the next folder is likely to get the same inode
    }
    EXPECT_EQ(limited_projects(), taken);
    const fs::path foreign = base_ / "mounted/foreign";
    fs::create_directories(foreign);
    expect_ok(storage().provision("one", "base@image"));
    set_project(foreign, project_of(volumes() / "one"), FS_XFLAG_PROJINHERIT);
    write_file(foreign / "file", "text");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(read_file(foreign / "file"), "text");
}

TEST_P(StorageDirQuota, RemovesWhatWasGivenToAnotherProject) {
    set_quota(8 * kMiB);
    expect_ok(storage().provision("data"));
    int folder = ::open(activate("data").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int depth = 0; depth < 150; ++depth) {
        ASSERT_EQ(::mkdirat(folder, "d", 0700), 0);
        const int next = ::openat(folder, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        fsxattr attributes{};
        attributes.fsx_projid = 7;
        EXPECT_EQ(::ioctl(next, FS_IOC_FSSETXATTR, &attributes), 0);
        ::close(folder);
        folder = next;
    }
    ::close(folder);
    expect_ok(storage().destroy("data"));
    expect_names({"base"});
}

TEST_P(StorageDirQuota, PutsALimitedEphemeralCloneWhereItCanBeLimited) {
    open({{"path", path_}, {"scratch", (base_ / "scratch").string()}});
    storage().set_options({{"ephemeral", "true"}, {"quota", std::to_string(8 * kMiB)}});
    EXPECT_LE(writable_to(run("one")), 8 * kMiB);
    expect_names({"base", "one"});
    remove("one");
}

TEST_P(StorageDirQuota, RefusesWhereTheStorageIsAProjectItself) {
    set_project(volumes(), 5, FS_XFLAG_PROJINHERIT);
    set_quota(8 * kMiB);
    const Spoken refused = storage().provision("one", "base@image");
    EXPECT_EQ(refused.status, BRIG_UNSUPPORTED);
    EXPECT_TRUE(contains(refused.message, "project 5")) << refused.message;
    set_project(volumes(), 0, 0);
    expect_names({"base"});
}

TEST_P(StorageDirQuota, SaysWhenAVolumeIsFull) {
    set_quota(2 * kMiB);
    expect_ok(storage().provision("base2"));
    const fs::path root = activate("base2");
    storage().set_options({{"clone", "copy"}, {"quota", std::to_string(64 * 1024)}});
    write_file(root / "big", std::string(kMiB, 'x'));
    storage().set_options({});
    expect_ok(storage().snapshot("base2", "image"));
    if (std::string{GetParam()} == "ext4") {
        return;  // it lets root write beyond limits
    }
    storage().set_options({{"clone", "copy"}, {"quota", std::to_string(256 * 1024)}});
    const Spoken refused = storage().provision("one", "base2@image");
    EXPECT_EQ(refused.status, BRIG_EXHAUSTED) << refused.message;
    expect_ok(storage().destroy("one"));
    expect_names({"base", "base2"});
}

// ---- Crashes ----

const std::set<long> kChangingCalls{SYS_openat,
                                    SYS_mkdirat,
                                    SYS_symlinkat,
                                    SYS_renameat,
                                    SYS_unlinkat,
                                    SYS_fchmodat,
                                    SYS_ioctl,
                                    SYS_flock,
                                    SYS_mount,
                                    SYS_quotactl_fd};

class StorageDirQuotaCrash : public StorageDirQuota {
  protected:
    /// @param recover must bring about that there is only the image
    void everywhere(const std::function<void()>& prepare,
                    const std::function<Spoken()>& operation,
                    const std::function<void()>& recover) {
        for (const bool fails : {false, true}) {
            if (fails && (!TracedChild::can_fail_calls() || GetParam() == std::string{"ext4"})) {
                continue;  // what can fail does not depend on the file system
            }
            int n = 0;
            for (bool reached = true; reached && !HasFailure(); ++n) {
                prepare();
                {
                    TracedChild child{[&] { operation(); }};
                    reached = fails ? child.fail_call(n, kChangingCalls, EIO)
                                    : child.run_to_call(n, kChangingCalls);
                    if (fails) {
                        child.go_on();
                    }
                }
                recover();
                expect_names({"base"});
                EXPECT_EQ(limited_projects(), std::set<std::uint32_t>{}) << n;
            }
            EXPECT_GT(n, 8);
        }
    }
};

INSTANTIATE_TEST_SUITE_P(Real,
                         StorageDirQuotaCrash,
                         ::testing::Values("xfs", "ext4"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(StorageDirQuotaCrash, ProvisionedThenDestroyed) {
    set_quota(8 * kMiB);
    everywhere([] {},
               [&] { return storage().provision("one", "base@image"); },
               [&] { expect_ok(storage().destroy("one")); });
}

TEST_P(StorageDirQuotaCrash, ProvisionedThenRepeated) {
    set_quota(8 * kMiB);
    everywhere([] {},
               [&] { return storage().provision("one", "base@image"); },
               [&] {
                   run("one");
                   EXPECT_EQ(result("one", "limit"), 8 * kMiB);
                   remove("one");
               });
}

TEST_P(StorageDirQuotaCrash, LimitedForTheFirstTime) {
    everywhere(
        [&] {
            storage().set_options({});
            write_file(run("one") / "file", std::string(kMiB, 'x'));
            expect_ok(storage().deactivate("one"));
            set_quota(8 * kMiB);
        },
        [&] { return storage().activate("one"); },
        [&] {
            expect_ok(storage().deactivate("one"));
            storage().set_options({});
            write_file(activate("one") / "etc/motd", "copied up");  // whatever has joined by now
            expect_ok(storage().deactivate("one"));
            set_quota(8 * kMiB);
            const fs::path root = activate("one");
            EXPECT_EQ(result("one", "limit"), 8 * kMiB);
            EXPECT_GE(result("one", "used"), kMiB);
            EXPECT_EQ(project_of(volumes() / "one/tree/file"), project_of(volumes() / "one"));
            write_file(root / "etc/passwd", "copied up");
            remove("one");
        });
}

TEST_P(StorageDirQuotaCrash, Destroyed) {
    set_quota(8 * kMiB);
    everywhere(
        [&] {
            write_file(run("one") / "file", "");
            expect_ok(storage().deactivate("one"));
        },
        [&] { return storage().destroy("one"); },
        [&] { expect_ok(storage().destroy("one")); });
}

// ---- Refused ----

class StorageDirQuotaRefused : public StorageDirOnFileSystem {
  protected:
    /// Nothing may be made, in a dry run or otherwise.
    void expect_refused(const std::string& type, const std::string& hint) {
        make_image();
        set_quota(8 * kMiB);
        for (const unsigned flags : {unsigned{BRIG_F_DRY_RUN}, 0U}) {
            storage().set_flags(flags);
            for (const Spoken& spoken :
                 {storage().provision("one", "base@image"), storage().provision("data")}) {
                EXPECT_EQ(spoken.status, BRIG_UNSUPPORTED);
                EXPECT_TRUE(contains(spoken.message, type)) << spoken.message;
                EXPECT_TRUE(contains(spoken.hint, hint)) << spoken.hint;
            }
        }
        storage().set_options({});
        EXPECT_EQ(storage().list().items.size(), 1U);
        expect_ok(storage().destroy("base"));
    }
};

TEST_F(StorageDirQuotaRefused, OnAFileSystemThatHasNone) {
    move_to_memory();
    expect_refused("lies on tmpfs, which has none", "XFS or ext4");
    open({{"quota", "8192"}});
    EXPECT_EQ(storage().status().status, BRIG_UNSUPPORTED);
}

class StorageDirQuotaOff : public StorageDirQuotaRefused,
                           public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Real,
                         StorageDirQuotaOff,
                         ::testing::Values("xfs", "ext4"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(StorageDirQuotaOff, WhereTheyAreNotSwitchedOn) {
    mount_file_system(GetParam(), "");
    if (!file_system_->failure().empty()) {
        storage_.reset();
        GTEST_SKIP() << file_system_->failure();
    }
    expect_refused(std::string{GetParam()} + ", for which they are not switched on", "prjquota");
}

}  // namespace
}  // namespace brig::test
