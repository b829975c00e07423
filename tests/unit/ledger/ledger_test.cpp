// SPDX-License-Identifier: BSD-2-Clause
#include "ledger/ledger.hpp"

#include "brig/error.hpp"
#include "ledger/tear_down.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <tuple>

namespace brig {
namespace {

class LedgerTest : public ::testing::Test {
  protected:
    test::TemporaryFolder folder_;
    std::filesystem::path file_ = folder_.path() / "ledger";

    Ledger reopened() {
        auto ledger = Ledger::open(file_);
        EXPECT_TRUE(ledger.has_value());
        return std::move(ledger).value();
    }
};

TEST_F(LedgerTest, KeepsEffectsFactsAndNotesAcrossProcesses) {
    {
        Ledger ledger = Ledger::create(file_).value();
        const int jail = ledger.record("jail", "jail of 'web'", {{"name", "a b\tc\n=%"}});
        ledger.add_facts(jail, {{"jid", "7"}});
        ledger.note("container", {{"name", "web"}});
    }
    const Ledger ledger = reopened();
    ASSERT_EQ(ledger.effects().size(), 1U);
    EXPECT_EQ(ledger.effects()[0].what, "jail of 'web'");
    EXPECT_EQ(ledger.effects()[0].facts, (Facts{{"name", "a b\tc\n=%"}, {"jid", "7"}}));
    ASSERT_NE(ledger.find_note("container"), nullptr);
    EXPECT_EQ(ledger.find_note("container")->at("name"), "web");
}

TEST_F(LedgerTest, ForgetsWhatWasUndoneAndGoesOnCounting) {
    {
        Ledger ledger = Ledger::create(file_).value();
        ledger.forget(ledger.record("mount", "/dev", {}));
        EXPECT_EQ(ledger.record("jail", "j", {}), 2);
    }
    Ledger ledger = reopened();
    ASSERT_EQ(ledger.effects().size(), 1U);
    EXPECT_EQ(ledger.effects()[0].kind, "jail");
    EXPECT_EQ(ledger.record("mount", "m", {}), 3);
}

TEST_F(LedgerTest, IgnoresALineThatACrashCutShort) {
    { Ledger::create(file_)->record("mount", "/dev", {}); }
    std::ofstream{file_, std::ios::app} << "+\t2\tjail\tj";
    EXPECT_EQ(reopened().effects().size(), 1U);
    // What is written next does not go on in that line.
    EXPECT_EQ(reopened().record("mount", "m", {}), 2);
    EXPECT_EQ(reopened().effects().back().what, "m");
}

TEST_F(LedgerTest, IsOrphanedWhileOnlyAChildOfItsOwnerHoldsIt) {
    std::array<int, 2> until{};
    ASSERT_EQ(::pipe(until.data()), 0);
    const pid_t owner = ::fork();
    if (owner == 0) {
        const auto ledger = Ledger::create(file_);
        if (ledger && ::fork() == 0) {
            ::close(until[1]);
            char end = 0;
            ::_exit(static_cast<int>(::read(until[0], &end, 1)));
        }
        ::_exit(0);
    }
    ::close(until[0]);
    ::waitpid(owner, nullptr, 0);
    EXPECT_TRUE(Ledger::is_locked(file_));
    EXPECT_TRUE(Ledger::peek(file_)->is_orphaned());
    ::close(until[1]);
    const auto ledger = Ledger::open(file_, true);
    ASSERT_TRUE(ledger.has_value());
    EXPECT_FALSE(Ledger::peek(file_)->is_orphaned());
}

TEST_F(LedgerTest, IsLockedAsLongAsItIsOpen) {
    {
        const Ledger ledger = Ledger::create(file_).value();
        EXPECT_TRUE(Ledger::is_locked(file_));
        EXPECT_FALSE(Ledger::open(file_).has_value());
        EXPECT_TRUE(Ledger::peek(file_).has_value());
    }
    EXPECT_FALSE(Ledger::is_locked(file_));
    EXPECT_TRUE(Ledger::open(file_).has_value());
}

TEST_F(LedgerTest, RefusesToBeMadeTwice) {
    const auto ledger = Ledger::create(file_);
    EXPECT_THROW(std::ignore = Ledger::create(file_), Error);
}

TEST_F(LedgerTest, IsHeldAtEveryMomentWhenAnotherTakesItsPlace) {
    std::optional<Ledger> old = Ledger::create(file_);
    old->record("jail", "jail of 'web'", {});
    const auto seen = Ledger::peek(file_);
    Ledger ledger = Ledger::replace(file_, {{"container", {{"name", "web"}}}});
    old.reset();
    EXPECT_TRUE(Ledger::is_locked(file_));
    EXPECT_TRUE(seen->is_unlinked());
    seen->wait_for_unlock();  // returns: the old one is free
    EXPECT_TRUE(ledger.effects().empty());
    ledger.reload();
    EXPECT_EQ(ledger.find_note("container")->at("name"), "web");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder_.path()}, {}), 1);
}

TEST_F(LedgerTest, SeesANoteOfAnotherProcess) {
    Ledger ledger = Ledger::create(file_).value();
    Ledger::peek(file_)->note("stopping", {});
    EXPECT_EQ(ledger.find_note("stopping"), nullptr);
    ledger.reload();
    EXPECT_NE(ledger.find_note("stopping"), nullptr);
}

TEST_F(LedgerTest, TearDownUndoesNewestFirstAndGoesOnPastAFailure) {
    std::vector<std::string> order;
    {
        Ledger ledger = Ledger::create(file_).value();
        ledger.record("volume", "volume", {});
        ledger.record("attachment", "epair", {});
        ledger.record("jail", "jail", {});
        const auto report = tear_down(ledger, [&](const Effect& effect) {
            order.push_back(effect.what);
            if (effect.what == "epair") {
                throw Error{ErrorCode::conflict, "busy"};
            }
        });
        EXPECT_FALSE(report.complete);
        EXPECT_EQ(report.failures, (std::vector<std::string>{"epair: busy"}));
    }
    EXPECT_EQ(order, (std::vector<std::string>{"jail", "epair", "volume"}));
    const Ledger left = reopened();
    ASSERT_EQ(left.effects().size(), 1U);
    EXPECT_EQ(left.effects()[0].what, "epair");
}

}  // namespace
}  // namespace brig
