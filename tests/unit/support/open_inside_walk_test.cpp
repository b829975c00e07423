// SPDX-License-Identifier: BSD-2-Clause
#include "support/open_inside_walk.hpp"

#include "brig/error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace brig {
namespace {

namespace fs = std::filesystem;

/// A root with a file of the same name inside and outside, told apart by their content.
class OpenInsideWalk : public ::testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(root() / "etc");
        write(root() / "etc/passwd", "inside");
        fs::create_directories(outside() / "etc");
        write(outside() / "etc/passwd", "outside");
        root_fd_.reset(::open(root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        ASSERT_TRUE(root_fd_);
    }

    static void write(const fs::path& file, const std::string& text) {
        std::ofstream{file} << text;
    }

    [[nodiscard]] fs::path root() const { return folder_.path() / "jails/root"; }

    [[nodiscard]] fs::path outside() const { return folder_.path(); }

    void link(const std::string& name, const fs::path& target) const {
        fs::create_symlink(target, root() / name);
    }

    [[nodiscard]] UniqueFd open(const std::string& path, int flags = O_RDONLY) const {
        return open_inside_walk(root_fd_.get(), path, flags);
    }

    /// What the file that `path` leads to contains; "-" when there is none.
    [[nodiscard]] std::string content(const std::string& path) const {
        const UniqueFd fd = open(path);
        if (!fd) {
            return "-";
        }
        std::array<char, 64> buffer{};
        const ssize_t length = ::read(fd.get(), buffer.data(), buffer.size());
        return length < 0 ? "unreadable"
                          : std::string{buffer.data(), static_cast<std::size_t>(length)};
    }

    [[nodiscard]] bool is_root(const UniqueFd& fd) const {
        struct stat opened {};
        struct stat expected {};
        return ::fstat(fd.get(), &opened) == 0 && ::fstat(root_fd_.get(), &expected) == 0
               && opened.st_ino == expected.st_ino && opened.st_dev == expected.st_dev;
    }

  private:
    test::TemporaryFolder folder_;
    UniqueFd root_fd_;
};

TEST_F(OpenInsideWalk, OpensAFileByRelativeAndAbsolutePath) {
    EXPECT_EQ(content("etc/passwd"), "inside");
    EXPECT_EQ(content("/etc/passwd"), "inside");
    EXPECT_EQ(content("//etc/./passwd"), "inside");
}

TEST_F(OpenInsideWalk, GivesNothingForWhatIsNotThere) {
    EXPECT_FALSE(open("/etc/shadow"));
    EXPECT_FALSE(open("/var/db/passwd"));
    EXPECT_FALSE(open("/etc/passwd/below"));
    EXPECT_FALSE(open("/etc/passwd/"));
}

TEST_F(OpenInsideWalk, StopsAtTheRootOnTheWayUp) {
    EXPECT_EQ(content("../../etc/passwd"), "inside");
    EXPECT_EQ(content("/etc/../../../etc/passwd"), "inside");
    EXPECT_TRUE(is_root(open("/..")));
    EXPECT_TRUE(is_root(open("/etc/..")));
    EXPECT_TRUE(is_root(open("")));
}

TEST_F(OpenInsideWalk, StartsAnAbsoluteLinkAtTheRoot) {
    link("absolute", "/etc/passwd");
    link("home", "/etc");
    EXPECT_EQ(content("/absolute"), "inside");
    EXPECT_EQ(content("/home/passwd"), "inside");
}

TEST_F(OpenInsideWalk, KeepsARelativeLinkThatClimbsInside) {
    link("climbing", "../../etc/passwd");
    link("etc/climbing", "../../../etc");
    EXPECT_EQ(content("/climbing"), "inside");
    EXPECT_EQ(content("/etc/climbing/passwd"), "inside");
}

TEST_F(OpenInsideWalk, DoesNotFindWhatALinkNamesOnTheHost) {
    write(outside() / "secret", "outside");
    link("named", outside() / "secret");
    EXPECT_EQ(content("/named"), "-");
}

TEST_F(OpenInsideWalk, FollowsLinksToLinks) {
    link("one", "two");
    link("two", "/three");
    link("three", "etc");
    EXPECT_EQ(content("/one/passwd"), "inside");
}

TEST_F(OpenInsideWalk, GivesUpOnALoop) {
    link("loop", "loop");
    try {
        static_cast<void>(open("/loop"));
        FAIL() << "opened a loop";
    } catch (const Error& error) {
        EXPECT_EQ(error.cause(), std::errc::too_many_symbolic_link_levels);
    }
}

TEST_F(OpenInsideWalk, DoesNotFollowTheLastLinkWhenToldSo) {
    link("last", "etc/passwd");
    EXPECT_THROW(static_cast<void>(open("/last", O_RDONLY | O_NOFOLLOW)), Error);
    link("first", "etc");
    EXPECT_TRUE(open("/first/passwd", O_RDONLY | O_NOFOLLOW));
}

TEST_F(OpenInsideWalk, DoesNotHangOnAFifo) {
    ASSERT_EQ(::mkfifo((root() / "fifo").c_str(), 0600), 0);
    try {
        static_cast<void>(open("/fifo"));
        FAIL() << "opened a FIFO";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    }
}

TEST_F(OpenInsideWalk, CreatesAFileBehindALinkInside) {
    fs::create_directories(root() / "var/log");
    link("log", "/var/log");
    EXPECT_TRUE(open("/log/new", O_WRONLY | O_CREAT));
    EXPECT_TRUE(fs::exists(root() / "var/log/new"));
}

TEST_F(OpenInsideWalk, ClosesTheDescriptorOnExecution) {
    const UniqueFd fd = open("/etc/passwd");
    EXPECT_NE(::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
}

}  // namespace
}  // namespace brig
