// SPDX-License-Identifier: BSD-2-Clause
#include "support/append_file.hpp"

#include "brig/error.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace brig {
namespace {

namespace fs = std::filesystem;

class AppendFile : public ::testing::Test {
  protected:
    AppendFile() { fs::create_directories(root() / "var/log"); }

    [[nodiscard]] fs::path root() const { return folder_.path() / "root"; }
    [[nodiscard]] fs::path outside() const { return folder_.path() / "outside"; }

    [[nodiscard]] bool opens(const fs::path& file) const {
        try {
            return static_cast<bool>(open_append_file(file, root()));
        } catch (const Error&) {
            return false;
        }
    }

    test::TemporaryFolder folder_;
};

TEST_F(AppendFile, IsMadeForItsOwnerAloneAndAppendedTo) {
    for (const char* text : {"one", "two"}) {
        const UniqueFd log = open_append_file(outside(), root());
        EXPECT_EQ(::write(log.get(), text, 3), 3);
    }
    struct stat status {};
    ASSERT_EQ(::stat(outside().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777U, 0600U);
    EXPECT_EQ(status.st_size, 6);
}

TEST_F(AppendFile, MayLieBelowTheRoot) {
    EXPECT_TRUE(opens(root() / "var/log/console"));
    EXPECT_TRUE(fs::exists(root() / "var/log/console"));
}

TEST_F(AppendFile, FollowsNoLinkBelowTheRoot) {
    std::ofstream{outside()};
    fs::create_symlink(outside(), root() / "var/log/console");
    EXPECT_FALSE(opens(root() / "var/log/console"));
    fs::create_directory(folder_.path() / "folder");
    fs::create_directory_symlink(folder_.path() / "folder", root() / "var/spool");
    EXPECT_FALSE(opens(root() / "var/spool/console"));
    EXPECT_FALSE(fs::exists(folder_.path() / "folder/console"));
    EXPECT_FALSE(opens(fs::path{root().native() + "//var/./spool/console"}));
    EXPECT_FALSE(opens(root() / "var/../var/spool/console"));
}

TEST_F(AppendFile, IsNoLinkAnywhere) {
    std::ofstream{outside()};
    fs::create_symlink(outside(), folder_.path() / "link");
    EXPECT_FALSE(opens(folder_.path() / "link"));
}

TEST_F(AppendFile, IsAnOrdinaryFileWithOneNameThatNobodyElseWrites) {
    ASSERT_EQ(::mkfifo((folder_.path() / "fifo").c_str(), 0600), 0);
    EXPECT_FALSE(opens(folder_.path() / "fifo"));
    EXPECT_FALSE(opens(folder_.path()));
    std::ofstream{outside()};
    ASSERT_EQ(::chmod(outside().c_str(), 0622), 0);
    EXPECT_FALSE(opens(outside()));
    ASSERT_EQ(::chmod(outside().c_str(), 0600), 0);
    EXPECT_TRUE(opens(outside()));
    fs::create_hard_link(outside(), root() / "var/log/console");
    EXPECT_FALSE(opens(root() / "var/log/console"));
    EXPECT_FALSE(opens("relative"));
}

TEST_F(AppendFile, BelongsToThisUser) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root";
    }
    std::ofstream{outside()};
    ASSERT_EQ(::chown(outside().c_str(), 1000, 1000), 0);
    EXPECT_FALSE(opens(outside()));
}

}  // namespace
}  // namespace brig
