// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "support/unique_resource.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <cstddef>
#include <string>

namespace brig::archive {

/// How much of an archive is read or written at once, in bytes.
inline constexpr std::size_t kBlockSize = 262144;

struct ReaderTraits {
    using Handle = ::archive*;
    static constexpr Handle kNone = nullptr;

    static void close(Handle reader) noexcept { ::archive_read_free(reader); }
};
using Reader = UniqueResource<ReaderTraits>;

/// Freed without being completed: only an explicit archive_write_close(3) makes what was written
/// valid, so that giving up halfway never looks like success.
struct WriterTraits {
    using Handle = ::archive*;
    static constexpr Handle kNone = nullptr;

    static void close(Handle writer) noexcept {
        ::archive_write_fail(writer);
        ::archive_write_free(writer);
    }
};
using Writer = UniqueResource<WriterTraits>;

struct EntryTraits {
    using Handle = ::archive_entry*;
    static constexpr Handle kNone = nullptr;

    static void close(Handle entry) noexcept { ::archive_entry_free(entry); }
};
using Entry = UniqueResource<EntryTraits>;

struct LinkResolverTraits {
    using Handle = ::archive_entry_linkresolver*;
    static constexpr Handle kNone = nullptr;

    static void close(Handle resolver) noexcept { ::archive_entry_linkresolver_free(resolver); }
};
using LinkResolver = UniqueResource<LinkResolverTraits>;

/// What libarchive says about its last failure, with the kernel's reason where there is one.
[[nodiscard]] std::string last_message(::archive* archive);

/// The kernel's errno of the last failure; 0 when the archive itself is at fault.
[[nodiscard]] int last_errno(::archive* archive) noexcept;

/// Throws what libarchive says about its last failure: Error{system} or Error{permission} when the
/// kernel refused, Error{invalid_config} when the archive is at fault.
[[noreturn]] void throw_last(::archive* archive, const std::string& attempt);

/// Throws as `throw_last` unless `result` is ARCHIVE_OK or better.
void check_archive(int result, ::archive* archive, const std::string& attempt);

/// The path of `entry`, never null.
[[nodiscard]] std::string path_of(::archive_entry* entry);

}  // namespace brig::archive
