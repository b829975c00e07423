// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"
#include "support/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace brig {

FolderWatch::FolderWatch(const std::filesystem::path& folder)
    : queue_{check(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "make an inotify queue")} {
    constexpr std::uint32_t kChanges = IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR;
    check(::inotify_add_watch(queue_.get(), folder.c_str(), kChanges), "watch {}", folder.native());
}

void FolderWatch::follow(const UniqueFd& /*file*/) {}

void FolderWatch::clear() {
    std::array<char, 4096> events{};
    while (::read(queue_.get(), events.data(), events.size()) > 0) {}
}

}  // namespace brig
