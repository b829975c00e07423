// SPDX-License-Identifier: BSD-2-Clause
#include "mountinfo_linux.hpp"

#include "system.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace brig::storage_dir::os {
namespace {

constexpr const char* kMountInfo = "/proc/self/mountinfo";

std::string read_all(const char* path) {
    const UniqueFd fd{check(::open(path, O_RDONLY | O_CLOEXEC), "open '", path, "'")};
    std::string text;
    std::size_t length = 0;
    for (;;) {
        text.resize(length + std::size_t{16} * 1024);
        const ssize_t got = check(
            ::read(fd.get(), text.data() + length, text.size() - length), "read '", path, "'");
        if (got == 0) {
            break;
        }
        length += static_cast<std::size_t>(got);
    }
    text.resize(length);
    return text;
}

/// Cuts off `line` what stands before the next blank.
std::string_view next_field(std::string_view& line) {
    const std::string_view field = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), field.size() + 1));
    return field;
}

/// Undoes the octal escapes of a field.
std::string unescaped(std::string_view field) {
    std::string text;
    for (std::size_t i = 0; i < field.size(); ++i) {
        if (field[i] == '\\' && i + 3 < field.size()) {
            text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8
                                      + (field[i + 3] - '0'));
            i += 3;
        } else {
            text += field[i];
        }
    }
    return text;
}

MountLine parse(std::string_view line) {
    MountLine mount;
    const std::string_view id = next_field(line);
    std::from_chars(id.data(), id.data() + id.size(), mount.id);
    for (int skipped = 0; skipped < 3; ++skipped) {  // the parent, the device's numbers, the root
        next_field(line);
    }
    mount.point = unescaped(next_field(line));
    while (!line.empty() && next_field(line) != "-") {  // options
    }
    mount.type = unescaped(next_field(line));
    mount.device = unescaped(next_field(line));
    return mount;
}

}  // namespace

std::vector<MountLine> mount_table() {
    const std::string text = read_all(kMountInfo);
    std::vector<MountLine> mounts;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        mounts.push_back(parse(std::string_view{text}.substr(begin, end - begin)));
        begin = end + 1;
    }
    return mounts;
}

}  // namespace brig::storage_dir::os
