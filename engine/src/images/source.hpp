// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "support/unique_resource.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace brig {

/// An archive opened for reading, and where in it we are.
class ArchiveFile {
  public:
    /// Opens a file, or takes standard input for "-". Refuses what cannot be an archive: a
    /// directory, a device, a terminal.
    /// @throws Error{not_found}, Error{permission} or Error{invalid_config} naming `path`.
    explicit ArchiveFile(const std::filesystem::path& path);

    /// Takes a copy of `fd`; `name` is for messages.
    ArchiveFile(int fd, const std::string& name);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    /// How many bytes there are to read; 0 when it is a pipe.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// How many of them have been read, by whoever shares the descriptor.
    [[nodiscard]] std::uint64_t position() const noexcept;

  private:
    void look(const std::string& name);

    UniqueFd fd_;
    std::uint64_t start_ = 0;
    std::uint64_t size_ = 0;
};

/// `path` without symbolic links, if it is a directory that can be packed into `root`.
///
/// @throws Error{not_found}, Error{permission} or Error{invalid_config} naming `path`, also when
/// it contains `root`: the copy would contain itself.
[[nodiscard]] std::filesystem::path source_directory(const std::filesystem::path& path,
                                                     const std::filesystem::path& root);

}  // namespace brig
