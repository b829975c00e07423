// SPDX-License-Identifier: BSD-2-Clause
#include "images/import.hpp"

#include "images/archive/sha256.hpp"
#include "support/check.hpp"
#include "support/helper_process.hpp"
#include "support/pipe.hpp"
#include "support/tar_builder.hpp"
#include "support/unique_resource.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace brig {
namespace {

namespace fs = std::filesystem;
using test::TarBuilder;

const fs::path& libexec() {
    static const fs::path path{BRIG_TEST_LIBEXEC};
    return path;
}

std::string read_file(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const fs::path& path, const std::string& content) {
    std::ofstream{path, std::ios::binary} << content;
}

struct stat look_at(const fs::path& path) {
    struct stat info {};
    check(::lstat(path.c_str(), &info), "look at {}", path.native());
    return info;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string attribute(const fs::path& path, const char* name) {
    std::array<char, 256> value{};
    const ssize_t size = ::lgetxattr(path.c_str(), name, value.data(), value.size());
    return size < 0 ? "" : std::string{value.data(), static_cast<std::size_t>(size)};
}

/// A tmpfs for as long as a test takes.
class TmpFs {
  public:
    TmpFs(fs::path where, const std::string& options) : where_{std::move(where)} {
        fs::create_directories(where_);
        check(::mount("tmpfs", where_.c_str(), "tmpfs", 0, options.c_str()), "mount a tmpfs");
    }
    TmpFs(const TmpFs&) = delete;
    TmpFs& operator=(const TmpFs&) = delete;
    TmpFs(TmpFs&&) = delete;
    TmpFs& operator=(TmpFs&&) = delete;
    ~TmpFs() { ::umount2(where_.c_str(), MNT_DETACH); }

  private:
    fs::path where_;
};

/// Standard input from somewhere else for as long as a test takes.
class StandardInput {
  public:
    explicit StandardInput(int fd) : saved_{::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 10)} {
        if (fd < 0) {
            ::close(STDIN_FILENO);
        } else {
            ::dup2(fd, STDIN_FILENO);
        }
    }
    StandardInput(const StandardInput&) = delete;
    StandardInput& operator=(const StandardInput&) = delete;
    StandardInput(StandardInput&&) = delete;
    StandardInput& operator=(StandardInput&&) = delete;
    ~StandardInput() { ::dup2(saved_.get(), STDIN_FILENO); }

  private:
    UniqueFd saved_;
};

/// The children of this process, by the kernel's list.
std::vector<pid_t> children() {
    std::ifstream list{"/proc/thread-self/children"};
    return {std::istream_iterator<pid_t>{list}, {}};
}

/// The value of a line of /proc/PID/status.
std::string process_status(pid_t pid, const std::string& key) {
    std::ifstream status{"/proc/" + std::to_string(pid) + "/status"};
    std::string word;
    while (status >> word) {
        if (word == key + ":") {
            status >> word;
            return word;
        }
    }
    return "";
}

class Import : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "unpacking devices and owners takes root";
        }
        std::string name = (fs::temp_directory_path() / "brig-import-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        dir_ = name;
        fs::create_directory(root());
    }

    void TearDown() override {
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a process was left";
        if (!dir_.empty()) {
            fs::remove_all(dir_);
        }
    }

    [[nodiscard]] fs::path root() const { return dir_ / "root"; }
    [[nodiscard]] fs::path archive() const { return dir_ / "archive.tar"; }
    [[nodiscard]] fs::path source() const { return dir_ / "source"; }

    ImportResult import(const ImageSource& from,
                        const ProgressSink& progress = {},
                        const fs::path& helpers = libexec()) {
        const fs::path to = root();
        const ImportTarget target{helpers, to, log_, max_size_, lock_fd_};
        if (const auto* directory = std::get_if<FromDirectory>(&from)) {
            return brig::import_directory(target, directory->path, progress);
        }
        return brig::import_archive(
            target, ArchiveFile{std::get<FromArchive>(from).path}, progress);
    }
    ImportResult import_archive() { return import(FromArchive{archive()}); }
    ImportResult import_directory() { return import(FromDirectory{source()}); }

    /// The error of importing `from`; `internal` and a failed test if there is none.
    Error failure(const ImageSource& from, const ProgressSink& progress = {}) {
        try {
            import(from, progress);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "nothing was refused";
        return Error{ErrorCode::internal, ""};
    }
    Error archive_failure() { return failure(FromArchive{archive()}); }

    Log log_;
    fs::path dir_;
    std::uint64_t max_size_ = 0;
    int lock_fd_ = -1;
};

// What is kept.

TEST_F(Import, KeepsOwnersModesAndTimes) {
    TarBuilder{archive()}
        .directory("./", [](archive_entry* entry) { archive_entry_set_perm(entry, 0711); })
        .directory("d",
                   [](archive_entry* entry) {
                       archive_entry_set_perm(entry, 01777);
                       archive_entry_set_uid(entry, 1234);
                       archive_entry_set_gid(entry, 5678);
                   })
        .file("d/su", "x", [](archive_entry* entry) { archive_entry_set_perm(entry, 06755); })
        .finish();
    const ImportResult result = import_archive();

    EXPECT_EQ(result.entries, 3U);
    EXPECT_EQ(result.bytes, 1U);
    EXPECT_EQ(result.warnings, 0U);
    EXPECT_EQ(look_at(root()).st_mode & 07777U, 0711U);
    EXPECT_EQ(look_at(root() / "d").st_mode & 07777U, 01777U);
    EXPECT_EQ(look_at(root() / "d").st_uid, 1234U);
    EXPECT_EQ(look_at(root() / "d").st_gid, 5678U);
    EXPECT_EQ(look_at(root() / "d").st_mtime, 1'000'000'000);
    EXPECT_EQ(look_at(root() / "d/su").st_mode & 07777U, 06755U);
}

TEST_F(Import, KeepsLinks) {
    TarBuilder{archive()}
        .file("a")
        .hard_link("b", "a")
        .symlink("out", "/etc/passwd")
        .hard_link("out too", "out")
        .finish();
    import_archive();

    EXPECT_EQ(look_at(root() / "a").st_ino, look_at(root() / "b").st_ino);
    EXPECT_EQ(fs::read_symlink(root() / "out"), "/etc/passwd");
    EXPECT_EQ(look_at(root() / "out too").st_ino, look_at(root() / "out").st_ino);
}

TEST_F(Import, KeepsDevicesAndFifos) {
    const auto numbered = [](archive_entry* entry) {
        archive_entry_set_rdevmajor(entry, 1);
        archive_entry_set_rdevminor(entry, 3);
    };
    TarBuilder{archive()}
        .add("character", AE_IFCHR, "", numbered)
        .add("block", AE_IFBLK, "", numbered)
        .add("fifo", AE_IFIFO, "", {})
        .finish();
    import_archive();

    EXPECT_TRUE(S_ISCHR(look_at(root() / "character").st_mode));
    EXPECT_EQ(look_at(root() / "character").st_rdev, makedev(1, 3));
    EXPECT_TRUE(S_ISBLK(look_at(root() / "block").st_mode));
    EXPECT_TRUE(S_ISFIFO(look_at(root() / "fifo").st_mode));
}

/// CAP_NET_RAW, permitted and effective: struct vfs_cap_data of capability.h.
std::string net_raw() {
    return {"\x01\x00\x00\x02\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", 20};
}

TEST_F(Import, KeepsExtendedAttributes) {
    TarBuilder{archive()}
        .file("a",
              "x",
              [](archive_entry* entry) {
                  const std::string caps = net_raw();
                  archive_entry_xattr_add_entry(entry, "user.note", "yes", 3);
                  archive_entry_xattr_add_entry(
                      entry, "security.capability", caps.data(), caps.size());
              })
        .finish();
    import_archive();

    EXPECT_EQ(attribute(root() / "a", "user.note"), "yes");
    EXPECT_EQ(attribute(root() / "a", "security.capability"), net_raw());
}

TEST_F(Import, WarnsAboutAttributesItMayNotSet) {
    TarBuilder{archive()}
        .file("a",
              "x",
              [](archive_entry* entry) {
                  archive_entry_xattr_add_entry(entry, "trusted.overlay.opaque", "y", 1);
              })
        .finish();
    EXPECT_EQ(import_archive().warnings, 1U);
    EXPECT_EQ(attribute(root() / "a", "trusted.overlay.opaque"), "");
}

TEST_F(Import, KeepsNamesByteForByte) {
    const std::string invalid = "invalid \xff\xfe \xc3";
    const std::string accents = "\xc3\xa9t\xc3\xa9";
    TarBuilder{archive()}.file(invalid).file(accents).symlink("link", invalid).finish();
    EXPECT_EQ(import_archive().warnings, 0U);

    EXPECT_EQ(read_file(root() / invalid), "content");
    EXPECT_EQ(read_file(root() / accents), "content");
    EXPECT_EQ(fs::read_symlink(root() / "link"), invalid);
}

TEST_F(Import, KeepsPathsLongerThanOneNameMayBe) {
    std::string path;
    for (int i = 0; i < 5; ++i) {
        path += std::string(200, static_cast<char>('a' + i)) + "/";
    }
    TarBuilder{archive()}.file(path + "file").finish();
    import_archive();
    EXPECT_EQ(read_file(root() / path / "file"), "content");
}

TEST_F(Import, AcceptsAnArchiveWithoutEntries) {
    TarBuilder{archive()}.finish();
    EXPECT_EQ(import_archive().entries, 0U);
    EXPECT_TRUE(fs::is_empty(root()));
}

TEST_F(Import, ALaterEntryReplacesAnEarlierOne) {
    TarBuilder{archive()}.file("a", "first").file("a", "second").finish();
    import_archive();
    EXPECT_EQ(read_file(root() / "a"), "second");
}

class CompressedImport : public Import, public testing::WithParamInterface<int> {};

TEST_P(CompressedImport, IsRecognised) {
    TarBuilder{archive(), GetParam()}.file("a", std::string(100000, 'x')).finish();
    EXPECT_EQ(import_archive().bytes, 100000U);
    EXPECT_EQ(read_file(root() / "a").size(), 100000U);
}

TEST_P(CompressedImport, IsRefusedWhenTruncated) {
    std::mt19937 random{42};  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same bytes every time
    std::string noise(100000, '\0');
    for (char& byte : noise) {
        byte = static_cast<char>(random());
    }
    TarBuilder{archive(), GetParam()}.file("a", noise).file("b", noise).finish();
    const auto size = fs::file_size(archive());
    for (const auto kept : {size / 100, size / 2, size * 9 / 10}) {
        fs::resize_file(archive(), kept);
        fs::remove_all(root());
        fs::create_directory(root());
        const Error error = archive_failure();
        EXPECT_EQ(error.code(), ErrorCode::invalid_config) << error.what();
        TarBuilder{archive(), GetParam()}.file("a", noise).file("b", noise).finish();
    }
}

INSTANTIATE_TEST_SUITE_P(Every,
                         CompressedImport,
                         testing::Values(ARCHIVE_FILTER_NONE,
                                         ARCHIVE_FILTER_GZIP,
                                         ARCHIVE_FILTER_BZIP2,
                                         ARCHIVE_FILTER_XZ,
                                         ARCHIVE_FILTER_ZSTD));

// What is refused.

struct Escape {
    const char* what;
    void (*build)(TarBuilder&);
    const char* message;
};

class EscapingImport : public Import, public testing::WithParamInterface<Escape> {};

TEST_P(EscapingImport, IsRefusedByName) {
    write_file(dir_ / "outside", "untouched");
    TarBuilder tar{archive()};
    GetParam().build(tar);
    tar.finish();
    const Error error = archive_failure();

    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_TRUE(contains(error.what(), GetParam().message)) << error.what();
    EXPECT_EQ(read_file(dir_ / "outside"), "untouched");
}

constexpr std::array kEscapes{
    Escape{"Parent", [](TarBuilder& tar) { tar.file("../outside"); }, "'../outside'"},
    Escape{"NestedParent",
           [](TarBuilder& tar) { tar.directory("d").file("d/../../outside"); },
           "'d/../../outside'"},
    Escape{"ParentAlone", [](TarBuilder& tar) { tar.directory(".."); }, "'../'"},
    Escape{"Absolute", [](TarBuilder& tar) { tar.file("/outside"); }, "'/outside'"},
    Escape{"ThroughSymlink",
           [](TarBuilder& tar) { tar.symlink("link", "..").file("link/outside"); },
           "'link/outside'"},
    Escape{"ThroughAbsoluteSymlink",
           [](TarBuilder& tar) { tar.symlink("link", "/").file("link/outside"); },
           "'link/outside'"},
    Escape{"HardLinkToParent",
           [](TarBuilder& tar) { tar.hard_link("link", "../../etc/passwd"); },
           "'link' is a hard link to '../../etc/passwd'"},
    Escape{"HardLinkToAbsolute",
           [](TarBuilder& tar) { tar.hard_link("link", "/etc/passwd"); },
           "'link' is a hard link to the absolute name '/etc/passwd'"},
};
INSTANTIATE_TEST_SUITE_P(Every,
                         EscapingImport,
                         testing::ValuesIn(kEscapes),
                         [](const auto& escape) { return escape.param.what; });

TEST_F(Import, ShowsHostileNamesEscaped) {
    TarBuilder{archive()}.file("../\x1b[2J\nerror 0 lie").finish();
    EXPECT_TRUE(contains(archive_failure().what(), R"('../\x1b[2J\x0aerror 0 lie')"));
}

TEST_F(Import, RefusesAnArchiveCutBetweenEntries) {
    TarBuilder{archive()}.file("a").file("b").finish();
    const std::string whole = read_file(archive());
    // Blocks of zeroes at the end are the end mark and padding.
    const auto last = whole.find_last_not_of('\0');
    write_file(archive(), whole.substr(0, (last / 512 + 1) * 512));
    EXPECT_TRUE(contains(archive_failure().what(), "truncated"));
}

TEST_F(Import, RefusesWhatIsNoArchive) {
    write_file(archive(), std::string(5000, 'x'));
    const Error error = archive_failure();
    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_TRUE(contains(error.hint(), "tar archives"));
}

TEST_F(Import, RefusesAnEmptyFile) {
    write_file(archive(), "");
    EXPECT_TRUE(contains(archive_failure().what(), "empty"));
}

TEST_F(Import, RefusesSourcesOfTheWrongKind) {
    write_file(dir_ / "file", "");
    EXPECT_EQ(failure(FromArchive{dir_ / "none"}).code(), ErrorCode::not_found);
    EXPECT_EQ(failure(FromDirectory{dir_ / "none"}).code(), ErrorCode::not_found);
    EXPECT_EQ(failure(FromArchive{dir_}).code(), ErrorCode::invalid_config);
    EXPECT_EQ(failure(FromArchive{"/dev/zero"}).code(), ErrorCode::invalid_config);
    EXPECT_EQ(failure(FromDirectory{dir_ / "file"}).code(), ErrorCode::invalid_config);
}

TEST_F(Import, RefusesToCopyADirectoryIntoItself) {
    EXPECT_TRUE(contains(failure(FromDirectory{"/"}).what(), "contains"));
    EXPECT_TRUE(contains(failure(FromDirectory{dir_}).what(), "contains"));
    EXPECT_TRUE(contains(failure(FromDirectory{root()}).what(), "contains"));
    fs::create_directory_symlink(dir_, dir_ / "alias");
    EXPECT_TRUE(contains(failure(FromDirectory{dir_ / "alias"}).what(), "contains"));
}

// The host's limits.

TEST_F(Import, SaysThatTheDiskIsFull) {
    const TmpFs full{root(), "size=64k"};
    TarBuilder{archive()}.file("big", std::string(1000000, 'x')).finish();
    const Error error = archive_failure();
    EXPECT_EQ(error.cause().value(), ENOSPC) << error.what();
    EXPECT_TRUE(contains(error.what(), "'big'"));
    EXPECT_FALSE(error.hint().empty());
}

TEST_F(Import, SaysThatTheDiskHasNoMoreInodes) {
    const TmpFs full{root(), "nr_inodes=3"};
    TarBuilder{archive()}.directory("a").directory("b").directory("c").directory("d").finish();
    EXPECT_EQ(archive_failure().cause().value(), ENOSPC);
}

TEST_F(Import, UnpacksNoMoreThanIsAllowed) {
    max_size_ = 1000;
    TarBuilder{archive(), ARCHIVE_FILTER_GZIP}.file("bomb", std::string(1 << 24, '0')).finish();
    const Error error = archive_failure();
    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_TRUE(contains(error.what(), "more in it than the 1000 bytes")) << error.what();
    EXPECT_TRUE(contains(error.hint(), "--max-size"));
}

TEST_F(Import, TellsTheDigestOfTheWholeArchive) {
    TarBuilder{archive()}.finish();
    std::ofstream{archive(), std::ios::app} << std::string(1 << 20, '\0');
    const std::string all = read_file(archive());
    archive::Sha256 digest;
    digest.update(all.data(), all.size());
    EXPECT_EQ(import_archive().digest, "sha256:" + digest.finish());
}

TEST_F(Import, TakesAHundredThousandEntries) {
    const TmpFs space{root(), "size=512m"};
    TarBuilder tar{archive()};
    for (int i = 0; i < 100000; ++i) {
        tar.file(std::to_string(i / 1000) + "/" + std::to_string(i), "");
    }
    tar.finish();
    EXPECT_EQ(import_archive().entries, 100000U);
}

// Directories.

TEST_F(Import, CopiesADirectoryWithEverything) {
    fs::create_directories(source() / "d");
    write_file(source() / "d/a", "content");
    fs::create_hard_link(source() / "d/a", source() / "b");
    fs::create_symlink("/etc/passwd", source() / "link");
    check(::mkfifo((source() / "fifo").c_str(), 0600), "make a fifo");
    check(::chown((source() / "d").c_str(), 1234, 5678), "chown");
    check(::chmod((source() / "d/a").c_str(), 04711), "chmod");
    check(::setxattr((source() / "b").c_str(), "user.note", "yes", 3, 0), "set an attribute");
    write_file(source() / "invalid \xff", "x");
    const ImportResult result = import_directory();

    EXPECT_EQ(result.entries, 7U);
    EXPECT_EQ(result.warnings, 0U);
    EXPECT_EQ(look_at(root() / "d").st_uid, 1234U);
    EXPECT_EQ(look_at(root() / "d/a").st_ino, look_at(root() / "b").st_ino);
    EXPECT_EQ(look_at(root() / "d/a").st_mode & 07777U, 04711U);
    EXPECT_EQ(attribute(root() / "d/a", "user.note"), "yes");
    EXPECT_EQ(fs::read_symlink(root() / "link"), "/etc/passwd");
    EXPECT_TRUE(S_ISFIFO(look_at(root() / "fifo").st_mode));
    EXPECT_EQ(read_file(root() / "invalid \xff"), "x");
}

TEST_F(Import, KeepsHoles) {
    fs::create_directory(source());
    write_file(source() / "sparse", "front");
    fs::resize_file(source() / "sparse", 1 << 30);
    std::ofstream{source() / "sparse", std::ios::app} << "back";
    import_directory();

    const struct stat copy = look_at(root() / "sparse");
    EXPECT_EQ(copy.st_size, (1 << 30) + 4);
    EXPECT_LT(copy.st_blocks, 1000);
}

TEST_F(Import, LeavesSocketsOutWithAWarning) {
    fs::create_directory(source());
    const UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (source() / "socket").native().copy(&address.sun_path[0], sizeof(address.sun_path) - 1);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bind(2) wants it so.
    const auto* any = reinterpret_cast<const sockaddr*>(&address);
    check(::bind(socket.get(), any, sizeof(address)), "bind");

    EXPECT_EQ(import_directory().warnings, 1U);
    EXPECT_TRUE(fs::is_empty(root()));
}

TEST_F(Import, CopiesAMountPointAsAnEmptyDirectory) {
    const TmpFs other{source() / "mounted", "size=1m"};
    write_file(source() / "mounted/file", "x");
    import_directory();
    EXPECT_TRUE(fs::is_directory(root() / "mounted"));
    EXPECT_TRUE(fs::is_empty(root() / "mounted"));
}

TEST_F(Import, SaysThatTheDiskIsFullWhenCopying) {
    const TmpFs full{root(), "size=64k"};
    fs::create_directory(source());
    write_file(source() / "big", std::string(3000000, 'x'));
    EXPECT_EQ(failure(FromDirectory{source()}).cause().value(), ENOSPC);
}

// Processes and descriptors.

TEST_F(Import, ReadsStandardInput) {
    TarBuilder{archive()}.file("a").finish();
    const UniqueFd file{::open(archive().c_str(), O_RDONLY | O_CLOEXEC)};
    const StandardInput input{file.get()};
    EXPECT_EQ(import(FromArchive{"-"}).entries, 1U);
}

TEST_F(Import, FailsWhenStandardInputIsClosed) {
    const StandardInput input{-1};
    EXPECT_EQ(failure(FromArchive{"-"}).cause().value(), EBADF);
}

TEST_F(Import, TellsHowFarItIs) {
    TarBuilder{archive()}.file("a", std::string(1'000'000, 'x')).finish();
    ImportProgress last;
    import(FromArchive{archive()}, [&](const ImportProgress& progress) {
        last = progress;
    return true;
});
EXPECT_EQ(last.total_bytes, fs::file_size(archive()));
EXPECT_EQ(last.bytes, last.total_bytes);
}  // namespace

/// A pipe as standard input through which nothing comes.
class StalledImport : public Import {
  protected:
    StalledImport() { check(::pipe2(ends_.data(), O_CLOEXEC), "make a pipe"); }
    ~StalledImport() override {
        ::close(ends_[0]);
        ::close(ends_[1]);
    }
    UniqueFd open_lock() {
        UniqueFd lock{::open((dir_ / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
        lock_fd_ = lock.get();
        return lock;
    }
    std::array<int, 2> ends_{};
};

TEST_F(StalledImport, IsCancelled) {
    const StandardInput input{ends_[0]};
    const auto cancel = [](const ImportProgress&) { return false; };
    EXPECT_EQ(failure(FromArchive{"-"}, cancel).code(), ErrorCode::interrupted);
    EXPECT_TRUE(children().empty());
}

TEST_F(StalledImport, NoticesThatItsHelperWasKilled) {
    const StandardInput input{ends_[0]};
    const Error error = failure(FromArchive{"-"}, [](const ImportProgress&) {
        return ::kill(children().at(0), SIGKILL) == 0;
    });
    EXPECT_TRUE(contains(error.what(), "signal 9")) << error.what();
}

TEST_F(StalledImport, IsConfinedToTheRoot) {
    const StandardInput input{ends_[0]};
    std::string seen;
    failure(FromArchive{"-"}, [&](const ImportProgress&) {
        const pid_t helper = children().at(0);
        if (process_status(helper, "Seccomp") != "2") {
            return true;  // not yet
        }
        const std::string proc = "/proc/" + std::to_string(helper);
        seen = fs::read_symlink(proc + "/root").native() + " " + process_status(helper, "CapEff")
               + " " + process_status(helper, "NoNewPrivs");
        return false;
    });
    // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, MKNOD and SETFCAP.
    EXPECT_EQ(seen, root().native() + " 000000008800001b 1");
}

TEST_F(StalledImport, PassesNoOtherDescriptorOn) {
    const StandardInput input{ends_[0]};
    const UniqueFd lock = open_lock();
    std::map<std::string, std::string> descriptors;
    failure(FromArchive{"-"}, [&](const ImportProgress&) {
        const std::string proc = "/proc/" + std::to_string(children().at(0));
        if (process_status(children().at(0), "Seccomp") != "2") {
            return true;  // not yet
        }
        for (const auto& entry : fs::directory_iterator{proc + "/fd"}) {
            descriptors[entry.path().filename()] = fs::read_symlink(entry.path());
        }
        return false;
    });
    EXPECT_EQ(descriptors.size(), 6U);
    EXPECT_EQ(descriptors["1"], "/dev/null");
    EXPECT_EQ(descriptors["2"], descriptors["3"]);
    EXPECT_EQ(descriptors["4"], "/dev/null");
    EXPECT_EQ(descriptors["5"], dir_ / "lock");
}

TEST_F(StalledImport, EndsWithItsParentAndHoldsTheLockUntilThen) {
    const StandardInput input{ends_[0]};
    UniqueFd lock = open_lock();
    ASSERT_EQ(::flock(lock.get(), LOCK_EX), 0);
    const Pipe told = make_pipe();
    const pid_t importer = ::fork();
    if (importer == 0) {
        failure(FromArchive{"-"}, [&](const ImportProgress&) {
            const pid_t helper = children().at(0);
            if (process_status(helper, "Seccomp") == "2") {
                static_cast<void>(!::write(told.write.get(), &helper, sizeof helper));
            }
            return true;
        });
    }
    lock.reset();
    pid_t helper = 0;
    ASSERT_EQ(::read(told.read.get(), &helper, sizeof helper), ssize_t{sizeof helper});
    const UniqueFd other = open_lock();
    EXPECT_NE(::flock(other.get(), LOCK_EX | LOCK_NB), 0);
    ASSERT_EQ(::kill(importer, SIGKILL), 0);
    ::waitpid(importer, nullptr, 0);
    EXPECT_EQ(::flock(other.get(), LOCK_EX), 0);
    // It is in the last part of its end.
    const std::string proc = "/proc/" + std::to_string(helper);
    std::error_code gone;
    EXPECT_TRUE(fs::read_symlink(proc + "/cwd", gone).empty());
    EXPECT_TRUE(fs::directory_iterator(proc + "/fd", gone) == fs::directory_iterator{});
}

TEST_F(StalledImport, DoesNotBeginAfterTheEndOfItsParent) {
    Pipe status = make_pipe_above_standard();
    HelperProcess helper{libexec() / "brig-archive",
                         {"unpack", "--parent", "1", root()},
                         {.in = ends_[0], .status = status.write.get()}};
    EXPECT_EQ(helper.wait(), EXIT_FAILURE << 8);
    status.write.reset();
    char said = 0;
    EXPECT_EQ(::read(status.read.get(), &said, 1), 0);
}

TEST_F(Import, SaysThatTheHelperIsMissing) {
    TarBuilder{archive()}.finish();
    try {
        import(FromArchive{archive()}, {}, dir_);
        FAIL() << "nothing was refused";
    } catch (const Error& error) {
        EXPECT_EQ(error.cause().value(), ENOENT);
        EXPECT_TRUE(contains(error.what(), "brig-archive"));
    }
}

TEST_F(Import, DoesNotTakeAHelperForDoneThatIsNot) {
    fs::create_symlink("/bin/true", dir_ / "brig-archive");
    TarBuilder{archive()}.finish();
    EXPECT_THROW(import(FromArchive{archive()}, {}, dir_), Error);
}

}  // namespace brig
}  // namespace brig
