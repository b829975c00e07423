// SPDX-License-Identifier: BSD-2-Clause
#include "images/url_source.hpp"

#include "images/download.hpp"
#include "images/url.hpp"
#include "support/check.hpp"

#include <sys/utsname.h>

namespace brig {
namespace {

std::string machine() {
    utsname host{};
    check(::uname(&host), "ask for this machine's name");
    return std::string{&host.machine[0]};
}

ImportResult import_file(const ImportTarget& target,
                         const std::filesystem::path& path,
                         const ArchiveUrl& url,
                         const ProgressSink& progress) {
    const ArchiveFile archive{path};
    const std::string digest = sha256_of(target.libexec, archive.fd(), target.root, progress);
    if (digest != url.sha256) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("'{}' is not what it should be: its SHA-256 is {}, not {}",
                                url.url,
                                digest,
                                url.sha256)};
    }
    return import_archive(target, archive, progress);
}

}  // namespace

Contents import_url(const ImportTarget& target,
                    const std::filesystem::path& state,
                    const FromUrl& source,
                    const ProgressSink& progress) {
    ArchiveUrl url = resolve_url(source, machine());
    const Downloads downloads{target.libexec, state};
    if (url.sha256.empty()) {
        url.sha256 = in_context("fetching the MANIFEST", [&] {
            return sha256_in_manifest(downloads.text(url.manifest, progress), url.name_in_manifest);
        });
    }
    ImportResult result;
    if (const auto path = path_of_file_url(url.url)) {
        result = import_file(target, *path, url, progress);
    } else {
        const Downloads::File file = in_context(
            "fetching", [&] { return downloads.file(url.url, url.sha256, target.root, progress); });
        result = import_archive(target, ArchiveFile{file.fd.get(), url.url}, progress);
        downloads.forget(file);
    }
    return {url.url, result.digest, result.bytes, {}, {}, {}};
}

}  // namespace brig
