// SPDX-License-Identifier: BSD-2-Clause
#include "support/read_write.hpp"

#include "support/check.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

namespace brig {

std::string read_text(int fd, const std::string& what, std::size_t most) {
    std::string text;
    std::array<char, 16384> buffer{};
    while (text.size() <= most) {
        const std::size_t room = std::min(buffer.size(), most + 1 - text.size());
        const ssize_t count = check(::read(fd, buffer.data(), room), "read {}", what);
        if (count == 0) {
            break;
        }
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return text;
}

void write_text(int fd, std::string_view text, const std::string& what) {
    while (!text.empty()) {
        const ssize_t count = check(::write(fd, text.data(), text.size()), "write {}", what);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

}  // namespace brig
