// SPDX-License-Identifier: BSD-2-Clause
#include "os_quota.hpp"

namespace brig::storage_dir::os {

namespace {

/// UFS limits users and groups, whoever's folder they write to. A dataset of ZFS has what is wanted
/// here, but is not a folder.
[[noreturn]] void refuse(const std::string& path) {
    throw Error{BRIG_UNSUPPORTED,
                "the file system of '" + path + "' cannot limit what a folder holds",
                "leave 'quota' out, or use a storage of the driver storage-zfs"};
}

}  // namespace

void require_quota(const std::string& path) {
    refuse(path);
}

ProjectId project_of(int /*fd*/) {
    return 0;
}

Joined join_project(int /*fd*/,
                    ProjectId /*project*/,
                    Membership /*membership*/,
                    const std::string& path) {
    refuse(path);
}

void accept_any_project(int /*folder*/) noexcept {}

std::optional<ProjectUse> project_use(int /*fd*/, ProjectId /*project*/) {
    return std::nullopt;
}

void limit_project(int /*fd*/,
                   ProjectId /*project*/,
                   std::uint64_t /*bytes*/,
                   const std::string& path) {
    refuse(path);
}

void unlimit_project(int /*fd*/, ProjectId /*project*/, const std::string& /*path*/) {}

}  // namespace brig::storage_dir::os
