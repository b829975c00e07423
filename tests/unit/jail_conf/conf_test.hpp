// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "jail_conf/parser.hpp"
#include "jail_conf/resolver.hpp"
#include "support/conf_files.hpp"

#include <string>

namespace brig::test {

/// Every finding as "place: message", one a line.
inline std::string lines_of(const Findings& findings) {
    std::string text;
    for (const Finding& finding : findings.all()) {
        text += finding.where + ": " + finding.message + "\n";
    }
    return text;
}

/// A parameter as "name=value|value", or "name" without values.
inline std::string line_of(const jail_conf::JailParam& param) {
    std::string text = param.name;
    for (const jail_conf::Value& value : param.values) {
        text += (&value == &param.values.front() ? "=" : "|") + value.text;
    }
    return text;
}

/// Every jail of the file "c" and its parameters, and what is wrong:
/// "web: name=web path=/x\n". Parameters are separated by blanks.
inline std::string read_conf(std::map<std::string, std::string> files) {
    ConfFiles source{std::move(files)};
    Findings findings;
    const jail_conf::Document document = jail_conf::parse("c", source, findings);
    jail_conf::Resolver resolver{document, findings};
    std::string text;
    for (const std::string& name : jail_conf::jail_names(document)) {
        text += name + ":";
        for (const jail_conf::JailParam& param : resolver.resolve(name).params) {
            text += " " + line_of(param);
        }
        text += "\n";
    }
    return text + lines_of(findings);
}

inline std::string read_conf(const std::string& text) {
    return read_conf(std::map<std::string, std::string>{{"c", text}});
}

}  // namespace brig::test
