// SPDX-License-Identifier: BSD-2-Clause
#include "progress_line.hpp"

#include "output.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <algorithm>
#include <iostream>

namespace brig::cli {

namespace {

/// "[#####     ] 52 %"
std::string bar(std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t kWidth = 30;
    const std::uint64_t percent = std::min<std::uint64_t>(done / (total / 100 + 1), 100);
    const std::uint64_t filled = percent * kWidth / 100;
    return fmt::format(
        "  [{}{}] {} %", std::string(filled, '#'), std::string(kWidth - filled, ' '), percent);
}

}  // namespace

ProgressLine::~ProgressLine() {
    if (shown_) {
        std::cerr << "\r\033[K";
    }
}

void ProgressLine::show(const ImportProgress& progress) {
    if (::isatty(STDERR_FILENO) == 0) {
        return;
    }
    shown_ = true;
    std::cerr << "\r\033[K";
    if (progress.entries > 0) {
        std::cerr << progress.entries << " entries, ";
    }
    std::cerr << format_size(progress.bytes);
    if (progress.total_bytes > 0) {
        std::cerr << " of " << format_size(progress.total_bytes)
                  << bar(progress.bytes, progress.total_bytes);
    }
}

}  // namespace brig::cli
