// SPDX-License-Identifier: BSD-2-Clause
#include "support/open_inside_walk.hpp"

#include "support/check.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <climits>
#include <optional>
#include <utility>
#include <vector>

namespace brig {

namespace {

constexpr int kMaxLinks = 40;
constexpr mode_t kNewFileMode = 0644;

bool is_absence(int error_number) noexcept {
    return error_number == ENOENT || error_number == ENOTDIR;
}

class Walk {
  public:
    Walk(int root, const std::string& path) : root_{root}, path_{path} { put_first(path); }

    UniqueFd open(int flags) {
        while (!pending_.empty()) {
            const std::string name = std::move(pending_.back());
            pending_.pop_back();
            if (name.empty() || name == ".") {
                continue;
            }
            if (name == "..") {
                go_up();
                continue;
            }
            const bool last = pending_.empty();
            if (!(last && (flags & O_NOFOLLOW) != 0) && follow_link(name)) {
                continue;
            }
            if (last) {
                return open_last(name, flags);
            }
            if (!go_down(name)) {
                return UniqueFd{};
            }
        }
        return open_last(".", flags);
    }

  private:
    [[nodiscard]] int here() const noexcept { return below_.empty() ? root_ : below_.back().get(); }

    /// Puts the components of `path` before those that are still to be walked.
    void put_first(const std::string& path) {
        const std::vector<std::string> names = split(path, '/');
        pending_.insert(pending_.end(), names.rbegin(), names.rend());
    }

    void go_up() {
        if (!below_.empty()) {
            below_.pop_back();
        }
    }

    bool go_down(const std::string& name) {
        UniqueFd directory{
            ::openat(here(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
        if (!directory && is_absence(errno)) {
            return false;
        }
        check(directory.get(), "open '{}' of '{}' in the container", name, path_);
        below_.push_back(std::move(directory));
        return true;
    }

    /// False when `name` is not a symbolic link.
    bool follow_link(const std::string& name) {
        std::array<char, PATH_MAX> buffer{};
        const ssize_t length = ::readlinkat(here(), name.c_str(), buffer.data(), buffer.size());
        if (length < 0 && (errno == EINVAL || errno == ENOENT)) {
            return false;
        }
        check(length, "read the link '{}' of '{}' in the container", name, path_);
        if (++links_ > kMaxLinks) {
            throw_system_error(ELOOP, fmt::format("open '{}' in the container", path_));
        }
        const std::string target{buffer.data(), static_cast<std::size_t>(length)};
        if (target.starts_with('/')) {
            below_.clear();
        }
        put_first(target);
        return true;
    }

    [[nodiscard]] UniqueFd open_last(const std::string& name, int flags) const {
        UniqueFd file{::openat(
            here(), name.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, kNewFileMode)};
        if (!file && is_absence(errno)) {
            return file;
        }
        check(file.get(), "open '{}' in the container", path_);
        struct stat status {};
        check(::fstat(file.get(), &status), "look at '{}' in the container", path_);
        if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
            throw Error{
                ErrorCode::invalid_config,
                fmt::format("'{}' in the container is neither a file nor a directory", path_)};
        }
        return file;
    }

    int root_;
    const std::string& path_;
    std::vector<UniqueFd> below_;       ///< the directories between the root and here
    std::vector<std::string> pending_;  ///< what is still to be walked, the next one last
    int links_ = 0;
};

}  // namespace

UniqueFd open_inside_walk(int root, const std::string& path, int flags) {
    return Walk{root, path}.open(flags);
}

}  // namespace brig
