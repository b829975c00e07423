// SPDX-License-Identifier: BSD-2-Clause
// allow.mount: what the jail's own root mounts, and what he must not.
#include "e2e/jail_fixture.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

class MountRequests : public JailTest {
  protected:
    /// True when every command of `script` succeeds.
    bool succeeds(const std::string& script) {
        const Outcome outcome = shell("set -e; " + script);
        last_ = outcome.err + outcome.out;
        return outcome.status.code == 0;
    }

    std::string last_;
};

const std::pair<std::string, std::string> kMount{"allow.mount", "true"};
const std::pair<std::string, std::string> kStatfs{"enforce_statfs", "1"};
const std::pair<std::string, std::string> kTmpfs{"allow.mount.tmpfs", "true"};
const std::pair<std::string, std::string> kNullfs{"allow.mount.nullfs", "true"};
const std::pair<std::string, std::string> kProcfs{"allow.mount.procfs", "true"};

TEST_F(MountRequests, MountAndUnmountWhatIsAllowed) {
    create({kMount, kStatfs, kTmpfs});
    EXPECT_TRUE(
        succeeds("mount -t tmpfs -o size=64k,mode=700 mine /tmp;"
                 "grep '^mine /tmp tmpfs .*nodev.*size=64k,mode=700' /proc/mounts;"
                 "echo kept >/tmp/file; cat /tmp/file;"
                 "umount /tmp; ! grep ' /tmp ' /proc/mounts; ! test -e /tmp/file"))
        << last_;
}

TEST_F(MountRequests, AreRefusedForOtherTypes) {
    create({kMount, kStatfs, kTmpfs});
    for (const char* line : {"mount -t proc proc /tmp",
                             "mount -o bind /bin /tmp",
                             "mount -t nullfs /bin /tmp",
                             "mount -t devtmpfs dev /tmp",
                             "mount -t sysfs sys /tmp",
                             "mount -t cgroup2 cgroup /tmp",
                             "mount -t overlay -o lowerdir=/bin overlay /tmp",
                             "mount -t ext4 /dev/null /tmp"}) {
        EXPECT_FALSE(succeeds(line)) << line;
        EXPECT_NE(last_.find("denied"), std::string::npos) << line << ": " << last_;
    }
}

TEST_F(MountRequests, TakeThreeParameters) {
    for (const auto& params : {std::vector{kStatfs, kTmpfs},
                               std::vector{kMount, kStatfs},
                               std::vector{kMount, kTmpfs}}) {
        params.size() == 2 ? create({params[0], params[1]}) : create();
        EXPECT_FALSE(succeeds("mount -t tmpfs tmpfs /tmp")) << params[0].first;
        host_->remove_jail("test", run_folder_);
    }
}

TEST_F(MountRequests, LeaveWhatBrigMounted) {
    create({kMount, kStatfs, kTmpfs, kNullfs});
    for (const char* line : {"umount /dev",
                             "umount -l /proc",
                             "umount /proc/kcore",
                             "umount -l /proc/sys",
                             "umount -l /",
                             "mount -o remount,ro /dev",
                             "mount -o remount,bind,rw /proc/sys",
                             "mount --make-shared /",
                             "mount --move /dev /tmp"}) {
        EXPECT_FALSE(succeeds(line)) << line;
    }
    EXPECT_TRUE(succeeds("test -c /dev/null; ! echo x 2>/dev/null >/proc/sys/kernel/domainname"))
        << last_;
}

TEST_F(MountRequests, NeverUncoverWhatTheHostHides) {
    create({kMount, kStatfs, kNullfs, kProcfs});
    EXPECT_FALSE(succeeds("mount -o bind /proc /tmp"));
    EXPECT_FALSE(succeeds("mount -o bind /proc/self /tmp"));
    EXPECT_FALSE(succeeds("mount --rbind / /tmp"));
    EXPECT_TRUE(
        succeeds("mount -t proc proc /tmp; test -d /tmp/1; ! test -e /tmp/sys;"
                 "! test -e /tmp/sysrq-trigger; ! test -e /tmp/kcore; umount /tmp"))
        << last_;
    EXPECT_TRUE(succeeds("mount -o bind / /tmp; ! test -e /tmp/proc/1; umount /tmp")) << last_;
}

TEST_F(MountRequests, DoNotFollowTheDescriptorsOfInit) {
    create({kMount, kStatfs, kNullfs});
    for (int fd = 0; fd < 24; ++fd) {
        EXPECT_FALSE(succeeds("mount -o bind /proc/self/fd/" + std::to_string(fd) + " /tmp")) << fd;
    }
    EXPECT_FALSE(succeeds("mount -o bind /proc/1/root /tmp"));
    EXPECT_FALSE(succeeds("mount -o bind /bin /proc/self/cwd"));
}

TEST_F(MountRequests, KeepReadOnlyWhatIs) {
    create({kMount, kStatfs, kNullfs});
    EXPECT_TRUE(
        succeeds("mount -o bind,ro /etc /tmp; ! touch /tmp/x 2>/dev/null;"
                 "! mount -o remount,bind,rw /tmp 2>/dev/null;"
                 "mkdir /again; mount -o bind /tmp /again; ! touch /again/x 2>/dev/null;"
                 "umount /again; umount /tmp; touch /etc/x"))
        << last_;
}

TEST_F(MountRequests, AreRootsAlone) {
    create({kMount, kStatfs, kTmpfs});
    Credentials user;
    user.uid = user.gid = 1000;
    user.user = "user";
    EXPECT_NE(shell("mount -t tmpfs tmpfs /tmp", user).status.code, 0);
}

TEST_F(MountRequests, SeeTheCallersRootAndDirectory) {
    create({kMount, kStatfs, kTmpfs});
    EXPECT_TRUE(
        succeeds("mkdir -p /inner/bin /inner/tmp; cp /bin/busybox /inner/bin;"
                 "chroot /inner /bin/busybox mount -t tmpfs tmpfs /tmp;"
                 "grep ' /inner/tmp ' /proc/mounts;"
                 "cd /inner; mount -t tmpfs tmpfs bin; grep ' /inner/bin ' /proc/mounts"))
        << last_;
}

TEST_F(MountRequests, SayWhatIsWrong) {
    create({kMount, kStatfs, kTmpfs, kNullfs});
    for (const auto& [line, why] : std::vector<std::pair<std::string, std::string>>{
             {"mount -t tmpfs tmpfs /nowhere", "No such file"},
             {"mount -o bind /nowhere /tmp", "No such file"},
             {"mount -t tmpfs -o size=nonsense tmpfs /tmp", "Invalid argument"},
             {"mount -t tmpfs -o huge=always tmpfs /tmp", "Invalid argument"},
             {"umount /bin", "Invalid argument"}}) {
        EXPECT_FALSE(succeeds(line)) << line;
        EXPECT_NE(last_.find(why), std::string::npos) << line << ": " << last_;
    }
}

TEST_F(MountRequests, ComeFromManyAtOnce) {
    create({kMount, kStatfs, kTmpfs});
    EXPECT_TRUE(succeeds(
        "mkdir /many; for i in $(seq 20); do"
        " (mkdir /many/$i; mount -t tmpfs m$i /many/$i && umount /many/$i && echo >/many/done$i) &"
        " done; wait; ls /many/done* | wc -l | grep -x 20"))
        << last_;
}

TEST_F(MountRequests, EndWithTheJail) {
    create({kMount, kStatfs, kTmpfs});
    ASSERT_TRUE(succeeds("mount -t tmpfs tmpfs /tmp; echo x >/tmp/x")) << last_;
    host_->remove_jail("test", run_folder_);
    EXPECT_FALSE(std::filesystem::exists(root_ / "tmp/x"));
}

}  // namespace
}  // namespace brig
