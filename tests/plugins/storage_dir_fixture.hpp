// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/fake_driver_host.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace brig::test {

namespace fs = std::filesystem;

inline void write_file(const fs::path& path, const std::string& text) {
    std::ofstream{path} << text;
}

inline std::string read_file(const fs::path& path) {
    std::ifstream file{path};
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A storage in a folder of its own and in a mount namespace of its own.
class StorageDir : public ::testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0 || ::unshare(CLONE_NEWNS) != 0
            || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
            GTEST_SKIP() << "needs root and a mount namespace";
        }
        std::string name = (fs::temp_directory_path() / "storage-dir-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        base_ = name;
        before_ = mounts();
        open({});
    }

    void TearDown() override {
        if (base_.empty()) {
            return;
        }
        storage_.reset();
        EXPECT_EQ(mounts(), before_);
        if (in_memory_) {
            ::umount2(base_.c_str(), MNT_DETACH);
        }
        std::error_code busy;  // a mount point is removed by who mounted on it
        fs::remove_all(base_, busy);
    }

    /// Puts the storage, which is empty, on a tmpfs: for tests that make very much.
    void move_to_memory() {
        const std::string options = "nr_inodes=" + std::to_string(kMostInodes);
        ASSERT_EQ(::mount("tmpfs", base_.c_str(), "tmpfs", 0, options.c_str()), 0);
        in_memory_ = true;
        before_ = mounts();
    }

    /// What is mounted below this test's folder; the rest of the machine lives on meanwhile.
    [[nodiscard]] std::string mounts() const {
        std::ifstream file{"/proc/self/mountinfo"};
        std::string found;
        for (std::string line; std::getline(file, line);) {
            found += contains(line, base_.string()) ? line + "\n" : "";
        }
        return found;
    }

    void open(StorageUnderTest::Config config) {
        config.try_emplace("path", (base_ / "store").string());
        config.try_emplace("clone", "auto");
        storage_.emplace(BRIG_TEST_DRIVERS "/storage-dir.so", config);
        ASSERT_EQ(storage_->opened().status, BRIG_OK) << storage_->opened().message;
    }

    [[nodiscard]] fs::path shelf() const { return base_ / "store" / "volumes"; }

    StorageUnderTest& storage() { return *storage_; }

    static void expect_ok(const Spoken& spoken) {
        EXPECT_EQ(spoken.status, BRIG_OK) << spoken.message;
    }

    fs::path activate(const std::string& volume) {
        Spoken spoken = storage().activate(volume);
        expect_ok(spoken);
        return spoken.results["root"];
    }

    /// Makes volume `base` with a few files and its snapshot `image`.
    void make_image() {
        expect_ok(storage().provision("base"));
        const fs::path root = activate("base");
        fs::create_directories(root / "etc");
        write_file(root / "etc/motd", "hello");
        write_file(root / "etc/passwd", "root");
        expect_ok(storage().deactivate("base"));
        expect_ok(storage().snapshot("base", "image"));
    }

    fs::path run(const std::string& volume, const std::string& source = "base@image") {
        expect_ok(storage().provision(volume, source));
        return activate(volume);
    }

    void remove(const std::string& volume) {
        expect_ok(storage().deactivate(volume));
        expect_ok(storage().destroy(volume));
    }

    /// The names on the shelf, sorted.
    [[nodiscard]] std::vector<std::string> on_disk() const {
        std::vector<std::string> names;
        for (const fs::directory_entry& entry : fs::directory_iterator{shelf()}) {
            names.push_back(entry.path().filename());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

    static constexpr unsigned long kMostInodes = 1000000;

    fs::path base_;
    std::string before_;
    bool in_memory_ = false;
    std::optional<StorageUnderTest> storage_;
};

using Names = std::vector<std::string>;

}  // namespace brig::test
