// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "support/log.hpp"
#include "support/unique_resource.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace brig {

/// Fetches files with brig-fetch, a program without privileges: what parses the network's answers
/// is neither this process nor root.
class Downloads {
  public:
    Downloads(std::filesystem::path libexec, const std::filesystem::path& state)
        : libexec_{std::move(libexec)}, folder_{state / "downloads"} {}

    /// A small text.
    [[nodiscard]] std::string text(const std::string& url, const ProgressSink& progress) const;

    /// A file that is there completely, at its beginning.
    struct File {
        UniqueFd fd;
        std::filesystem::path path;
    };

    /// The file with this SHA-256, fetched from `url` unless an earlier attempt has it. What has
    /// arrived when a download breaks off is kept, and the next one goes on there.
    /// @param scratch any folder; what computes the digest sees no other
    /// @throws Error{conflict} while another process fetches the same.
    [[nodiscard]] File file(const std::string& url,
                            const std::string& sha256,
                            const std::filesystem::path& scratch,
                            const ProgressSink& progress) const;

    /// The file is of no more use.
    void forget(const File& file) const;

  private:
    void fetch_into(int fd,
                    const std::string& url,
                    const std::string& sha256,
                    const std::filesystem::path& scratch,
                    const ProgressSink& progress) const;

    [[nodiscard]] std::filesystem::path partial(const std::string& sha256) const {
        return folder_ / (sha256 + ".partial");
    }

    std::filesystem::path libexec_;
    std::filesystem::path folder_;
};

/// The SHA-256 of a file from its beginning, 64 hexadecimal digits; its position is there again
/// afterwards. brig-archive computes it, confined to `scratch`.
[[nodiscard]] std::string sha256_of(const std::filesystem::path& libexec,
                                    int fd,
                                    const std::filesystem::path& scratch,
                                    const ProgressSink& progress);

}  // namespace brig
