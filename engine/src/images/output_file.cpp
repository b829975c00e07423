// SPDX-License-Identifier: BSD-2-Clause
#include "images/output_file.hpp"

#include "launch.hpp"
#include "support/check.hpp"
#include "undo.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace brig {
namespace {

[[noreturn]] void refuse_existing(const std::filesystem::path& path) {
    throw Error{ErrorCode::already_exists, fmt::format("there is a file '{}'", path.native())}
        .with_hint("--force replaces it");
}

void check_name(const std::filesystem::path& path, bool force) {
    if (!path.has_filename()) {
        throw Error{ErrorCode::invalid_config, fmt::format("'{}' names no file", path.native())};
    }
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        return;  // what is wrong with the folder shows when the file is made
    }
    if (!S_ISREG(info.st_mode)) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("'{}' is there, and no ordinary file", path.native())}
            .with_hint("without -o the archive goes to standard output");
    }
    if (!force) {
        refuse_existing(path);
    }
}

UniqueFd make_recorded(Ledger& ledger, const std::filesystem::path& path) {
    record_file(ledger, path);
    return UniqueFd{
        check(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
              "create {}",
              path.native())};
}

}  // namespace

OutputFile::OutputFile(Ledger& ledger, const std::filesystem::path& path, bool force)
    : path_{std::filesystem::absolute(path)}, force_{force} {
    check_name(path_, force_);
    made_ = path_.parent_path() / ("." + path_.filename().native() + ".brig-" + new_id());
    fd_ = make_recorded(ledger, made_);
}

void OutputFile::publish() {
    check(::fsync(fd_.get()), "write {} to disk", made_.native());
    if (!force_) {
        // link(2), unlike rename(2), replaces nothing.
        if (::link(made_.c_str(), path_.c_str()) == 0) {
            return;
        }
        if (errno == EEXIST) {
            refuse_existing(path_);
        }
        if (errno != EPERM && errno != EOPNOTSUPP) {
            throw_system_error(errno, fmt::format("create {}", path_.native()));
        }
        check_name(path_, false);  // a file system without hard links
    }
    check(::rename(made_.c_str(), path_.c_str()), "create {}", path_.native());
}

UniqueFd make_scratch_file(Ledger& ledger, const std::filesystem::path& path) {
    return make_recorded(ledger, path);
}

}  // namespace brig
