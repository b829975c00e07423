// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string_view>

namespace brig::cli {

/// A file of sdk/template, as part of this program. In its text and name "net-template" and
/// "storage-template" stand for the driver's name.
struct TemplateFile {
    std::string_view name;
    std::string_view text;
};

/// Made of the files when brig is built; see CMakeLists.txt.
extern const TemplateFile kTemplates[7];

}  // namespace brig::cli
