// SPDX-License-Identifier: BSD-2-Clause
#include "describe.hpp"
#include "escape.hpp"
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <fnmatch.h>

namespace brig::cli {

namespace {

const char* describe_access(ParamAccess access) {
    switch (access) {
        case ParamAccess::read_write:
            return "any time";
        case ParamAccess::create_only:
            return "at creation";
        case ParamAccess::read_only:
            return "read-only";
        case ParamAccess::reserved:
            break;
    }
    return "by brig";
}

bool matches(const ParamInfo& param, const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), param.name.c_str(), 0) == 0
           || param.name.find(pattern) != std::string::npos;
}

std::vector<ParamInfo> matching_params(Invocation& call,
                                       const std::string& pattern,
                                       const std::string& target) {
    std::vector<ParamInfo> found;
    for (ParamInfo& param : call.engine().params(target)) {
        if (matches(param, pattern)) {
            found.push_back(std::move(param));
        }
    }
    if (found.empty()) {
        throw Error{
            ErrorCode::not_found,
            fmt::format(
                "{} has no parameter like '{}'", target.empty() ? "this host" : target, pattern)}
            .with_hint("brig params shows all of them; quote a pattern: brig params 'allow.*'");
    }
    return found;
}

void print_table(const std::vector<ParamInfo>& params) {
    constexpr std::size_t kWidestDefault = 24;
    Table table{
        {"NAME", "TYPE", "DEFAULT", "ORIGIN", "SET", "SINCE", "EFFECT", "MANUAL", "DESCRIPTION"}};
    for (const ParamInfo& param : params) {
        table.add({param.name,
                   describe_type(param),
                   param.default_value.empty()
                       ? "-"
                       : printable_start(param.default_value, kWidestDefault),
                   param.origin,
                   describe_access(param.access),
                   param.since.empty() ? "-" : param.since,
                   effect_of(param.enforcement),
                   param.manual,
                   param.summary});
    }
    table.print();
}

}  // namespace

int params(Invocation& call) {
    Options options{"params [--target RELEASE] [PATTERN]"};
    options.add()("target",
                  po::value<std::string>(),
                  "those of freebsd-13.2, freebsd-14 or freebsd-15, not of this host");
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(0, 1);
    const std::vector<ParamInfo> found =
        matching_params(call,
                        options.operands().empty() ? "*" : options.operands().front(),
                        options.get("target", std::string{}));
    if (!call.json()) {
        print_table(found);
        return kDone;
    }
    Json list = Json::array();
    for (const ParamInfo& param : found) {
        list.add(to_json(param));
    }
    print(list);
    return kDone;
}

}  // namespace brig::cli
