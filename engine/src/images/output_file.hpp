// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "ledger/ledger.hpp"
#include "support/unique_resource.hpp"

#include <filesystem>

namespace brig {

/// A file that appears as a whole or not at all: it has another name until it is published, which
/// is in a ledger. That is undone by removing the file, if it still has that name.
class OutputFile {
  public:
    /// @throws Error{already_exists} when there is a file called `path` and `force` is not set;
    /// Error{invalid_config} when something else is, or the name is that of a folder.
    OutputFile(Ledger& ledger, const std::filesystem::path& path, bool force);

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }

    void publish();

  private:
    std::filesystem::path path_;
    std::filesystem::path made_;
    bool force_;
    UniqueFd fd_;
};

/// A file that is of use only meanwhile, in a ledger as well. Open for reading and writing.
[[nodiscard]] UniqueFd make_scratch_file(Ledger& ledger, const std::filesystem::path& path);

}  // namespace brig
