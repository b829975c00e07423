// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "jail_conf/document.hpp"
#include "support/findings.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace brig::jail_conf {

/// One value of a parameter, its variables replaced.
struct Value {
    std::string text;
    Place place;
};

/// A parameter of a jail as the last statement left it.
struct JailParam {
    std::string name;  ///< as it was last written, perhaps with its "no"
    std::vector<Value> values;
    Place place;
};

/// A jail with all that the file says of it. `name` or `jid`, which the section's own name sets, is
/// among the parameters.
struct Jail {
    std::string name;  ///< of its section
    Place place;
    std::vector<JailParam> params;  ///< in the order in which they were first set
};

/// True for a section that is no jail: one component of its name is `*`.
[[nodiscard]] bool is_wildcard(std::string_view name) noexcept;

/// Whether a wildcard section applies to a jail. A `*` stands for one component of the name, the
/// last one for one or more: jail.conf(5), "Wildcards".
[[nodiscard]] bool matches_wildcard(std::string_view jail, std::string_view wildcard) noexcept;

/// The names of a document's jails, in the order in which their sections begin.
[[nodiscard]] std::vector<std::string> jail_names(const Document& document);

/// What the jails of a document have used of the limits together.
struct Budget {
    std::size_t applied = 0;
    std::size_t expanded = 0;
    std::size_t values = 0;
    bool is_spent = false;  ///< which was said; nothing more is done
};

/// Makes jails of sections: applies wildcards, the later statement over the earlier one, and
/// replaces variables. Whatever a document holds, all its jails together stay within the limits in
/// document.hpp.
class Resolver {
  public:
    /// Both must outlive the resolver.
    Resolver(const Document& document, Findings& findings);

    /// The jail of the section `name`. Variables that nobody set or that need themselves, and a
    /// second `name`, become findings.
    [[nodiscard]] Jail resolve(const std::string& name);

  private:
    const Document& document_;
    Findings& findings_;
    std::vector<bool> is_wildcard_;  ///< of the section of the same index
    Budget budget_;
};

}  // namespace brig::jail_conf
