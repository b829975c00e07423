// SPDX-License-Identifier: BSD-2-Clause
#include "foreground.hpp"
#include "image.hpp"
#include "options.hpp"
#include "progress_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace brig::cli {

namespace {

/// The value of an option that is one of a few words.
template <typename Value, std::size_t Size>
Value choice(const Options& options,
             const char* name,
             const std::array<std::pair<const char*, Value>, Size>& choices,
             Value otherwise) {
    const auto word = options.find<std::string>(name);
    if (!word) {
        return otherwise;
    }
    const auto* const found = std::find_if(
        choices.begin(), choices.end(), [&](const auto& each) { return *word == each.first; });
    if (found == choices.end()) {
        throw options.error("--" + std::string{name} + ": there is no '" + *word + "'");
    }
    return found->second;
}

constexpr std::array<std::pair<const char*, ExportFormat>, 3> kFormats{
    {{"tar", ExportFormat::tar}, {"oci", ExportFormat::oci}, {"stream", ExportFormat::stream}}};

constexpr std::array<std::pair<const char*, Compression>, 4> kCompressions{
    {{"none", Compression::none},
     {"gzip", Compression::gzip},
     {"xz", Compression::xz},
     {"zstd", Compression::zstd}}};

}  // namespace

int export_image(Invocation& call, Strings arguments) {
    Options options{"image export IMAGE [-o FILE] [--format tar|oci|stream] [OPTION]…"};
    const auto text = [] { return po::value<std::string>(); };
    options.add()("output,o", text(), "the file; otherwise standard output");
    options.add()("force", "replace the file if it is there");
    options.add()("format", text(), "tar (the default), oci, or the storage's own stream");
    options.add()("compress",
                  text(),
                  "gzip, xz, zstd or none; otherwise as the file is called, oci with gzip");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    ImageExport spec;
    spec.reference = options.operands().front();
    spec.format = choice(options, "format", kFormats, ExportFormat::tar);
    spec.compression = choice(options, "compress", kCompressions, Compression::automatic);
    spec.file = options.get<std::string>("output", "");
    spec.file = spec.file == "-" ? "" : spec.file;
    spec.fd = STDOUT_FILENO;
    spec.force = options.has("force");
    const SignalCatcher signals;
    ProgressLine line;
    call.engine().export_image(spec, [&](const ImportProgress& progress) {
        line.show(progress);
        return !SignalCatcher::interrupted();
    });
    return kDone;
}

int import_image(Invocation& call, Strings arguments) {
    Options options{"image import NAME[:TAG] FILE|- [--format stream --storage NAME] [OPTION]…"};
    options.add()("format",
                  po::value<std::string>(),
                  "stream: what 'export --format stream' wrote; otherwise an archive, whose kind "
                  "(tar, OCI, docker) is found out");
    add_default_options(options);
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, 2);
    constexpr std::array<std::pair<const char*, bool>, 1> kStream{{{"stream", true}}};
    const bool is_stream = choice(options, "format", kStream, false);
    if (is_stream && !options.has("storage")) {
        throw options.error("--format stream takes --storage");
    }
    const std::string& file = options.operands()[1];
    return make_image(
        call,
        options,
        options.operands()[0],
        is_stream ? ImageSource{FromStream{file}} : ImageSource{FromAnyArchive{file}});
}

}  // namespace brig::cli
