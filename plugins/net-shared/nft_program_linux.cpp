// SPDX-License-Identifier: BSD-2-Clause
// brig-nft: runs a script of nft(8) in one transaction, through libnftables. That exists as a
// shared library only, which brig itself, being linked statically, cannot use; and starting nft(8)
// would take a package more than the library does.
//
// The script comes from standard input. Listings go to standard output, with handles; what the
// kernel or the parser found wrong goes to standard error, its kind is the exit status.
#include "nft_program.hpp"

#include <nftables/libnftables.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

using brig::net::NftStatus;

constexpr std::size_t kLongestScript = std::size_t{64} * 1024 * 1024;

/// Nobody can be told that this failed.
void complain(const char* text) {
    static_cast<void>(std::fputs(text, stderr));
}

bool read_script(std::string& script) {
    std::array<char, 16384> buffer{};
    while (script.size() < kLongestScript) {
        const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), stdin);
        if (got == 0) {
            return std::ferror(stdin) == 0;
        }
        script.append(buffer.data(), got);
    }
    return false;
}

/// The library tells what went wrong in words alone: those of strerror(3), in the C locale.
NftStatus status_of(std::string_view errors) {
    const auto tells = [errors](int error_number) {
        return errors.find(std::strerror(error_number)) != std::string_view::npos;
    };
    if (tells(EPERM) || tells(EACCES)) {
        return NftStatus::not_permitted;
    }
    // EINVAL is what nfnetlink says for a subsystem that it does not have.
    if (tells(EPROTONOSUPPORT) || tells(EAFNOSUPPORT) || tells(EOPNOTSUPP)
        || (tells(EINVAL) && errors.find("cache initialization") != std::string_view::npos)) {
        return NftStatus::unsupported;
    }
    return tells(ENOENT) ? NftStatus::not_found : NftStatus::refused;
}

NftStatus run(const std::string& script) {
    const std::unique_ptr<nft_ctx, decltype(&nft_ctx_free)> context{nft_ctx_new(NFT_CTX_DEFAULT),
                                                                    &nft_ctx_free};
    if (context == nullptr || nft_ctx_buffer_output(context.get()) != 0
        || nft_ctx_buffer_error(context.get()) != 0) {
        complain("libnftables cannot be used\n");
        return NftStatus::refused;
    }
    nft_ctx_output_set_flags(
        context.get(),
        NFT_CTX_OUTPUT_HANDLE | NFT_CTX_OUTPUT_STATELESS | NFT_CTX_OUTPUT_NUMERIC_ALL);
    const int result = nft_run_cmd_from_buffer(context.get(), script.c_str());
    const char* errors = nft_ctx_get_error_buffer(context.get());
    complain(errors);
    if (result != 0) {
        return status_of(errors);
    }
    const bool written = std::fputs(nft_ctx_get_output_buffer(context.get()), stdout) >= 0
                         && std::fflush(stdout) == 0;
    return written ? NftStatus::done : NftStatus::refused;
}

}  // namespace

int main() {
    std::string script;
    if (!read_script(script)) {
        complain("the script cannot be read\n");
        return static_cast<int>(NftStatus::refused);
    }
    return static_cast<int>(run(script));
}
