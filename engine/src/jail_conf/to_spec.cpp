// SPDX-License-Identifier: BSD-2-Clause
#include "jail_conf/to_spec.hpp"

#include "jail_conf/command_text.hpp"
#include "params/merge.hpp"
#include "params/parse.hpp"
#include "params/spelling.hpp"
#include "spec/names.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::jail_conf {

namespace {

/// True for values that ask for nothing: `zfs.dataset = "";`, `ip_hostname = false;`
bool is_off(const JailParam& param, const Assignment& assignment, const ParamRule& rule) {
    if (rule.type == ParamType::boolean) {
        const std::string last = param.values.empty() ? "true" : param.values.back().text;
        return assignment.negated == (last != "false" && last != "0" && !last.empty());
    }
    return std::all_of(param.values.begin(), param.values.end(), [](const Value& value) {
        return value.text.empty();
    });
}

class Converter {
  public:
    Converter(const Catalogue& catalogue, Findings& findings)
        : catalogue_{catalogue}, findings_{findings} {}

    JailSpec convert(const Jail& jail) {
        for (const JailParam& param : jail.params) {
            convert(param);
        }
        for (const Value& value : late_) {
            add("exec.start=" + value.text, value.place);
        }
        if (result_.spec.root.empty()) {
            fail(jail.place,
                 fmt::format("jail {} has no path", quoted_for_message(jail.name)),
                 "jail(8) would give it the root of the host; write path = / if that is meant");
        }
        return std::move(result_);
    }

  private:
    void fail(const Place& place, std::string message, std::string hint) {
        findings_.add({place.to_string(), std::move(message), std::move(hint)});
    }

    void leave_out(const Place& place, std::string message, std::string hint) {
        result_.left_out.push_back({place.to_string(), std::move(message), std::move(hint)});
    }

    void convert(const JailParam& param) {
        if (param.name == "name") {
            take_name(param);
        } else if (param.name == "jid") {
            leave_out(param.place, "jid: the kernel numbers the jails", "");
        } else if (param.name == "path") {
            result_.spec.root = param.values.empty() ? "" : param.values.back().text;
            result_.root_place = param.place;
        } else if (param.name == "command") {
            take_commands(param);
        } else {
            take_param(param);
        }
    }

    void take_name(const JailParam& param) {
        const std::string name = param.values.empty() ? "" : param.values.back().text;
        if (const auto problem = name_problem(name)) {
            fail(param.place,
                 fmt::format("the jail {} cannot be a container: its name {}",
                             quoted_for_message(name),
                             *problem),
                 "name the jails to be imported after the file, and leave this one out");
        }
        result_.spec.name = name;
    }

    /// jail(8) runs them one after the other, in the jail, once exec.start is done. The last one is
    /// what the container waits for; one in the background is nothing to wait for.
    void take_commands(const JailParam& param) {
        for (const Value& value : param.values) {
            const bool is_last = &value == &param.values.back();
            if (is_last && !parse_hook(value.text).background) {
                result_.spec.command = parse_command(value.text);
            } else if (!value.text.empty()) {
                late_.push_back(value);
            }
        }
    }

    void take_param(const JailParam& param) {
        Findings unknown;
        const auto assignment =
            parse_assignment(param.name, {Origin::Kind::configuration, ""}, catalogue_, unknown);
        const auto rule = assignment ? catalogue_.find(assignment->name) : std::nullopt;
        if (!rule) {
            const Finding& finding = unknown.all().front();
            leave_out(param.place, finding.message, finding.hint);
        } else if (rule->access == ParamAccess::read_only) {
            leave_out(param.place, fmt::format("{} is read-only", assignment->name), "");
        } else if (rule->enforcement == Enforcement::refused
                   && !is_off(param, *assignment, *rule)) {
            leave_out(param.place, fmt::format("{}: {}", assignment->name, rule->refusal), "");
        } else if (rule->enforcement != Enforcement::refused) {
            take_values(param, *rule);
        }
    }

    void take_values(const JailParam& param, const ParamRule& rule) {
        if (param.values.empty()) {
            add(param.name, param.place);
        } else if (is_list(rule.type)) {
            take_list(param, rule);
        } else {
            // Of several values of a scalar the last one counts, as in jail(8).
            add(param.name + "=" + param.values.back().text, param.values.back().place);
        }
    }

    void take_list(const JailParam& param, const ParamRule& rule) {
        const bool is_empty = is_off(param, {}, rule);
        if (is_empty) {
            add(param.name + "=", param.place);
        }
        for (const Value& value : param.values) {
            if (!value.text.empty()) {
                const bool is_address =
                    rule.type == ParamType::ip4_list || rule.type == ParamType::ip6_list;
                add(param.name + "=" + (is_address ? address(param.name, value) : value.text),
                    value.place);
            }
        }
    }

    /// An address without the words for ifconfig(8) that jail(8) takes after it.
    std::string address(const std::string& name, const Value& value) {
        const std::size_t blank = value.text.find(' ');
        if (blank != std::string::npos) {
            leave_out(value.place,
                      fmt::format("{}: {} is for ifconfig(8), which brig does not run",
                                  name,
                                  quoted_for_message(value.text.substr(blank + 1))),
                      "");
        }
        return value.text.substr(0, blank);
    }

    void add(std::string text, const Place& place) {
        result_.spec.params.push_back(std::move(text));
        result_.spec.param_origins.push_back(place.to_string());
    }

    const Catalogue& catalogue_;
    Findings& findings_;
    JailSpec result_;
    std::vector<Value> late_;  ///< commands that run after exec.start and end
};

}  // namespace

JailSpec to_spec(const Jail& jail, const Catalogue& catalogue, Findings& findings) {
    return Converter{catalogue, findings}.convert(jail);
}

}  // namespace brig::jail_conf
