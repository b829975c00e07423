// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <vector>

/// sysctl(3) with values instead of buffers.
namespace brig::freebsd {

/// The bytes of `oid`. @throws Error{system} that calls it `what`.
[[nodiscard]] std::string sysctl_bytes(const std::vector<int>& oid, const std::string& what);

/// The text in `bytes`, whose closing NUL the kernel counts.
[[nodiscard]] std::string text_in(const std::string& bytes);

/// The number of the object called `name`.
[[nodiscard]] std::vector<int> sysctl_oid(const std::string& name);

[[nodiscard]] std::string sysctl_string(const std::string& name);

[[nodiscard]] int sysctl_int(const std::string& name);

}  // namespace brig::freebsd
