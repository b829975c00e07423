// SPDX-License-Identifier: BSD-2-Clause
#include "images/url.hpp"

#include "brig/error.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace brig {
namespace {

constexpr std::size_t kLongestUrl = 4096;
constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexadecimal = "0123456789abcdef";
constexpr std::string_view kFreeBsdArchive = "base.txz";

[[noreturn]] void refuse_url(const std::string& message, const std::string& hint = {}) {
    throw Error{ErrorCode::invalid_config, message}.with_hint(hint);
}

bool consists_of(std::string_view text, std::string_view characters) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

/// "14.3-RELEASE", "15.0-RC2" and their like.
bool is_release(std::string_view text) {
    const std::size_t dash = text.find('-');
    const std::size_t dot = text.find('.');
    if (dash == std::string_view::npos || dot == std::string_view::npos || dot > dash) {
        return false;
    }
    const std::string_view kind = text.substr(dash + 1);
    const std::size_t letters = std::min(kind.find_first_of(kDigits), kind.size());
    const std::string_view number = kind.substr(letters);
    constexpr std::array<std::string_view, 3> kKinds{"RELEASE", "RC", "BETA"};
    return consists_of(text.substr(0, dot), kDigits)
           && consists_of(text.substr(dot + 1, dash - dot - 1), kDigits)
           && std::find(kKinds.begin(), kKinds.end(), kind.substr(0, letters)) != kKinds.end()
           && (number.empty() || consists_of(number, kDigits));
}

/// The folders of an architecture's releases: TARGET/TARGET_ARCH.
std::string release_folder(const std::string& architecture) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kFolders{{
        {"amd64", "amd64/amd64"},
        {"x86_64", "amd64/amd64"},
        {"arm64", "arm64/aarch64"},
        {"aarch64", "arm64/aarch64"},
        {"i386", "i386/i386"},
        {"powerpc64", "powerpc/powerpc64"},
        {"powerpc64le", "powerpc/powerpc64le"},
        {"riscv64", "riscv/riscv64"},
    }};
    const auto* const found = std::find_if(kFolders.begin(), kFolders.end(), [&](const auto& each) {
        return each.first == architecture;
    });
    if (found == kFolders.end()) {
        refuse_url(fmt::format("FreeBSD has no releases for '{}'", architecture),
                   "there are amd64, arm64, i386, powerpc64, powerpc64le and riscv64");
    }
    return std::string{found->second};
}

/// The URL of a release that is named; anything else as it is.
std::string expand_release(const std::string& text, const std::string& machine) {
    const std::size_t slash = text.find('/');
    const std::string release = text.substr(0, slash);
    if (!is_release(release)) {
        return text;
    }
    const std::string architecture = slash == std::string::npos ? machine : text.substr(slash + 1);
    return fmt::format("https://download.freebsd.org/releases/{}/{}/{}",
                       release_folder(architecture),
                       release,
                       kFreeBsdArchive);
}

std::string scheme_of(const std::string& url) {
    const std::size_t end = url.find("://");
    return end == std::string::npos ? "" : to_lower(url.substr(0, end));
}

void check_url(const std::string& url) {
    const bool plain =
        std::all_of(url.begin(), url.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
    if (!plain || url.size() > kLongestUrl) {
        refuse_url("the URL holds characters that none has, or is too long",
                   "write blanks and the like as %20");
    }
    const std::string scheme = scheme_of(url);
    if (scheme != "https" && scheme != "http" && scheme != "file") {
        refuse_url(
            fmt::format("'{}' is no URL that images can be fetched from", url),
            "give one that begins with https:// or file://, or a release of FreeBSD, such as "
            "14.3-RELEASE");
    }
    const std::size_t host = url.find("://") + 3;
    if (url.substr(host, url.find('/', host) - host).find('@') != std::string::npos) {
        refuse_url("the URL holds a user name, which every user of this machine would see",
                   "fetch the archive by other means, then: --from-tar FILE");
    }
}

std::string check_sha256(const std::string& text) {
    std::string digits = to_lower(text);
    if (digits.size() != 64 || !consists_of(digits, kHexadecimal)) {
        refuse_url(
            fmt::format("'{}' is no SHA-256: that has 64 hexadecimal digits", shortened(text)));
    }
    return digits;
}

std::string last_name(const std::string& url) {
    const std::string path = url.substr(0, url.find_first_of("?#"));
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

ArchiveUrl resolve_url(const FromUrl& source, const std::string& machine) {
    ArchiveUrl found;
    found.url = expand_release(source.url, machine);
    check_url(found.url);
    found.name_in_manifest = last_name(found.url);
    if (!source.sha256.empty()) {
        found.sha256 = check_sha256(source.sha256);
        return found;
    }
    found.manifest = source.manifest;
    if (found.manifest.empty() && found.name_in_manifest == kFreeBsdArchive) {
        found.manifest = found.url.substr(0, found.url.rfind('/') + 1) + "MANIFEST";
    }
    if (found.manifest.empty()) {
        refuse_url("nothing says what the archive should be", "give its SHA-256: --sha256 HEX");
    }
    check_url(found.manifest);
    if (scheme_of(found.url) == "http" || scheme_of(found.manifest) == "http") {
        refuse_url("over http anybody on the way can change both archive and MANIFEST",
                   "use https, or give the SHA-256 that you have from elsewhere: --sha256 HEX");
    }
    return found;
}

std::optional<std::filesystem::path> path_of_file_url(const std::string& url) {
    if (scheme_of(url) != "file") {
        return std::nullopt;
    }
    std::string rest = url.substr(url.find("://") + 3);
    if (rest.starts_with("localhost/")) {
        rest.erase(0, rest.find('/'));
    }
    if (!rest.starts_with('/')) {
        refuse_url(fmt::format("'{}' names no file of this machine", url),
                   "it takes three slashes: file:///folder/base.txz");
    }
    std::string path;
    for (std::size_t i = 0; i < rest.size(); ++i) {
        unsigned byte = 0;
        if (rest[i] == '%' && i + 2 < rest.size()
            && std::from_chars(&rest[i + 1], &rest[i + 1] + 2, byte, 16).ptr == &rest[i + 1] + 2
            && byte != 0) {
            path += static_cast<char>(byte);
            i += 2;
        } else {
            path += rest[i];
        }
    }
    return path;
}

std::string sha256_in_manifest(std::string_view text, const std::string& name) {
    for (const std::string& line : split(text, '\n')) {
        const std::vector<std::string> fields = split(line, '\t');
        if (fields.size() >= 2 && fields[0] == name) {
            return check_sha256(fields[1]);
        }
    }
    refuse_url(fmt::format("the MANIFEST has no '{}'", name), "give its SHA-256: --sha256 HEX");
}

}  // namespace brig
