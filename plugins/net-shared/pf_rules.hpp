// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firewall.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The firewall's rules in the language of pf.conf(5): texts from values, and back from listings.
/// Pure.
///
/// A tag has an anchor, `brig/HASH`. The tag itself is in the labels of the anchor's first rule of
/// filtering, cut into pieces, since one label has at most 63 letters; the last label is the hash
/// of all that was loaded.
///
/// Packets that were redirected to a container are marked with a tag of pf, by which the rules of
/// the networks know them: `brig`, or `brig_self` where the host sends to itself.
namespace brig::net {

/// The group of interfaces whose addresses are those of jails on the host's stack. They are the
/// host's as well, but no port that is published on all of the host's addresses is theirs.
inline constexpr const char* kPfJailGroup = "brigjail";

/// An interface by which packets may leave the host.
struct Egress {
    std::string name;
    bool has_ip4 = false;
    bool has_ip6 = false;
};

/// What an anchor is loaded with.
struct PfRules {
    std::string text;
    std::size_t translations = 0;  ///< lines of `pfctl -s nat`
    std::size_t filters = 0;       ///< lines of `pfctl -s rules`

    [[nodiscard]] bool empty() const noexcept { return text.empty(); }
};

/// @param egress for networks that masquerade by whichever interface they leave: pf has to be told
///               every one
/// @throws Error{BRIG_INVALID}
[[nodiscard]] PfRules pf_rules(const std::string& tag,
                               const NetworkRules& rules,
                               const std::vector<Egress>& egress);
[[nodiscard]] PfRules pf_rules(const std::string& tag, const Published& published);

/// "brig/0123456789abcdef".
[[nodiscard]] std::string pf_anchor(const std::string& tag);

/// The tag in the labels of `pfctl -s rules`, or "".
[[nodiscard]] std::string pf_tag(std::string_view listed_filters);

/// Does the anchor have `wanted`? No rules wanted and none there is `sound`.
[[nodiscard]] sdk::Condition compare_pf_rules(std::string_view listed_translations,
                                              std::string_view listed_filters,
                                              const std::string& tag,
                                              const PfRules& wanted);

/// Lines that the main ruleset needs for our anchors, and has not.
[[nodiscard]] std::vector<std::string> missing_anchor_lines(std::string_view main_translations,
                                                            std::string_view main_filters);

/// Of the output of `pfctl -a brig -s Anchors`: `anchor` itself and those within it, or all with
/// "".
[[nodiscard]] std::vector<std::string> anchors_within(std::string_view listing,
                                                      const std::string& anchor);

}  // namespace brig::net
