// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace brig::test {

/// Writes a tar archive entry by entry, also such as no tar(1) would write.
class TarBuilder {
  public:
    using Change = std::function<void(archive_entry*)>;

    explicit TarBuilder(const std::filesystem::path& path, int filter = ARCHIVE_FILTER_NONE)
        : archive_{archive_write_new()} {
        check(archive_write_set_format_pax(archive_));
        check(archive_write_set_options(archive_, "hdrcharset=BINARY"));
        check(archive_write_add_filter(archive_, filter));
        check(archive_write_open_filename(archive_, path.c_str()));
    }
    TarBuilder(const TarBuilder&) = delete;
    TarBuilder& operator=(const TarBuilder&) = delete;
    TarBuilder(TarBuilder&&) = delete;
    TarBuilder& operator=(TarBuilder&&) = delete;
    ~TarBuilder() { archive_write_free(archive_); }

    TarBuilder& file(const std::string& name,
                     const std::string& content = "content",
                     const Change& change = {}) {
        return add(name, AE_IFREG, content, change);
    }
    TarBuilder& directory(const std::string& name, const Change& change = {}) {
        return add(name, AE_IFDIR, "", change);
    }
    TarBuilder& symlink(const std::string& name, const std::string& target) {
        return add(name, AE_IFLNK, "", [&](archive_entry* entry) {
            archive_entry_set_symlink(entry, target.c_str());
        });
    }
    TarBuilder& hard_link(const std::string& name, const std::string& target) {
        return add(name, AE_IFREG, "", [&](archive_entry* entry) {
            archive_entry_set_hardlink(entry, target.c_str());
        });
    }
    TarBuilder& add(const std::string& name,
                    unsigned int type,
                    const std::string& content,
                    const Change& change) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, type);
        archive_entry_set_perm(entry, type == AE_IFDIR ? 0755 : 0644);
        archive_entry_set_mtime(entry, 1'000'000'000, 0);
        archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
        if (change) {
            change(entry);
        }
        const int result = archive_write_header(archive_, entry);
        archive_entry_free(entry);
        check(result);
        archive_write_data(archive_, content.data(), content.size());
        return *this;
    }

    void finish() { check(archive_write_close(archive_)); }

  private:
    void check(int result) const {
        if (result < ARCHIVE_WARN) {
            throw std::runtime_error{archive_error_string(archive_)};
        }
    }

    ::archive* archive_;
};

}  // namespace brig::test
