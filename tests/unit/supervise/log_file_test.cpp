// SPDX-License-Identifier: BSD-2-Clause
#include "supervise/log_file.hpp"

#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

namespace brig {
namespace {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

Lines lines_of(const fs::path& folder) {
    Lines lines;
    read_log(
        folder,
        [&](const LogLine& line) {
            lines.push_back((line.is_error ? "E " : "O ") + line.text);
            return true;
        },
        false,
        [] { return false; });
    return lines;
}

class LogFile : public ::testing::Test {
  protected:
    test::TemporaryFolder folder_;
    fs::path log_ = folder_.path() / "log";
};

TEST_F(LogFile, HasWholeLinesOfBothStreams) {
    LogWriter writer{folder_.path()};
    writer.write(false, "one\ntw");
    writer.write(true, "bad\n");
    writer.write(false, "o\nthree");
    EXPECT_EQ(lines_of(folder_.path()), (Lines{"O one", "E bad", "O two"}));
    writer.finish();
    EXPECT_EQ(lines_of(folder_.path()).back(), "O three");
}

TEST_F(LogFile, IsReplacedWhenItHasGrown) {
    LogWriter writer{folder_.path()};
    const std::string line = std::string(1U << 20U, 'x') + '\n';
    for (int megabytes = 0; megabytes < 12; ++megabytes) {
        writer.write(false, line);
    }
    EXPECT_TRUE(fs::exists(folder_.path() / "log.1"));
    EXPECT_LT(fs::file_size(log_), 3U << 20U);
    EXPECT_EQ(lines_of(folder_.path()).size(), 12U);
}

// As newsyslog(8) does it: the old file goes away, and a new one may be there already.
TEST_F(LogFile, MayBeMovedAwayByOthers) {
    LogWriter writer{folder_.path()};
    writer.write(false, "before\n");
    fs::rename(log_, folder_.path() / "log.0");
    writer.write(false, "after\n");
    EXPECT_EQ(lines_of(folder_.path()), Lines{"O after"});

    const fs::path made = folder_.path() / "made";
    fs::copy_file(log_, made);
    fs::rename(made, log_);
    writer.write(true, "more\n");
    EXPECT_EQ(lines_of(folder_.path()), (Lines{"O after", "E more"}));
}

TEST_F(LogFile, CostsOnlyItsLinesWhenItCannotBeMade) {
    LogWriter writer{folder_.path()};
    writer.write(false, "before\n");
    fs::remove_all(folder_.path());
    writer.write(false, "lost\n");
    fs::create_directory(folder_.path());
    writer.write(false, "there again\n");
    EXPECT_EQ(lines_of(folder_.path()), Lines{"O there again"});
}

}  // namespace
}  // namespace brig
