// SPDX-License-Identifier: BSD-2-Clause
#include "options.hpp"
#include "output.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::cli {

namespace {

std::string text_of(const OptionValue& option) {
    if (const auto* flag = std::get_if<bool>(&option.value)) {
        return *flag ? "true" : "false";
    }
    if (const auto* number = std::get_if<std::int64_t>(&option.value)) {
        return std::to_string(*number);
    }
    if (const auto* text = std::get_if<std::string>(&option.value)) {
        return *text;
    }
    std::string joined;
    for (const std::string& part : std::get<std::vector<std::string>>(option.value)) {
        joined += (joined.empty() ? "" : ",") + part;
    }
    return joined;
}

Json to_json(const InstanceInfo& instance) {
    Json options = Json::object();
    for (const auto& [key, value] : instance.options) {
        options.add(key, text_of(value));
    }
    return Json::object()
        .add("name", instance.name)
        .add("driver", instance.driver)
        .add("default", instance.is_default)
        .add("options", options)
        .add("where", instance.where);
}

int list(Invocation& call, const std::vector<InstanceInfo>& instances) {
    Table table{{"NAME", "DRIVER", "OPTIONS"}};
    Json all = Json::array();
    for (const InstanceInfo& instance : instances) {
        all.add(to_json(instance));
        std::string options;
        for (const auto& [key, value] : instance.options) {
            options += fmt::format("{}{}={}", options.empty() ? "" : " ", key, text_of(value));
        }
        table.add({instance.name + (instance.is_default ? " (default)" : ""),
                   instance.driver,
                   options.empty() ? "-" : options});
    }
    call.json() ? print(all) : table.print();
    return kDone;
}

/// `ls` and `inspect NAME` of networks or storages; `noun` is "network" or "storage".
int show_instances(Invocation& call, const char* noun, const std::vector<InstanceInfo>& instances) {
    Options options{fmt::format("{} ls | inspect NAME", noun)};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, 2);
    const std::vector<std::string>& words = options.operands();
    if (words.front() == "ls" && words.size() == 1) {
        return list(call, instances);
    }
    if (words.front() != "inspect" || words.size() != 2) {
        throw options.error("say ls, or inspect NAME");
    }
    const auto found = std::find_if(instances.begin(), instances.end(), [&](const InstanceInfo& i) {
        return i.name == words[1];
    });
    if (found == instances.end()) {
        throw Error{ErrorCode::not_found, fmt::format("no {} '{}'", noun, words[1])}.with_hint(
            fmt::format("brig {} ls shows what there is", noun));
    }
    print(to_json(*found));
    return kDone;
}

}  // namespace

int network(Invocation& call) {
    return show_instances(call, "network", call.engine().networks());
}

int storage(Invocation& call) {
    return show_instances(call, "storage", call.engine().storages());
}

}  // namespace brig::cli
