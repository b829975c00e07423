// SPDX-License-Identifier: BSD-2-Clause
#include "support/remove_tree.hpp"

#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#ifdef __linux__
#include <sched.h>
#include <sys/mount.h>
#endif
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace brig {
namespace {

namespace fs = std::filesystem;

TEST(RemoveTree, RemovesWhateverKindOfFileThereIs) {
    const test::TemporaryFolder folder;
    const fs::path tree = folder.path() / "tree";
    fs::create_directories(tree / "a/b/c");
    folder.write("tree/a/file", "text");
    ASSERT_EQ(::mkfifo((tree / "a/b/fifo").c_str(), 0600), 0);
    fs::create_symlink("file", tree / "a/link");
    EXPECT_EQ(remove_tree(tree), std::error_code{});
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RemoveTree, RemovesALinkAndNotWhatItLeadsTo) {
    const test::TemporaryFolder folder;
    folder.write("kept", "text");
    fs::create_directories(folder.path() / "folder/kept");
    fs::create_directory(folder.path() / "tree");
    fs::create_symlink("../kept", folder.path() / "tree/to-file");
    fs::create_directory_symlink("../folder", folder.path() / "tree/to-folder");
    fs::create_symlink("nowhere", folder.path() / "tree/to-nothing");
    EXPECT_EQ(remove_tree(folder.path() / "tree"), std::error_code{});
    EXPECT_FALSE(fs::exists(folder.path() / "tree"));
    EXPECT_TRUE(fs::exists(folder.path() / "kept"));
    EXPECT_TRUE(fs::exists(folder.path() / "folder/kept"));

    fs::create_directory_symlink("folder", folder.path() / "link");
    EXPECT_EQ(remove_tree(folder.path() / "link"), std::error_code{});
    EXPECT_FALSE(fs::is_symlink(folder.path() / "link"));
    EXPECT_TRUE(fs::exists(folder.path() / "folder/kept"));
}

TEST(RemoveTree, RemovesASingleFile) {
    const test::TemporaryFolder folder;
    EXPECT_EQ(remove_tree(folder.write("file", "text")), std::error_code{});
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RemoveTree, IsContentWhenThereIsNothing) {
    const test::TemporaryFolder folder;
    EXPECT_EQ(remove_tree(folder.path() / "none"), std::error_code{});
    EXPECT_EQ(remove_tree(folder.path() / "none/below"), std::error_code{});
}

/// What remove_tree says to somebody who is not root, to whom nothing would be refused.
std::string removed_by_user(const fs::path& tree) {
    constexpr uid_t kNobody = 65534;
    test::Child child{[&] {
        const bool user = ::geteuid() != 0 || ::seteuid(kNobody) == 0;
        return user ? remove_tree(tree).message() : std::string{"still root"};
    }};
    return child.said();
}

TEST(RemoveTree, SaysWhatCannotBeRemovedAndRemovesTheRest) {
    const test::TemporaryFolder folder;
    const fs::path tree = folder.path() / "tree";
    fs::create_directories(tree / "locked/inner");
    fs::create_directories(tree / "open/inner");
    for (const fs::path& path : {tree / "open", tree, folder.path()}) {
        fs::permissions(path, fs::perms::all);
    }
    const auto may_only_be_read = fs::perms::owner_read | fs::perms::owner_exec
                                  | fs::perms::others_read | fs::perms::others_exec;
    fs::permissions(tree / "locked", may_only_be_read);
    EXPECT_EQ(removed_by_user(tree), std::make_error_code(std::errc::permission_denied).message());
    EXPECT_FALSE(fs::exists(tree / "open"));
    EXPECT_TRUE(fs::exists(tree / "locked/inner"));
    fs::permissions(tree / "locked", fs::perms::owner_all);
}

#ifdef __linux__
// The same on FreeBSD is in tests/freebsd/host_test.cpp.
TEST(RemoveTree, DoesNotEnterWhatIsMounted) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "only root may mount";
    }
    const test::TemporaryFolder folder;
    fs::create_directories(folder.path() / "tree/mount-point");
    fs::create_directories(folder.path() / "mounted/inner");
    test::Child child{[&] {
        // A bind mount, which has the device of what is around it, in a namespace of its own.
        if (::unshare(CLONE_NEWNS) != 0
            || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
            || ::mount((folder.path() / "mounted").c_str(),
                       (folder.path() / "tree/mount-point").c_str(),
                       nullptr,
                       MS_BIND,
                       nullptr)
                   != 0) {
            return std::string{"cannot mount"};
        }
        return remove_tree(folder.path() / "tree").message();
    }};
    EXPECT_EQ(child.said(), std::make_error_code(std::errc::device_or_resource_busy).message());
    EXPECT_TRUE(fs::exists(folder.path() / "mounted/inner"));
}
#endif

}  // namespace
}  // namespace brig
