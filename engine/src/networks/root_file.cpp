// SPDX-License-Identifier: BSD-2-Clause
#include "networks/root_file.hpp"

#include "launch.hpp"
#include "support/check.hpp"
#include "support/read_write.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace brig {

namespace {

constexpr mode_t kReadable = S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH;

bool has_text(int folder, const RootFile& file) {
    // Not a device or a pipe that would block, and no link out of the folder.
    const UniqueFd fd{
        ::openat(folder, file.name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    struct stat status {};
    if (!fd || ::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode)
        || static_cast<std::size_t>(status.st_size) != file.text.size()) {
        return false;
    }
    return read_text(fd.get(), file.name, file.text.size()) == file.text;
}

void replace(int folder, const RootFile& file) {
    // A name that nobody in the container can have put there before.
    const std::string made = "." + file.name + "." + new_id();
    const UniqueFd fd{check(::openat(folder,
                                     made.c_str(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
                                     S_IRUSR | S_IWUSR),
                            "create it")};
    try {
        write_text(fd.get(), file.text, file.name);
        check(::fchmod(fd.get(), kReadable), "make it readable");
        check(::renameat(folder, made.c_str(), folder, file.name.c_str()), "put it there");
    } catch (const Error&) {
        ::unlinkat(folder, made.c_str(), 0);
        throw;
    }
}

}  // namespace

void replace_in_root(Context& context, const std::filesystem::path& root, const RootFile& file) {
    try {
        const UniqueFd folder = context.host.open_inside(root, file.folder, O_RDONLY | O_DIRECTORY);
        if (folder && !has_text(folder.get(), file)) {
            replace(folder.get(), file);
        }
    } catch (const Error& failure) {
        context.log.warn("cannot write {}/{} in {}: {}",
                         file.folder,
                         file.name,
                         root.native(),
                         full_message(failure));
    }
}

}  // namespace brig
