// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"
#include "host/freebsd/jail_syscalls.hpp"

#include <string>
#include <vector>

namespace brig::freebsd {

/// Throws for what libjail or the kernel has just refused, with jail_errmsg (which says more than
/// errno, see jail(3)) and errno both kept.
[[noreturn]] void throw_jail_error();
[[noreturn]] void throw_jail_error(ErrorCode code);

/// A list of struct jailparam with its values, for one jail_set(2) or jail_get(2).
class JailParamList {
  public:
    JailParamList() = default;
    JailParamList(const JailParamList&) = delete;
    JailParamList& operator=(const JailParamList&) = delete;
    JailParamList(JailParamList&&) = delete;
    JailParamList& operator=(JailParamList&&) = delete;
    ~JailParamList();

    /// Adds `name` with the value that `text` spells. @throws Error{invalid_config}
    void add(const std::string& name, const std::string& text);

    /// Adds `name`, to be filled in by `get`. @throws Error{invalid_config} for an unknown one.
    void add_wanted(const std::string& name);

    /// Adds the pseudo-parameter "desc", through which the kernel gives back a jail descriptor.
    /// Made by hand: the libjail of FreeBSD 14 and older does not know it.
    void add_descriptor(int& descriptor);

    /// As jailparam_set(3): the jail's id, or -1.
    [[nodiscard]] int set(int flags);

    /// As jailparam_get(3): the jail's id, or -1.
    [[nodiscard]] int get(int flags);

    /// The text of the value at `index`, in the order in which they were added.
    [[nodiscard]] std::string text(std::size_t index);

  private:
    std::vector<jailparam> params_;
};

}  // namespace brig::freebsd
