// SPDX-License-Identifier: BSD-2-Clause
#include "foreground.hpp"
#include "image.hpp"
#include "options.hpp"
#include "progress_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <functional>

namespace brig::cli {

namespace {

constexpr const char* kUsageText =
    "image create NAME[:TAG] (--from-dir DIR | --from-tar FILE|- | --from-oci PATH[:TAG] | "
    "--from-url URL | "
    "--from-container CONTAINER | --from-zfs DATASET[@SNAPSHOT]) "
    "[OPTION]…";

void add_source_options(Options& options) {
    const auto text = [] { return po::value<std::string>(); };
    options.add()("from-dir", text(), "copy a directory");
    options.add()(
        "from-tar", text(), "unpack an archive (tar, also gz, bz2, xz, zst); - is standard input");
    options.add()("from-oci",
                  text(),
                  "an image of an OCI image layout, or of 'docker save': PATH[:TAG] of a directory "
                  "or an archive");
    options.add()("platform", text(), "OS/ARCH: which one, where an OCI image has several");
    options.add()("from-url",
                  text(),
                  "fetch an archive (https, file; http with --sha256), or a FreeBSD release: "
                  "14.3-RELEASE[/ARCH]");
    options.add()("sha256", text(), "what the fetched archive must be; 64 hexadecimal digits");
    options.add()("manifest", text(), "the URL of a FreeBSD MANIFEST that has the SHA-256");
    options.add()("from-container", text(), "copy the root of a container that does not run");
    options.add()("from-zfs",
                  text(),
                  "clone a ZFS dataset, DATASET[@SNAPSHOT], into a storage in its pool; copy it "
                  "into one in another");
    options.add()("copy", "copy it also in the same pool");
}

/// PATH[:TAG], where the path may have colons of its own: the longest that is there counts.
FromOci oci_source(const Options& options, const std::string& text) {
    FromOci source{text, "", options.get<std::string>("platform", "")};
    std::error_code error;
    for (std::size_t colon = text.size();
         colon != std::string::npos && colon != 0 && !std::filesystem::exists(source.path, error);
         colon = text.rfind(':', colon - 1)) {
        source.path = text.substr(0, colon);
        source.tag = colon < text.size() ? text.substr(colon + 1) : "";
    }
    return source;
}

struct Source {
    const char* option;
    std::function<ImageSource(const std::string& value)> make;
};

ImageSource source_of(const Options& options) {
    const std::array sources{
        Source{"from-dir", [](const std::string& value) { return FromDirectory{value}; }},
        Source{"from-tar", [](const std::string& value) { return FromArchive{value}; }},
        Source{"from-oci", [&](const std::string& value) { return oci_source(options, value); }},
        Source{"from-url",
               [&](const std::string& value) {
                   return FromUrl{value,
                                  options.get<std::string>("sha256", ""),
                                  options.get<std::string>("manifest", "")};
               }},
        Source{"from-container", [](const std::string& value) { return FromContainer{value}; }},
        Source{"from-zfs",
               [&](const std::string& value) {
                   return FromDataset{value, options.has("copy")};
               }},
    };
    const auto is_given = [&](const Source& source) { return options.has(source.option); };
    const auto* source = std::find_if(sources.begin(), sources.end(), is_given);
    if (source == sources.end()) {
        throw options.error("give a source, as --from-dir or --from-tar");
    }
    if (std::any_of(source + 1, sources.end(), is_given)) {
        throw options.error("give one source only");
    }
    if (options.has("copy") && !options.has("from-zfs")) {
        throw options.error("--copy is for --from-zfs; the others are copied anyway");
    }
    return source->make(options.get<std::string>(source->option, ""));
}

std::uint64_t size_option(const Options& options, const char* name) {
    const auto text = options.get<std::string>(name, "0");
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit{end, text.data() + text.size()};
    constexpr std::string_view kUnits = "KMGT";
    const std::size_t power =
        unit.size() == 1 ? kUnits.find(unit.front()) + 1 : std::size_t{0};  // npos + 1 is 0
    const auto shift = static_cast<unsigned>(power) * 10;
    if (error != std::errc{} || (!unit.empty() && power == 0) || number >> (64 - shift - 1) != 0) {
        throw options.error("--" + std::string{name} + ": '" + text + "' is no size, such as 500M");
    }
    return number << shift;
}

}  // namespace

void add_default_options(Options& options) {
    const auto text = [] { return po::value<std::string>(); };
    const auto list = [] { return po::value<Strings>()->composing(); };
    options.add()("user", text(), "the user that containers start as");
    options.add()("env", list(), "NAME=VALUE for their environment; repeatable");
    options.add()("cmd", list(), "a word of their default command; repeatable");
    options.add()("workdir", text(), "where they start");
    options.add()("storage", text(), "the storage that keeps it");
    options.add()("max-size", text(), "refuse more content than this: bytes, or with K, M, G, T");
}

int make_image(Invocation& call,
               const Options& options,
               const std::string& name,
               ImageSource source) {
    ImageSpec spec{name,
                   options.get<std::string>("storage", ""),
                   std::move(source),
                   {},
                   size_option(options, "max-size")};
    spec.defaults = {options.get<std::string>("user", ""),
                     options.get("env", Strings{}),
                     options.get("cmd", Strings{}),
                     options.get<std::string>("workdir", "")};
    const SignalCatcher signals;
    ImageInfo image;
    {
        ProgressLine line;
        image = call.engine().create_image(spec, [&](const ImportProgress& progress) {
            line.show(progress);
            return !SignalCatcher::interrupted();
        });
    }
    call.json() ? print(image_json(call.engine(), image)) : print_line(image.id);
    return kDone;
}

int create_image(Invocation& call, Strings arguments) {
    Options options{kUsageText};
    add_source_options(options);
    add_default_options(options);
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    return make_image(call, options, options.operands().front(), source_of(options));
}

}  // namespace brig::cli
