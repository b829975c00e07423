// SPDX-License-Identifier: BSD-2-Clause
#include "spec/container_spec.hpp"

#include "spec/byte_text.hpp"
#include "spec/names.hpp"
#include "spec/toml.hpp"
#include "support/findings.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <variant>

namespace brig {

namespace {

/// Names every member of a specification once, for writing and for reading.
template <typename Spec, typename Visitor>
void visit_members(Spec& spec, Visitor&& visit) {
    visit("image", spec.image);
    visit("root", spec.root);
    visit("name", spec.name);
    visit("networks", spec.networks);
    visit("publish", spec.publish);
    visit("command", spec.command);
    visit("user", spec.user);
    visit("environment", spec.environment);
    visit("workdir", spec.workdir);
    visit("params", spec.params);
    visit("param_origins", spec.param_origins);
    visit("storage_options", spec.storage_options);
    visit("restart", spec.restart);
    visit("ephemeral", spec.ephemeral);
    visit("interactive", spec.interactive);
    visit("terminal", spec.terminal);
}

/// Writes the members that are not as in a fresh specification.
class Writer {
  public:
    void operator()(std::string_view key, const std::string& text) {
        if (!text.empty()) {
            line(key, quoted(text));
        }
    }

    void operator()(std::string_view key, const std::optional<std::string>& text) {
        if (text) {
            line(key, quoted(*text));
        }
    }

    void operator()(std::string_view key, const std::vector<std::string>& list) {
        std::string items;
        for (const std::string& item : list) {
            items += (items.empty() ? "" : ", ") + quoted(item);
        }
        if (!list.empty()) {
            line(key, "[" + items + "]");
        }
    }

    void operator()(std::string_view key, const RestartPolicy& policy) {
        if (policy != RestartPolicy{}) {
            line(key, quoted(to_string(policy)));
        }
    }

    void operator()(std::string_view key, bool flag) {
        if (flag) {
            line(key, "true");
        }
    }

    /// "NAME=VALUE" each, as a table of texts.
    void options(std::string_view key, const std::vector<std::string>& list) {
        std::string items;
        for (const std::string& item : list) {
            const std::size_t equals = std::min(item.find('='), item.size());
            items += fmt::format("{}{} = {}",
                                 items.empty() ? "" : ", ",
                                 quoted(item.substr(0, equals)),
                                 quoted(item.substr(std::min(equals + 1, item.size()))));
        }
        line(key, "{" + items + "}");
    }

    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    static std::string quoted(const std::string& text) { return quote_toml(encode_bytes(text)); }

    void line(std::string_view key, const std::string& value) {
        text_ += fmt::format("{} = {}\n", key, value);
    }

    std::string text_;
};

/// Sets the one member that `member` is about.
class MemberReader {
  public:
    explicit MemberReader(const TomlMember& member) : member_{member} {}

    template <typename Target>
    void operator()(std::string_view key, Target& target) {
        if (key == member_.key) {
            done_ = assign(member_.value, target);
        }
    }

    [[nodiscard]] bool done() const { return done_; }

  private:
    static bool assign(const TomlValue& value, std::string& target) {
        const auto* text = std::get_if<std::string>(&value.data);
        if (text != nullptr) {
            target = decode_bytes(*text);
        }
        return text != nullptr;
    }

    static bool assign(const TomlValue& value, std::optional<std::string>& target) {
        return assign(value, target.emplace());
    }

    static bool assign(const TomlValue& value, std::vector<std::string>& target) {
        const auto* list = std::get_if<TomlArray>(&value.data);
        bool all_read = list != nullptr;
        for (std::size_t i = 0; all_read && i < list->size(); ++i) {
            all_read = assign((*list)[i], target.emplace_back());
        }
        return all_read;
    }

    static bool assign(const TomlValue& value, RestartPolicy& target) {
        std::string text;
        const bool is_text = assign(value, text);
        if (is_text) {
            target = parse_restart_policy(text);
        }
        return is_text;
    }

    static bool assign(const TomlValue& value, bool& target) {
        const auto* flag = std::get_if<bool>(&value.data);
        target = flag != nullptr && *flag;
        return flag != nullptr;
    }

    const TomlMember& member_;
    bool done_ = false;
};

}  // namespace

std::string to_toml(const ContainerSpec& spec) {
    Writer writer;
    visit_members(spec, writer);
    return writer.text();
}

std::string to_toml_members(const ContainerSpec& spec) {
    Writer write;
    write("image", spec.image);
    write("root", spec.root);
    write("command", spec.command);
    write("user", spec.user);
    write("env", spec.environment);
    write("workdir", spec.workdir);
    write("networks", spec.networks);
    write("publish", spec.publish);
    write("params", spec.params);
    if (!spec.storage_options.empty()) {
        write.options("storage", spec.storage_options);
    }
    write("restart", spec.restart);
    return write.text();
}

ContainerSpec container_spec_from_toml(const std::string& text, const std::string& name) {
    Findings findings;
    ContainerSpec spec;
    for (const TomlMember& member : parse_toml(text, name, findings).value_or(TomlTable{})) {
        MemberReader reader{member};
        visit_members(spec, reader);
        if (!reader.done()) {
            findings.add({member.where,
                          fmt::format("{} is unknown or {} is not what it takes",
                                      quoted_for_message(member.key),
                                      type_name(member.value)),
                          ""});
        }
    }
    findings.throw_if_any();
    return spec;
}

}  // namespace brig
