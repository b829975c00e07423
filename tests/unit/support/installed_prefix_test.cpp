// SPDX-License-Identifier: BSD-2-Clause
#include "support/installed_prefix.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace brig {
namespace {

namespace fs = std::filesystem;

class InstalledPrefix : public testing::Test {
  protected:
    InstalledPrefix() { fs::create_directories(prefix_ / "libexec/brig"); }

    test::TemporaryFolder folder_;
    fs::path prefix_ = folder_.path() / "prefix";
};

TEST_F(InstalledPrefix, IsThatOfAProgramBesideTheHelpers) {
    EXPECT_EQ(prefix_of_program(prefix_ / "bin/brig"), prefix_);
    EXPECT_EQ(prefix_of_program(prefix_ / "libexec/brig/brig"), prefix_);
}

TEST_F(InstalledPrefix, IsNotThatOfAProgramOfOthers) {
    EXPECT_EQ(prefix_of_program(folder_.path() / "bin/brig"), std::nullopt);
    EXPECT_EQ(prefix_of_program(prefix_ / "sbin/brig"), std::nullopt);
    EXPECT_EQ(prefix_of_program(prefix_ / "brig"), std::nullopt);
}

TEST_F(InstalledPrefix, IsThatOfTheLibrary) {
    EXPECT_EQ(prefix_of_library(prefix_ / "lib/libbrig.so.0.1"), prefix_);
    EXPECT_EQ(prefix_of_library(prefix_ / "lib/x86_64-linux-gnu/libbrig.so.0.1.0"), prefix_);
}

TEST_F(InstalledPrefix, IsNotThatOfALibraryOfOthers) {
    EXPECT_EQ(prefix_of_library(prefix_ / "lib/libother.so"), std::nullopt);
    EXPECT_EQ(prefix_of_library(folder_.path() / "lib/libbrig.so"), std::nullopt);
}

}  // namespace
}  // namespace brig
