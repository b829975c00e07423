// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace brig::jail_conf {

/// The words of a command as one text for jail.conf(5), which jail(8) and parse_command() take
/// apart again into the same command. Words that jail(8)'s splitting at blanks would not give back
/// are quoted, all of them, so that a shell does it.
[[nodiscard]] std::string format_command(const std::vector<std::string>& words);

/// The words of a text as jail(8) runs it: split at blanks, or given to `/bin/sh -c`. A text of
/// nothing but words in single quotes, as format_command() writes them, needs no shell.
[[nodiscard]] std::vector<std::string> parse_command(std::string_view text);

}  // namespace brig::jail_conf
