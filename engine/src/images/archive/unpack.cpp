// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/unpack.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/entry_name.hpp"
#include "images/archive/handles.hpp"
#include "images/archive/input.hpp"
#include "images/archive/layer_files.hpp"
#include "support/check.hpp"

#include <fmt/core.h>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <utility>
#include <vector>

namespace brig::archive {
namespace {

constexpr std::int64_t kTarRecord = 512;

int extract_flags() {
    const int flags = ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME
                      | ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR
                      | ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT
                      | ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS;
    return keeps_file_flags() ? flags | ARCHIVE_EXTRACT_FFLAGS : flags;
}

/// Only what images come in. A libarchive built without one of the compressions would start a
/// program for it, which no longer exists for us; that is refused here (ARCHIVE_WARN) instead.
Reader new_reader() {
    Reader reader{::archive_read_new()};
    if (!reader) {
        throw_system_error(ENOMEM, "start reading an archive");
    }
    constexpr std::array<std::pair<int (*)(::archive*), const char*>, 5> kSupported{{
        {::archive_read_support_format_tar, "support tar"},
        {::archive_read_support_filter_gzip, "support gzip"},
        {::archive_read_support_filter_bzip2, "support bzip2"},
        {::archive_read_support_filter_xz, "support xz"},
        {::archive_read_support_filter_zstd, "support zstd"},
    }};
    for (const auto& [support, attempt] : kSupported) {
        check_archive(support(reader.get()), reader.get(), attempt);
    }
    return reader;
}

Writer open_disk() {
    Writer disk{::archive_write_disk_new()};
    if (!disk) {
        throw_system_error(ENOMEM, "start writing files");
    }
    check_archive(::archive_write_disk_set_options(disk.get(), extract_flags()),
                  disk.get(),
                  "choose what of a file is kept");
    return disk;
}

/// One import: what `unpack` reads from, writes to and counts in.
class Unpacking {
  public:
    /// `layer` is where this archive's files are told apart from those that are there already.
    Unpacking(Reader reader, Writer disk, Status& status, LayerFiles* layer)
        : reader_{std::move(reader)}, disk_{std::move(disk)}, status_{status}, layer_{layer} {}

    void run() {
        ::archive_entry* entry = nullptr;
        while (read_header(&entry)) {
            unpack_entry(entry);
            status_.count_entry();
        }
        refuse_missing_end();
        // Modes and times of directories are set now.
        report_loss(::archive_write_close(disk_.get()), "complete directories");
    }

  private:
    bool read_header(::archive_entry** entry) {
        const int result = ::archive_read_next_header(reader_.get(), entry);
        if (result == ARCHIVE_EOF) {
            return false;
        }
        // A warning is about a name that is not UTF-8, which we get and keep as it is.
        if (result < ARCHIVE_WARN) {
            throw_last(reader_.get(), fmt::format("read entry {}", status_.entries() + 1));
        }
        return true;
    }

    void unpack_entry(::archive_entry* entry) {
        const std::string name = path_of(entry);
        refuse_leaving_root(name, name);
        if (const char* target = ::archive_entry_hardlink(entry); target != nullptr) {
            refuse_leaving_root(target, name);
        }
        if (layer_ != nullptr && layer_->take(name, ::archive_entry_filetype(entry) == AE_IFDIR)) {
            return;
        }
        const std::string attempt = fmt::format("unpack '{}'", name);
        report_loss(::archive_write_header(disk_.get(), entry), attempt);
        if (::archive_entry_size(entry) > 0) {
            copy_content(attempt);
        }
        report_loss(::archive_write_finish_entry(disk_.get()), attempt);
    }

    void copy_content(const std::string& attempt) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        int result = ARCHIVE_OK;
        while ((result = ::archive_read_data_block(reader_.get(), &block, &size, &offset))
               == ARCHIVE_OK) {
            const auto written = ::archive_write_data_block(disk_.get(), block, size, offset);
            if (written < ARCHIVE_OK) {
                throw_last(disk_.get(), attempt);
            }
            status_.count_bytes(size);
        }
        if (result != ARCHIVE_EOF) {
            throw_last(reader_.get(), attempt);
        }
    }

    /// A warning is something of a file that its file system cannot keep, such as an extended
    /// attribute; the file is there. A full disk is a failure however libarchive calls it.
    void report_loss(int result, const std::string& attempt) {
        const int number = result < ARCHIVE_OK ? last_errno(disk_.get()) : 0;
        if (result < ARCHIVE_WARN || number == ENOSPC || number == EDQUOT) {
            throw_last(disk_.get(), attempt);
        }
        if (result == ARCHIVE_WARN) {
            status_.warning(fmt::format("{}: {}", attempt, last_message(disk_.get())));
        }
    }

    /// libarchive takes the end of its input after an entry for the end of the archive. Every tar
    /// ends with zero blocks; one that does not has been cut.
    void refuse_missing_end() const {
        const auto end = ::archive_filter_bytes(reader_.get(), 0);
        if (end < ::archive_read_header_position(reader_.get()) + kTarRecord) {
            throw Error{
                ErrorCode::invalid_config,
                fmt::format("the archive is truncated: it stops after {} entries without an "
                            "end mark",
                            status_.entries())};
        }
    }

    Reader reader_;
    Writer disk_;
    Status& status_;
    LayerFiles* layer_;
};

void unpack_archive(Input& input, Status& status, LayerFiles* layer) {
    Reader reader = new_reader();
    input.open(reader);
    Unpacking{std::move(reader), open_disk(), status, layer}.run();
    input.drain();
}

void unpack_layers(Input& input, Status& status) {
    while (input.next_layer()) {
        LayerFiles layer;
        unpack_archive(input, status, &layer);
    }
}

}  // namespace

void unpack(const std::string& root, const UnpackOptions& options, Status& status) {
    confine(root, Work::write_tree);
    ::umask(S_IWGRP | S_IWOTH);
    status.limit_bytes(options.max_size);
    Input input{options.digested};
    if (options.layered) {
        unpack_layers(input, status);
    } else {
        unpack_archive(input, status, nullptr);
    }
    if (options.digested) {
        status.fact("digest", "sha256:" + input.digest());
    }
}

}  // namespace brig::archive
