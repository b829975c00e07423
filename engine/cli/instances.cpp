// SPDX-License-Identifier: BSD-2-Clause
#include "instances.hpp"

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
    return joined(std::get<std::vector<std::string>>(option.value), ",");
}

}  // namespace

Json instance_json(const InstanceInfo& instance) {
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

int list_instances(Invocation& call, const std::vector<InstanceInfo>& instances) {
    Table table{{"NAME", "DRIVER", "OPTIONS"}};
    Json all = Json::array();
    for (const InstanceInfo& instance : instances) {
        all.add(instance_json(instance));
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

const InstanceInfo& find_instance(const std::vector<InstanceInfo>& instances,
                                  const char* noun,
                                  const std::string& name) {
    const auto found = std::find_if(
        instances.begin(), instances.end(), [&](const InstanceInfo& i) { return i.name == name; });
    if (found == instances.end()) {
        throw Error{ErrorCode::not_found, fmt::format("no {} '{}'", noun, name)}.with_hint(
            fmt::format("brig {} ls shows what there is", noun));
    }
    return *found;
}

int storage(Invocation& call) {
    Options options{"storage ls | inspect NAME"};
    if (!options.parse(call)) {
        return kDone;
    }
    options.require_operands(1, 2);
    const std::vector<std::string>& words = options.operands();
    const std::vector<InstanceInfo> storages = call.engine().storages();
    if (words.front() == "ls" && words.size() == 1) {
        return list_instances(call, storages);
    }
    if (words.front() != "inspect" || words.size() != 2) {
        throw options.error("say ls, or inspect NAME");
    }
    print(instance_json(find_instance(storages, "storage", words[1])));
    return kDone;
}

}  // namespace brig::cli
