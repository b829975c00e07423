// SPDX-License-Identifier: BSD-2-Clause
#include "fstab.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace brig {
namespace {

std::vector<Mount> parse(const std::string& text, std::size_t findings = 0) {
    Findings found;
    std::vector<Mount> mounts = parse_fstab(text, "web.fstab", found);
    EXPECT_EQ(found.all().size(), findings) << text;
    return mounts;
}

TEST(Fstab, TakesFieldsApart) {
    const auto mounts =
        parse("# of web\n\n/data\t/mnt  nullfs ro,nosuid 0 0  # for reading\ntmpfs /tmp tmpfs\n");
    ASSERT_EQ(mounts.size(), 2U);
    EXPECT_EQ(mounts[0].source, "/data");
    EXPECT_EQ(mounts[0].target, "/mnt");
    EXPECT_EQ(mounts[0].type, "nullfs");
    EXPECT_EQ(mounts[0].options, (std::vector<std::string>{"ro", "nosuid"}));
    EXPECT_EQ(mounts[1].type, "tmpfs");
    EXPECT_TRUE(mounts[1].options.empty());
}

TEST(Fstab, DecodesTheFirstTwoFieldsAsVisDoes) {
    const auto mounts = parse("/a\\040b\\043 /c\\134d\\\\e nullfs\n");
    ASSERT_EQ(mounts.size(), 1U);
    EXPECT_EQ(mounts[0].source, "/a b#");
    EXPECT_EQ(mounts[0].target, "/c\\d\\e");
}

TEST(Fstab, ReportsEveryBadLine) {
    EXPECT_TRUE(parse("/data /mnt\n", 1).empty());
    EXPECT_TRUE(parse("/data mnt nullfs\n", 1).empty());
    EXPECT_TRUE(parse("data /mnt nullfs\n", 1).empty());
    EXPECT_TRUE(parse("/data /mnt/../etc nullfs\n", 1).empty());
    EXPECT_TRUE(parse("/data /mnt\\000x nullfs\n", 1).empty());
    EXPECT_TRUE(parse("/data\\4 /mnt nullfs\n", 1).empty());
    EXPECT_TRUE(parse("/data\\q /mnt nullfs\n", 1).empty());
    EXPECT_TRUE(parse("/data /mnt nullfs ro,,rw\n", 1).empty());
    EXPECT_TRUE(parse("/data /mnt nullfs ro 0 x\n", 1).empty());
    EXPECT_TRUE(parse("/data /mnt nullfs ro 0 0 0\n", 1).empty());
    EXPECT_EQ(parse("x\n/data /mnt nullfs\ny\n", 2).size(), 1U);
}

TEST(Fstab, RefusesANulByte) {
    EXPECT_TRUE(parse(std::string{"/data\0x /mnt nullfs\n", 20}, 1).empty());
}

TEST(Fstab, FindsTheTargetOfJailInTheRoot) {
    const test::TemporaryFolder folder;
    const std::string root = folder.path() / "web";
    const std::string link = folder.path() / "link";
    std::filesystem::create_directory(root);
    std::filesystem::create_symlink(root, link);
    EXPECT_EQ(path_in_root(root + "/mnt", root), "/mnt");
    EXPECT_EQ(path_in_root(root + "//mnt/.", root + "/"), "/mnt/");
    EXPECT_EQ(path_in_root(root + "/mnt", link), "/mnt");
    EXPECT_EQ(path_in_root(root, root), "/");
    EXPECT_EQ(path_in_root(root + "2/mnt", root), root + "2/mnt");
    EXPECT_EQ(path_in_root("/mnt", root), "/mnt");
    EXPECT_EQ(path_in_root("/mnt", "/"), "/mnt");
    EXPECT_EQ(path_in_root("/mnt", ""), "/mnt");
}

TEST(Fstab, WritesALineForJail) {
    Findings findings;
    const std::string line = to_fstab_line({"nullfs", "/a b#", "/mnt", {"ro", "nosuid"}}, "/web");
    EXPECT_EQ(line, "/a\\040b\\043 /web/mnt nullfs ro,nosuid");
    const auto mount = parse_fstab_line(line, "", findings);
    ASSERT_TRUE(mount.has_value());
    EXPECT_EQ(mount->source, "/a b#");
    EXPECT_EQ(path_in_root(mount->target, "/web"), "/mnt");
    EXPECT_EQ(to_fstab_line({"tmpfs", "tmpfs", "/mnt", {}}, "/"), "tmpfs /mnt tmpfs");
}

TEST(Fstab, NamesTheLine) {
    Findings findings;
    EXPECT_TRUE(parse_fstab("# one\n/data\n", "web.fstab", findings).empty());
    ASSERT_EQ(findings.all().size(), 1U);
    EXPECT_EQ(findings.all().front().where, "web.fstab:2");
}

TEST(Fstab, IsNotReadWhereAnyoneMayWriteOrNothingIs) {
    const test::TemporaryFolder folder;
    const std::string file = folder.path() / "fstab";
    Findings findings;
    EXPECT_TRUE(read_fstab(file, findings).empty());
    EXPECT_EQ(findings.all().size(), 1U);
    std::ofstream{file} << "/data /mnt nullfs\n";
    EXPECT_EQ(read_fstab(file, findings).size(), 1U);
    ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
    EXPECT_THROW(static_cast<void>(read_fstab(file, findings)), Error);
}

}  // namespace
}  // namespace brig
