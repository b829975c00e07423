// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <fnmatch.h>

namespace brig::cli {

namespace {

std::string type_name(ParamType type) {
    switch (type) {
        case ParamType::boolean:
            return "boolean";
        case ParamType::integer:
            return "integer";
        case ParamType::ulong:
            return "unsigned";
        case ParamType::string:
            return "string";
        case ParamType::jailsys:
            return "jailsys";
        case ParamType::ip4_list:
            return "IPv4 addresses";
        case ParamType::ip6_list:
            return "IPv6 addresses";
        case ParamType::string_list:
            return "list";
        case ParamType::key_value:
            return "key=value";
    }
    return "";
}

std::string access_name(ParamAccess access) {
    switch (access) {
        case ParamAccess::read_write:
            return "any time";
        case ParamAccess::create_only:
            return "at creation";
        case ParamAccess::read_only:
            break;
    }
    return "read-only";
}

const char* effect_of(const ParamInfo& param) {
    if (param.enforcement == Enforcement::recorded) {
        return "recorded";
    }
    return param.performer == ParamPerformer::engine ? "by brig" : "enforced";
}

bool matches(const ParamInfo& param, const std::string& pattern) {
    return ::fnmatch(pattern.c_str(), param.name.c_str(), 0) == 0
           || param.name.find(pattern) != std::string::npos;
}

}  // namespace

int params(Invocation& call) {
    Options options{"params [PATTERN]"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(0, 1);
    const std::string pattern = options.operands().empty() ? "*" : options.operands().front();
    Table table{{"NAME", "TYPE", "DEFAULT", "SET", "EFFECT", "MANUAL", "DESCRIPTION"}};
    Json list = Json::array();
    for (const ParamInfo& param : call.engine().params()) {
        if (!matches(param, pattern)) {
            continue;
        }
        list.add(Json::object()
                     .add("name", param.name)
                     .add("type", type_name(param.type))
                     .add("default", param.default_value)
                     .add("access", access_name(param.access))
                     .add("effect", effect_of(param))
                     .add("manual", param.manual)
                     .add("summary", param.summary));
        table.add({param.name,
                   type_name(param.type),
                   param.default_value.empty() ? "-" : param.default_value,
                   access_name(param.access),
                   effect_of(param),
                   param.manual,
                   param.summary});
    }
    call.json() ? print(list) : table.print();
    return kDone;
}

}  // namespace brig::cli
