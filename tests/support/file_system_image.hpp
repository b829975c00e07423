// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace brig::test {

/// A new file system in a sparse file, mounted by a loop device.
class FileSystemImage {
  public:
    /// @param mkfs    the program that makes it and its arguments, without the file
    /// @param options of mount(2)
    FileSystemImage(const std::filesystem::path& file,
                    const std::filesystem::path& mount_point,
                    const std::string& type,
                    std::vector<std::string> mkfs,
                    const std::string& options);
    FileSystemImage(const FileSystemImage&) = delete;
    FileSystemImage& operator=(const FileSystemImage&) = delete;
    FileSystemImage(FileSystemImage&&) = delete;
    FileSystemImage& operator=(FileSystemImage&&) = delete;
    ~FileSystemImage();

    /// Why this machine cannot, or "".
    [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  private:
    [[nodiscard]] std::string make(const std::filesystem::path& file,
                                   const std::string& type,
                                   std::vector<std::string> mkfs,
                                   const std::string& options);

    std::filesystem::path mount_point_;
    std::string failure_;
};

}  // namespace brig::test
