// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/short_name.hpp"

namespace brig {

std::uint64_t stable_hash(std::string_view text) noexcept {
    // FNV-1a, then the finalizer of MurmurHash3: FNV alone mixes its high bits badly.
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char letter : text) {
        hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3U;
    }
    hash = (hash ^ (hash >> 33U)) * 0xff51afd7ed558ccdU;
    hash = (hash ^ (hash >> 33U)) * 0xc4ceb9fe1a85ec53U;
    return hash ^ (hash >> 33U);
}

std::string short_name(std::string_view prefix, std::size_t length, std::string_view key) {
    constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr unsigned kBitsPerLetter = 5;
    constexpr unsigned kLetters = 13;
    std::string name{prefix};
    std::uint64_t rest = stable_hash(key);
    for (unsigned i = 0; i < kLetters && name.size() < length; ++i) {
        name += kAlphabet[rest % kAlphabet.size()];
        rest >>= kBitsPerLetter;
    }
    return name;
}

}  // namespace brig
