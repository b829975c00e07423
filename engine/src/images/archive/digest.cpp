// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/digest.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/handles.hpp"
#include "images/archive/sha256.hpp"
#include "support/check.hpp"

#include <unistd.h>

#include <vector>

namespace brig::archive {

void digest(const std::string& directory, Status& status) {
    confine(directory, Work::read_tree);
    Sha256 sha256;
    std::vector<char> buffer(kBlockSize);
    while (true) {
        const auto size = static_cast<std::size_t>(
            check(::read(STDIN_FILENO, buffer.data(), buffer.size()), "read the archive"));
        if (size == 0) {
            break;
        }
        sha256.update(buffer.data(), size);
        status.count_bytes(size);
    }
    status.fact("digest", "sha256:" + sha256.finish());
}

}  // namespace brig::archive
