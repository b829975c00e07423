// SPDX-License-Identifier: BSD-2-Clause
#include "support/captured_text.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace brig {

namespace {

constexpr std::size_t kPiece = 4096;
constexpr std::size_t kMostPieces = (std::size_t{1} << 20U) / kPiece;  // pipe(7): a mebibyte

}  // namespace

CapturedText::CapturedText(UniqueFd fd, std::size_t limit) : fd_{std::move(fd)}, limit_{limit} {
    check(::fcntl(fd_.get(), F_SETFL, O_NONBLOCK), "set a pipe to non-blocking");
}

void CapturedText::drain() {
    std::array<char, kPiece> piece{};
    for (std::size_t i = 0; fd_ && i < kMostPieces; ++i) {
        const ssize_t got = ::read(fd_.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return;  // EAGAIN
        }
        if (got == 0) {
            fd_.reset();
            return;
        }
        const auto count = static_cast<std::size_t>(got);
        size_ += count;
        text_.append(piece.data(), std::min(count, limit_ - text_.size()));
    }
}

std::string CapturedText::take() noexcept {
    return std::exchange(text_, {});
}

}  // namespace brig
