// SPDX-License-Identifier: BSD-2-Clause
#include "images/url.hpp"

#include "brig/error.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace brig {
namespace {

const std::string kDigest(64, 'a');

std::string refusal(const std::function<void()>& action) {
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::invalid_config);
        return error.what();
    }
    return "nothing was refused";
}

std::string refusal(const FromUrl& source) {
    return refusal([&] { static_cast<void>(resolve_url(source, "amd64")); });
}

TEST(Url, FindsReleasesOfFreeBsd) {
    const ArchiveUrl release = resolve_url({"14.3-RELEASE", "", ""}, "x86_64");
    EXPECT_EQ(release.url,
              "https://download.freebsd.org/releases/amd64/amd64/14.3-RELEASE/base.txz");
    EXPECT_EQ(release.manifest,
              "https://download.freebsd.org/releases/amd64/amd64/14.3-RELEASE/MANIFEST");
    EXPECT_EQ(release.name_in_manifest, "base.txz");
    EXPECT_EQ(resolve_url({"15.0-RC2/arm64", "", ""}, "x86_64").url,
              "https://download.freebsd.org/releases/arm64/aarch64/15.0-RC2/base.txz");
    EXPECT_EQ(refusal({"14.3-RELEASE/vax", "", ""}), "FreeBSD has no releases for 'vax'");
}

TEST(Url, TakesTheDigestOrAManifest) {
    EXPECT_EQ(resolve_url({"https://x/a.txz", "A" + kDigest.substr(1), ""}, "").sha256, kDigest);
    EXPECT_EQ(resolve_url({"https://x/a.txz", "", "https://y/M"}, "").manifest, "https://y/M");
    EXPECT_EQ(resolve_url({"https://x/d/base.txz?a/b", "", ""}, "").name_in_manifest, "base.txz");
    EXPECT_EQ(resolve_url({"file:///d/base.txz", "", ""}, "").manifest, "file:///d/MANIFEST");
    EXPECT_EQ(refusal({"https://x/a.txz", "", ""}), "nothing says what the archive should be");
    EXPECT_EQ(refusal({"https://x/a.txz", "12", ""}),
              "'12' is no SHA-256: that has 64 hexadecimal digits");
    EXPECT_EQ(refusal({"https://x/base.txz", "", "http://y/M"}).substr(0, 9), "over http");
}

TEST(Url, RefusesWhatIsNone) {
    for (const char* url :
         {"", "base.txz", "ftp://x/y", "https:/x", "14-RELEASE", "14.3-", "x://"}) {
        EXPECT_NE(refusal({url, kDigest, ""}).find("is no URL"), std::string::npos) << url;
    }
    EXPECT_EQ(refusal({"https://x/a b", kDigest, ""}).substr(0, 13), "the URL holds");
    EXPECT_EQ(refusal({"https://x/a\n", kDigest, ""}).substr(0, 13), "the URL holds");
    EXPECT_EQ(refusal({"https://x/" + std::string(5000, 'a'), kDigest, ""}).substr(0, 7),
              "the URL");
    EXPECT_EQ(refusal({"https://u:p@x/a", kDigest, ""}).substr(0, 25), "the URL holds a user name");
}

TEST(Url, NamesFilesOfThisMachine) {
    EXPECT_EQ(path_of_file_url("https://x/y"), std::nullopt);
    EXPECT_EQ(path_of_file_url("file:///a%20b/%2e%zz%00"), "/a b/.%zz%00");
    EXPECT_EQ(path_of_file_url("file://localhost/a"), "/a");
    EXPECT_NE(refusal([] {
                  static_cast<void>(path_of_file_url("file://host/a"));
              }).find("names no file of this machine"),
              std::string::npos);
}

TEST(Url, FindsTheDigestInAManifest) {
    const std::string manifest = "base-dbg.txz\t1\nbase.txz\t" + kDigest + "\t20\tbase\n";
    EXPECT_EQ(sha256_in_manifest(manifest, "base.txz"), kDigest);
    EXPECT_EQ(refusal([&] { static_cast<void>(sha256_in_manifest(manifest, "kernel.txz")); }),
              "the MANIFEST has no 'kernel.txz'");
    EXPECT_EQ(refusal([&] {
                  static_cast<void>(sha256_in_manifest(manifest, "base-dbg.txz"));
              }).substr(0, 3),
              "'1'");
}

}  // namespace
}  // namespace brig
