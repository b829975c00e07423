// SPDX-License-Identifier: BSD-2-Clause
#include "images/oci_source.hpp"

#include "images/archive_helper.hpp"
#include "images/platform.hpp"
#include "images/source.hpp"
#include "support/check.hpp"

#include <charconv>
#include <utility>

namespace brig {
namespace {

std::vector<std::string> read_words(const FromOci& source) {
    std::vector<std::string> words{"read-oci"};
    const std::vector<std::string> platforms =
        source.platform.empty() ? usable_platforms() : std::vector{source.platform};
    for (const std::string& platform : platforms) {
        words.insert(words.end(), {"--platform", platform});
    }
    if (!source.tag.empty()) {
        words.insert(words.end(), {"--tag", source.tag});
    }
    return words;
}

template <typename Number>
Number number_told(const std::string& text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// What the helper told, in the order of oci_read.hpp.
Contents contents_told(const HelperReport& report) {
    Contents contents;
    for (const HelperReport::Fact& fact : report.facts()) {
        if (fact.name == "env") {
            contents.defaults.environment.push_back(fact.value);
        } else if (fact.name == "command") {
            contents.defaults.command.push_back(fact.value);
        } else if (fact.name == "history") {
            contents.history.push_back(
                {std::chrono::system_clock::from_time_t(number_told<std::time_t>(fact.value)),
                 "",
                 "",
                 false});
        } else if (!contents.history.empty() && fact.name == "by") {
            contents.history.back().created_by = fact.value;
        } else if (!contents.history.empty() && fact.name == "comment") {
            contents.history.back().comment = fact.value;
        } else if (!contents.history.empty() && fact.name == "empty") {
            contents.history.back().is_empty = fact.value == "1";
        }
    }
    contents.digest = report.fact("digest");
    if (!report.fact("os").empty() && !report.fact("architecture").empty()) {
        contents.platform = report.fact("os") + "/" + report.fact("architecture");
    }
    contents.defaults.user = report.fact("user");
    contents.defaults.workdir = report.fact("workdir");
    return contents;
}

std::string describe_oci(const FromOci& source) {
    const std::string path = source.path == "-" ? "on standard input" : source.path.native();
    return "OCI image " + path + (source.tag.empty() ? "" : ":" + source.tag);
}

}  // namespace

Contents import_oci(const ImportTarget& target,
                    const std::filesystem::path& layout,
                    const FromOci& source,
                    const ProgressSink& progress) {
    const std::filesystem::path directory = source_directory(layout, target.root);
    Pipe layers = make_pipe_above_standard();
    ArchiveHelper reading{target.libexec,
                          read_words(source),
                          directory,
                          {.out = layers.write.get(), .lock = target.lock_fd}};
    std::vector<std::string> words = unpack_words(target, false);
    words.emplace_back("--layers");
    ArchiveHelper unpacking{
        target.libexec, words, target.root, {.in = layers.read.get(), .lock = target.lock_fd}};
    layers = {};
    const HelperList helpers{&reading, &unpacking};
    follow_helpers(helpers, progress, [&] {
        return ImportProgress{unpacking.report().entries(),
                              reading.report().bytes(),
                              number_told<std::uint64_t>(reading.report().fact("total"))};
    });
    log_warnings(helpers, target.log);
    Contents contents = contents_told(reading.report());
    contents.size = unpacking.report().bytes();
    contents.source = describe_oci(source);
    return contents;
}

}  // namespace brig
