// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/sha256.hpp"
#include "images/oci_source.hpp"
#include "support/check.hpp"
#include "support/tar_builder.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

namespace brig {
namespace {

namespace fs = std::filesystem;
using test::TarBuilder;

constexpr const char* kManifestType = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* kIndexType = "application/vnd.oci.image.index.v1+json";
constexpr const char* kConfigType = "application/vnd.oci.image.config.v1+json";
constexpr const char* kLayerType = "application/vnd.oci.image.layer.v1.tar";

std::string read_file(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

void write_file(const fs::path& path, const std::string& content) {
    std::ofstream{path, std::ios::binary} << content;
}

std::string sha256(const std::string& content) {
    archive::Sha256 digest;
    digest.update(content.data(), content.size());
    return digest.finish();
}

/// Layouts as they should not be, and the one that is as it should.
class Oci : public testing::Test {
  protected:
    using Fill = std::function<void(TarBuilder&)>;

    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "unpacking owners takes root";
        }
        std::string name = (fs::temp_directory_path() / "brig-oci-XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        dir_ = name;
        fs::create_directories(layout() / "blobs/sha256");
        fs::create_directory(root_ = dir_ / "root");
        write_file(layout() / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    }

    void TearDown() override {
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a process was left";
        if (!dir_.empty()) {
            EXPECT_FALSE(fs::exists(dir_ / "outside")) << "something left the root";
            fs::remove_all(dir_);
        }
    }

    [[nodiscard]] fs::path layout() const { return dir_ / "layout"; }
    [[nodiscard]] fs::path blob(const std::string& digest) const {
        return layout() / "blobs/sha256" / digest;
    }

    std::string descriptor(const std::string& type,
                           const std::string& content,
                           const std::string& more = "") {
        const std::string digest = sha256(content);
        write_file(blob(digest), content);
        return fmt::format(R"({{"mediaType":"{}","digest":"sha256:{}","size":{}{}}})",
                           type,
                           digest,
                           content.size(),
                           more);
    }

    std::string layer(const Fill& fill, int filter = ARCHIVE_FILTER_NONE) {
        const fs::path file = dir_ / "layer.tar";
        TarBuilder tar{file, filter};
        fill(tar);
        tar.finish();
        const std::string content = read_file(file);
        last_layer_ = sha256(content);
        return descriptor(filter == ARCHIVE_FILTER_GZIP   ? std::string{kLayerType} + "+gzip"
                          : filter == ARCHIVE_FILTER_ZSTD ? std::string{kLayerType} + "+zstd"
                                                          : kLayerType,
                          content);
    }

    std::string manifest(const std::vector<std::string>& layers, const std::string& config = "{}") {
        std::string list;
        for (const std::string& each : layers) {
            list += (list.empty() ? "" : ",") + each;
        }
        return fmt::format(
            R"({{"config":{},"layers":[{}]}})", descriptor(kConfigType, config), list);
    }

    void index(const std::vector<std::string>& manifests) const {
        write_file(layout() / "index.json", index_text(manifests));
    }

    static std::string index_text(const std::vector<std::string>& manifests) {
        std::string list;
        for (const std::string& each : manifests) {
            list += (list.empty() ? "" : ",") + each;
        }
        return fmt::format(R"({{"manifests":[{}]}})", list);
    }

    void image(const std::vector<std::string>& layers, const std::string& config = "{}") {
        index({descriptor(kManifestType, manifest(layers, config))});
    }

    Contents import(const FromOci& source = {}) {
        const fs::path libexec{BRIG_TEST_LIBEXEC};
        return import_oci({libexec, root_, log_}, layout(), source, {});
    }

    std::string failure(const FromOci& source = {}) {
        try {
            import(source);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::invalid_config) << error.what();
            return error.what() + std::string{" | "} + error.hint();
        }
        return "nothing was refused";
    }

    void expect_failure(const std::string& part, const FromOci& source = {}) {
        const std::string message = failure(source);
        EXPECT_NE(message.find(part), std::string::npos) << message;
        EXPECT_EQ(message.find_first_of("\x1b\n\r"), std::string::npos) << message;
    }

    Log log_;
    fs::path dir_;
    fs::path root_;
    std::string last_layer_;
};

TEST_F(Oci, UnpacksLayersOneOverTheOther) {
    image(
        {layer([](TarBuilder& tar) {
             tar.directory("d").file("d/a", "old").file("d/gone").file("file").symlink("link", "d");
         }),
         layer([](TarBuilder& tar) { tar.file("d/a", "new").file("d/.wh.gone", ""); },
               ARCHIVE_FILTER_GZIP),
         layer([](TarBuilder& tar) { tar.directory("file").file("file/in").file("link", "x"); },
               ARCHIVE_FILTER_ZSTD)});
    const Contents contents = import();
    EXPECT_EQ(read_file(root_ / "d/a"), "new");
    EXPECT_FALSE(fs::exists(root_ / "d/gone"));
    EXPECT_FALSE(fs::exists(root_ / "d/.wh.gone"));
    EXPECT_TRUE(fs::exists(root_ / "file/in"));
    EXPECT_EQ(fs::symlink_status(root_ / "link").type(), fs::file_type::regular);
    EXPECT_EQ(contents.digest.substr(0, 7), "sha256:");
}

TEST_F(Oci, AFolderGivesWayToAFile) {
    image({layer([](TarBuilder& tar) { tar.directory("d").file("d/a").file("d/b"); }),
           layer([](TarBuilder& tar) { tar.file("d", "a file"); })});
    import();
    EXPECT_EQ(read_file(root_ / "d"), "a file");
}

TEST_F(Oci, WhiteoutsHideWhatIsBelowOnly) {
    image({layer([](TarBuilder& tar) {
               tar.directory("o").file("o/below").directory("o/d").file("o/d/below").file("w/x");
           }),
           layer([](TarBuilder& tar) {
               tar.file("o/own")
                   .file("o/d/own")
                   .file("o/.wh..wh..opq", "")
                   .directory("w")
                   .file("w/own")
                   .file(".wh.w", "")
                   .file(".wh..wh.plnk", "")
                   .file(".wh.never", "");
           })});
    import();
    EXPECT_FALSE(fs::exists(root_ / "o/below"));
    EXPECT_FALSE(fs::exists(root_ / "o/d/below"));
    EXPECT_TRUE(fs::exists(root_ / "o/own"));
    EXPECT_TRUE(fs::exists(root_ / "o/d/own"));
    EXPECT_TRUE(fs::exists(root_ / "w/own"));
    EXPECT_FALSE(fs::exists(root_ / "w/x"));
    for (const auto& entry : fs::recursive_directory_iterator{root_}) {
        EXPECT_EQ(entry.path().filename().native().find(".wh."), std::string::npos);
    }
}

TEST_F(Oci, HardLinksOfALayerBelowAreNotWrittenThrough) {
    image({layer([](TarBuilder& tar) { tar.file("a", "old").hard_link("b", "a"); }),
           layer([](TarBuilder& tar) { tar.file("a", "new"); })});
    import();
    EXPECT_EQ(read_file(root_ / "b"), "old");
}

TEST_F(Oci, RefusesWhiteoutsThatLead) {
    const std::vector<std::pair<std::string, std::string>> kCases{
        {".wh...", "hides nothing"},
        {".wh..", "hides nothing"},
        {".wh.", "hides nothing"},
        {"../.wh.root", "would leave the root"},
        {"d/../../.wh.x", "would leave the root"},
        {"/.wh.x", "absolute"},
        {"link/.wh.victim", "leads through the symbolic link 'link'"},
        {"link/.wh..wh..opq", "leads through the symbolic link 'link'"},
        {"in/.wh.victim", "leads through the symbolic link 'in'"},
        {".wh.d/x", "has something in it"},
    };
    write_file(dir_ / "victim", "x");
    for (const auto& [name, part] : kCases) {
        const std::string entry = name;
        fs::remove_all(root_);
        fs::create_directory(root_);
        image({layer([&](TarBuilder& tar) {
                   tar.directory("d")
                       .file("d/victim")
                       .symlink("link", dir_.native())
                       .symlink("in", "d");
               }),
               layer([&](TarBuilder& tar) { tar.file(entry, ""); })});
        expect_failure(part);
        EXPECT_TRUE(fs::exists(dir_ / "victim"));
    }
}

TEST_F(Oci, RefusesToWriteThroughALinkOfALayerBelow) {
    image({layer([&](TarBuilder& tar) { tar.symlink("out", dir_.native()); }),
           layer([](TarBuilder& tar) { tar.file("out/outside"); })});
    expect_failure("out");
    image({layer([](TarBuilder& tar) { tar.file("a"); }),
           layer([](TarBuilder& tar) { tar.hard_link("b", "../outside"); })});
    expect_failure("outside of the root");
}

TEST_F(Oci, ChecksEveryBlob) {
    const std::string digests[] = {layer([](TarBuilder& tar) { tar.file("a"); })};
    const std::string digest = last_layer_;
    image({digests[0]});
    std::string content = read_file(blob(digest));
    content[600] = 'X';
    write_file(blob(digest), content);
    expect_failure("is not what it was: its SHA-256 is");
    EXPECT_TRUE(fs::is_empty(root_));
    write_file(blob(digest), content + "more");
    expect_failure(fmt::format("has {} bytes, not {}", content.size() + 4, content.size()));
    fs::remove(blob(digest));
    expect_failure("is missing");
    fs::create_directory(blob(digest));
    expect_failure("is no ordinary file");
    fs::remove(blob(digest));
    check(::mkfifo(blob(digest).c_str(), 0600), "make a fifo");
    expect_failure("is no ordinary file");
    fs::remove(blob(digest));
    fs::create_symlink("/etc/passwd", blob(digest));
    expect_failure("is missing");  // the layout is all that is seen
}

TEST_F(Oci, RefusesWhatIsNoImage) {
    expect_failure("it has no index.json");
    write_file(layout() / "index.json", "hello");
    expect_failure("is not JSON");
    write_file(layout() / "index.json", std::string(5000000, ' '));
    expect_failure("is larger than 4194304 bytes");
    write_file(layout() / "index.json", std::string(100000, '['));
    expect_failure("is nested deeper");
    write_file(layout() / "index.json", "{}");
    expect_failure("has no 'config'");
    index({});
    expect_failure("there is no image for");
    index({R"({"mediaType":"x","digest":"sha256:../../../../etc/passwd","size":1})"});
    expect_failure("not sha256 and its 64 digits");
    index({"{\"digest\":\"\x1b[2J\",\"size\":1}"});
    expect_failure("is not JSON");
    index({R"({"digest":"\u001b[2J\n","size":1})"});
    expect_failure("not sha256 and its 64 digits");
    image({descriptor("application/x-evil", "x")});
    expect_failure("is of the unknown media type 'application/x-evil'");
    index({descriptor(kManifestType,
                      fmt::format(R"({{"config":{},"layers":[]}})",
                                  descriptor("application/vnd.cncf.helm.config.v1+json", "{}")))});
    expect_failure("unknown media type");
    image({}, "this is no JSON");
    expect_failure("configuration is not JSON");
    image({}, R"({"config":{"User":"root\" allow.mount"}})");
    expect_failure("cannot be one");
    image({}, R"({"config":{"Env":["A=\u0000"]}})");
    expect_failure("holds a NUL");
    write_file(layout() / "oci-layout", R"({"imageLayoutVersion":"2.0.0"})");
    expect_failure("of version '2.0.0'");
    fs::remove(layout() / "oci-layout");
    expect_failure("it has no oci-layout");
    fs::remove(layout() / "index.json");
    expect_failure("it is no OCI image layout");
}

TEST_F(Oci, DoesNotFollowIndexesForEver) {
    std::string inner = descriptor(kManifestType, manifest({}));
    for (int i = 0; i < 6; ++i) {
        inner = descriptor(kIndexType, index_text({inner}));
    }
    index({inner});
    expect_failure("refer to indexes more than 4 times");
    // One that refers to itself cannot have its own digest.
    index({fmt::format(R"({{"digest":"sha256:{}","size":1}})", std::string(64, '0'))});
    write_file(blob(std::string(64, '0')), "{");
    expect_failure("is not what it was");
}

TEST_F(Oci, ChoosesByPlatformAndTag) {
    const auto for_platform = [&](const char* os, const char* architecture, const char* tag) {
        const std::string file = std::string{os} + "-" + architecture;
        return descriptor(
            kManifestType,
            manifest({layer([&](TarBuilder& tar) { tar.file(file); })}),
            fmt::format(R"(,"platform":{{"os":"{}","architecture":"{}"}},)"
                        R"("annotations":{{"org.opencontainers.image.ref.name":"{}"}})",
                        os,
                        architecture,
                        tag));
    };
    index({for_platform("windows", "amd64", "1"),
           for_platform("freebsd", "riscv64", "1"),
           for_platform("linux", "riscv64", "1"),
           for_platform("linux", "s390x", "2")});
    import({"", "1", "freebsd/riscv64"});
    EXPECT_TRUE(fs::exists(root_ / "freebsd-riscv64"));
    expect_failure("there is more than one image in it | choose one with :TAG");
    expect_failure("there is no image 'x' in it | there is: 1, 2", {"", "x", ""});
    expect_failure("there is: freebsd/riscv64, linux/riscv64, windows/amd64",
                   {"", "1", "linux/arm64"});
}

TEST_F(Oci, TellsWhatContainersGet) {
    image({layer([](TarBuilder& tar) { tar.file("a"); })},
          R"({"config":{"User":"www:80","Env":["A=b=c","none"],"Entrypoint":["/bin/sh"],)"
          R"("Cmd":["-c","echo \"\u00e9\"\n"],"WorkingDir":"srv"},"history":[)"
          R"({"created":"2001-09-09T01:46:40.5Z","created_by":"one"},)"
          R"({"created":"never","comment":"two","empty_layer":true}]})");
    const Contents contents = import();
    EXPECT_EQ(
        contents.defaults,
        (ImageDefaults{"www:80", {"A=b=c"}, {"/bin/sh", "-c", "echo \"\xc3\xa9\"\n"}, "/srv"}));
    ASSERT_EQ(contents.history.size(), 2U);
    EXPECT_EQ(std::chrono::system_clock::to_time_t(contents.history[0].created), 1'000'000'000);
    EXPECT_EQ(contents.history[0].created_by, "one");
    EXPECT_EQ(contents.history[1].comment, "two");
    EXPECT_TRUE(contents.history[1].is_empty);
    EXPECT_EQ(contents.size, 7U);
}

TEST_F(Oci, ReadsWhatDockerSaves) {
    fs::remove(layout() / "oci-layout");
    fs::create_directory(layout() / "1");
    layer([](TarBuilder& tar) { tar.file("a"); });
    fs::rename(blob(last_layer_), layout() / "1/layer.tar");
    const auto save = [&](const std::string& layers, const std::string& id) {
        write_file(layout() / "c.json",
                   fmt::format(R"({{"rootfs":{{"diff_ids":["sha256:{}"]}}}})", id));
        write_file(
            layout() / "manifest.json",
            fmt::format(R"([{{"Config":"c.json","RepoTags":["x/y:1"],"Layers":[{}]}}])", layers));
    };
    save(R"("1/layer.tar")", last_layer_);
    import({"", "y:1", ""});
    EXPECT_TRUE(fs::exists(root_ / "a"));
    expect_failure("there is no image 'z' in it | there is: x/y:1", {"", "z", ""});
    save(R"("1/layer.tar")", std::string(64, '0'));
    expect_failure("is not what it was");
    save("", std::string(64, '0'));
    expect_failure("its manifest has 0 layers, its configuration 1");
    save(R"("../../root")", last_layer_);
    expect_failure("is missing");
    fs::remove(layout() / "c.json");
    expect_failure("its configuration 'c.json' is missing");
}

}  // namespace
}  // namespace brig
