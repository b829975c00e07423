// SPDX-License-Identifier: BSD-2-Clause
#include "images/import.hpp"

#include "images/archive_helper.hpp"
#include "images/source.hpp"
#include "support/check.hpp"

#include <string>
#include <utility>
#include <vector>

namespace brig {
namespace {

ImportProgress progress_of(const ArchiveHelper& unpacking) {
    return {unpacking.report().entries(), unpacking.report().bytes(), 0};
}

/// What `helpers`, of which the last unpacked, have done.
ImportResult result_of(const HelperList& helpers, const Log& log) {
    const HelperReport& unpacked = helpers.back()->report();
    return {
        unpacked.entries(), unpacked.bytes(), log_warnings(helpers, log), unpacked.fact("digest")};
}

}  // namespace

std::vector<std::string> unpack_words(const ImportTarget& target, bool digested) {
    std::vector<std::string> words{"unpack"};
    if (digested) {
        words.emplace_back("--digest");
    }
    if (target.max_size != 0) {
        words.insert(words.end(), {"--max-size", std::to_string(target.max_size)});
    }
    return words;
}

ImportResult import_archive(const ImportTarget& target,
                            const ArchiveFile& archive,
                            const ProgressSink& progress) {
    ArchiveHelper unpacking{target.libexec,
                            unpack_words(target, true),
                            target.root,
                            {.in = archive.fd(), .lock = target.lock_fd}};
    const auto so_far = [&] {
        ImportProgress done = progress_of(unpacking);
        if (archive.size() > 0) {
            done.bytes = archive.position();
            done.total_bytes = archive.size();
        }
        return done;
    };
    follow_helpers({&unpacking}, progress, so_far);
    return result_of({&unpacking}, target.log);
}

ImportResult import_directory(const ImportTarget& target,
                              const std::filesystem::path& path,
                              const ProgressSink& progress) {
    const std::filesystem::path source = source_directory(path, target.root);
    target.log.debug("copy {} into {}", source.native(), target.root.native());
    Pipe stream = make_pipe_above_standard();
    ArchiveHelper packing{
        target.libexec, {"pack"}, source, {.out = stream.write.get(), .lock = target.lock_fd}};
    ArchiveHelper unpacking{target.libexec,
                            unpack_words(target, false),
                            target.root,
                            {.in = stream.read.get(), .lock = target.lock_fd}};
    // The helpers have theirs; with ours open, neither would notice the other's end.
    stream = {};
    const HelperList helpers{&packing, &unpacking};
    follow_helpers(helpers, progress, [&] { return progress_of(unpacking); });
    return result_of(helpers, target.log);
}

}  // namespace brig
