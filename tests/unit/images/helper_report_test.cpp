// SPDX-License-Identifier: BSD-2-Clause
#include "images/helper_report.hpp"

#include <gtest/gtest.h>

#include <string>

namespace brig {
namespace {

TEST(HelperReport, TakesMessagesWhereverTheyAreCut) {
    const std::string output = "progress 3 400\nwarning a b\ndone 7 900\n";
    for (std::size_t cut = 0; cut <= output.size(); ++cut) {
        HelperReport report;
        report.feed(std::string_view{output}.substr(0, cut));
        report.feed(std::string_view{output}.substr(cut));
        EXPECT_TRUE(report.done());
        EXPECT_EQ(report.entries(), 7U);
        EXPECT_EQ(report.bytes(), 900U);
        EXPECT_EQ(report.first_warnings(), "a b");
    }
}

TEST(HelperReport, AnUnfinishedLineIsNoMessage) {
    HelperReport report;
    report.feed("done 7 900");
    EXPECT_FALSE(report.done());
}

TEST(HelperReport, AnErrorHasTheHintBeforeIt) {
    HelperReport report;
    report.feed("hint do that\nerror 28 the disk is full\n");
    ASSERT_TRUE(report.failure().has_value());
    EXPECT_EQ(report.failure()->error_number, 28);
    EXPECT_EQ(report.failure()->message, "the disk is full");
    EXPECT_EQ(report.failure()->hint, "do that");
}

TEST(HelperReport, KeepsWhatIsNoMessageAsOutput) {
    HelperReport report;
    report.feed("cannot load libarchive\nprogress many\ndone 1\nerror x y\ndone 1 2 3\n");
    EXPECT_EQ(report.output(),
              "cannot load libarchive\nprogress many\ndone 1\nerror x y\ndone 1 2 3");
    EXPECT_FALSE(report.done());
    EXPECT_FALSE(report.failure().has_value());
}

TEST(HelperReport, CountsEveryWarningButKeepsTheFirst) {
    HelperReport report;
    for (int i = 0; i < 100000; ++i) {
        report.feed("warning something was lost\n");
    }
    EXPECT_EQ(report.warnings(), 100000U);
    EXPECT_LT(report.first_warnings().size(), 10000U);
}

TEST(HelperReport, AnEndlessLineDoesNotGrow) {
    HelperReport report;
    for (int i = 0; i < 1000; ++i) {
        report.feed(std::string(10000, 'x'));
    }
    report.feed("\ndone 1 2\n");
    EXPECT_LT(report.output().size(), 10000U);
    EXPECT_TRUE(report.done());
}

}  // namespace
}  // namespace brig
