// SPDX-License-Identifier: BSD-2-Clause
#include "spec/container_reader.hpp"

#include "brig/error.hpp"
#include "spec/byte_text.hpp"
#include "spec/names.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

namespace brig {

namespace {

/// What other engines' files have, or one would expect, and no container of this brig can have.
/// Accepting it without doing it would be worse than saying so.
struct RefusedKey {
    std::string_view name;
    std::string_view why;
    std::string_view hint;
};

constexpr std::array<RefusedKey, 4> kRefusedKeys{
    {{"limits", "this brig sets no limits of resources", "on FreeBSD, see rctl(8)"},
     {"interactive", "it is for the foreground, and `up` starts in the background", "leave it out"},
     {"terminal", "it is for the foreground, and `up` starts in the background", "leave it out"},
     {"name", "the name is the table's: [container.NAME]", "leave it out"}}};

/// A table of `mounts`.
struct WrittenMount {
    std::string type = "nullfs";
    std::optional<std::string> source, target, volume;
    std::vector<std::string> options;

    [[nodiscard]] std::string line() const {
        return fmt::format("mount={} {} {}{}",
                           fstab_field(volume ? *volume : source.value_or(type)),
                           fstab_field(target.value_or("")),
                           volume ? "volume" : type,
                           options.empty() ? "" : " " + join(options, ","));
    }
};

class ContainerReader : private TomlReader {
  public:
    using TomlReader::TomlReader;

    ConfiguredContainer read(const TomlEntry& entry, const TomlTable& table);

  private:
    struct Key {
        const char* name;
        void (ContainerReader::*read)(const TomlEntry& entry);
    };

    static const std::vector<Key>& keys();

    void read_member(const TomlEntry& entry);
    bool refuse_member(const TomlEntry& entry);

    void read_image(const TomlEntry& entry) { set(text(entry), spec_.image); }
    void read_root(const TomlEntry& entry) { set(text(entry), spec_.root); }
    void read_user(const TomlEntry& entry) { set(any_text(entry), spec_.user.emplace()); }
    void read_workdir(const TomlEntry& entry) { set(any_text(entry), spec_.workdir.emplace()); }
    void read_command(const TomlEntry& entry);
    void read_networks(const TomlEntry& entry);
    void read_publish(const TomlEntry& entry);
    void read_environment(const TomlEntry& entry);
    void read_params(const TomlEntry& entry);
    void read_mounts(const TomlEntry& entry);
    void read_depend(const TomlEntry& entry);
    void read_storage(const TomlEntry& entry);
    void read_restart(const TomlEntry& entry);

    void read_network(const TomlEntry& entry, const TomlTable& table);
    void read_network_member(const TomlEntry& entry, AttachmentSpec& attachment);
    void read_mount(const TomlEntry& entry, const TomlTable& table);
    void read_mount_member(const TomlEntry& entry, WrittenMount& mount);
    void read_storage_option(const TomlEntry& entry);
    void read_mount_option(const WrittenText& option, WrittenMount& mount);

    static void set(const std::optional<WrittenText>& written, std::string& target) {
        target = written ? decode_bytes(written->text) : "";
    }

    void add_variable(const std::string& variable, const std::string& where);
    void add_param(const std::string& param, const std::string& where);

    ContainerSpec spec_;
};

const std::vector<ContainerReader::Key>& ContainerReader::keys() {
    using R = ContainerReader;
    static const std::vector<Key> all{{"image", &R::read_image},
                                      {"root", &R::read_root},
                                      {"command", &R::read_command},
                                      {"user", &R::read_user},
                                      {"env", &R::read_environment},
                                      {"workdir", &R::read_workdir},
                                      {"networks", &R::read_networks},
                                      {"publish", &R::read_publish},
                                      {"params", &R::read_params},
                                      {"mounts", &R::read_mounts},
                                      {"depend", &R::read_depend},
                                      {"storage", &R::read_storage},
                                      {"restart", &R::read_restart}};
    return all;
}

ConfiguredContainer ContainerReader::read(const TomlEntry& entry, const TomlTable& table) {
    spec_.name = entry.member.key;
    bool has_root = false;
    for (const TomlMember& member : table) {
        has_root = has_root || member.key == "image" || member.key == "root";
        read_member({entry.name + "." + member.key, member});
    }
    if (!has_root) {
        findings().add({entry.member.where,
                        fmt::format("{} has no image and no root", quoted_for_message(entry.name)),
                        "add image = \"NAME\"; `brig image ls` lists the names"});
    }
    if (!spec_.image.empty() && !spec_.root.empty()) {
        findings().add({entry.member.where,
                        fmt::format("{} has an image and a root", quoted_for_message(entry.name)),
                        "leave one of them out"});
    }
    return {std::move(spec_), entry.member.where};
}

void ContainerReader::read_member(const TomlEntry& entry) {
    std::vector<std::string> known;
    for (const Key& key : keys()) {
        if (entry.member.key == key.name) {
            (this->*key.read)(entry);
            return;
        }
        known.emplace_back(key.name);
    }
    if (!refuse_member(entry)) {
        unknown_key(entry, known);
    }
}

bool ContainerReader::refuse_member(const TomlEntry& entry) {
    const auto* refused =
        std::find_if(kRefusedKeys.begin(), kRefusedKeys.end(), [&](const RefusedKey& key) {
            return key.name == entry.member.key;
        });
    if (refused == kRefusedKeys.end()) {
        return false;
    }
    findings().add({entry.member.where,
                    fmt::format("{}: {}", quoted_for_message(entry.name), refused->why),
                    std::string{refused->hint}});
    return true;
}

void ContainerReader::read_command(const TomlEntry& entry) {
    if (std::holds_alternative<std::string>(entry.member.value.data)) {
        wrong_type(entry,
                   "a list of strings",
                   "brig does not split words; write [\"/bin/sh\", \"-c\", \"…\"] for a shell");
        return;
    }
    for (const WrittenText& word : any_texts(entry)) {
        spec_.command.push_back(decode_bytes(word.text));
    }
}

void ContainerReader::read_networks(const TomlEntry& entry) {
    const auto* list = std::get_if<TomlArray>(&entry.member.value.data);
    if (list == nullptr) {
        wrong_type(entry, "a list of names or of tables");
        return;
    }
    for (const TomlValue& element : *list) {
        const TomlMember member{entry.member.key, element.where, element};
        if (const auto* table = std::get_if<TomlTable>(&element.data)) {
            read_network({entry.name, member}, *table);
        } else if (const auto name = text({entry.name, member})) {
            spec_.networks.push_back(decode_bytes(name->text));
        }
    }
}

/// {name = "lan", ip = "10.0.0.5"}: what is beside the name is for the network's driver.
void ContainerReader::read_network(const TomlEntry& entry, const TomlTable& table) {
    AttachmentSpec attachment;
    for (const TomlMember& member : table) {
        read_network_member({entry.name + "." + member.key, member}, attachment);
    }
    if (attachment.network.empty()) {
        findings().add({entry.member.where,
                        fmt::format("a network of {} has no name", quoted_for_message(entry.name)),
                        "write {name = \"NAME\", ip = \"ADDRESS\"}"});
        return;
    }
    spec_.networks.push_back(to_string(attachment));
}

void ContainerReader::read_network_member(const TomlEntry& entry, AttachmentSpec& attachment) {
    const std::string& key = entry.member.key;
    if (key == "name") {
        set(text(entry), attachment.network);
    } else if (std::holds_alternative<TomlArray>(entry.member.value.data)) {
        for (const WrittenText& item : texts(entry)) {
            attachment.options.push_back(key + "=" + decode_bytes(item.text));
        }
    } else if (const auto value = scalar_text(entry.member.value)) {
        attachment.options.push_back(key + "=" + decode_bytes(*value));
    } else {
        wrong_type(entry, "a string, a number, true, false, or a list of strings");
    }
}

void ContainerReader::read_publish(const TomlEntry& entry) {
    for (const WrittenText& ports : any_texts(entry)) {
        spec_.publish.push_back(decode_bytes(ports.text));
    }
}

void ContainerReader::read_environment(const TomlEntry& entry) {
    const auto* variables = std::get_if<TomlTable>(&entry.member.value.data);
    if (variables == nullptr) {
        for (const WrittenText& variable : any_texts(entry)) {
            add_variable(variable.text, variable.where);
        }
        return;
    }
    for (const TomlMember& member : *variables) {
        if (const auto value = scalar_text(member.value)) {
            add_variable(member.key + "=" + *value, member.where);
        } else {
            wrong_type({entry.name + "." + member.key, member},
                       "a string, a number, true or false");
        }
    }
}

void ContainerReader::add_variable(const std::string& variable, const std::string& where) {
    if (variable.find('=') == std::string::npos || variable.front() == '=') {
        findings().add({where,
                        fmt::format("{} is not a variable", quoted_for_message(variable)),
                        "write \"NAME=value\""});
        return;
    }
    spec_.environment.push_back(decode_bytes(variable));
}

void ContainerReader::add_param(const std::string& param, const std::string& where) {
    spec_.params.push_back(param);
    spec_.param_origins.push_back(where);
}

void ContainerReader::read_params(const TomlEntry& entry) {
    if (std::holds_alternative<TomlTable>(entry.member.value.data)) {
        for (const DefaultParam& param : params(entry)) {
            add_param(decode_bytes(param.text), param.where);
        }
        return;
    }
    if (!std::holds_alternative<TomlArray>(entry.member.value.data)) {
        wrong_type(entry, "a table, or a list of strings as for -J");
        return;
    }
    for (const WrittenText& param : texts(entry)) {
        add_param(decode_bytes(param.text), param.where);
    }
}

void ContainerReader::read_mounts(const TomlEntry& entry) {
    const auto* list = std::get_if<TomlArray>(&entry.member.value.data);
    if (list == nullptr) {
        wrong_type(entry, "a list of tables or of lines of fstab(5)");
        return;
    }
    for (const TomlValue& element : *list) {
        const TomlMember member{entry.member.key, element.where, element};
        if (const auto* table = std::get_if<TomlTable>(&element.data)) {
            read_mount({entry.name, member}, *table);
        } else if (const auto line = text({entry.name, member})) {
            add_param("mount=" + decode_bytes(line->text), element.where);
        }
    }
}

void ContainerReader::read_mount(const TomlEntry& entry, const TomlTable& table) {
    WrittenMount mount;
    for (const TomlMember& member : table) {
        read_mount_member({entry.name + "." + member.key, member}, mount);
    }
    for (const auto& [name, is_there] :
         {std::pair{"source", mount.source || mount.volume || mount.type != "nullfs"},
          std::pair{"target", mount.target.has_value()}}) {
        if (!is_there) {
            findings().add(
                {entry.member.where,
                 fmt::format("a mount of {} has no {}", quoted_for_message(entry.name), name),
                 "write {source = \"/path\", target = \"/path/inside\"}, or volume = \"NAME\" for "
                 "source"});
        }
    }
    if (mount.volume && mount.source) {
        findings().add(
            {entry.member.where,
             fmt::format("a mount of {} has a source and a volume", quoted_for_message(entry.name)),
             "leave one of them out"});
    }
    add_param(mount.line(), entry.member.where);
}

void ContainerReader::read_mount_member(const TomlEntry& entry, WrittenMount& mount) {
    const std::string& key = entry.member.key;
    if (key == "source") {
        set(text(entry), mount.source.emplace());
    } else if (key == "target") {
        set(text(entry), mount.target.emplace());
    } else if (key == "volume") {
        set(text(entry), mount.volume.emplace());
    } else if (key == "type") {
        set(text(entry), mount.type);
    } else if (key == "options") {
        for (const WrittenText& option : texts(entry)) {
            read_mount_option(option, mount);
        }
    } else if (key != "read_only") {
        unknown_key(entry, {"source", "volume", "target", "type", "read_only", "options"});
    } else if (const auto* flag = std::get_if<bool>(&entry.member.value.data)) {
        mount.options.emplace_back(*flag ? "ro" : "rw");
    } else {
        wrong_type(entry, "true or false");
    }
}

void ContainerReader::read_mount_option(const WrittenText& option, WrittenMount& mount) {
    if (option.text.find_first_of(", \t\r\n") != std::string::npos) {
        findings().add(
            {option.where,
             fmt::format("{} is not one option of a mount", quoted_for_message(option.text)),
             "write each option as a string of its own"});
        return;
    }
    mount.options.push_back(decode_bytes(option.text));
}

void ContainerReader::read_depend(const TomlEntry& entry) {
    for (const WrittenText& name : texts(entry)) {
        add_param("depend=" + decode_bytes(name.text), name.where);
    }
}

void ContainerReader::read_storage(const TomlEntry& entry) {
    const TomlTable* options = table(entry);
    if (options == nullptr) {
        return;
    }
    for (const TomlMember& member : *options) {
        read_storage_option({entry.name + "." + member.key, member});
    }
}

void ContainerReader::read_storage_option(const TomlEntry& entry) {
    std::string value;
    if (std::holds_alternative<TomlArray>(entry.member.value.data)) {
        for (const WrittenText& item : texts(entry)) {
            value += (value.empty() ? "" : ",") + decode_bytes(item.text);
        }
    } else if (const auto text = scalar_text(entry.member.value)) {
        value = decode_bytes(*text);
    } else {
        wrong_type(entry, "a string, a number, true, false, or a list of strings");
    }
    spec_.storage_options.push_back(entry.member.key + "=" + value);
}

void ContainerReader::read_restart(const TomlEntry& entry) {
    const auto policy = any_text(entry);
    if (!policy) {
        return;
    }
    try {
        spec_.restart = parse_restart_policy(policy->text);
    } catch (const Error& error) {
        findings().add({entry.member.where, error.what(), error.hint()});
    }
}

/// The members of the table `container`.
class ContainersReader : private TomlReader {
  public:
    explicit ContainersReader(Findings& findings) : TomlReader{findings} {}

    std::vector<ConfiguredContainer> read(const TomlEntry& kind) {
        std::vector<ConfiguredContainer> containers;
        for (const TomlMember& member : members(kind)) {
            if (const auto problem = name_problem(member.key)) {
                findings().add(
                    {member.where,
                     fmt::format(
                         "the container name {} {}", quoted_for_message(member.key), *problem),
                     ""});
            }
            const TomlEntry entry{kind.name + "." + member.key, member};
            if (const TomlTable* container = table(entry)) {
                containers.push_back(ContainerReader{findings()}.read(entry, *container));
            }
        }
        return containers;
    }
};

}  // namespace

std::vector<ConfiguredContainer> read_containers(const TomlEntry& entry, Findings& findings) {
    return ContainersReader{findings}.read(entry);
}

}  // namespace brig
