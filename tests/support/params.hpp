// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/builtin_catalogue.hpp"
#include "params/merge.hpp"
#include "params/parse.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace brig::test {

/// Every parameter there is, all of them enforced.
inline const Catalogue& full_catalogue() {
    static const BuiltinCatalogue catalogue{Release::freebsd_15};
    return catalogue;
}

/// The row of `name`, which exists.
inline ParamInfo row_of(std::string_view name) {
    std::vector<ParamInfo> rows = full_catalogue().rows();
    return *std::find_if(
        rows.begin(), rows.end(), [&](const ParamInfo& row) { return row.name == name; });
}

inline Origin option_j() {
    return {Origin::Kind::command_line, "-J"};
}

/// The assignments of `words`, as of one -J each; what is wrong goes to `findings`.
inline std::vector<Assignment> parse_all(const std::vector<std::string>& words,
                                         Findings& findings) {
    std::vector<Assignment> assignments;
    assignments.reserve(words.size());
    for (const std::string& word : words) {
        if (auto assignment = parse_assignment(word, option_j(), full_catalogue(), findings)) {
            assignments.push_back(std::move(*assignment));
        }
    }
    return assignments;
}

/// What `words` mean with no other layer beside them.
inline ParamList merge_words(const std::vector<std::string>& words, Findings& findings) {
    ParamLayers layers;
    layers.command_line = parse_all(words, findings);
    return merge_params(layers, full_catalogue(), findings);
}

/// All messages, one a line, for comparison.
inline std::string messages(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings.all()) {
        text += (text.empty() ? "" : "\n") + finding.message;
    }
    return text;
}

}  // namespace brig::test
