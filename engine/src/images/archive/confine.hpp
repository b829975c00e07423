// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>

namespace brig::archive {

/// What the process still has to do once it is confined; decides which privileges it keeps.
enum class Work {
    read_tree,
    write_tree
};

/// Makes `root` all that this process can see and gives up every privilege that `work` does not
/// need: whatever an archive says, and whatever it makes the code that parses it do, stays below
/// `root`. Open descriptors stay open.
///
/// @throws Error{permission} when the caller may not chroot(2), Error{system} for the rest.
void confine(const std::string& root, Work work);

/// Gives up what the platform lets a process give up: the part of `confine` that differs from host
/// to host.
void give_up_privileges(Work work);

/// Whether file flags (`chflags(2)`) belong to a file on this platform. On Linux they describe the
/// file system more than the file, and an immutable file could not be removed with its image.
[[nodiscard]] bool keeps_file_flags() noexcept;

}  // namespace brig::archive
