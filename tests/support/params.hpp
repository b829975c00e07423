// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "params/catalogue.hpp"
#include "params/merge.hpp"
#include "params/parse.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace brig::test {

/// What a FreeBSD 15 host knows: the built-in table, the pseudo-parameters and a key_value.
inline const Catalogue& full_catalogue() {
    static const Catalogue catalogue = [] {
        std::vector<ParamInfo> rows = builtin_kernel_params();
        for (ParamInfo& row : pseudo_params()) {
            rows.push_back(std::move(row));
        }
        ParamInfo meta;
        meta.name = "meta";
        meta.type = ParamType::key_value;
        rows.push_back(meta);
        return Catalogue{std::move(rows)};
    }();
    return catalogue;
}

inline Origin option_j() {
    return {Origin::Kind::command_line, "-J"};
}

/// The assignments of `words`, as of one -J each; what is wrong goes to `findings`.
inline std::vector<Assignment> parse_all(const std::vector<std::string>& words,
                                         Findings& findings) {
    std::vector<Assignment> assignments;
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
