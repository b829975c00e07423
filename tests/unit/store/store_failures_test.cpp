// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"
#include "support/forked_child.hpp"
#include "support/temporary_folder.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <sys/mount.h>

#include <fstream>
#include <functional>

#ifdef __linux__
#include <sched.h>
#endif

namespace brig {
namespace {

namespace fs = std::filesystem;

/// Code, message and hint of the Error that `work` ends with.
std::string refusal(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return fmt::format("{}: {} [{}]", to_string(error.code()), error.what(), error.hint());
    }
    return "done";
}

class BrokenStore : public ::testing::Test {
  protected:
    test::TemporaryFolder folder_;
    fs::path file_ = folder_.path() / "drivers.db";
    Store store_{folder_.path()};
};

TEST_F(BrokenStore, OfANewerSchemaIsLeftAlone) {
    store_.put_state("a", "b", "c");
    Database::open(file_)->execute("PRAGMA user_version = 99");
    for (const auto& work : {std::function<void()>{[&] {
                                 static_cast<void>(Store{folder_.path()}.get_state("a", "b"));
                             }},
                             {[&] { Store{folder_.path()}.put_state("a", "b", "d"); }}}) {
        EXPECT_EQ(
            refusal(work),
            fmt::format("invalid_config: the database \"{}\" was made by a newer brig (schema "
                        "99, this brig knows 2) [use that brig, or choose another --state "
                        "directory]",
                        file_.string()));
    }
}

TEST_F(BrokenStore, ThatWasNeverFilledIsFilled) {
    std::ofstream{file_};
    EXPECT_FALSE(store_.get_state("a", "b"));
    EXPECT_EQ(fs::file_size(file_), 0U);
    store_.put_state("a", "b", "c");
    EXPECT_EQ(Store{folder_.path()}.get_state("a", "b"), "c");
}

TEST_F(BrokenStore, ThatIsNoDatabaseSaysSo) {
    std::ofstream{file_} << std::string(5000, 'x');
    EXPECT_EQ(refusal([&] { static_cast<void>(store_.get_state("a", "b")); })
                  .find(fmt::format(
                      "system: the database \"{}\" is damaged: file is not a database [restore",
                      file_.string())),
              0U);
}

TEST_F(BrokenStore, ThatIsDamagedSaysSo) {
    store_.put_state("a", "b", std::string(5000, 'v'));
    Database::open(file_)->execute("PRAGMA wal_checkpoint(TRUNCATE)");
    std::fstream stream{file_, std::ios::in | std::ios::out | std::ios::binary};
    stream.seekp(1024);
    stream << std::string(8 * 1024, '\xee');
    stream.close();
    const std::string said =
        refusal([&] { static_cast<void>(Store{folder_.path()}.get_state("a", "b")); });
    EXPECT_NE(said.find("is damaged: database disk image is malformed"), std::string::npos) << said;
}

TEST_F(BrokenStore, WhoseStateIsAFileSaysSo) {
    const fs::path file = folder_.path() / "file";
    std::ofstream{file};
    EXPECT_EQ(refusal([&] { Store{file}.put_state("a", "b", "c"); }).substr(0, 8), "system: ");
    EXPECT_EQ(refusal([&] { Store{file / "below"}.put_state("a", "b", "c"); }).substr(0, 8),
              "system: ");
}

#ifdef __linux__

/// Runs `work` with a small tmpfs, which nobody else sees, over `folder`.
std::string on_small_tmpfs(const fs::path& folder, const std::function<std::string()>& work) {
    return test::Child{[&]() -> std::string {
               if (::unshare(CLONE_NEWNS) != 0
                   || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
                   || ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=256k") != 0) {
                   return "cannot mount";
               }
               return work();
           }}
        .said();
}

TEST_F(BrokenStore, OnAFullDiskSaysSoAndKeepsWhatItHad) {
    const std::string said = on_small_tmpfs(folder_.path(), [&] {
        store_.put_state("a", "first", "kept");
        const std::string refused = refusal([&] {
            for (int i = 0; i < 1000; ++i) {
                store_.put_state("a", std::to_string(i), std::string(4000, 'x'));
            }
        });
        return refused + "; " + store_.get_state("a", "first").value_or("lost");
    });
    if (said == "cannot mount") {
        GTEST_SKIP() << "needs root, to mount a tmpfs in a mount namespace of its own";
    }
    EXPECT_EQ(said,
              fmt::format("system: disk is full: cannot write \"{}\" [free some space there, or "
                          "choose another --state directory]; kept",
                          file_.string()));
}

TEST_F(BrokenStore, OnAFullDiskCannotBeMade) {
    const std::string said = on_small_tmpfs(folder_.path(), [&] {
        std::ofstream{folder_.path() / "filler"} << std::string(1U << 20U, 'x');
        return refusal([&] { store_.put_state("a", "b", "c"); });
    });
    if (said == "cannot mount") {
        GTEST_SKIP() << "needs root, to mount a tmpfs in a mount namespace of its own";
    }
    EXPECT_EQ(said.substr(0, 35), "system: disk is full: cannot write ") << said;
}

TEST_F(BrokenStore, OnAReadOnlyDiskCanBeRead) {
    const std::string said = on_small_tmpfs(folder_.path(), [&] {
        { Store{folder_.path()}.put_state("a", "b", "c"); }
        if (::mount(nullptr, folder_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr)
            != 0) {
            return std::string{"cannot mount"};
        }
        const std::string read = store_.get_state("a", "b").value_or("lost");
        return read + "; " + refusal([&] { store_.put_state("a", "b", "d"); });
    });
    if (said == "cannot mount") {
        GTEST_SKIP() << "needs root, to mount a tmpfs in a mount namespace of its own";
    }
    EXPECT_EQ(said,
              fmt::format("c; permission: cannot write \"{}\": it or its directory is read-only "
                          "[become root, or choose another --state directory]",
                          file_.string()));
}

#endif

}  // namespace
}  // namespace brig
