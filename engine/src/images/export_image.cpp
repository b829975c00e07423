// SPDX-License-Identifier: BSD-2-Clause
#include "images/export_image.hpp"

#include "images/archive_helper.hpp"
#include "images/find_image.hpp"
#include "images/output_file.hpp"
#include "images/pack_root.hpp"
#include "images/platform.hpp"
#include "launch.hpp"
#include "store/schema.hpp"
#include "support/check.hpp"
#include "support/read_write.hpp"
#include "undo.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace brig {
namespace {

namespace fs = std::filesystem;

Compression by_extension(const fs::path& file) {
    constexpr std::array<std::pair<std::string_view, Compression>, 6> kExtensions{{
        {".gz", Compression::gzip},
        {".tgz", Compression::gzip},
        {".txz", Compression::xz},
        {".tzst", Compression::zstd},
        {".xz", Compression::xz},
        {".zst", Compression::zstd},
    }};
    const std::string extension = file.extension();
    for (const auto& [known, compression] : kExtensions) {
        if (extension == known) {
            return compression;
        }
    }
    return Compression::none;
}

Compression compression_of(const ImageExport& spec) {
    if (spec.format == ExportFormat::oci && spec.compression == Compression::xz) {
        throw Error{ErrorCode::invalid_config,
                    "a layer of an OCI image cannot be compressed with xz"}
            .with_hint("choose gzip, zstd or none");
    }
    if (spec.compression != Compression::automatic) {
        return spec.compression;
    }
    return spec.format == ExportFormat::oci ? Compression::gzip : by_extension(spec.file);
}

std::string to_seconds(std::chrono::system_clock::time_point time) {
    return std::to_string(std::chrono::system_clock::to_time_t(time));
}

/// Each element ended by a NUL.
std::string pack_list(const std::vector<std::string>& list) {
    std::string packed;
    for (const std::string& element : list) {
        packed.append(element).push_back('\0');
    }
    return packed;
}

std::string pack_history(const std::vector<ImageHistory>& history) {
    std::vector<std::string> fields;
    for (const ImageHistory& step : history) {
        fields.push_back(to_seconds(step.created));
        fields.push_back(step.created_by);
        fields.push_back(step.comment);
        fields.emplace_back(step.is_empty ? "1" : "0");
    }
    return pack_list(fields);
}

/// What write_oci() reads.
std::string request_text(const ImageInfo& image, const Packed& layer, Compression compression) {
    const std::string platform = image.platform.empty() ? host_platform() : image.platform;
    const std::size_t slash = platform.find('/');
    return format_facts(
               {{"digest", layer.digest},
                {"diff_id", layer.diff_id},
                {"size", std::to_string(layer.size)},
                {"compression", to_string(compression)},
                {"os", platform.substr(0, slash)},
                {"architecture", platform.substr(std::min(slash, platform.size() - 1) + 1)},
                {"user", image.defaults.user},
                {"workdir", image.defaults.workdir},
                {"env", pack_list(image.defaults.environment)},
                {"command", pack_list(image.defaults.command)},
                {"history", pack_history(image.history)},
                {"tag", image.tag.empty() ? image.id : image.tag},
                {"created", to_seconds(image.created)}})
           + "\n";
}

/// One export, with a ledger of its own.
class Exporting {
  public:
    Exporting(Context& context,
              const ImageExport& spec,
              const ImageInfo& image,
              const ProgressSink& progress)
        : context_{context},
          spec_{spec},
          image_{image},
          progress_{progress},
          storage_{context.instances.storage(image.storage)},
          ledger_{context.run.open(id_)},
          undo_{context, id_, ledger_} {}

    void run() {
        std::optional<OutputFile> file;
        if (!spec_.file.empty()) {
            file.emplace(ledger_, spec_.file, spec_.force);
        }
        write(file ? file->fd() : spec_.fd);
        if (file) {
            file->publish();
        }
        undo_.keep();
        close_run(context_, id_, ledger_);
    }

  private:
    void write(int out) {
        if (spec_.format == ExportFormat::stream) {
            send(out);
            return;
        }
        const fs::path root = activate_clone();
        const Compression compression = compression_of(spec_);
        if (spec_.format == ExportFormat::tar) {
            pack(root, compression, out);
        } else {
            write_oci(root, compression, out);
        }
    }

    void send(int out) {
        // A sender that outlives this process changes nothing, so recovery need not wait for it.
        DriverCall call = context_.call_for(image_.id, image_.volume);
        call.time_limit = kNoTimeLimit;
        call.progress = [&](ImportProgress so_far) {
            // Nobody else sees the bytes; where they go into a pipe they are not seen at all.
            so_far.bytes =
                static_cast<std::uint64_t>(std::max<off_t>(::lseek(out, 0, SEEK_CUR), 0));
            return !progress_ || progress_(so_far);
        };
        storage_.send(call, {kImageSnapshot, "", "", out, false});
    }

    /// A clone, because the volume itself may not become active beside the containers that use it.
    fs::path activate_clone() {
        const DriverCall clone = context_.call_for(id_, id_, true);
        record_volume(ledger_, storage_.name(), id_, true);
        storage_.provision(clone, image_.volume + "@" + kImageSnapshot);
        record_root(ledger_, storage_.name(), id_, true);
        return storage_.activate(clone).root;
    }

    Packed pack(const fs::path& root, Compression compression, int out) {
        return pack_root({context_.settings.libexec, root, compression, out, ledger_.lock_fd()},
                         progress_,
                         context_.log);
    }

    /// The layer's digest comes before its content, so it is packed into a file first.
    void write_oci(const fs::path& root, Compression compression, int out) {
        const fs::path folder = context_.settings.state / "exports";
        make_private_folder(context_.settings.state);
        make_private_folder(folder);
        const UniqueFd layer = make_scratch_file(ledger_, folder / id_);
        const Packed packed = pack(root, compression, layer.get());
        check(::lseek(layer.get(), 0, SEEK_SET), "read the layer");
        const UniqueFd request = write_request(request_text(image_, packed, compression));
        ArchiveHelper writing{
            context_.settings.libexec,
            {"write-oci"},
            root,
            {.in = request.get(), .out = out, .more = layer.get(), .lock = ledger_.lock_fd()}};
        follow_helpers({&writing}, progress_, [&] {
            return ImportProgress{0, writing.report().bytes(), packed.size};
        });
    }

    /// In the run folder, which goes with the ledger.
    UniqueFd write_request(const std::string& text) {
        const fs::path file = context_.run.folder(id_) / "request";
        UniqueFd fd{check(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                          "create {}",
                          file.native())};
        write_text(fd.get(), text, file.native());
        check(::lseek(fd.get(), 0, SEEK_SET), "read {}", file.native());
        return fd;
    }

    Context& context_;
    const ImageExport& spec_;
    const ImageInfo& image_;
    const ProgressSink& progress_;
    Storage& storage_;
    std::string id_ = new_id();
    Ledger ledger_;
    TearDownUnlessKept undo_;
};

void check_spec(Context& context, const ImageExport& spec, const ImageInfo& image) {
    static_cast<void>(compression_of(spec));
    if (spec.format == ExportFormat::stream
        && context.instances.storage(image.storage).stream_format().empty()) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("the storage '{}' has no streams", image.storage)}
            .with_hint("export the image with --format oci");
    }
    if (spec.file.empty() && ::isatty(spec.fd) == 1) {
        throw Error{ErrorCode::invalid_config, "an archive is nothing for a terminal"}.with_hint(
            "name a file with -o, or redirect standard output");
    }
}

}  // namespace

void export_image(Context& context, const ImageExport& spec, const ProgressSink& progress) {
    const ImageInfo image = find_image(context, spec.reference);
    check_spec(context, spec, image);
    Exporting{context, spec, image, progress}.run();
}

}  // namespace brig
