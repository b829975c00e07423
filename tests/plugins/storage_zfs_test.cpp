// SPDX-License-Identifier: BSD-2-Clause
#include "support/fake_driver_host.hpp"
#include "support/mounts.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

namespace brig::test {
namespace {

namespace fs = std::filesystem;

/// What the driver does by libzfs_core(3) there, and elsewhere by commands.
#ifdef __FreeBSD__
constexpr bool kHasZfsLibrary = true;
#else
constexpr bool kHasZfsLibrary = false;
#endif

void write_file(const fs::path& path, const std::string& text) {
    std::ofstream{path} << text;
}

std::string read_file(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);  // other threads start programs
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t got = 1; fd >= 0 && got > 0;) {
        got = ::read(fd, buffer.data(), buffer.size());
        text.append(buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    }
    ::close(fd);
    return text;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Runs a command of the host's shell; only this file's own texts come here.
std::string shell(const std::string& command, int* exit_code = nullptr) {
    // NOLINTNEXTLINE(cert-env33-c): a test's own command
    FILE* stream = ::popen((command + " 2>&1").c_str(), "r");
    std::string text;
    std::array<char, 4096> buffer{};
    while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), stream)) {
        text.append(buffer.data(), got);
    }
    const int status = ::pclose(stream);
    if (exit_code != nullptr) {
        *exit_code = WEXITSTATUS(status);
    }
    return text;
}

/// zfs-fuse takes a moment to let go of what was just unmounted, and calls that busy.
void must(const std::string& command) {
    constexpr int kAttempts = 30;
    constexpr int kPause = 100;
    int code = 0;
    std::string output = shell(command, &code);
    for (int i = 1; i < kAttempts && output.find("busy") != std::string::npos; ++i) {
        ::poll(nullptr, 0, kPause);
        output = shell(command, &code);
    }
    ASSERT_EQ(code, 0) << command << "\n" << output;
}

using Names = std::vector<std::string>;

/// A storage in a pool of its own, which is a file.
class StorageZfs : public ::testing::Test {
  protected:
    void SetUp() override {
        int code = 0;
        shell("zpool list -H -o name", &code);
        if (::geteuid() != 0 || code != 0) {
            GTEST_SKIP() << "needs root, and ZFS: tests/support/zfs_daemon.sh start FOLDER";
        }
        std::string name = (fs::temp_directory_path() / "storage-zfs-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        base_ = name;
        pool_ = "brigtest" + name.substr(name.size() - 6);
        make_pool();
        open({});
    }

    void TearDown() override {
        if (pool_.empty()) {
            return;
        }
        storage_.reset();
        shell("zpool destroy -f " + pool_);
        EXPECT_EQ(mounts(), "");
        std::error_code busy;
        fs::remove_all(base_, busy);
    }

    void make_pool() {
        must("truncate -s 128M " + (base_ / "disk").string());
        must("zpool create -o cachefile=none -m none " + pool_ + " " + (base_ / "disk").string());
    }

    /// What is mounted below this test's folder.
    [[nodiscard]] std::string mounts() const { return mounts_below(base_); }

    [[nodiscard]] StorageUnderTest::Config with_defaults(StorageUnderTest::Config config) const {
        config.try_emplace("dataset", parent());
        config.try_emplace("mountpoint", (base_ / "mnt").string());
        return config;
    }

    void open(const StorageUnderTest::Config& config) {
        storage_.emplace(BRIG_TEST_DRIVERS "/storage-zfs.so", with_defaults(config));
        ASSERT_EQ(storage_->opened().status, BRIG_OK) << storage_->opened().message;
    }

    [[nodiscard]] std::string parent() const { return pool_ + "/brig"; }
    [[nodiscard]] std::string dataset(const std::string& volume) const {
        return parent() + "/" + volume;
    }
    [[nodiscard]] fs::path root_of(const std::string& volume) const {
        return base_ / "mnt" / dataset(volume);
    }

    StorageUnderTest& storage() { return *storage_; }

    static void expect_ok(const Spoken& spoken) {
        EXPECT_EQ(spoken.status, BRIG_OK) << spoken.message << "\n" << spoken.errors;
    }

    /// A refusal whose message has `part` in it.
    static void expect_refused(const Spoken& spoken, brig_status status, const std::string& part) {
        EXPECT_EQ(spoken.status, status) << spoken.message << "\n" << spoken.errors;
        EXPECT_TRUE(contains(spoken.message, part)) << spoken.message;
    }

    fs::path activate(const std::string& volume) {
        Spoken spoken = storage().activate(volume);
        expect_ok(spoken);
        return spoken.results["root"];
    }

    /// Makes volume `base` with a few files and its snapshot `image`.
    void make_image() {
        expect_ok(storage().provision("base"));
        const fs::path root = activate("base");
        fs::create_directories(root / "etc");
        write_file(root / "etc/motd", "hello");
        write_file(root / "etc/passwd", "root");
        expect_ok(storage().deactivate("base"));
        expect_ok(storage().snapshot("base", "image"));
    }

    fs::path run(const std::string& volume, const std::string& source = "base@image") {
        expect_ok(storage().provision(volume, source));
        return activate(volume);
    }

    void remove(const std::string& volume) {
        expect_ok(storage().deactivate(volume));
        expect_ok(storage().destroy(volume));
    }

    /// Every dataset and snapshot of the pool, without the pool's name.
    [[nodiscard]] Names in_pool() const {
        std::istringstream text{shell("zfs list -H -o name -t all -r " + pool_)};
        Names names;
        for (std::string line; std::getline(text, line);) {
            if (line.size() > pool_.size() + 1) {
                names.push_back(line.substr(pool_.size() + 1));
            }
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    [[nodiscard]] std::string property(const std::string& name, const std::string& of) const {
        std::string text = shell("zfs get -H -p -o value " + name + " " + of);
        text.erase(std::min(text.find('\n'), text.size()));
        return text;
    }

    /// Is this zfs-fuse, which knows less?
    static bool is_old() { return !kHasZfsLibrary && ::access("/sys/module/zfs", F_OK) != 0; }

    fs::path base_;
    std::string pool_;
    std::optional<StorageUnderTest> storage_;
};

const Names kOnlyParent{"brig"};

// ---- Life cycle ----

TEST_F(StorageZfs, GivesAnEmptyVolumeThatCanBeWrittenAndKept) {
    expect_ok(storage().provision("data"));
    write_file(activate("data") / "file", "kept");
    expect_ok(storage().deactivate("data"));
    EXPECT_EQ(read_file(activate("data") / "file"), "kept");
    EXPECT_EQ(storage().check("data").status, BRIG_OK);
    remove("data");
    EXPECT_EQ(storage().check("data").status, BRIG_NOT_FOUND);
    EXPECT_EQ(in_pool(), kOnlyParent);
    EXPECT_TRUE(fs::is_empty(base_ / "mnt" / parent()));
}

TEST_F(StorageZfs, ClonesSeeTheImageAndNotEachOther) {
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
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, RunsFewProgramsForAContainer) {
    make_image();
    Names programs;
    for (const Spoken& spoken : {storage().provision("one", "base@image"),
                                 storage().activate("one"),
                                 storage().deactivate("one"),
                                 storage().destroy("one")}) {
        expect_ok(spoken);
        programs.insert(programs.end(), spoken.programs.begin(), spoken.programs.end());
    }
    // zfs-fuse mounts a clone as it makes it.
    const std::size_t commands = is_old() ? 2 : 3;
    EXPECT_EQ(programs.size(), kHasZfsLibrary ? 0 : commands);
}

TEST_F(StorageZfs, WorksTheSameInAnotherProcess) {
    make_image();
    open({});
    expect_ok(storage().provision("one", "base@image"));
    open({});
    write_file(activate("one") / "file", "mine");
    open({});
    EXPECT_EQ(read_file(activate("one") / "file"), "mine");
    open({});
    expect_ok(storage().deactivate("one"));
    open({});
    expect_ok(storage().destroy("one"));
    open({});
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, RepeatsEveryOperationWithTheSameResult) {
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
    expect_ok(storage().snapshot_destroy("none", "no-such"));
    expect_ok(storage().destroy("base"));
}

TEST_F(StorageZfs, IsInactiveUntilItIsActivated) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    expect_ok(storage().rollback("base", "image"));
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@image"}));
}

TEST_F(StorageZfs, IsMountedAgainAfterAReboot) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "file", "mine");
    must("zpool export " + pool_);
    must("zpool import -d " + base_.string() + " -N " + pool_ + " || zpool import -d "
         + base_.string() + " " + pool_);
    EXPECT_EQ(mounts(), "");  // nothing mounts by itself
    EXPECT_EQ(storage().check("one").status, BRIG_OK);
    EXPECT_EQ(read_file(activate("one") / "file"), "mine");
    remove("one");
}

TEST_F(StorageZfs, HidesVolumesFromTheHostsUsers) {
    make_image();
    run("one");
    EXPECT_EQ(fs::status(base_ / "mnt" / parent()).permissions(), fs::perms::owner_all);
    remove("one");
}

TEST_F(StorageZfs, OpensNoDeviceOfAnImage) {
    expect_ok(storage().provision("base"));
    ASSERT_TRUE(make_zero_device(activate("base") / "zero"));
    expect_ok(storage().snapshot("base", "image"));
    {
        // FreeBSD opens what is not on a devfs, as a file in which there is nothing.
        const int fd = ::open((run("one") / "zero").c_str(), O_RDONLY | O_CLOEXEC);
        char byte = 0;
        EXPECT_LE(fd < 0 ? -1 : ::read(fd, &byte, 1), 0);
        ::close(fd);
    }
    remove("one");
}

TEST_F(StorageZfs, MarksTheParentAndKeepsIt) {
    expect_ok(storage().provision("data"));
    EXPECT_EQ(property("brig:parent", parent()), "on");
    EXPECT_EQ(property("mountpoint", parent()), "none");
    EXPECT_EQ(property("canmount", parent()), "off");
    expect_ok(storage().destroy("data"));
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, UsesAParentThatIsThere) {
    must("zfs create -o mountpoint=" + (base_ / "theirs").string() + " " + pool_ + "/theirs");
    open({{"dataset", pool_ + "/theirs"}});
    expect_ok(storage().provision("data"));
    activate("data");
    remove("data");
    EXPECT_EQ(property("brig:parent", pool_ + "/theirs"), "-");
    EXPECT_EQ(in_pool(), Names{"theirs"});
}

TEST_F(StorageZfs, SaysWhatIsMissingForTheParent) {
    open({{"dataset", pool_ + "/no/such"}});
    expect_refused(storage().provision("data"), BRIG_NOT_FOUND, "'" + pool_ + "/no'");
    expect_refused(storage().status(), BRIG_INVALID, "'" + pool_ + "/no'");
}

TEST_F(StorageZfs, ChangesNothingInADryRun) {
    make_image();
    storage().set_flags(BRIG_F_DRY_RUN);
    expect_ok(storage().provision("one", "base@image"));
    EXPECT_EQ(storage().provision("one", "base@none").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().activate("one").results["root"], root_of("one"));
    expect_ok(storage().snapshot("base", "second"));
    expect_ok(storage().rollback("base", "image"));
    expect_ok(storage().snapshot_destroy("base", "image"));
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@image"}));
    EXPECT_EQ(mounts(), "");
}

// ---- Options ----

TEST_F(StorageZfs, GivesVolumesWhatTheOptionsAskFor) {
    open({{"quota", "64M"}, {"compression", "gzip-3"}, {"properties", "exec=off\ncopies=2"}});
    storage().set_options({{"quota", "32M"},
                           {"refquota", "16M"},
                           {"reservation", "4M"},
                           {"refreservation", "2M"},
                           {"recordsize", "16K"},
                           {"atime", "false"},
                           {"properties", "exec=on\nme:note=a b"}});
    expect_ok(storage().provision("data"));
    const std::map<std::string, std::string> wanted{{"quota", "33554432"},
                                                    {"refquota", "16777216"},
                                                    {"reservation", "4194304"},
                                                    {"refreservation", "2097152"},
                                                    {"recordsize", "16384"},
                                                    {"atime", "off"},
                                                    {"compression", "gzip-3"},
                                                    {"copies", "2"},
                                                    {"exec", "on"},
                                                    {"me:note", "a b"}};
    for (const auto& [name, value] : wanted) {
        EXPECT_EQ(property(name, dataset("data")), value) << name;
    }
    activate("data");
    remove("data");
}

TEST_F(StorageZfs, LendsVolumesToJailsWhereThereAreJails) {
    open({{"jailed", "true"}});
    if (!kHasZfsLibrary) {
        EXPECT_EQ(storage().provision("data").status, BRIG_UNSUPPORTED);
        return;
    }
    expect_ok(storage().provision("data"));
    EXPECT_EQ(property("jailed", dataset("data")), "on");
    Spoken spoken = storage().activate("data");
    expect_ok(spoken);
    EXPECT_EQ(spoken.params["zfs.dataset"], Names{dataset("data")});
    write_file(root_of("data") / "file", "x");
    remove("data");
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, ChangesAVolumeWhoseOptionsWereChanged) {
    expect_ok(storage().provision("data"));
    open({{"quota", "32M"}, {"properties", "exec=off"}});
    activate("data");
    EXPECT_EQ(property("quota", dataset("data")), "33554432");
    EXPECT_EQ(property("exec", dataset("data")), "off");
    storage().set_options({{"quota", "0"}});
    activate("data");
    EXPECT_EQ(property("quota", dataset("data")), "0");
    remove("data");
}

TEST_F(StorageZfs, StopsWhatExceedsTheQuota) {
    open({{"quota", "4M"}});
    expect_ok(storage().provision("data"));
    std::ofstream file{activate("data") / "big"};
    const std::string block(std::size_t{1} << 20U, 'x');
    std::string noise = block;
    for (int i = 0; i < 16 && file; ++i) {
        std::generate(noise.begin(), noise.end(), [] { return static_cast<char>(::random()); });
        file << noise << std::flush;
    }
    EXPECT_FALSE(file);
    file.close();
    Spoken usage = storage().usage("data");
    expect_ok(usage);
    EXPECT_EQ(usage.results["limit"], "4194304");
    EXPECT_GT(std::stoll(usage.results["used"]), 1000000);
    remove("data");
}

TEST_F(StorageZfs, RefusesOptionsThatCannotBe) {
    const StorageUnderTest::Config bad[] = {
        {{"recordsize", "1000"}},
        {{"recordsize", "256"}},
        {{"compression", "fast please"}},
        {{"compression", "-o"}},
        {{"compression", "lz5"}},
        {{"properties", "exec"}},
        {{"properties", "exec="}},
        {{"properties", "=on"}},
        {{"properties", "-r=on"}},
        {{"properties", "Exec=on"}},
        {{"properties", "mountpoint=/etc"}},
        {{"properties", "canmount=on"}},
        {{"properties", "zoned=on"}},
        {{"properties", "jailed=on"}},
        {{"properties", "sharenfs=on"}},
        {{"properties", "brig:owner=me"}},
        {{"properties", "encryption=on"}},
        {{"properties", "quota=1M"}},
        {{"properties", "me:note=a\tb"}},
    };
    for (const StorageUnderTest::Config& config : bad) {
        const StorageUnderTest opened{BRIG_TEST_DRIVERS "/storage-zfs.so", with_defaults(config)};
        EXPECT_EQ(opened.opened().status, BRIG_INVALID) << config.begin()->second;
        storage().set_options(config);
        EXPECT_EQ(storage().provision("data").status, BRIG_INVALID) << config.begin()->second;
    }
    EXPECT_EQ(in_pool(), Names{});
}

TEST_F(StorageZfs, NamesThePropertyThatTheHostsZfsRefuses) {
    open({{"properties", "nosuchproperty=on"}});
    const Spoken spoken = storage().provision("data");
    expect_refused(spoken, BRIG_INVALID, "nosuchproperty=on");
    EXPECT_EQ(in_pool(), kOnlyParent);
}

// ---- Snapshots ----

TEST_F(StorageZfs, ReturnsToASnapshot) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "file", "first");
    expect_ok(storage().snapshot("one", "s1"));  // while it is active
    write_file(root / "file", "second");
    EXPECT_EQ(storage().rollback("one", "s1").status, BRIG_BUSY);
    expect_ok(storage().deactivate("one"));
    EXPECT_EQ(storage().rollback("one", "none").status, BRIG_NOT_FOUND);
    expect_ok(storage().rollback("one", "s1"));
    EXPECT_EQ(read_file(activate("one") / "file"), "first");
    remove("one");
}

TEST_F(StorageZfs, ReturnsPastNewerSnapshotsOnlyByForce) {
    make_image();
    const fs::path root = run("one");
    expect_ok(storage().snapshot("one", "s1"));
    write_file(root / "file", "second");
    expect_ok(storage().snapshot("one", "s2"));
    expect_ok(storage().snapshot("one", "s3"));
    expect_ok(storage().deactivate("one"));
    expect_refused(storage().rollback("one", "s1"), BRIG_CONFLICT, "'s2', 's3'");
    storage().set_flags(BRIG_F_FORCE);
    expect_ok(storage().rollback("one", "s1"));
    storage().set_flags(0);
    EXPECT_FALSE(fs::exists(activate("one") / "file"));
    remove("one");
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@image"}));
}

TEST_F(StorageZfs, ForceLosesNoSnapshotThatIsNeededOrNotOurs) {
    make_image();
    expect_ok(storage().snapshot("base", "newer"));
    expect_ok(storage().provision("one", "base@newer"));
    storage().set_flags(BRIG_F_FORCE);
    expect_refused(storage().rollback("base", "image"), BRIG_BUSY, "'one'");
    storage().set_flags(0);
    expect_ok(storage().destroy("one"));
    must("zfs snapshot " + dataset("base") + "@theirs");
    storage().set_flags(BRIG_F_FORCE);
    expect_refused(storage().rollback("base", "image"), BRIG_CONFLICT, "@theirs'");
    storage().set_flags(0);
    EXPECT_EQ(in_pool().size(), 5U);
}

TEST_F(StorageZfs, ReportsSnapshotsTheOldestFirst) {
    make_image();
    for (const char* name : {"z", "a", "m"}) {
        expect_ok(storage().snapshot("base", name));
    }
    const Spoken spoken = storage().snapshots("base");
    expect_ok(spoken);
    Names names;
    for (const Spoken::Item& item : spoken.items) {
        names.push_back(item.id);
        EXPECT_EQ(item.owner, "brig/test");
        EXPECT_GT(std::stoll(item.note), 1600000000);
    }
    EXPECT_EQ(names, (Names{"image", "z", "a", "m"}));
    EXPECT_EQ(storage().snapshots("none").status, BRIG_NOT_FOUND);
}

// ---- What is in use ----

/// A child that does something in a volume until it is told to end.
class Holder {
  public:
    explicit Holder(const std::function<void()>& hold) {
        std::array<int, 2> ready{};
        EXPECT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
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

TEST_F(StorageZfs, NamesTheProcessThatUsesAVolume) {
    make_image();
    const fs::path root = run("one");
    const std::function<void()> uses[] = {
        [&] { static_cast<void>(::chdir(root.c_str())); },
        [&] { static_cast<void>(::chroot(root.c_str())); },
        [&] { static_cast<void>(::open((root / "etc/motd").c_str(), O_RDONLY)); }};
    for (const std::function<void()>& use : uses) {
        const Holder holder{use};
        expect_refused(storage().deactivate("one"), BRIG_BUSY, "process " + holder.pid() + " (");
        EXPECT_EQ(storage().destroy("one").status, BRIG_BUSY);
    }
    EXPECT_EQ(read_file(root / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageZfs, UnmountsByForceWhatIsInUse) {
    make_image();
    const fs::path root = run("one");
    {
        const Holder holder{[&] { static_cast<void>(::chdir(root.c_str())); }};
        storage().set_flags(BRIG_F_FORCE);
        const Spoken spoken = storage().deactivate("one");
        expect_ok(spoken);
        EXPECT_EQ(spoken.log.size(), 1U);
        storage().set_flags(0);
        EXPECT_EQ(mounts(), "");
    }
    expect_ok(storage().destroy("one"));
}

TEST_F(StorageZfs, RefusesToDestroyWhatIsActive) {
    make_image();
    const fs::path root = run("one");
    expect_refused(storage().destroy("one"), BRIG_BUSY, "'one' is active");
    open({});
    EXPECT_EQ(storage().destroy("one").status, BRIG_BUSY);
    EXPECT_EQ(read_file(root / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageZfs, NamesTheClonesThatKeepAnImage) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    must("zfs clone -o mountpoint=none " + dataset("base") + "@image " + pool_ + "/theirs");
    for (const Spoken& spoken :
         {storage().destroy("base"), storage().snapshot_destroy("base", "image")}) {
        expect_refused(spoken, BRIG_BUSY, "'one'");
        EXPECT_TRUE(contains(spoken.message, "'" + pool_ + "/theirs'")) << spoken.message;
    }
    must("zfs destroy " + pool_ + "/theirs");
    expect_ok(storage().destroy("one"));
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, NamesWhatIsMountedInAnActiveVolume) {
    make_image();
    const fs::path root = run("one");
    ASSERT_TRUE(mount_tmpfs(root / "etc"));
    expect_refused(storage().deactivate("one"), BRIG_BUSY, "etc' is mounted in it");
    ASSERT_TRUE(unmount(root / "etc"));
    remove("one");
}

// ---- Promotion ----

TEST_F(StorageZfs, LetsClonesTakeOverFromADestroyedImage) {
    make_image();
    run("one");
    expect_ok(storage().provision("two", "base@image"));
    expect_ok(storage().snapshot("one", "image"));  // the same name as the image's
    storage().set_flags(BRIG_F_PROMOTE);
    if (is_old()) {
        expect_refused(storage().destroy("base"), BRIG_BUSY, "'one'");
        expect_ok(storage().deactivate("one"));
    }
    expect_ok(storage().destroy("base"));
    storage().set_flags(0);
    EXPECT_EQ(storage().check("base").status, BRIG_NOT_FOUND);
    EXPECT_EQ(read_file(activate("one") / "etc/motd"), "hello");
    EXPECT_EQ(storage().snapshots("one").items.size(), 1U);
    EXPECT_EQ(read_file(activate("two") / "etc/motd"), "hello");
    // Each goes by itself, whichever it was that took over.
    expect_ok(storage().provision("two", "base@image"));
    remove("one");
    EXPECT_EQ(read_file(root_of("two") / "etc/motd"), "hello");
    remove("two");
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, PromotesAcrossSeveralSnapshots) {
    make_image();
    expect_ok(storage().snapshot("base", "second"));
    expect_ok(storage().snapshot("base", "third"));
    expect_ok(storage().provision("one", "base@image"));
    expect_ok(storage().provision("two", "base@second"));
    storage().set_flags(BRIG_F_PROMOTE);
    expect_ok(storage().destroy("base"));
    storage().set_flags(0);
    EXPECT_EQ(read_file(activate("one") / "etc/motd"), "hello");
    EXPECT_EQ(read_file(activate("two") / "etc/motd"), "hello");
    remove("two");
    EXPECT_EQ(read_file(root_of("one") / "etc/motd"), "hello");
    remove("one");
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, PromotesNothingThatIsNotOurs) {
    make_image();
    must("zfs clone -o mountpoint=none " + dataset("base") + "@image " + pool_ + "/theirs");
    storage().set_flags(BRIG_F_PROMOTE);
    expect_refused(storage().destroy("base"), BRIG_BUSY, "theirs'");
    storage().set_flags(0);
    EXPECT_EQ(property("origin", pool_ + "/theirs"), dataset("base") + "@image");
}

// ---- What is not ours ----

TEST_F(StorageZfs, LeavesAVolumeOfAnotherOwnerAlone) {
    expect_ok(storage().provision("data"));
    storage().set_owner("brig/other");
    EXPECT_EQ(storage().provision("data").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().activate("data").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().destroy("data").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().snapshot("data", "s").status, BRIG_CONFLICT);
    EXPECT_EQ(storage().check("data").status, BRIG_DRIFT);
    storage().set_owner("brig/test");
    activate("data");
    storage().set_owner("brig/other");
    EXPECT_EQ(storage().deactivate("data").status, BRIG_CONFLICT);
    storage().set_owner("brig/test");
    remove("data");
}

TEST_F(StorageZfs, LeavesADatasetWithoutTagAlone) {
    make_image();
    must("zfs create -o mountpoint=none " + dataset("mine"));
    // What a child, a snapshot or a clone inherits does not count.
    must("zfs set brig:owner=brig/test " + parent());
    Names foreign{"mine"};
    if (!is_old()) {  // zfs-fuse has no block devices
        must("zfs create -V 1M " + dataset("block"));
        foreign.emplace_back("block");
    }
    for (const std::string& volume : foreign) {
        EXPECT_EQ(storage().provision(volume).status, BRIG_CONFLICT);
        EXPECT_EQ(storage().provision(volume, "base@image").status, BRIG_CONFLICT);
        EXPECT_EQ(storage().activate(volume).status, BRIG_CONFLICT);
        EXPECT_EQ(storage().snapshot(volume, "s").status, BRIG_CONFLICT);
        EXPECT_EQ(storage().destroy(volume).status, BRIG_CONFLICT);
    }
    EXPECT_EQ(storage().list().pairs(), Names{"brig/test base"});
    EXPECT_EQ(in_pool().size(), 3U + foreign.size());
}

TEST_F(StorageZfs, LeavesForeignSnapshotsAlone) {
    make_image();
    must("zfs snapshot " + dataset("base") + "@auto-daily");
    expect_refused(storage().destroy("base"), BRIG_CONFLICT, "@auto-daily'");
    expect_refused(storage().snapshot("base", "auto-daily"), BRIG_CONFLICT, "@auto-daily'");
    expect_refused(storage().snapshot_destroy("base", "auto-daily"), BRIG_CONFLICT, "@auto-daily'");
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@auto-daily", "brig/base@image"}));
    must("zfs destroy " + dataset("base") + "@auto-daily");
    expect_ok(storage().destroy("base"));
}

TEST_F(StorageZfs, LeavesSnapshotsThatAreHeldAlone) {
    make_image();
    must("zfs hold backup " + dataset("base") + "@image");
    expect_refused(storage().destroy("base"), BRIG_BUSY, "@image' is held");
    expect_refused(storage().snapshot_destroy("base", "image"), BRIG_BUSY, "@image' is held");
    EXPECT_EQ(storage().check("base").status, BRIG_OK);
    must("zfs release backup " + dataset("base") + "@image");
    expect_ok(storage().destroy("base"));
}

TEST_F(StorageZfs, LeavesForeignChildrenAlone) {
    expect_ok(storage().provision("data"));
    must("zfs create -o mountpoint=none " + dataset("data") + "/child");
    expect_refused(storage().destroy("data"), BRIG_CONFLICT, "data/child'");
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/data", "brig/data/child"}));
}

TEST_F(StorageZfs, RefusesAnotherSourceForAVolumeThatExists) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    EXPECT_EQ(storage().provision("one").status, BRIG_CONFLICT);
    expect_ok(storage().provision("data"));
    EXPECT_EQ(storage().provision("data", "base@image").status, BRIG_CONFLICT);
}

TEST_F(StorageZfs, RefusesAPlaceThatIsTaken) {
    make_image();
    fs::create_directories(root_of("one"));
    write_file(root_of("one") / "file", "precious");
    expect_ok(storage().provision("one", "base@image"));
    expect_refused(storage().activate("one"), BRIG_CONFLICT, "is not empty");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(read_file(root_of("one") / "file"), "precious");
}

TEST_F(StorageZfs, RefusesForeignMounts) {
    make_image();
    fs::create_directories(root_of("data"));
    ASSERT_TRUE(mount_tmpfs(root_of("data")));
    expect_ok(storage().provision("data"));
    expect_refused(storage().activate("data"), BRIG_CONFLICT, "'tmpfs' is mounted on");
    expect_refused(storage().deactivate("data"), BRIG_CONFLICT, "'tmpfs' is mounted on");
    ASSERT_TRUE(unmount(root_of("data")));
    must("zfs set mountpoint=" + (base_ / "elsewhere").string() + " " + dataset("data"));
    must("zfs mount " + dataset("data"));
    expect_refused(storage().activate("data"), BRIG_CONFLICT, "elsewhere'");
    expect_refused(storage().destroy("data"), BRIG_CONFLICT, "elsewhere'");
    must("zfs unmount " + dataset("data"));
    activate("data");
    remove("data");
}

TEST_F(StorageZfs, TellsOfDamageAndMendsIt) {
    expect_ok(storage().provision("data"));
    must("zfs set canmount=on " + dataset("data"));
    EXPECT_EQ(storage().check("data").status, BRIG_DRIFT);
    shell("zfs unmount " + dataset("data"));
    activate("data");
    EXPECT_EQ(storage().check("data").status, BRIG_OK);
    remove("data");
}

TEST_F(StorageZfs, RefusesNamesThatAreNotNames) {
    make_image();
    const Names before = in_pool();
    for (const char* name : {"",
                             ".",
                             "..",
                             "a/b",
                             "../x",
                             ".hidden",
                             "a b",
                             "a\nb",
                             "-r",
                             "a@b",
                             "a%b",
                             "a#b",
                             "/a"}) {
        EXPECT_EQ(storage().provision(name).status, BRIG_INVALID) << name;
        EXPECT_EQ(storage().activate(name).status, BRIG_INVALID) << name;
        EXPECT_EQ(storage().destroy(name).status, BRIG_INVALID) << name;
        EXPECT_EQ(storage().snapshot("base", name).status, BRIG_INVALID) << name;
        EXPECT_EQ(storage().snapshot_destroy("base", name).status, BRIG_INVALID) << name;
        EXPECT_EQ(storage().rollback("base", name).status, BRIG_INVALID) << name;
    }
    EXPECT_EQ(storage().provision(std::string(65, 'a')).status, BRIG_INVALID);
    for (const char* source :
         {"base", "base@", "@image", "../base@image", "base@../../x", "base@a,b", "base@a@b"}) {
        EXPECT_EQ(storage().provision("one", source).status, BRIG_INVALID) << source;
    }
    EXPECT_EQ(storage().provision("one", "none@image").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().provision("one", "base@none").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().activate("one").status, BRIG_NOT_FOUND);
    EXPECT_EQ(in_pool(), before);
}

TEST_F(StorageZfs, RefusesParentsThatAreNotDatasets) {
    for (const std::string& name : {std::string{},
                                    std::string{"/tank"},
                                    std::string{"tank/"},
                                    std::string{"tank//x"},
                                    std::string{"tank/../x"},
                                    std::string{"-r"},
                                    std::string{"tank/-r"},
                                    std::string{"tank@x"},
                                    std::string{"tank/a b"},
                                    std::string{"tank/a%b"},
                                    std::string{"1tank"},
                                    "tank/" + std::string(250, 'a')}) {
        const StorageUnderTest opened{BRIG_TEST_DRIVERS "/storage-zfs.so",
                                      with_defaults({{"dataset", name}})};
        EXPECT_EQ(opened.opened().status, BRIG_INVALID) << name;
    }
}

TEST_F(StorageZfs, KnowsHowLongANameMayBe) {
    const std::string long_part(64, 'v');
    // Room for the volume, the snapshot, and what the driver puts before them.
    const std::string parent = pool_ + "/" + std::string(255 - 7 - 64 - 64 - 3 - pool_.size(), 'p');
    open({{"dataset", parent}});
    expect_ok(storage().provision(long_part));
    activate(long_part);
    expect_ok(storage().deactivate(long_part));
    expect_ok(storage().snapshot(long_part, std::string(64, 's')));
    expect_ok(storage().provision("one", long_part + "@" + std::string(64, 's')));
    expect_ok(storage().destroy("one"));
    expect_ok(storage().destroy(long_part));
    open({{"dataset", parent + "x"}});
    expect_refused(storage().snapshot(long_part, std::string(64, 's')), BRIG_INVALID, "too long");
}

TEST_F(StorageZfs, ListsWhatBearsATag) {
    make_image();
    expect_ok(storage().provision("one", "base@image"));
    storage().set_owner("brig/other");
    expect_ok(storage().provision("data"));
    const Spoken spoken = storage().list();
    EXPECT_EQ(spoken.pairs(), (Names{"brig/other data", "brig/test base", "brig/test one"}));
    for (const Spoken::Item& item : spoken.items) {
        EXPECT_EQ(item.note, item.id == "one" ? "clone of base@image" : "");
    }
}

TEST_F(StorageZfs, BelievesNoPropertyThatSaysTwoThings) {
    expect_ok(storage().provision("data"));
    must("zfs create -o mountpoint=none " + dataset("mine"));
    must("zfs set brig:source=\"$(printf 'x\\n" + dataset("mine")
         + "\\tbrig:owner\\tbrig/test\\tlocal')\" " + dataset("data"));
    EXPECT_EQ(storage().list().status, BRIG_INTERNAL);
}

// ---- Pools ----

TEST_F(StorageZfs, SaysThatThePoolIsNotThere) {
    make_image();
    must("zpool export " + pool_);
    for (const Spoken& spoken : {storage().status(),
                                 storage().list(),
                                 storage().check("base"),
                                 storage().provision("one", "base@image"),
                                 storage().provision("data"),
                                 storage().activate("base"),
                                 storage().snapshot("base", "s"),
                                 storage().snapshot_destroy("base", "image"),
                                 storage().rollback("base", "image"),
                                 storage().snapshots("base"),
                                 storage().usage("base"),
                                 storage().destroy("base")}) {
        expect_refused(spoken, BRIG_UNAVAILABLE, "the pool '" + pool_ + "' is not there");
    }
    expect_ok(storage().deactivate("base"));
    must("zpool import -d " + base_.string() + " " + pool_);
    expect_ok(storage().status());
    EXPECT_EQ(read_file(run("one") / "etc/motd"), "hello");
    remove("one");
}

TEST_F(StorageZfs, SaysThatThereIsNoSpace) {
    open({{"reservation", "120M"}});
    expect_refused(storage().provision("big"), BRIG_EXHAUSTED, "no space");
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfs, SaysThatTheQuotaOfTheParentIsUsedUp) {
    make_image();
    must("zfs set quota=1M " + parent());
    std::string noise(std::size_t{2} << 20U, '\0');
    std::generate(noise.begin(), noise.end(), [] { return static_cast<char>(::random()); });
    write_file(activate("base") / "noise", noise);  // as much as there is room for
    expect_ok(storage().deactivate("base"));
    // What was written is accounted for in a moment.
    Spoken spoken;
    for (int i = 0; i < 100 && spoken.status == BRIG_OK; ++i) {
        ::usleep(100000);
        spoken = storage().status();
    }
    expect_refused(spoken, BRIG_EXHAUSTED, "no space left");
}

TEST_F(StorageZfs, SaysThatThePoolIsReadOnly) {
    if (is_old()) {
        GTEST_SKIP() << "zfs-fuse imports no pool read-only";
    }
    make_image();
    must("zpool export " + pool_);
    must("zpool import -o readonly=on -d " + base_.string() + " " + pool_);
    expect_refused(storage().provision("one", "base@image"), BRIG_UNAVAILABLE, "read-only");
}

// ---- Comparisons ----

TEST_F(StorageZfs, TellsWhatWasChangedInAClone) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "etc/motd", "other");
    fs::remove(root / "etc/passwd");
    fs::create_directories(root / "new folder");
    write_file(root / "new folder/a\nb", "x");
    for (const bool active : {true, false}) {
        if (!active) {
            expect_ok(storage().deactivate("one"));
        }
        const Spoken spoken = storage().diff("one");
        expect_ok(spoken);
        EXPECT_EQ(spoken.pairs(),
                  (Names{"added /new folder",
                         "added /new folder/a\nb",
                         "changed /etc/motd",
                         "deleted /etc/passwd"}));
        EXPECT_EQ(mounts().empty(), !active);
        if (active) {
            write_file(root / "etc/motd", "other");
        }
    }
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@image", "brig/one"}));
    expect_ok(storage().destroy("one"));
}

TEST_F(StorageZfs, TellsWhatWasChangedSinceASnapshot) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "early", "x");
    expect_ok(storage().snapshot("one", "s1"));
    EXPECT_EQ(storage().diff("one", "s1").pairs(), Names{});
    ASSERT_EQ(::chmod((root / "early").c_str(), 0600), 0);
    ASSERT_EQ(::chown((root / "etc").c_str(), 7, 7), 0);
    fs::create_symlink("nowhere", root / "link");
    EXPECT_EQ(storage().diff("one", "s1").pairs(),
              (Names{"added /link", "changed /early", "changed /etc"}));
    EXPECT_EQ(storage().diff("one", "none").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().diff("none").status, BRIG_NOT_FOUND);
    remove("one");
}

TEST_F(StorageZfs, TellsWhatWasChangedAfterThePromotion) {
    make_image();
    write_file(run("one") / "file", "x");
    expect_ok(storage().deactivate("one"));
    storage().set_flags(BRIG_F_PROMOTE);
    expect_ok(storage().destroy("base"));
    storage().set_flags(0);
    EXPECT_EQ(storage().diff("one").pairs(), Names{"added /file"});
    remove("one");
}

TEST_F(StorageZfs, ComparesAnEmptyVolumeWithNothing) {
    expect_ok(storage().provision("data"));
    write_file(activate("data") / "file", "x");
    EXPECT_EQ(storage().diff("data").pairs(), Names{"added /file"});
    remove("data");
}

TEST_F(StorageZfs, LeavesNoMountWhatIsMountedInAVolume) {
    make_image();
    const fs::path root = run("one");
    fs::create_directories(root / "mnt");
    ASSERT_TRUE(mount_tmpfs(root / "mnt"));
    write_file(root / "mnt/foreign", "x");
    EXPECT_EQ(storage().diff("one").pairs(), Names{"added /mnt"});
    ASSERT_TRUE(unmount(root / "mnt"));
    remove("one");
}

// ---- Streams ----

brig_stream stream_of(int fd, const char* snapshot, const char* base = nullptr) {
    brig_stream stream{};
    stream.hdr = BRIG_HDR(brig_stream);
    stream.snapshot = snapshot;
    stream.base = base;
    stream.fd = fd;
    return stream;
}

/// An open file that is closed.
class File {
  public:
    File(const fs::path& path, int flags) : fd_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {
        EXPECT_GE(fd_, 0) << path;
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    File(File&&) = delete;
    File& operator=(File&&) = delete;
    ~File() { ::close(fd_); }

    [[nodiscard]] int fd() const { return fd_; }

  private:
    int fd_;
};

class StorageZfsStreams : public StorageZfs {
  protected:
    fs::path send(const std::string& volume, const char* snapshot, const char* base = nullptr) {
        fs::path path = base_ / (volume + "-" + snapshot + ".stream");
        const File file{path, O_WRONLY | O_CREAT | O_TRUNC};
        expect_ok(storage().send(volume, stream_of(file.fd(), snapshot, base)));
        return path;
    }

    Spoken receive(const std::string& volume, const char* snapshot, const fs::path& from) {
        const File file{from, O_RDONLY};
        return storage().receive(volume, stream_of(file.fd(), snapshot));
    }

    /// The same out of a pipe, which cannot be looked into first.
    Spoken receive_by_pipe(const std::string& volume, const char* snapshot, const fs::path& from) {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
        const std::string bytes = read_file(from);
        std::thread writer{[&] {
            sigset_t pipe;
            ::sigemptyset(&pipe);
            ::sigaddset(&pipe, SIGPIPE);
            ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
            std::size_t at = 0;
            for (ssize_t put = 1; at < bytes.size() && put > 0;
                 at += static_cast<std::size_t>(std::max<ssize_t>(put, 0))) {
                put = ::write(ends[1], bytes.data() + at, bytes.size() - at);
            }
            ::close(ends[1]);
        }};
        Spoken spoken = storage().receive(volume, stream_of(ends[0], snapshot));
        ::close(ends[0]);
        writer.join();
        return spoken;
    }

    fs::path cut(const fs::path& from, std::size_t length) {
        fs::path path = base_ / "cut";
        write_file(path, read_file(from).substr(0, length));
        return path;
    }
};

TEST_F(StorageZfsStreams, SendAndReceiveAVolume) {
    make_image();
    const fs::path stream = send("base", "image");
    expect_ok(receive("copy", "kept", stream));
    expect_ok(receive("copy", "kept", stream));  // repeated
    expect_ok(receive_by_pipe("pipe", "kept", stream));
    EXPECT_EQ(mounts(), "");
    for (const char* volume : {"copy", "pipe"}) {
        EXPECT_EQ(read_file(activate(volume) / "etc/motd"), "hello");
        EXPECT_EQ(storage().check(volume).status, BRIG_OK);
        EXPECT_EQ(storage().snapshots(volume).items.size(), 1U);
        remove(volume);
    }
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@image"}));
}

TEST_F(StorageZfsStreams, CloneWhatWasReceived) {
    make_image();
    expect_ok(receive("copy", "image", send("base", "image")));
    EXPECT_EQ(read_file(run("one", "copy@image") / "etc/motd"), "hello");
    remove("one");
    expect_ok(storage().destroy("copy"));
}

TEST_F(StorageZfsStreams, MakeVolumesWithTheOptionsThatAreAsked) {
    make_image();
    const fs::path stream = send("base", "image");
    storage().set_options({{"quota", "32M"}, {"compression", "gzip-3"}});
    expect_ok(receive("copy", "image", stream));
    EXPECT_EQ(property("quota", dataset("copy")), "33554432");
    EXPECT_EQ(property("compression", dataset("copy")), "gzip-3");
    remove("copy");
    std::string noise(std::size_t{4} << 20U, '\0');
    std::generate(noise.begin(), noise.end(), [] { return static_cast<char>(::random()); });
    write_file(activate("base") / "noise", noise);
    expect_ok(storage().deactivate("base"));
    expect_ok(storage().snapshot("base", "large"));
    const fs::path large = send("base", "large");
    storage().set_options({{"quota", "1M"}});
    const Names before = in_pool();
    EXPECT_NE(receive("copy", "large", large).status, BRIG_OK);
    EXPECT_EQ(in_pool(), before);
}

TEST_F(StorageZfsStreams, ContinueAVolume) {
    make_image();
    expect_ok(receive("copy", "image", send("base", "image")));
    write_file(activate("base") / "more", "x");
    expect_ok(storage().deactivate("base"));
    expect_ok(storage().snapshot("base", "second"));
    const fs::path more = send("base", "second", "image");
    EXPECT_EQ(receive("none", "second", more).status, BRIG_NOT_FOUND);
    expect_ok(receive_by_pipe("copy", "second", more));
    expect_ok(receive("copy", "second", more));
    EXPECT_EQ(storage().snapshots("copy").items.size(), 2U);
    EXPECT_EQ(property("brig:receiving", dataset("copy")), "-");
    EXPECT_EQ(read_file(activate("copy") / "more"), "x");
    expect_ok(storage().deactivate("copy"));
    // It is further than that now.
    EXPECT_EQ(receive("copy", "third", more).status, BRIG_CONFLICT);
    expect_ok(storage().destroy("copy"));
}

TEST_F(StorageZfsStreams, RefuseWhatDoesNotFit) {
    make_image();
    const fs::path stream = send("base", "image");
    expect_ok(storage().provision("data"));
    EXPECT_EQ(receive("data", "image", stream).status, BRIG_CONFLICT);
    EXPECT_EQ(receive("base", "other", stream).status, BRIG_CONFLICT);
    activate("base");
    expect_ok(storage().snapshot("base", "second"));
    expect_ok(receive("copy", "image", stream));
    activate("copy");
    EXPECT_EQ(receive("copy", "second", send("base", "second", "image")).status, BRIG_BUSY);
    EXPECT_EQ(storage().send("base", stream_of(1, "none")).status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().send("none", stream_of(1, "image")).status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().send("base", stream_of(1, "image", "second")).status, BRIG_INVALID);
    EXPECT_EQ(storage().send("base", stream_of(1, "second", "none")).status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().pending("copy").status, BRIG_NOT_FOUND);
}

TEST_F(StorageZfsStreams, LeaveNothingOfWhatIsDamaged) {
    expect_ok(storage().provision("base"));
    std::string noise(std::size_t{300} * 1024, '\0');
    std::generate(noise.begin(), noise.end(), [] { return static_cast<char>(::random()); });
    write_file(activate("base") / "noise", noise);
    expect_ok(storage().deactivate("base"));
    expect_ok(storage().snapshot("base", "image"));
    const fs::path whole = send("base", "image");
    const std::size_t length = read_file(whole).size();
    const Names before = in_pool();
    for (const std::size_t kept :
         {std::size_t{0}, std::size_t{100}, std::size_t{312}, length / 2, length - 1}) {
        EXPECT_EQ(receive("copy", "image", cut(whole, kept)).status, BRIG_INVALID) << kept;
        EXPECT_EQ(receive_by_pipe("copy", "image", cut(whole, kept)).status, BRIG_INVALID) << kept;
        EXPECT_EQ(in_pool(), before) << kept;
    }
    std::string bytes = read_file(whole);
    bytes[length / 2] = static_cast<char>(bytes[length / 2] + 1);
    write_file(base_ / "flipped", bytes);
    EXPECT_EQ(receive("copy", "image", base_ / "flipped").status, BRIG_INVALID);
    write_file(base_ / "text", std::string(100000, 'x'));
    EXPECT_EQ(receive_by_pipe("copy", "image", base_ / "text").status, BRIG_INVALID);
    EXPECT_EQ(in_pool(), before);
    EXPECT_EQ(storage().check("copy").status, BRIG_NOT_FOUND);
}

TEST_F(StorageZfsStreams, ReceiveNoProperties) {
    make_image();
    must("zfs send -p " + dataset("base") + "@image >" + (base_ / "props").string());
    const Names before = in_pool();
    expect_refused(receive("copy", "image", base_ / "props"), BRIG_INVALID, "properties");
    EXPECT_EQ(in_pool(), before);
}

// ---- Crashes ----

class StorageZfsCrashes : public StorageZfsStreams {
  protected:
    using Operation = std::function<Spoken(StorageUnderTest&)>;

    struct Case {
        std::function<void()> before;
        Operation operation;
        std::function<void()> after;  ///< what must hold once it was repeated
        Names volumes;                ///< that destroy must leave nothing of
        bool only_crashes = false;    ///< and no programs that fail, where others have these
    };

    /// Breaks the operation at each of its programs, then repeats it, or destroys what it may have
    /// left. To die before a program is the same as to die after the one before.
    void torture(const Case& that) {
        const Left before{in_pool(), mounts()};
        break_everywhere(that, RunFault::Kind::die_after, true, before);
        break_everywhere(that, RunFault::Kind::die_after, false, before);
        if (!that.only_crashes) {
            break_everywhere(that, RunFault::Kind::fail_before, true, before);
        }
    }

    /// Makes volume `one`, a clone, with a snapshot.
    void make_clone_with(const std::string& snapshot) {
        expect_ok(storage().provision("one", "base@image"));
        expect_ok(storage().snapshot("one", snapshot));
    }

  private:
    struct Left {
        Names datasets;
        std::string mounts;
    };

    void break_everywhere(const Case& that, RunFault::Kind kind, bool repeat, const Left& before) {
        for (int at = 1;; ++at) {
            SCOPED_TRACE("fault " + std::to_string(static_cast<int>(kind)) + " at program "
                         + std::to_string(at) + (repeat ? ", repeated" : ", destroyed"));
            that.before();
            const bool reached = break_at(that.operation, {at, kind});
            open({});
            if (repeat) {
                expect_ok(that.operation(storage()));
                that.after();
            }
            clean(that.volumes);
            ASSERT_EQ(in_pool(), before.datasets);
            ASSERT_EQ(mounts(), before.mounts);
            ASSERT_FALSE(HasFailure());
            if (!reached) {
                return;
            }
            ASSERT_LT(at, 30);
        }
    }

    /// Was there such a program?
    bool break_at(const Operation& operation, const RunFault& fault) {
        bool reached = false;
        const bool lives = survives([&] {
            StorageUnderTest broken{BRIG_TEST_DRIVERS "/storage-zfs.so", with_defaults({})};
            broken.set_fault(fault);
            const Spoken spoken = operation(broken);
            ::_exit(static_cast<int>(spoken.programs.size()) >= fault.at ? 1 : 0);
        });
        reached = !lives || last_exit_ == 1;
        return reached;
    }

    /// Runs an operation in a child. False: it was killed. Its programs have ended, too: they hold
    /// a pipe, as with the engine the container's lock.
    bool survives(const std::function<void()>& operation) {
        std::array<int, 2> lock{};
        EXPECT_EQ(::pipe2(lock.data(), O_CLOEXEC), 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            ::fcntl(lock[1], F_SETFD, 0);
            operation();
            ::_exit(0);
        }
        ::close(lock[1]);
        int status = 0;
        ::waitpid(pid, &status, 0);
        char byte = 0;
        EXPECT_EQ(::read(lock[0], &byte, 1), 0);
        ::close(lock[0]);
        last_exit_ = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
        return WIFEXITED(status);
    }

    void clean(const Names& volumes) {
        for (const std::string& volume : volumes) {
            expect_ok(storage().deactivate(volume));
            expect_ok(storage().destroy(volume));
        }
    }

    int last_exit_ = 0;
};

TEST_F(StorageZfsCrashes, ProvisionAnEmptyVolume) {
    expect_ok(storage().provision("other"));
    torture({[] {},
             [](StorageUnderTest& s) { return s.provision("data"); },
             [&] { EXPECT_EQ(storage().check("data").status, BRIG_OK); },
             {"data"}});
}

TEST_F(StorageZfsCrashes, ProvisionAClone) {
    make_image();
    torture({[] {},
             [](StorageUnderTest& s) { return s.provision("one", "base@image"); },
             [&] { EXPECT_EQ(storage().check("one").status, BRIG_OK); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, Activate) {
    make_image();
    torture({[&] { expect_ok(storage().provision("one", "base@image")); },
             [](StorageUnderTest& s) { return s.activate("one"); },
             [&] { EXPECT_EQ(read_file(root_of("one") / "etc/motd"), "hello"); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, Deactivate) {
    make_image();
    torture({[&] { run("one"); },
             [](StorageUnderTest& s) { return s.deactivate("one"); },
             [&] { EXPECT_EQ(mounts(), ""); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, Snapshot) {
    make_image();
    torture({[&] { expect_ok(storage().provision("data")); },
             [](StorageUnderTest& s) { return s.snapshot("data", "s"); },
             [&] { EXPECT_EQ(storage().snapshots("data").items.size(), 1U); },
             {"data"}});
}

TEST_F(StorageZfsCrashes, DestroyASnapshot) {
    make_image();
    torture({[&] { make_clone_with("s"); },
             [](StorageUnderTest& s) { return s.snapshot_destroy("one", "s"); },
             [&] { EXPECT_EQ(storage().snapshots("one").items.size(), 0U); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, RollBack) {
    make_image();
    torture({[&] {
                 make_clone_with("s");
                 write_file(activate("one") / "later", "x");
                 expect_ok(storage().snapshot("one", "second"));
                 expect_ok(storage().deactivate("one"));
             },
             [](StorageUnderTest& s) {
                 s.set_flags(BRIG_F_FORCE);
                 const Spoken spoken = s.rollback("one", "s");
                 s.set_flags(0);
                 return spoken;
             },
             [&] { EXPECT_FALSE(fs::exists(activate("one") / "later")); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, Destroy) {
    make_image();
    torture({[&] { make_clone_with("s"); },
             [](StorageUnderTest& s) { return s.destroy("one"); },
             [&] { EXPECT_EQ(storage().check("one").status, BRIG_NOT_FOUND); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, DestroyAndPromote) {
    make_image();
    torture({[&] {
                 make_clone_with("image");
                 expect_ok(storage().provision("two", "one@image"));
                 expect_ok(storage().snapshot("two", "image"));
                 expect_ok(storage().provision("three", "one@image"));
             },
             [](StorageUnderTest& s) {
                 s.set_flags(BRIG_F_PROMOTE);
                 const Spoken spoken = s.destroy("one");
                 s.set_flags(0);
                 return spoken;
             },
             [&] { EXPECT_EQ(storage().check("one").status, BRIG_NOT_FOUND); },
             {"two", "three", "one"}});
}

TEST_F(StorageZfsCrashes, Compare) {
    make_image();
    torture({[&] {
                 write_file(run("one") / "file", "x");
                 expect_ok(storage().deactivate("one"));
             },
             [](StorageUnderTest& s) { return s.diff("one"); },
             [&] { EXPECT_EQ(storage().diff("one").pairs(), Names{"added /file"}); },
             {"one"}});
}

TEST_F(StorageZfsCrashes, Receive) {
    make_image();
    const fs::path stream = send("base", "image");
    torture({[] {},
             [&](StorageUnderTest& s) {
                 const File file{stream, O_RDONLY};
                 return s.receive("copy", stream_of(file.fd(), "image"));
             },
             [&] { EXPECT_EQ(read_file(activate("copy") / "etc/motd"), "hello"); },
             {"copy"}});
}

TEST_F(StorageZfsCrashes, ReceiveMore) {
    make_image();
    expect_ok(storage().snapshot("base", "second"));
    const fs::path first = send("base", "image");
    const fs::path more = send("base", "second", "image");
    torture({[&] { expect_ok(receive("copy", "image", first)); },
             [&](StorageUnderTest& s) {
                 const File file{more, O_RDONLY};
                 return s.receive("copy", stream_of(file.fd(), "second"));
             },
             [&] { EXPECT_EQ(storage().snapshots("copy").items.size(), 2U); },
             {"copy"}});
}

// ---- Volumes of datasets that are not brig's ----

/// With a dataset `theirs` that has a snapshot `rel`.
class StorageZfsOrigins : public StorageZfsCrashes {
  protected:
    void SetUp() override {
        StorageZfsCrashes::SetUp();
        if (!pool_.empty()) {
            make_theirs(pool_);
        }
    }

    void TearDown() override {
        if (!other_.empty()) {
            // What was just received or unmounted zfs-fuse takes for busy for a moment.
            must("i=0; until zpool destroy -f " + other_
                 + "; do i=$((i+1)); [ $i -lt 50 ] || exit 1; sleep 0.1; done");
        }
        StorageZfsCrashes::TearDown();
    }

    void make_theirs(const std::string& pool) const {
        const std::string dataset = pool + "/theirs";
        must("zfs create -o mountpoint=" + (base_ / dataset).string() + " " + dataset);
        write_file(base_ / dataset / "motd", "old");
        must("zfs snapshot " + dataset + "@rel");
        write_file(base_ / dataset / "motd", "new");
        must("sync -f " + (base_ / dataset).string());
    }

    /// A second pool with the same.
    void make_other() {
        must("truncate -s 64M " + (base_ / "other").string());
        must("zpool create -o cachefile=none -m none " + pool_ + "b " + (base_ / "other").string());
        other_ = pool_ + "b";
        make_theirs(other_);
    }

    [[nodiscard]] std::string theirs(const std::string& suffix = "") const {
        return pool_ + "/theirs" + suffix;
    }

    static Spoken provision_from(StorageUnderTest& storage, StorageUnderTest::Config options) {
        storage.set_options(options);
        Spoken spoken = storage.provision("one");
        storage.set_options({});
        return spoken;
    }

    Spoken provision_from(const std::string& origin, const char* copy = "false") {
        return provision_from(storage(), {{"origin", origin}, {"origin_copy", copy}});
    }

    std::string motd_of_one() {
        std::string text = read_file(activate("one") / "motd");
        expect_ok(storage().deactivate("one"));
        return text;
    }

    /// All that is set on their dataset, and its snapshots.
    [[nodiscard]] std::string facts(const std::string& pool) const {
        return shell("zfs get -H -s local,received -r -o name,property,value all " + pool
                     + "/theirs");
    }

    /// Breaks the making of `one` at each of its programs, which are many where two pools meet.
    void torture_provision(const std::string& origin, const char* copy, const char* text) {
        const std::string before = facts(pool_of(origin));
        torture({[] {},
                 [&](StorageUnderTest& s) {
                     return provision_from(s, {{"origin", origin}, {"origin_copy", copy}});
                 },
                 [&] {
                     EXPECT_EQ(motd_of_one(), text);
                     EXPECT_EQ(in_pool_of(origin), (Names{"theirs", "theirs@rel"}));
                 },
                 {"one"},
                 pool_of(origin) == other_});
        EXPECT_EQ(facts(pool_of(origin)), before);
    }

    static std::string pool_of(const std::string& origin) {
        return origin.substr(0, origin.find('/'));
    }

    /// Their dataset and its snapshots, but those that go with the volume.
    [[nodiscard]] static Names in_pool_of(const std::string& origin) {
        const std::string pool = pool_of(origin);
        std::istringstream text{
            shell("zfs get -H -r -o name,value defer_destroy " + pool + "/theirs")};
        Names names;
        for (std::string line; std::getline(text, line);) {
            if (!line.ends_with("\ton")) {
                names.push_back(line.substr(pool.size() + 1, line.find('\t') - pool.size() - 1));
            }
        }
        return names;
    }

    const Names kTheirs{"theirs", "theirs@rel"};
    std::string other_;
};

TEST_F(StorageZfsOrigins, CloneASnapshot) {
    const std::string before = facts(pool_);
    expect_ok(provision_from(theirs("@rel")));
    EXPECT_EQ(property("origin", dataset("one")), theirs("@rel"));
    EXPECT_EQ(property("brig:origin", dataset("one")), theirs("@rel"));
    EXPECT_EQ(motd_of_one(), "old");
    expect_ok(provision_from(theirs("@rel")));  // repeated
    EXPECT_EQ(storage().list().items.at(0).note, "made of " + theirs("@rel"));
    EXPECT_EQ(storage().check("one").status, BRIG_OK);
    remove("one");
    EXPECT_EQ(in_pool(), (Names{"brig", "theirs", "theirs@rel"}));
    EXPECT_EQ(facts(pool_), before);
}

TEST_F(StorageZfsOrigins, CloneADatasetAsItIsNow) {
    const std::string before = facts(pool_);
    expect_ok(provision_from(theirs()));
    EXPECT_EQ(property("defer_destroy", theirs("@brig-one")), "on");
    EXPECT_EQ(motd_of_one(), "new");
    expect_ok(provision_from(theirs()));  // repeated
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/one", "theirs", "theirs@brig-one", "theirs@rel"}));
    write_file(base_ / theirs() / "motd", "newer");
    EXPECT_EQ(motd_of_one(), "new");
    remove("one");
    EXPECT_EQ(in_pool(), (Names{"brig", "theirs", "theirs@rel"}));
    EXPECT_EQ(facts(pool_), before);
    EXPECT_EQ(read_file(base_ / theirs() / "motd"), "newer");
}

TEST_F(StorageZfsOrigins, CopyOnRequest) {
    expect_ok(provision_from(theirs("@rel"), "true"));
    EXPECT_EQ(motd_of_one(), "old");
    expect_ok(provision_from(theirs("@rel"), "true"));
    EXPECT_EQ(property("origin", dataset("one")), "-");
    EXPECT_EQ(property("brig:receiving", dataset("one")), "-");
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/one", "theirs", "theirs@rel"}));
    remove("one");
    expect_ok(provision_from(theirs(), "true"));
    EXPECT_EQ(motd_of_one(), "new");
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/one", "theirs", "theirs@rel"}));
    // Nothing of theirs is needed any more.
    must("zfs destroy -r " + theirs());
    EXPECT_EQ(motd_of_one(), "new");
    remove("one");
    EXPECT_EQ(in_pool(), kOnlyParent);
}

TEST_F(StorageZfsOrigins, CopyFromAnotherPool) {
    make_other();
    const std::string before = facts(other_);
    for (const auto& [suffix, text] : {std::pair{"", "new"}, std::pair{"@rel", "old"}}) {
        expect_ok(provision_from(other_ + "/theirs" + suffix));
        EXPECT_EQ(motd_of_one(), text);
        EXPECT_EQ(facts(other_), before);
        EXPECT_EQ(in_pool_of(other_ + "/theirs"), kTheirs);
        remove("one");
    }
}

TEST_F(StorageZfsOrigins, AreImagesLikeOthers) {
    expect_ok(provision_from(theirs()));
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().snapshot("one", "image"));
    write_file(run("two", "one@image") / "motd", "changed");
    expect_ok(storage().deactivate("two"));
    expect_refused(storage().destroy("one"), BRIG_BUSY, "'two'");
    storage().set_flags(BRIG_F_PROMOTE);
    expect_ok(storage().destroy("one"));
    storage().set_flags(0);
    EXPECT_EQ(read_file(activate("two") / "motd"), "changed");
    remove("two");
    EXPECT_EQ(in_pool(), (Names{"brig", "theirs", "theirs@rel"}));
}

TEST_F(StorageZfsOrigins, GetTheOptionsOfAVolume) {
    for (const char* copy : {"false", "true"}) {
        expect_ok(provision_from(storage(),
                                 {{"origin", theirs("@rel")},
                                  {"origin_copy", copy},
                                  {"quota", "16M"},
                                  {"compression", "gzip-3"}}));
        EXPECT_EQ(property("quota", dataset("one")), "16777216");
        EXPECT_EQ(property("compression", dataset("one")), "gzip-3");
        EXPECT_EQ(property("canmount", dataset("one")), "noauto");
        EXPECT_EQ(property("mountpoint", dataset("one")), root_of("one"));
        expect_ok(storage().deactivate("one"));
        expect_ok(storage().destroy("one"));
    }
}

TEST_F(StorageZfsOrigins, MustFitIntoTheQuota) {
    std::string noise(std::size_t{4} << 20U, 'x');
    std::generate(noise.begin(), noise.end(), [] { return static_cast<char>(::random()); });
    write_file(base_ / theirs() / "noise", noise);
    must("sync -f " + (base_ / theirs()).string());
    expect_refused(
        provision_from(storage(), {{"origin", theirs()}, {"origin_copy", "true"}, {"quota", "1M"}}),
        BRIG_EXHAUSTED,
        "quota=1048576");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(in_pool(), (Names{"brig", "theirs", "theirs@rel"}));
}

TEST_F(StorageZfsOrigins, ChangeNothingInADryRun) {
    storage().set_flags(BRIG_F_DRY_RUN);
    expect_ok(provision_from(theirs()));
    expect_ok(provision_from(theirs("@rel"), "true"));
    EXPECT_EQ(provision_from(theirs("@none")).status, BRIG_NOT_FOUND);
    EXPECT_EQ(in_pool(), kTheirs);
}

TEST_F(StorageZfsOrigins, AreRefusedWithTheReason) {
    expect_refused(provision_from(pool_ + "/none"), BRIG_NOT_FOUND, "no dataset '" + pool_);
    expect_refused(provision_from(theirs("@none")), BRIG_NOT_FOUND, "no snapshot '" + theirs());
    expect_refused(provision_from("brignosuchpool/x"), BRIG_UNAVAILABLE, "'brignosuchpool'");
    for (const char* name : {"",
                             "@rel",
                             "a@",
                             "a@b@c",
                             "a/",
                             "a//b",
                             "a/../b",
                             "-r",
                             "a@-r",
                             "a b",
                             "a@b/c",
                             "a@b,c",
                             "a@b%c",
                             "a\nb",
                             "1a",
                             "a#b"}) {
        EXPECT_EQ(provision_from(name).status, BRIG_INVALID) << name;
    }
    EXPECT_EQ(in_pool(), kTheirs);
    make_image();
    must("zfs create -o mountpoint=none " + dataset("base") + "/child");
    for (const std::string& name :
         {parent(), dataset("base"), dataset("base") + "@image", dataset("base") + "/child"}) {
        expect_refused(provision_from(name), BRIG_CONFLICT, "belongs to brig");
    }
    storage().set_options({{"origin", theirs()}});
    expect_refused(storage().provision("one", "base@image"), BRIG_INVALID, "'base@image'");
    const StorageUnderTest whole{BRIG_TEST_DRIVERS "/storage-zfs.so",
                                 with_defaults({{"origin", theirs()}})};
    EXPECT_EQ(whole.opened().status, BRIG_INVALID);
    EXPECT_EQ(storage().check("one").status, BRIG_NOT_FOUND);
}

TEST_F(StorageZfsOrigins, AreFileSystems) {
    if (is_old()) {
        GTEST_SKIP() << "zfs-fuse has no block devices";
    }
    must("zfs create -V 1M " + pool_ + "/block");
    expect_refused(provision_from(pool_ + "/block"), BRIG_INVALID, "is a volume");
}

TEST_F(StorageZfsOrigins, AreNotChangedOnceTheVolumeIsThere) {
    expect_ok(provision_from(theirs("@rel")));
    EXPECT_EQ(provision_from(theirs()).status, BRIG_CONFLICT);
    EXPECT_EQ(storage().provision("one").status, BRIG_CONFLICT);
    expect_ok(storage().deactivate("one"));
    expect_ok(storage().destroy("one"));
    expect_ok(storage().provision("one"));
    EXPECT_EQ(provision_from(theirs()).status, BRIG_CONFLICT);
}

TEST_F(StorageZfsOrigins, KeepSnapshotsThatAreNotOurs) {
    must("zfs snapshot " + theirs("@brig-one"));
    expect_refused(provision_from(theirs()), BRIG_CONFLICT, "@brig-one' already");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(in_pool(), (Names{"brig", "theirs", "theirs@brig-one", "theirs@rel"}));
    // Nor is another believed that names one.
    must("zfs create -o mountpoint=none -o brig:owner=brig/test -o brig:origin=" + theirs("@rel")
         + " " + dataset(".from-one"));
    EXPECT_EQ(storage().list().items.at(0).note, "half made");
    expect_ok(storage().destroy("one"));
    EXPECT_EQ(in_pool(), (Names{"brig", "theirs", "theirs@brig-one", "theirs@rel"}));
}

TEST_F(StorageZfsOrigins, SurviveACrashCloningASnapshot) {
    expect_ok(storage().provision("two"));
    torture_provision(theirs("@rel"), "false", "old");
}

TEST_F(StorageZfsOrigins, SurviveACrashCloningADataset) {
    expect_ok(storage().provision("two"));
    torture_provision(theirs(), "false", "new");
}

TEST_F(StorageZfsOrigins, SurviveACrashCopyingASnapshot) {
    expect_ok(storage().provision("two"));
    torture_provision(theirs("@rel"), "true", "old");
}

TEST_F(StorageZfsOrigins, SurviveACrashCopyingADataset) {
    expect_ok(storage().provision("two"));
    make_other();
    torture_provision(other_ + "/theirs", "false", "new");
    EXPECT_EQ(in_pool_of(other_ + "/theirs"), kTheirs);
}

// ---- Many at once ----

TEST_F(StorageZfs, ServesManyThreadsAtOnce) {
    make_image();
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([this, i] {
            const std::string volume = "v" + std::to_string(i);
            for (int round = 0; round < 2; ++round) {
                EXPECT_EQ(read_file(run(volume) / "etc/motd"), "hello");
                remove(volume);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(in_pool(), (Names{"brig", "brig/base", "brig/base@image"}));
}

}  // namespace
}  // namespace brig::test
