// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>

#include <csignal>
#include <functional>

namespace brig::test {
namespace {

// ---- Crashes ----

/// Runs `operation` in a child that is killed at its n-th stop before or after a system call.
/// True if it came that far.
bool killed_at(int n, const std::function<void()>& operation) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
        ::raise(SIGSTOP);
        operation();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    for (int i = 0; i < n && WIFSTOPPED(status); ++i) {
        ::ptrace(PTRACE_SYSCALL, child, nullptr, nullptr);
        ::waitpid(child, &status, 0);
    }
    const bool reached = WIFSTOPPED(status);
    if (reached) {
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
    }
    return reached;
}

/// Kills each operation everywhere, once. In memory, since that is many volumes.
class StorageDirCrash : public StorageDir {
  protected:
    void SetUp() override {
        StorageDir::SetUp();
        if (!base_.empty()) {
            ASSERT_EQ(::mount("tmpfs", base_.c_str(), "tmpfs", 0, nullptr), 0);
            before_ = mounts();
        }
    }

    void TearDown() override {
        StorageDir::TearDown();
        ::umount2(base_.c_str(), MNT_DETACH);
        fs::remove_all(base_);
    }

    /// @param prepare brings about the state before, @param recover is called after the crash and
    /// must bring about an empty shelf but for the image.
    void crash_everywhere(const std::function<void()>& prepare,
                          const std::function<void()>& operation,
                          const std::function<void()>& recover) {
        int n = 0;
        for (bool reached = true; reached && !HasFailure(); ++n) {
            prepare();
            reached = killed_at(n, operation);
            recover();
            EXPECT_EQ(on_disk(), Names{"base"}) << "killed at stop " << n;
            EXPECT_EQ(mounts(), before_) << "killed at stop " << n;
        }
        EXPECT_GT(n, 10);
    }

    void destroy_one() {
        expect_ok(storage().deactivate("one"));
        expect_ok(storage().destroy("one"));
    }
};

TEST_F(StorageDirCrash, ProvisionedThenDestroyed) {
    make_image();
    crash_everywhere(
        [] {}, [&] { storage().provision("one", "base@image"); }, [&] { destroy_one(); });
}

TEST_F(StorageDirCrash, ProvisionedThenRepeated) {
    make_image();
    crash_everywhere([] {},
                     [&] { storage().provision("one", "base@image"); },
                     [&] {
                         EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
                         destroy_one();
                     });
}

TEST_F(StorageDirCrash, CopiedThenRepeated) {
    make_image();
    storage().set_options({{"clone", "copy"}});
    crash_everywhere([] {},
                     [&] { storage().provision("one", "base@image"); },
                     [&] {
                         EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
                         destroy_one();
                     });
}

TEST_F(StorageDirCrash, Activated) {
    make_image();
    crash_everywhere([&] { expect_ok(storage().provision("one", "base@image")); },
                     [&] { storage().activate("one"); },
                     [&] { destroy_one(); });
}

TEST_F(StorageDirCrash, Deactivated) {
    make_image();
    crash_everywhere([&] { write_file(run("one") / "file", "mine"); },
                     [&] { storage().deactivate("one"); },
                     [&] {
                         EXPECT_EQ(read_file(activate("one") / "file"), "mine");
                         destroy_one();
                     });
}

TEST_F(StorageDirCrash, DestroyedThenRepeated) {
    make_image();
    crash_everywhere(
        [&] {
            fs::create_directories(run("one") / "a/b");
            expect_ok(storage().deactivate("one"));
        },
        [&] { storage().destroy("one"); },
        [&] { destroy_one(); });
}

TEST_F(StorageDirCrash, DestroyedThenMadeAnew) {
    make_image();
    crash_everywhere(
        [&] {
            write_file(run("one") / "file", "old");
            expect_ok(storage().deactivate("one"));
        },
        [&] { storage().destroy("one"); },
        [&] {
            EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
            destroy_one();
        });
}

TEST_F(StorageDirCrash, SnapshottedIsThereOrNot) {
    make_image();
    crash_everywhere(
        [&] {
            write_file(run("one") / "file", "mine");
            expect_ok(storage().deactivate("one"));
        },
        [&] { storage().snapshot("one", "s1"); },
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

TEST_F(StorageDirCrash, RolledBack) {
    make_image();
    crash_everywhere(
        [&] {
            write_file(run("one") / "file", "first");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot("one", "s1"));
            write_file(activate("one") / "file", "second");
            expect_ok(storage().deactivate("one"));
        },
        [&] { storage().rollback("one", "s1"); },
        [&] {
            const std::string now = read_file(activate("one") / "file");
            EXPECT_TRUE(now == "first" || now == "second") << now;
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().rollback("one", "s1"));
            EXPECT_EQ(read_file(activate("one") / "file"), "first");
            destroy_one();
        });
}

TEST_F(StorageDirCrash, SnapshotForgotten) {
    make_image();
    crash_everywhere(
        [&] {
            write_file(run("one") / "file", "mine");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot("one", "s1"));
            expect_ok(storage().snapshot("one", "s2"));
        },
        [&] { storage().snapshot_destroy("one", "s2"); },
        [&] {
            EXPECT_EQ(read_file(activate("one") / "file"), "mine");
            expect_ok(storage().deactivate("one"));
            expect_ok(storage().snapshot_destroy("one", "s2"));
            expect_ok(storage().snapshot_destroy("one", "s1"));
            EXPECT_EQ(read_file(activate("one") / "file"), "mine");
            destroy_one();
        });
}

}  // namespace
}  // namespace brig::test
