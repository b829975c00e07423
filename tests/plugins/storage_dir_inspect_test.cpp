// SPDX-License-Identifier: BSD-2-Clause
#include "storage_dir_fixture.hpp"

#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>

namespace brig::test {
namespace {

class StorageDirInspect : public StorageDir {
  protected:
    static Names lines(const Spoken& spoken) {
        expect_ok(spoken);
        Names found;
        for (const Spoken::Item& item : spoken.items) {
            found.push_back(item.owner + " " + item.id);
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    Names changes(const std::string& volume) { return lines(storage().diff(volume)); }

    Names changes(const std::string& volume, const std::string& since) {
        return lines(storage().diff(volume, since));
    }

    Names snapshot_names(const std::string& volume) {
        Names names;
        for (const Spoken::Item& item : storage().snapshots(volume).items) {
            names.push_back(item.id);
        }
        return names;
    }

    std::uint64_t used(const std::string& volume) {
        Spoken spoken = storage().usage(volume);
        expect_ok(spoken);
        return std::stoull("0" + spoken.results["used"]);
    }

    void keep(const std::string& volume, const std::string& snapshot) {
        expect_ok(storage().deactivate(volume));
        expect_ok(storage().snapshot(volume, snapshot));
        activate(volume);
    }
};

// ---- Snapshots ----

TEST_F(StorageDirInspect, ListsSnapshotsOldestFirst) {
    make_image();
    run("one");
    const auto before = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    for (const char* name : {"zebra", "ape", "mole"}) {
        keep("one", name);
    }
    EXPECT_EQ(snapshot_names("one"), (Names{"zebra", "ape", "mole"}));
    for (const Spoken::Item& item : storage().snapshots("one").items) {
        EXPECT_GE(std::stoll(item.note), before);
        EXPECT_LE(std::stoll(item.note), before + 60);
        EXPECT_EQ(item.owner, "brig/test");
    }
    expect_ok(storage().snapshot_destroy("one", "ape"));
    EXPECT_EQ(snapshot_names("one"), (Names{"zebra", "mole"}));
    remove("one");
    EXPECT_EQ(storage().snapshots("one").status, BRIG_NOT_FOUND);
    EXPECT_EQ(snapshot_names("base"), Names{"image"});
}

// ---- What was changed ----

TEST_F(StorageDirInspect, SaysWhatAContainerChangedWhileItRuns) {
    make_image();
    const fs::path root = run("one");
    EXPECT_EQ(changes("one"), Names{});
    write_file(root / "etc/motd", "HELLO");
    write_file(root / "etc/new", "new");
    fs::remove(root / "etc/passwd");
    fs::create_directories(root / "var/lib");
    EXPECT_EQ(changes("one"),
              (Names{"added /etc/new",
                     "added /var",
                     "added /var/lib",
                     "changed /etc/motd",
                     "deleted /etc/passwd"}));
    expect_ok(storage().deactivate("one"));
    EXPECT_EQ(changes("one").size(), 5U);
    EXPECT_EQ(storage().diff("none").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().diff("one", "none").status, BRIG_NOT_FOUND);
    EXPECT_EQ(storage().diff("one", "../x").status, BRIG_INVALID);
    remove("one");
}

TEST_F(StorageDirInspect, DoesNotReportWhatWasOnlyCopiedUp) {
    make_image();
    const fs::path root = run("one");
    const auto opened_to_write = [&] {
        const int fd = ::open((root / "etc/motd").c_str(), O_RDWR | O_CLOEXEC);
        EXPECT_EQ(::pwrite(fd, "h", 1, 0), 1);
        ::close(fd);
    };
    opened_to_write();
    ASSERT_EQ(::chmod((root / "etc/passwd").c_str(), 0600), 0);
    ASSERT_EQ(::chmod((root / "etc/passwd").c_str(), 0644), 0);
    write_file(root / "etc/new", "");
    fs::remove(root / "etc/new");
    EXPECT_TRUE(fs::exists(root / "etc/motd"));
    EXPECT_EQ(changes("one"), Names{});
    remove("one");
}

TEST_F(StorageDirInspect, ComparesOwnerModeTypeAndTarget) {
    expect_ok(storage().provision("base"));
    const fs::path image = activate("base");
    for (const char* name : {"owner", "mode", "type", "folder", "same"}) {
        write_file(image / name, "text");
    }
    fs::create_symlink("a", image / "link");
    fs::create_directories(image / "dir/inner");
    expect_ok(storage().snapshot("base", "image"));
    const fs::path root = run("one");
    ASSERT_EQ(::chown((root / "owner").c_str(), 5, 5), 0);
    ASSERT_EQ(::chmod((root / "mode").c_str(), 04755), 0);
    fs::remove(root / "type");
    fs::create_symlink("text", root / "type");
    fs::remove(root / "folder");
    fs::create_directories(root / "folder/in");
    fs::remove(root / "link");
    fs::create_symlink("b", root / "link");
    fs::remove_all(root / "dir");
    write_file(root / "dir", "a file now");
    ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
    ASSERT_EQ(::chmod(root.c_str(), 0700), 0);
    EXPECT_EQ(changes("one"),
              (Names{"added /folder/in",
                     "added /pipe",
                     "changed /",
                     "changed /dir",
                     "changed /folder",
                     "changed /link",
                     "changed /mode",
                     "changed /owner",
                     "changed /type"}));
    remove("one");
}

TEST_F(StorageDirInspect, TellsContentByItsBytesNotByItsTimes) {
    make_image();
    const fs::path root = run("one");
    struct stat status {};
    ASSERT_EQ(::stat((root / "etc/motd").c_str(), &status), 0);
    write_file(root / "etc/motd", "HELLO");
    const timespec times[2] = {status.st_atim, status.st_mtim};
    ASSERT_EQ(::utimensat(AT_FDCWD, (root / "etc/motd").c_str(), times, 0), 0);
    EXPECT_EQ(changes("one"), Names{"changed /etc/motd"});
    remove("one");
}

TEST_F(StorageDirInspect, KnowsFoldersThatTookThePlaceOfOthers) {
    expect_ok(storage().provision("base"));
    const fs::path image = activate("base");
    fs::create_directories(image / "a/sub");
    write_file(image / "a/sub/file", "a");
    write_file(image / "a/kept", "same");
    fs::create_directories(image / "b");
    write_file(image / "b/kept", "same");
    write_file(image / "b/other", "b");
    expect_ok(storage().snapshot("base", "image"));
    const fs::path root = run("one");
    fs::remove_all(root / "a");
    fs::create_directories(root / "a");  // opaque
    EXPECT_EQ(changes("one"), (Names{"deleted /a/kept", "deleted /a/sub"}));
    fs::remove_all(root / "a");
    ASSERT_EQ(::rename((root / "b").c_str(), (root / "a").c_str()), 0);  // a redirect
    EXPECT_EQ(changes("one"), (Names{"added /a/other", "deleted /a/sub", "deleted /b"}));
    remove("one");
}

TEST_F(StorageDirInspect, ComparesWithSnapshotsOfItsOwn) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "first", "1");
    fs::remove(root / "etc/motd");
    keep("one", "s1");
    write_file(root / "second", "2");
    write_file(root / "etc/motd", "hello");
    keep("one", "s2");
    fs::remove(root / "first");
    EXPECT_EQ(changes("one", "s2"), Names{"deleted /first"});
    EXPECT_EQ(changes("one", "s1"), (Names{"added /etc/motd", "added /second", "deleted /first"}));
    EXPECT_EQ(changes("one"), Names{"added /second"});
    expect_ok(storage().snapshot_destroy("one", "s1"));
    EXPECT_EQ(changes("one", "s2"), Names{"deleted /first"});
    EXPECT_EQ(changes("one"), Names{"added /second"});
    remove("one");
}

TEST_F(StorageDirInspect, ReportsAllOfAVolumeThatWasMadeEmpty) {
    make_image();
    EXPECT_EQ(changes("base"), (Names{"added /etc", "added /etc/motd", "added /etc/passwd"}));
    EXPECT_EQ(changes("base", "image"), Names{});
    write_file(activate("base") / "etc/motd", "HELLO");
    EXPECT_EQ(changes("base", "image"), Names{"changed /etc/motd"});
    expect_ok(storage().deactivate("base"));
    expect_ok(storage().provision("data"));
    EXPECT_EQ(changes("data"), Names{});
    write_file(activate("data") / "file", "");
    EXPECT_EQ(changes("data"), Names{"added /file"});
}

TEST_F(StorageDirInspect, ComparesCopiesWithWhatTheyAreCopiesOf) {
    open({{"clone", "copy"}});
    make_image();
    const fs::path root = run("one");
    EXPECT_EQ(changes("one"), Names{});
    write_file(root / "etc/motd", "HELLO");
    fs::remove(root / "etc/passwd");
    write_file(root / "new", "");
    EXPECT_EQ(changes("one"), (Names{"added /new", "changed /etc/motd", "deleted /etc/passwd"}));
    keep("one", "s1");
    EXPECT_EQ(changes("one", "s1"), Names{});
    write_file(root / "later", "");
    EXPECT_EQ(changes("one", "s1"), Names{"added /later"});
    const Spoken refused = storage().diff("one");
    EXPECT_EQ(refused.status, BRIG_UNSUPPORTED);
    EXPECT_TRUE(contains(refused.message, "'one'")) << refused.message;
    run("two");
    expect_ok(storage().destroy("base"));
    EXPECT_EQ(storage().diff("two").status, BRIG_UNSUPPORTED);
    remove("one");
    remove("two");
}

TEST_F(StorageDirInspect, SeesPastWhatIsMountedInAVolume) {
    open({{"clone", "copy"}});
    make_image();
    const fs::path root = run("one");
    write_file(root / "etc/new", "");
    const std::uint64_t before = used("one");
    ASSERT_EQ(::mount("tmpfs", (root / "etc").c_str(), "tmpfs", 0, "mode=0700"), 0);
    write_file(root / "etc/foreign", std::string(100000, 'x'));
    EXPECT_EQ(changes("one"), Names{"added /etc/new"});
    EXPECT_EQ(used("one"), before);
    ASSERT_EQ(::umount2((root / "etc").c_str(), 0), 0);
    remove("one");
}

TEST_F(StorageDirInspect, FollowsNoLinkOutOfAVolume) {
    fs::create_directories(base_ / "outside/etc");
    write_file(base_ / "outside/etc/secret", "");
    make_image();
    const fs::path root = run("one");
    fs::remove_all(root / "etc");
    fs::create_directory_symlink(base_ / "outside/etc", root / "etc");
    fs::create_directory_symlink("/", root / "host");
    EXPECT_EQ(changes("one"), (Names{"added /host", "changed /etc"}));
    EXPECT_LT(used("one"), 1U << 20U);
    remove("one");
}

TEST_F(StorageDirInspect, IgnoresTheMarksThatAContainerCanMake) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "etc/new", "");
    // Of mounts with `userxattr`, which ours are not.
    if (::setxattr((root / "etc").c_str(), "user.overlay.opaque", "y", 1, 0) != 0) {
        GTEST_SKIP() << "this file system has no user attributes";
    }
    EXPECT_EQ(changes("one"), Names{"added /etc/new"});
    remove("one");
}

TEST_F(StorageDirInspect, TakesNamesOfAllBytes) {
    make_image();
    const fs::path root = run("one");
    std::string odd;
    for (int byte = 1; byte < 256; ++byte) {
        if (byte != '/') {
            odd += static_cast<char>(byte);
        }
    }
    write_file(root / odd.substr(0, 120), "");
    write_file(root / odd.substr(120), "");
    write_file(root / std::string(255, 'x'), "");
    const Names found = changes("one");
    EXPECT_EQ(found.size(), 3U);
    EXPECT_EQ(std::count(found.begin(), found.end(), "added /" + odd.substr(0, 120)), 1);
    remove("one");
}

TEST_F(StorageDirInspect, TakesManyNamesAndDeepFolders) {
    make_image();
    const fs::path root = run("one");
    for (int i = 0; i < 3000; ++i) {
        write_file(root / ("file" + std::to_string(i)), "");
    }
    int folder = ::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int depth = 0; depth < 1500; ++depth) {
        ASSERT_EQ(::mkdirat(folder, "abcdefgh", 0700), 0);
        const int next = ::openat(folder, "abcdefgh", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::close(folder);
        folder = next;
    }
    ::close(folder);
    const std::size_t descriptors =
        static_cast<std::size_t>(std::distance(fs::directory_iterator{"/proc/self/fd"}, {}));
    EXPECT_EQ(changes("one").size(), 4500U);
    EXPECT_GT(used("one"), 0U);
    EXPECT_EQ(static_cast<std::size_t>(std::distance(fs::directory_iterator{"/proc/self/fd"}, {})),
              descriptors);
    remove("one");
}

TEST_F(StorageDirInspect, RefusesToReportWhatLiesAbsurdlyDeep) {
    move_to_memory();
    expect_ok(storage().provision("data"));
    int folder = ::open(activate("data").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    for (int depth = 0; depth < 4200; ++depth) {
        ASSERT_EQ(::mkdirat(folder, "d", 0700), 0);
        const int next = ::openat(folder, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::close(folder);
        folder = next;
    }
    ::close(folder);
    EXPECT_EQ(storage().diff("data").status, BRIG_UNSUPPORTED);
    expect_ok(storage().usage("data"));
    expect_ok(storage().destroy("data"));
}

TEST_F(StorageDirInspect, LeavesOutHolesOfHugeFiles) {
    expect_ok(storage().provision("base"));
    const fs::path image = activate("base");
    write_file(image / "sparse", "begin");
    fs::resize_file(image / "sparse", std::uintmax_t{1} << 42U);
    expect_ok(storage().snapshot("base", "image"));
    storage().set_options({{"clone", "copy"}});
    const fs::path root = run("one");
    ASSERT_EQ(::truncate((root / "sparse").c_str(), off_t{1} << 42U), 0);  // another time
    EXPECT_EQ(changes("one"), Names{});
    const int fd = ::open((root / "sparse").c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_EQ(::pwrite(fd, "x", 1, (off_t{1} << 42U) - 5), 1);
    ::close(fd);
    EXPECT_EQ(changes("one"), Names{"changed /sparse"});
    remove("one");
}

TEST_F(StorageDirInspect, StopsWhenCancelled) {
    make_image();
    write_file(run("one") / "file", "");
    storage().set_cancelled(true);
    EXPECT_EQ(storage().diff("one").status, BRIG_CANCELLED);
    storage().set_cancelled(false);
    remove("one");
}

TEST_F(StorageDirInspect, ChangesNothing) {
    make_image();
    const fs::path root = run("one");
    write_file(root / "etc/motd", "HELLO");
    write_file(root / "new", "");
    const auto newest = [&] {
        timespec latest{};
        for (const auto& entry : fs::recursive_directory_iterator{shelf()}) {
            struct stat status {};
            EXPECT_EQ(::lstat(entry.path().c_str(), &status), 0);
            for (const timespec& time : {status.st_ctim, status.st_mtim}) {
                latest =
                    std::pair{time.tv_sec, time.tv_nsec} > std::pair{latest.tv_sec, latest.tv_nsec}
                        ? time
                        : latest;
            }
        }
        return std::pair{latest.tv_sec, latest.tv_nsec};
    };
    const auto before = newest();
    const std::string mounted = mounts();
    changes("one");
    used("one");
    snapshot_names("one");
    EXPECT_EQ(newest(), before);
    EXPECT_EQ(mounts(), mounted);
    remove("one");
}

// ---- Everything at once, against the kernel's own view ----

/// A tree as it is seen: what a path is, in one line.
std::map<std::string, std::string> tree_at(const fs::path& root) {
    std::map<std::string, std::string> found;
    const auto add = [&](const std::string& name, const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::lstat(path.c_str(), &status), 0);
        std::string line = std::to_string(status.st_mode) + " " + std::to_string(status.st_uid);
        if (S_ISREG(status.st_mode)) {
            line += " " + read_file(path);
        } else if (S_ISLNK(status.st_mode)) {
            line += " " + fs::read_symlink(path).string();
        }
        found[name] = line;
    };
    add("/", root);
    for (const auto& entry : fs::recursive_directory_iterator{root}) {
        add("/" + entry.path().lexically_relative(root).string(), entry.path());
    }
    return found;
}

/// Without what is below a folder that is none any more.
Names expected_changes(const std::map<std::string, std::string>& before,
                       const std::map<std::string, std::string>& now) {
    const auto is_folder = [](const std::map<std::string, std::string>& tree,
                              const std::string& path) {
        const auto found = tree.find(path);
        return found != tree.end() && S_ISDIR(std::stoul(found->second));
    };
    Names changes;
    for (const auto& [path, line] : now) {
        const auto was = before.find(path);
        if (was == before.end()) {
            changes.push_back("added " + path);
        } else if (was->second != line) {
            changes.push_back("changed " + path);
        }
    }
    for (const auto& [path, line] : before) {
        if (now.count(path) == 0 && is_folder(now, fs::path{path}.parent_path())) {
            changes.push_back("deleted " + path);
        }
    }
    std::sort(changes.begin(), changes.end());
    return changes;
}

/// Does things to a tree that a container might.
class Vandal {
  public:
    Vandal(fs::path root, unsigned seed) : root_{std::move(root)}, random_{seed} {}

    void act() {
        const fs::path path = any();
        const fs::path other = any_folder() / name();
        std::error_code refused;  // what cannot be done is not done
        switch (random_() % 10) {
            case 0:
                if (!fs::is_symlink(fs::symlink_status(other))) {
                    write_file(other, std::to_string(random_() % 3));
                }
                break;
            case 1:
                fs::create_directories(other, refused);
                break;
            case 2:
                if (path != root_) {
                    fs::remove_all(path, refused);
                }
                break;
            case 3:
            case 4:
            case 5:
                fs::rename(path, other, refused);
                break;
            case 6:
                if (!fs::is_symlink(fs::symlink_status(path))) {
                    static_cast<void>(::chmod(path.c_str(), random_() % 2 != 0 ? 0700 : 0755));
                }
                break;
            case 7:
                fs::create_symlink(name(), other, refused);
                break;
            case 8:
                fs::create_hard_link(path, other, refused);
                break;
            default:
                static_cast<void>(::lchown(path.c_str(), random_() % 2, 0));
                break;
        }
    }

  private:
    std::string name() { return std::string(1, static_cast<char>('a' + random_() % 6)); }

    fs::path any() {
        std::vector<fs::path> all{root_};
        for (const auto& entry : fs::recursive_directory_iterator{root_}) {
            all.push_back(entry.path());
        }
        return all[random_() % all.size()];
    }

    fs::path any_folder() {
        fs::path path = any();
        while (!fs::is_directory(fs::symlink_status(path))) {
            path = path.parent_path();
        }
        return path;
    }

    fs::path root_;
    std::mt19937 random_;
};

class StorageDirInspectRandom : public StorageDirInspect,
                                public ::testing::WithParamInterface<const char*> {};

TEST_P(StorageDirInspectRandom, AgreesWithWhatTheKernelShows) {
    for (unsigned seed = 0; seed < 12; ++seed) {
        open({{"clone", GetParam()}});
        expect_ok(storage().provision("base"));
        Vandal builder{activate("base"), seed};
        for (int i = 0; i < 60; ++i) {
            builder.act();
        }
        expect_ok(storage().snapshot("base", "image"));
        std::vector<std::map<std::string, std::string>> states{
            tree_at(shelf() / "base/layers/1/tree")};
        const fs::path root = run("one");
        Vandal vandal{root, seed + 1000};
        for (int taken = 0; taken < 4 && !HasFailure(); ++taken) {
            for (int i = 0; i < 25; ++i) {
                vandal.act();
            }
            const auto now = tree_at(root);
            if (taken == 0 || std::string{GetParam()} != "copy") {
                EXPECT_EQ(changes("one"), expected_changes(states.front(), now)) << seed;
            }
            for (int i = 1; i <= taken; ++i) {
                EXPECT_EQ(changes("one", "s" + std::to_string(i)),
                          expected_changes(states.at(static_cast<std::size_t>(i)), now))
                    << seed;
            }
            states.push_back(now);
            keep("one", "s" + std::to_string(taken + 1));
        }
        remove("one");
        expect_ok(storage().destroy("base"));
    }
}

INSTANTIATE_TEST_SUITE_P(EachKind,
                         StorageDirInspectRandom,
                         ::testing::Values("overlay", "copy"),
                         [](const auto& tested) { return std::string{tested.param}; });

TEST_F(StorageDirInspect, AnswersWhileTheContainerWritesAndRemoves) {
    make_image();
    const fs::path root = run("one");
    std::atomic<bool> stop{false};
    std::thread busy{[&] {
        Vandal vandal{root, 7};
        while (!stop) {
            try {
                vandal.act();
            } catch (const fs::filesystem_error&) {
                continue;  // it meets nobody but itself
            }
        }
    }};
    for (int i = 0; i < 200; ++i) {
        expect_ok(storage().diff("one"));
        const Spoken spoken = storage().usage("one");
        EXPECT_TRUE(spoken.status == BRIG_OK || spoken.status == BRIG_UNAVAILABLE)
            << spoken.message;
    }
    stop = true;
    busy.join();
    remove("one");
}

// ---- How much ----

TEST_F(StorageDirInspect, CountsWhatAVolumeTakes) {
    make_image();
    const fs::path root = run("one");
    const std::uint64_t empty = used("one");
    write_file(root / "file", std::string(1 << 20, 'x'));
    fs::create_hard_link(root / "file", root / "link");
    ::sync();  // until then some file systems have not decided where it goes
    const std::uint64_t with_file = used("one");
    EXPECT_GE(with_file, empty + (1 << 20));
    EXPECT_LT(with_file, empty + (1 << 20) + (1 << 16));
    Spoken spoken = storage().usage("one");
    EXPECT_EQ(spoken.results.count("limit"), 0U);
    EXPECT_EQ(storage().usage("none").status, BRIG_NOT_FOUND);
    remove("one");
}

}  // namespace
}  // namespace brig::test
