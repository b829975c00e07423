// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

namespace brig::jail_conf {

/// Where the parser gets files from: the host's (HostFiles), or a test's.
class Files {
  public:
    Files() = default;
    Files(const Files&) = delete;
    Files& operator=(const Files&) = delete;
    Files(Files&&) = delete;
    Files& operator=(Files&&) = delete;
    virtual ~Files() = default;

    /// @throws Error when there is no such file, or it is not one to be read.
    [[nodiscard]] virtual std::string read(const std::string& path) = 0;

    /// The files that a glob(3) pattern matches, in order; may be none.
    [[nodiscard]] virtual std::vector<std::string> match(const std::string& pattern) = 0;
};

/// Files of the host. One that anybody may write is refused, since the commands in it will run
/// with brig's privileges; so is all that is not a plain file, and what is longer than
/// 1 MiB.
class HostFiles final : public Files {
  public:
    [[nodiscard]] std::string read(const std::string& path) override;
    [[nodiscard]] std::vector<std::string> match(const std::string& pattern) override;
};

}  // namespace brig::jail_conf
