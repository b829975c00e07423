// SPDX-License-Identifier: BSD-2-Clause
#include "support/check.hpp"
#include "support/folder_watch.hpp"

#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>

#include <array>

namespace brig {

namespace {

void watch(const UniqueFd& queue, const UniqueFd& file) {
    struct kevent change {};
    EV_SET(&change,
           static_cast<uintptr_t>(file.get()),
           EVFILT_VNODE,
           EV_ADD | EV_CLEAR,
           NOTE_WRITE | NOTE_EXTEND,
           0,
           nullptr);
    check(::kevent(queue.get(), &change, 1, nullptr, 0, nullptr), "watch a file");
}

}  // namespace

// A folder is written to when files in it come, go or change their names.
FolderWatch::FolderWatch(const std::filesystem::path& folder)
    : folder_{check(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open {}", folder.native())},
      queue_{check(::kqueue(), "make a kqueue")} {
    check(::fcntl(queue_.get(), F_SETFD, FD_CLOEXEC), "make a kqueue");
    watch(queue_, folder_);
}

void FolderWatch::follow(const UniqueFd& file) {
    watch(queue_, file);
}

void FolderWatch::clear() {
    constexpr struct timespec kNow {};
    std::array<struct kevent, 8> events{};
    while (::kevent(queue_.get(), nullptr, 0, events.data(), events.size(), &kNow) > 0) {}
}

}  // namespace brig
