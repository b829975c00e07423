// SPDX-License-Identifier: BSD-2-Clause
#include "same_file.hpp"

#include "os_layers.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace brig::storage_dir {
namespace {

constexpr std::size_t kPiece = std::size_t{128} * 1024;

UniqueFd open_file(const FileAt& file) {
    constexpr int kFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    return UniqueFd{::openat(file.folder, file.name.c_str(), kFlags | os::kUnnoticed)};
}

/// Where the next bytes that are no hole begin, at `from` or after it; `end` if there are none.
off_t next_data(int fd, off_t from, off_t end) {
    const off_t data = ::lseek(fd, from, SEEK_DATA);
    return data >= 0 ? data : (errno == ENXIO ? end : from);
}

/// Reads as much as there is; a file that was cut off meanwhile has less.
std::size_t read_chunk(const FileAt& file, int fd, std::vector<char>& chunk, off_t at) {
    std::size_t length = 0;
    while (length < chunk.size()) {
        const ssize_t got = check(
            ::pread(
                fd, chunk.data() + length, chunk.size() - length, at + static_cast<off_t>(length)),
            "read '",
            file.name,
            "'");
        if (got == 0) {
            break;
        }
        length += static_cast<std::size_t>(got);
    }
    return length;
}

/// Leaves out what is a hole in both, so that a huge sparse file costs nothing.
bool same_content(const sdk::Call& call, const FileAt& one, const FileAt& other) {
    const UniqueFd first = open_file(one);
    const UniqueFd second = open_file(other);
    if (!first || !second) {
        return false;
    }
    std::vector<char> first_chunk(kPiece);
    std::vector<char> second_chunk(kPiece);
    const off_t end = one.status.st_size;
    for (off_t at = 0;;) {
        call.stop_point();
        at = std::min(next_data(first.get(), at, end), next_data(second.get(), at, end));
        if (at >= end) {
            return true;
        }
        const std::size_t length = read_chunk(one, first.get(), first_chunk, at);
        if (read_chunk(other, second.get(), second_chunk, at) != length
            || std::memcmp(first_chunk.data(), second_chunk.data(), length) != 0) {
            return false;
        }
        if (length == 0) {
            return true;  // both were cut off
        }
        at += static_cast<off_t>(length);
    }
}

bool same_time(const timespec& one, const timespec& other) {
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

bool same_target(const FileAt& one, const FileAt& other) {
    std::array<char, 4096> first{};
    std::array<char, 4096> second{};
    const ssize_t length = ::readlinkat(one.folder, one.name.c_str(), first.data(), first.size());
    return length >= 0
           && ::readlinkat(other.folder, other.name.c_str(), second.data(), second.size()) == length
           && first == second;
}

}  // namespace

bool same_owner_and_mode(const struct stat& one, const struct stat& other) {
    return one.st_uid == other.st_uid && one.st_gid == other.st_gid && one.st_mode == other.st_mode;
}

bool same_file(const sdk::Call& call, const FileAt& one, const FileAt& other, Trust trust) {
    const mode_t type = one.status.st_mode & static_cast<mode_t>(S_IFMT);
    if (!same_owner_and_mode(one.status, other.status)) {
        return false;
    }
    switch (type) {
        case S_IFREG:
            if (one.status.st_size != other.status.st_size) {
                return false;
            }
            return (trust == Trust::times && same_time(one.status.st_mtim, other.status.st_mtim))
                   || same_content(call, one, other);
        case S_IFLNK:
            return same_target(one, other);
        case S_IFCHR:
        case S_IFBLK:
            return one.status.st_rdev == other.status.st_rdev;
        default:
            return true;
    }
}

}  // namespace brig::storage_dir
