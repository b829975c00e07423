// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"
#include "brig/param.hpp"
#include "host/freebsd/jail_syscalls.hpp"

#include <optional>
#include <string>
#include <vector>

namespace brig::freebsd {

/// Throws for what libjail or the kernel has just refused, with jail_errmsg (which says more than
/// errno, see jail(3)) and errno both kept.
[[noreturn]] void throw_jail_error();
[[noreturn]] void throw_jail_error(ErrorCode code);

/// Whether it is one key of a list, "meta.KEY", and not the whole of it, "meta".
[[nodiscard]] inline bool is_key(const Param& param) {
    return param.type == ParamType::key_value && param.name.find('.') != std::string::npos;
}

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

    /// Adds one key of a list like `meta`: "meta.KEY". Without a value the key is taken away.
    /// Made by hand, as the next.
    void add_key(const std::string& name, const std::optional<std::string>& value);

    /// Adds the pseudo-parameter "desc", through which the kernel gives back a jail descriptor.
    /// The libjail of FreeBSD 14 and older, with which this program may have been linked, does not
    /// know it.
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
