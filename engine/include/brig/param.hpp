// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace BRIG_API brig {

/// How the value of a jail parameter is written and checked. See jail(8), "PARAMETERS".
enum class ParamType : std::uint8_t {
    boolean,      ///< `name`, `name=true|false|1|0`, `noname` on the last component
    integer,      ///< 32 bits, signed
    ulong,        ///< unsigned long (host.hostid)
    string,       ///< up to ParamInfo::max_length bytes
    jailsys,      ///< `disable`, `new` or `inherit`; the bare name means `new`
    ip4_list,     ///< comma separated; assignments append
    ip6_list,     ///< comma separated; assignments append
    string_list,  ///< jail(8)'s lists of commands and mounts; assignments append
    key_value,    ///< `meta.key=value`, `env.key=value` (FreeBSD 15)
};

/// When a parameter may be set.
enum class ParamAccess : std::uint8_t {
    read_write,
    create_only,
    read_only,
    reserved  ///< brig itself gives it to every container; said by Engine::params() alone
};

/// Who gives a parameter its effect: the kernel (through `jail_setv`), or brig itself where jail(8)
/// would (the pseudo-parameters exec.*, mount.*, stop.timeout, …).
enum class ParamPerformer : std::uint8_t {
    kernel,
    engine
};

/// What this host makes of a parameter.
enum class Enforcement : std::uint8_t {
    enforced,
    recorded,  ///< accepted, kept and shown, but nothing enforces it here (`enforce_statfs` on
               ///< Linux); setting one is answered with a warning
    refused,   ///< a parameter of jail(8) that this version of brig does not perform
};

/// What a value must be to be accepted, and who gives it its effect: all that checking takes.
struct ParamRule {
    ParamType type = ParamType::string;
    ParamAccess access = ParamAccess::read_write;
    ParamPerformer performer = ParamPerformer::kernel;
    Enforcement enforcement = Enforcement::enforced;
    bool can_disable = true;     ///< jailsys: takes `disable` too, not `new` and `inherit` only
    std::size_t max_length = 0;  ///< strings: bytes including the NUL; 0: unlimited
    std::optional<long long> min, max;  ///< integers
    std::string_view refusal;           ///< why, of Enforcement::refused; a literal
};

/// One row of the catalogue of parameters.
struct ParamInfo : ParamRule {
    std::string name;
    std::string default_value;  ///< as brig starts a container; may be empty
    std::string origin;         ///< of the default: "kernel", "brig", "brig.toml:12:3"
    std::string summary;        ///< the kernel's one-line description
    std::string manual;         ///< "jail(8)", "zfs-jail(8)", …
    std::string since;          ///< the first release of FreeBSD that has it, of "13.2" (or older),
                                ///< "14", "15"; empty: not known
};

/// Where the value of a parameter comes from. Later kinds override earlier ones.
struct Origin {
    enum class Kind {
        engine_default,
        driver,
        image,
        configuration,
        command_line
    };

    Kind kind = Kind::engine_default;
    std::string detail;  ///< "network 'host' (net-inherit)", "brig.toml:12:3", "-u", …

    /// "default", "network 'host' (net-inherit)", "image 'base'", "brig.toml:12:3", "-J".
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const Origin&, const Origin&) = default;
};

/// One parameter of a container with its final value.
///
/// `values` holds one normalised text for scalars (booleans: "true" or "false") and any number for
/// lists; a list that was cleared stays, without values. A driver or hook never sees another
/// spelling.
struct Param {
    std::string name;
    ParamType type = ParamType::string;
    ParamPerformer performer = ParamPerformer::kernel;
    std::vector<std::string> values;
    Origin origin;  ///< of the last assignment that had a say

    [[nodiscard]] bool is_true() const { return values.size() == 1 && values.front() == "true"; }

    friend bool operator==(const Param&, const Param&) = default;
};

/// One assignment as somebody wrote it, its name resolved but its value unchecked:
/// `exec.noclean` is {"exec.clean", nothing, negated}, and a bare name has no value.
struct Assignment {
    std::string name;
    std::optional<std::string> value;
    bool negated = false;  ///< written as `noname`, which inverts a boolean and clears a list
    std::string text;      ///< as written, for messages
    Origin origin;
};

/// The parameters of a container in the order in which they were first set, one entry a name.
using ParamList = std::vector<Param>;

/// The entry called `name`, or nullptr.
[[nodiscard]] const Param* find_param(const ParamList& params, std::string_view name) noexcept;

}  // namespace brig
