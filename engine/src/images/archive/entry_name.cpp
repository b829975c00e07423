// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/entry_name.hpp"

#include "brig/error.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::archive {
namespace {

[[noreturn]] void refuse(const std::string& entry, std::string_view reason) {
    throw Error{ErrorCode::invalid_config,
                fmt::format("the archive's entry '{}' {}", entry, reason)}
        .with_hint(
            "an image is unpacked only if every name in it is relative to its root; 'tar -C "
            "ROOT -c .' makes such an archive");
}

bool has_parent_component(std::string_view name) {
    const auto components = split(name, '/');
    return std::find(components.begin(), components.end(), "..") != components.end();
}

}  // namespace

void refuse_leaving_root(std::string_view name, const std::string& entry) {
    const bool is_entry = name == entry;
    if (name.substr(0, 1) == "/") {
        refuse(entry,
               is_entry ? "has an absolute name"
                        : fmt::format("is a hard link to the absolute name '{}'", name));
    }
    if (has_parent_component(name)) {
        refuse(entry,
               is_entry ? "would leave the root"
                        : fmt::format("is a hard link to '{}', outside of the root", name));
    }
}

}  // namespace brig::archive
