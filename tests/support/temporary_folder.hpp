// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/remove_tree.hpp"

#include <stdlib.h>  // NOLINT(modernize-deprecated-headers): mkdtemp(3) is POSIX

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace brig::test {

/// A fresh folder below `where`, removed at the end of the test.
class TemporaryFolder {
  public:
    explicit TemporaryFolder(
        const std::filesystem::path& where = std::filesystem::temp_directory_path()) {
        std::string name = (where / "brig-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error{"no temporary folder in " + where.string()};
        }
        path_ = std::filesystem::canonical(name);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    TemporaryFolder(TemporaryFolder&&) = delete;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;

    ~TemporaryFolder() { remove_tree(path_); }

    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

    std::filesystem::path write(const std::string& name, const std::string& text) const {
        std::ofstream{path_ / name, std::ios::binary} << text;
        return path_ / name;
    }

  private:
    std::filesystem::path path_;
};

}  // namespace brig::test
