// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "firewall.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// The firewall's rules in the language of nft(8): texts from values, and back from a listing.
/// Pure.
///
/// All rules are in a few chains of the table `inet brig`, which are the same for everybody; a rule
/// belongs to the tag in its comment, "TAG HASH". The hash is of its text. So the comments in a
/// chain say what is there without a comparison of texts, which nft(8) prints differently from
/// version to version.
namespace brig::net {

struct NftRule {
    const char* chain = nullptr;  ///< one of ours
    std::string text;             ///< without the comment
    bool is_exception = false;    ///< goes before all rules of the chain that are none

    friend bool operator==(const NftRule&, const NftRule&) = default;
};

/// @throws Error{BRIG_INVALID}
[[nodiscard]] std::vector<NftRule> nft_rules(const NetworkRules& rules);
[[nodiscard]] std::vector<NftRule> nft_rules(const Published& published);

/// The interface that 127.0.0.1 leads to, so that it needs `route_localnet`; "" if none does.
[[nodiscard]] std::string loopback_interface(const NetworkRules& rules);
[[nodiscard]] std::string loopback_interface(const Published& published);

/// A rule as `list table` shows it.
struct ListedRule {
    std::string chain;
    std::string text;     ///< all of the line: only for what is said of it elsewhere
    std::string comment;  ///< or ""
    std::uint64_t handle = 0;

    /// The tag in the comment, or "".
    [[nodiscard]] std::string_view tag() const noexcept;
};

/// Reads the output of `list table` with handles.
[[nodiscard]] std::vector<ListedRule> parse_nft_table(std::string_view listing);

/// Does the table have these rules of `tag`, no others of it, and in this order within each chain?
/// No rules wanted and none there is `sound`.
[[nodiscard]] sdk::Condition compare_rules(const std::vector<ListedRule>& listed,
                                           const std::string& tag,
                                           const std::vector<NftRule>& wanted);

/// The transaction that makes `wanted` the rules of `tag`; "" if nothing has to change. With its
/// last rule the table goes.
[[nodiscard]] std::string replacement_script(const std::vector<ListedRule>& listed,
                                             const std::string& tag,
                                             const std::vector<NftRule>& wanted);

/// The interfaces that rules of `tag`, or of all others, keep away from the host's 127.0.0.1.
[[nodiscard]] std::vector<std::string> guarded_interfaces(const std::vector<ListedRule>& listed,
                                                          std::string_view tag,
                                                          bool of_others);

}  // namespace brig::net
