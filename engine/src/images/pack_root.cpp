// SPDX-License-Identifier: BSD-2-Clause
#include "images/pack_root.hpp"

#include "images/archive_helper.hpp"

#include <charconv>

namespace brig {
namespace {

std::uint64_t size_in(const std::string& text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Packed packed_by(const ArchiveHelper& packing, const ArchiveHelper& writing) {
    return {packing.report().fact("digest"),
            writing.report().fact("digest"),
            size_in(writing.report().fact("size"))};
}

}  // namespace

std::string to_string(Compression compression) {
    return compression == Compression::gzip   ? "gzip"
           : compression == Compression::xz   ? "xz"
           : compression == Compression::zstd ? "zstd"
                                              : "none";
}

Packed pack_root(const PackRequest& request, const ProgressSink& progress, const Log& log) {
    const std::vector<std::string> words{"pack", "--digest"};
    const auto run = [&](const HelperList& helpers) {
        const HelperReport& packing = helpers.front()->report();
        follow_helpers(helpers, progress, [&] {
            return ImportProgress{packing.entries(), packing.bytes(), 0};
        });
        log_warnings(helpers, log);
    };
    if (request.compression == Compression::none) {
        ArchiveHelper packing{
            request.libexec, words, request.root, {.out = request.out, .lock = request.lock_fd}};
        run({&packing});
        return packed_by(packing, packing);
    }
    Pipe stream = make_pipe_above_standard();
    ArchiveHelper packing{
        request.libexec, words, request.root, {.out = stream.write.get(), .lock = request.lock_fd}};
    ArchiveHelper compressing{
        request.libexec,
        {"compress", "--method", to_string(request.compression)},
        request.root,
        {.in = stream.read.get(), .out = request.out, .lock = request.lock_fd}};
    stream = {};
    run({&packing, &compressing});
    return packed_by(packing, compressing);
}

}  // namespace brig
