// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/oci_write.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/output.hpp"
#include "support/check.hpp"
#include "support/facts.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>
#include <vector>

namespace brig::archive {
namespace {

using nlohmann::json;

template <typename Number>
Number number_in(std::string_view text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Strings that each end with a NUL.
std::vector<std::string> list_of(const std::string& packed) {
    std::vector<std::string> list;
    if (!packed.empty()) {
        list = split(packed, '\0');
        list.pop_back();
    }
    return list;
}

/// RFC 3339.
std::string format_time(std::time_t seconds) {
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
                       parts.tm_year + 1900,
                       parts.tm_mon + 1,
                       parts.tm_mday,
                       parts.tm_hour,
                       parts.tm_min,
                       parts.tm_sec);
}

/// What is not UTF-8 cannot be in JSON.
std::string dump(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string sha256_of(const std::string& text) {
    Sha256 sha256;
    sha256.update(text.data(), text.size());
    return sha256.finish();
}

/// All files are in one layer, so only the last step can have changed one.
json history_json(const std::string& packed) {
    const std::vector<std::string> fields = list_of(packed);
    json history = json::array();
    for (std::size_t i = 0; i + 4 <= fields.size(); i += 4) {
        json step{{"created", format_time(number_in<std::time_t>(fields[i]))},
                  {"created_by", fields[i + 1]}};
        if (!fields[i + 2].empty()) {
            step["comment"] = fields[i + 2];
        }
        if (i + 8 <= fields.size()) {
            step["empty_layer"] = true;
        }
        history.push_back(std::move(step));
    }
    return history;
}

json config_json(Facts& facts) {
    json defaults = json::object();
    if (!facts["user"].empty()) {
        defaults["User"] = facts["user"];
    }
    if (!facts["env"].empty()) {
        defaults["Env"] = list_of(facts["env"]);
    }
    if (!facts["command"].empty()) {
        defaults["Cmd"] = list_of(facts["command"]);
    }
    if (!facts["workdir"].empty()) {
        defaults["WorkingDir"] = facts["workdir"];
    }
    return {{"created", format_time(number_in<std::time_t>(facts["created"]))},
            {"os", facts["os"]},
            {"architecture", facts["architecture"]},
            {"config", std::move(defaults)},
            {"rootfs", {{"type", "layers"}, {"diff_ids", {facts["diff_id"]}}}},
            {"history", history_json(facts["history"])}};
}

std::string layer_type(const std::string& compression) {
    const std::string type = "application/vnd.oci.image.layer.v1.tar";
    return compression == "none" ? type : type + "+" + compression;
}

/// The archive, entry by entry.
class LayoutWriter {
  public:
    explicit LayoutWriter(std::time_t time) : time_{time} {
        if (!writer_) {
            throw_system_error(ENOMEM, "start writing an archive");
        }
        check_archive(
            ::archive_write_set_format_pax_restricted(writer_.get()), writer_.get(), "write pax");
        output_.open(writer_);
    }

    void add_folder(const std::string& name) { begin(name, AE_IFDIR, 0755, 0); }

    void add(const std::string& name, const std::string& content) {
        begin(name, AE_IFREG, 0644, content.size());
        write(content.data(), content.size());
    }

    void add_from(const std::string& name, int fd, std::uint64_t size, Status& status) {
        begin(name, AE_IFREG, 0644, size);
        std::vector<char> buffer(kBlockSize);
        while (true) {
            const auto count = static_cast<std::size_t>(
                check(::read(fd, buffer.data(), buffer.size()), "read the layer"));
            if (count == 0) {
                break;
            }
            write(buffer.data(), count);
            status.count_bytes(count);
        }
    }

    void finish() {
        check_archive(::archive_write_close(writer_.get()), writer_.get(), "complete the archive");
    }

  private:
    void begin(const std::string& name, unsigned type, mode_t mode, std::uint64_t size) {
        const Entry entry{::archive_entry_new()};
        ::archive_entry_set_pathname(entry.get(), name.c_str());
        ::archive_entry_set_filetype(entry.get(), type);
        ::archive_entry_set_perm(entry.get(), mode);
        ::archive_entry_set_mtime(entry.get(), time_, 0);
        ::archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size));
        check_archive(::archive_write_header(writer_.get(), entry.get()), writer_.get(), name);
    }

    void write(const void* data, std::size_t size) {
        if (::archive_write_data(writer_.get(), data, size) < 0) {
            throw_last(writer_.get(), "write the archive");
        }
    }

    std::time_t time_;
    Output output_{false};
    Writer writer_{::archive_write_new()};
};

/// What is in the layout besides the layer.
struct Documents {
    std::string config;
    std::string manifest;
    std::string index;
};

json descriptor(const char* type, const std::string& text) {
    return {{"mediaType", type}, {"digest", "sha256:" + sha256_of(text)}, {"size", text.size()}};
}

Documents documents_of(Facts& facts) {
    Documents documents;
    documents.config = dump(config_json(facts));
    constexpr const char* kManifest = "application/vnd.oci.image.manifest.v1+json";
    const json layer{{"mediaType", layer_type(facts["compression"])},
                     {"digest", facts["digest"]},
                     {"size", number_in<std::uint64_t>(facts["size"])}};
    documents.manifest =
        dump({{"schemaVersion", 2},
              {"mediaType", kManifest},
              {"config", descriptor("application/vnd.oci.image.config.v1+json", documents.config)},
              {"layers", json::array({layer})}});
    json manifest = descriptor(kManifest, documents.manifest);
    manifest["platform"] = {{"os", facts["os"]}, {"architecture", facts["architecture"]}};
    manifest["annotations"] = {{"org.opencontainers.image.ref.name", facts["tag"]}};
    documents.index = dump({{"schemaVersion", 2},
                            {"mediaType", "application/vnd.oci.image.index.v1+json"},
                            {"manifests", json::array({std::move(manifest)})}});
    return documents;
}

}  // namespace

void write_oci(const std::string& directory, int layer_fd, Status& status) {
    confine(directory, Work::read_tree);
    const std::string request = read_text(STDIN_FILENO, "what to write");
    Facts facts;
    parse_facts(facts, split(request.substr(0, request.find('\n')), '\t'), 0);
    const Documents documents = documents_of(facts);
    const std::string digest = facts["digest"].substr(facts["digest"].find(':') + 1);

    LayoutWriter layout{number_in<std::time_t>(facts["created"])};
    layout.add("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    layout.add_folder("blobs/");
    layout.add_folder("blobs/sha256/");
    layout.add("blobs/sha256/" + sha256_of(documents.config), documents.config);
    layout.add("blobs/sha256/" + sha256_of(documents.manifest), documents.manifest);
    layout.add_from(
        "blobs/sha256/" + digest, layer_fd, number_in<std::uint64_t>(facts["size"]), status);
    layout.add("index.json", documents.index);
    layout.finish();
    status.fact("digest", "sha256:" + sha256_of(documents.manifest));
}

}  // namespace brig::archive
