// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <nettle/sha2.h>

#include <cstddef>
#include <string>

namespace brig::archive {

/// The SHA-256 of what passes by.
class Sha256 {
  public:
    Sha256() noexcept { ::sha256_init(&state_); }

    void update(const void* data, std::size_t size) noexcept {
        ::sha256_update(&state_, size, static_cast<const std::uint8_t*>(data));
    }

    /// 64 hexadecimal digits of everything so far; begins anew.
    [[nodiscard]] std::string finish();

  private:
    ::sha256_ctx state_{};
};

}  // namespace brig::archive
