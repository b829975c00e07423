// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"
#include "support/traced_child.hpp"

#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <functional>
#include <set>
#include <sstream>

namespace brig::test {
namespace {

/// What goes wrong in the middle of an operation.
enum class Trouble {
    killed,      ///< between system calls that may change something
    disk_error,  ///< at each system call that reads or changes something on the disk
    disk_full,   ///< after each number of things that are made
};

const std::set<long> kChangingCalls{
    SYS_openat,          SYS_mkdirat,   SYS_symlinkat, SYS_linkat,   SYS_mknodat, SYS_renameat,
    SYS_renameat2,       SYS_unlinkat,  SYS_fchmodat,  SYS_fchownat, SYS_fchmod,  SYS_fchown,
    SYS_utimensat,       SYS_fsetxattr, SYS_ftruncate, SYS_pwrite64, SYS_ioctl,   SYS_flock,
    SYS_copy_file_range, SYS_mount,     SYS_umount2};

std::set<long> disk_calls() {
    std::set<long> calls{SYS_openat2,
                         SYS_open_tree,
                         SYS_readlinkat,
                         SYS_newfstatat,
                         SYS_statx,
                         SYS_fstat,
                         SYS_statfs,
                         SYS_fstatfs,
                         SYS_getdents64,
                         SYS_pread64,
                         SYS_flistxattr,
                         SYS_fgetxattr,
                         SYS_lseek};
    calls.insert(kChangingCalls.begin(), kChangingCalls.end());
    return calls;
}

/// Gets each operation into trouble everywhere, once. In memory, since that is many volumes.
class StorageDirTrouble : public StorageDir, public ::testing::WithParamInterface<Trouble> {
  protected:
    using Operation = std::function<Spoken()>;

    void SetUp() override {
        StorageDir::SetUp();
        if (!base_.empty()) {
            move_to_memory();
        }
    }

    /// @param prepare brings about the state before, @param recover is called after the trouble and
    /// must bring about an empty shelf but for the image.
    void everywhere(const std::function<void()>& prepare,
                    const Operation& operation,
                    const std::function<void()>& recover) {
        if (GetParam() == Trouble::disk_error && !TracedChild::can_fail_calls()) {
            GTEST_SKIP() << "system calls cannot be made to fail on this processor";
        }
        int n = 0;
        for (bool reached = true; reached && !HasFailure(); ++n) {
            prepare();
            reached = get_into_trouble(n, operation);
            recover();
            EXPECT_EQ(on_disk(), Names{"base"}) << "trouble number " << n;
            EXPECT_EQ(mounts(), before_) << "trouble number " << n;
        }
        EXPECT_GT(n, GetParam() == Trouble::disk_full ? 0 : 2);
    }

    void destroy_one() {
        expect_ok(storage().deactivate("one"));
        expect_ok(storage().destroy("one"));
    }

  private:
    /// False if the operation was through before.
    bool get_into_trouble(int n, const Operation& operation) {
        switch (GetParam()) {
            case Trouble::killed:
                return is_killed_at(n, operation);
            case Trouble::disk_error:
                return fails_at(n, operation);
            case Trouble::disk_full:
                return runs_full_after(n, operation);
        }
        return false;
    }

    static bool is_killed_at(int n, const Operation& operation) {
        TracedChild child{[&] { operation(); }};
        const bool reached = child.run_to_call(n, kChangingCalls);
        child.kill();
        return reached;
    }

    static bool fails_at(int n, const Operation& operation) {
        TracedChild child{[&] {
            const Spoken spoken = operation();
            ::_exit(spoken.status == BRIG_OK || !spoken.message.empty() ? 0 : 1);
        }};
        const bool reached = child.fail_call(n, disk_calls(), EIO);
        EXPECT_EQ(child.go_on(), 0) << "trouble number " << n;
        return reached;
    }

    bool runs_full_after(int n, const Operation& operation) {
        struct statfs status {};
        EXPECT_EQ(::statfs(base_.c_str(), &status), 0);
        limit_inodes(status.f_files - status.f_ffree + static_cast<unsigned>(n));
        const Spoken spoken = operation();
        limit_inodes(kMostInodes);
        if (spoken.status != BRIG_OK) {
            EXPECT_EQ(spoken.status, BRIG_EXHAUSTED) << spoken.message;
        }
        return spoken.status != BRIG_OK;
    }

    void limit_inodes(unsigned long most) const {
        const std::string options = "nr_inodes=" + std::to_string(most);
        EXPECT_EQ(::mount(nullptr, base_.c_str(), nullptr, MS_REMOUNT, options.c_str()), 0);
    }
};

std::string trouble_name(const ::testing::TestParamInfo<Trouble>& tested) {
    switch (tested.param) {
        case Trouble::killed:
            return "Killed";
        case Trouble::disk_error:
            return "DiskError";
        case Trouble::disk_full:
            return "DiskFull";
    }
    return {};
}

const auto kAllTrouble =
    ::testing::Values(Trouble::killed, Trouble::disk_error, Trouble::disk_full);

INSTANTIATE_TEST_SUITE_P(Everywhere, StorageDirTrouble, kAllTrouble, trouble_name);

TEST_P(StorageDirTrouble, ProvisionedThenDestroyed) {
    make_image();
    everywhere(
        [] {}, [&] { return storage().provision("one", "base@image"); }, [&] { destroy_one(); });
}

TEST_P(StorageDirTrouble, ProvisionedThenRepeated) {
    make_image();
    everywhere([] {},
               [&] { return storage().provision("one", "base@image"); },
               [&] {
                   EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
                   destroy_one();
               });
}

TEST_P(StorageDirTrouble, CopiedThenRepeated) {
    make_image();
    storage().set_options({{"clone", "copy"}});
    everywhere([] {},
               [&] { return storage().provision("one", "base@image"); },
               [&] {
                   EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
                   destroy_one();
               });
}

TEST_P(StorageDirTrouble, Activated) {
    make_image();
    everywhere([&] { expect_ok(storage().provision("one", "base@image")); },
               [&] { return storage().activate("one"); },
               [&] { destroy_one(); });
}

TEST_P(StorageDirTrouble, Deactivated) {
    make_image();
    everywhere([&] { write_file(run("one") / "file", "mine"); },
               [&] { return storage().deactivate("one"); },
               [&] {
                   EXPECT_EQ(read_file(activate("one") / "file"), "mine");
                   destroy_one();
               });
}

TEST_P(StorageDirTrouble, DestroyedThenRepeated) {
    make_image();
    everywhere(
        [&] {
            fs::create_directories(run("one") / "a/b");
            expect_ok(storage().deactivate("one"));
        },
        [&] { return storage().destroy("one"); },
        [&] { destroy_one(); });
}

TEST_P(StorageDirTrouble, DestroyedThenMadeAnew) {
    make_image();
    everywhere(
        [&] {
            write_file(run("one") / "file", "old");
            expect_ok(storage().deactivate("one"));
        },
        [&] { return storage().destroy("one"); },
        [&] {
            EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
            destroy_one();
        });
}

TEST_P(StorageDirTrouble, SnapshottedIsThereOrNot) {
    make_image();
    everywhere(
        [&] {
            write_file(run("one") / "file", "mine");
            expect_ok(storage().deactivate("one"));
        },
        [&] { return storage().snapshot("one", "s1"); },
        [&] {
            EXPECT_EQ(read_file(activate("one") / "file"), "mine");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot("one", "s1"));
            EXPECT_EQ(read_file(run("two", "one@s1") / "file"), "mine");
            EXPECT_EQ(read_file(activate("one") / "file"), "mine");
            remove("two");
            destroy_one();
        });
}

TEST_P(StorageDirTrouble, RolledBack) {
    make_image();
    everywhere(
        [&] {
            write_file(run("one") / "file", "first");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot("one", "s1"));
            write_file(activate("one") / "file", "second");
            expect_ok(storage().deactivate("one"));
        },
        [&] { return storage().rollback("one", "s1"); },
        [&] {
            const std::string now = read_file(activate("one") / "file");
            EXPECT_TRUE(now == "first" || now == "second") << now;
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().rollback("one", "s1"));
            EXPECT_EQ(read_file(activate("one") / "file"), "first");
            destroy_one();
        });
}

TEST_P(StorageDirTrouble, SnapshotForgotten) {
    make_image();
    everywhere(
        [&] {
            write_file(run("one") / "file", "mine");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot("one", "s1"));
            expect_ok(storage().snapshot("one", "s2"));
        },
        [&] { return storage().snapshot_destroy("one", "s2"); },
        [&] {
            EXPECT_EQ(read_file(activate("one") / "file"), "mine");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot_destroy("one", "s2"));
            expect_ok(storage().snapshot_destroy("one", "s1"));
            EXPECT_EQ(read_file(activate("one") / "file"), "mine");
            destroy_one();
        });
}

TEST_P(StorageDirTrouble, MadeEmpty) {
    make_image();
    everywhere([] {},
               [&] { return storage().provision("one"); },
               [&] {
                   expect_ok(storage().provision("one"));
                   write_file(activate("one") / "file", "");
                   destroy_one();
               });
}

/// A volume whose clones outlive it: it is there as before, or gone.
class StorageDirHandOverTrouble : public StorageDirTrouble {
  protected:
    Spoken hand_over(const std::string& volume) {
        storage().set_flags(BRIG_F_PROMOTE);
        Spoken spoken = storage().destroy(volume);
        storage().set_flags(0);
        return spoken;
    }

    void prepare_old() {
        expect_ok(storage().provision("old"));
        fs::create_directories(activate("old") / "etc");
        write_file(activate("old") / "etc/motd", "old");
        expect_ok(storage().snapshot("old", "image"));
        write_file(activate("old") / "head", "");
        expect_ok(storage().deactivate("old"));
        for (const char* clone : {"one", "two"}) {
            write_file(run(clone, "old@image") / "own", clone);
            expect_ok(storage().deactivate(clone));
        }
        expect_ok(storage().snapshot("two", "s"));
    }

    /// One of that name that has nothing to do with the clones.
    void make_another_old() {
        expect_ok(storage().provision("old"));
        write_file(activate("old") / "other", "");
        expect_ok(storage().snapshot("old", "image"));
    }

    void expect_clones() {
        for (const std::string clone : {"one", "two"}) {
            EXPECT_EQ(storage().check(clone).status, BRIG_OK);
            const fs::path root = activate(clone);
            EXPECT_EQ(read_file(root / "etc/motd"), "old");
            EXPECT_EQ(read_file(root / "own"), clone);
            EXPECT_EQ(storage().diff(clone).items.size(), 1U);
            expect_ok(storage().deactivate(clone));
        }
    }

    /// The volume that is handed over is as it was, if it is there.
    void expect_old_or_gone() {
        if (storage().check("old").status == BRIG_NOT_FOUND) {
            return;
        }
        EXPECT_EQ(storage().check("old").status, BRIG_OK);
        EXPECT_EQ(storage().destroy("old").status, BRIG_BUSY);
        EXPECT_EQ(storage().snapshot_destroy("old", "image").status, BRIG_BUSY);
        EXPECT_EQ(read_file(run("three", "old@image") / "etc/motd"), "old");
        remove("three");
        EXPECT_TRUE(fs::exists(activate("old") / "head"));
        expect_ok(storage().deactivate("old"));
        // What is taken now must not be mixed up with what is already called something else.
        expect_ok(storage().snapshot("old", "later"));
        expect_ok(storage().snapshot_destroy("old", "later"));
    }
};

INSTANTIATE_TEST_SUITE_P(Everywhere, StorageDirHandOverTrouble, kAllTrouble, trouble_name);

TEST_P(StorageDirHandOverTrouble, HandedOverThenRepeated) {
    make_image();
    everywhere([&] { prepare_old(); },
               [&] { return hand_over("old"); },
               [&] {
                   expect_clones();
                   expect_old_or_gone();
                   expect_clones();
                   expect_ok(hand_over("old"));
                   EXPECT_EQ(storage().check("old").status, BRIG_NOT_FOUND);
                   EXPECT_EQ(storage().list().items.size(), 3U);
                   make_another_old();
                   expect_clones();
                   expect_ok(storage().destroy("old"));
                   expect_clones();
                   expect_ok(storage().destroy("two"));
                   destroy_one();
               });
}

TEST_P(StorageDirHandOverTrouble, WhatIsKeptGoesWithTheLastThatStandsOnIt) {
    make_image();
    everywhere(
        [&] {
            prepare_old();
            expect_ok(hand_over("old"));
            expect_ok(storage().destroy("one"));
        },
        [&] { return storage().destroy("two"); },
        [&] {
            expect_ok(storage().destroy("two"));
            for (const Spoken::Item& item : storage().list().items) {
                expect_ok(storage().destroy(item.id == "base" ? "none" : item.id));
            }
        });
}

// ---- Mounts that come in the middle ----

/// Somebody mounts something in a volume after it was looked at, and while it is removed.
class StorageDirRace : public StorageDir, public ::testing::WithParamInterface<const char*> {
  protected:
    void SetUp() override {
        StorageDir::SetUp();
        if (!base_.empty()) {
            move_to_memory();
            fs::create_directories(base_ / "foreign/folder");
            write_file(base_ / "foreign/folder/file", "precious");
        }
    }

    /// Where the volume's folder is now, in which nothing is mounted yet.
    [[nodiscard]] fs::path mount_point() const {
        for (const char* folder : {"one", ".trash-one"}) {
            const fs::path path = shelf() / folder / "tree/a/mnt";
            if (fs::exists(path)) {
                return path;
            }
        }
        return {};
    }

    void unmount_all() {
        std::string line;
        while (!(line = mounts_of_foreign()).empty()) {
            ASSERT_EQ(::umount2(line.c_str(), 0), 0) << line;
        }
    }

    [[nodiscard]] std::string mounts_of_foreign() const {
        std::ifstream file{"/proc/self/mountinfo"};
        for (std::string line; std::getline(file, line);) {
            std::istringstream fields{line};
            std::string word;
            std::string point;
            fields >> word >> word >> word >> word >> point;
            if (contains(point, "/tree/a/mnt")) {
                return point;
            }
        }
        return {};
    }
};

INSTANTIATE_TEST_SUITE_P(EachKind,
                         StorageDirRace,
                         ::testing::Values("whole", "layered"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_P(StorageDirRace, NeverDeletesBehindAMountThatCameAfterTheCheck) {
    make_image();
    int refused = 0;
    bool reached = true;
    for (int n = 0; reached; ++n) {
        if (std::string{GetParam()} == "whole") {
            expect_ok(storage().provision("one"));
        } else {
            expect_ok(storage().provision("one", "base@image"));
        }
        fs::create_directories(shelf() / "one/tree/a/mnt/inner");
        write_file(shelf() / "one/tree/z", "");
        TracedChild child{[&] {
            const Spoken spoken = storage().destroy("one");
            const bool names_it = contains(spoken.message, "tree/a");
            ::_exit(spoken.status == BRIG_OK ? 0
                                             : (spoken.status == BRIG_BUSY && names_it ? 1 : 2));
        }};
        reached = child.run_to_call(n, disk_calls());
        const fs::path target = mount_point();
        if (reached && !target.empty()) {
            ASSERT_EQ(
                ::mount((base_ / "foreign").c_str(), target.c_str(), nullptr, MS_BIND, nullptr), 0);
        }
        const int status = child.go_on();
        ASSERT_TRUE(WIFEXITED(status)) << n;
        EXPECT_LT(WEXITSTATUS(status), 2) << n;
        refused += WEXITSTATUS(status);
        EXPECT_EQ(read_file(base_ / "foreign/folder/file"), "precious") << n;
        unmount_all();
        expect_ok(storage().destroy("one"));
        EXPECT_EQ(on_disk(), Names{"base"}) << n;
    }
    EXPECT_GT(refused, 5);
}

}  // namespace
}  // namespace brig::test
