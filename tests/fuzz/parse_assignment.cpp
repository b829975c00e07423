// SPDX-License-Identifier: BSD-2-Clause
// Every line of the input is one -J. Whatever is in it, nothing crashes; and what is accepted can
// be written as a jail(8) command line that means the same.
#include "support/params.hpp"
#include "support/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

void check_words(const brig::Param& param) {
    brig::Findings findings;
    const brig::ParamList merged = brig::test::merge_words(brig::format_words(param), findings);
    const brig::Param* back = brig::find_param(merged, param.name);
    require(back != nullptr && back->values == param.values && back->type == param.type);
}

void check_hooks(const brig::Param& param) {
    for (const std::string& value : param.values) {
        for (const std::string& word : brig::parse_hook(value).argv) {
            require(!word.empty());
        }
    }
}

}  // namespace

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input{data, data + size};
    brig::Findings findings;
    const brig::ParamList merged = brig::test::merge_words(brig::split(input, '\n'), findings);
    for (const brig::Param& param : merged) {
        check_words(param);
        check_hooks(param);
    }
    return 0;
}
