// SPDX-License-Identifier: BSD-2-Clause
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

std::vector<std::string> list_words(const Param& param) {
    std::vector<std::string> words;
    for (const std::string& value : param.values) {
        words.push_back(param.name + "=" + value);
    }
    return words;
}

/// jail(8) takes every word after `command=PROGRAM` for an argument.
std::vector<std::string> command_words(const Param& param) {
    std::vector<std::string> words = param.values;
    words.front().insert(0, "command=");
    return words;
}

}  // namespace

std::vector<std::string> format_words(const Param& param) {
    if (param.type == ParamType::boolean) {
        return {param.is_true() ? param.name : with_no(param.name)};
    }
    if (param.values.empty()) {
        return {param.name + "="};
    }
    if (param.name == "command") {
        return command_words(param);
    }
    if (param.type == ParamType::string_list) {
        return list_words(param);
    }
    return {param.name + "=" + join(param.values, ",")};
}

}  // namespace brig
