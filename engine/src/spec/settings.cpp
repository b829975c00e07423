// SPDX-License-Identifier: BSD-2-Clause
#include "brig/settings.hpp"

#include "spec/container_reader.hpp"
#include "spec/created_networks.hpp"
#include "spec/names.hpp"
#include "spec/settings_reader.hpp"
#include "spec/toml.hpp"
#include "support/findings.hpp"
#include "support/installed_prefix.hpp"
#include "support/platform.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace brig {

namespace {

namespace fs = std::filesystem;

fs::path absolute_below(const fs::path& base, const fs::path& path) {
    const fs::path normal = (base / path).lexically_normal();
    return normal.has_filename() ? normal : normal.parent_path();
}

/// Only a relative path needs the working directory, which may have been removed.
fs::path absolute_from_here(const fs::path& path) {
    return absolute_below(path.is_absolute() ? fs::path{} : fs::current_path(), path);
}

void refuse_empty(const std::optional<fs::path>& path, std::string_view what, Findings& findings) {
    if (path && path->empty()) {
        findings.add({"", fmt::format("the path of the {} is empty", what), ""});
    }
}

/// The run folder and the logs belong to the state they were said with: when only the state is
/// overridden, or only the state is written, they move below that state, so that two states never
/// share them.
void set_directories(Settings& settings,
                     const WrittenSettings& written,
                     const fs::path& file_folder,
                     const SettingsOverrides& overrides) {
    const PlatformPaths platform = platform_paths();
    settings.state = platform.state;
    settings.run = platform.run;
    settings.logs = platform.logs;
    if (written.state) {
        settings.state = absolute_below(file_folder, written.state->text);
        settings.run = settings.state / "run";
        settings.logs = settings.state / "logs";
    }
    if (written.run) {
        settings.run = absolute_below(file_folder, written.run->text);
    }
    if (written.logs) {
        settings.logs = absolute_below(file_folder, written.logs->text);
    }
    if (overrides.state) {
        settings.state = absolute_from_here(*overrides.state);
        settings.run = settings.state / "run";
        settings.logs = settings.state / "logs";
    }
    if (overrides.run) {
        settings.run = absolute_from_here(*overrides.run);
    }
}

/// What is installed with brig: PREFIX/lib/brig/drivers, PREFIX/libexec/brig.
void set_installed_paths(Settings& settings,
                         const WrittenSettings& written,
                         const fs::path& file_folder) {
    for (const WrittenText& directory : written.driver_dirs) {
        settings.driver_dirs.push_back(absolute_below(file_folder, directory.text));
    }
    const fs::path prefix = installed_prefix();
    settings.driver_dirs.push_back(prefix / "lib/brig/drivers");
    settings.libexec = prefix / "libexec/brig";
}

void add_unless_redefined(std::vector<InstanceSettings>& instances, InstanceSettings built_in) {
    const bool redefined =
        std::any_of(instances.begin(), instances.end(), [&](const InstanceSettings& instance) {
            return instance.name == built_in.name;
        });
    if (!redefined) {
        instances.push_back(std::move(built_in));
    }
}

/// Each is a file in the state directory, in the form of the configuration.
void add_created_networks(Settings& settings, Findings& findings) {
    for (InstanceSettings& created : read_created_networks(settings.state, findings)) {
        const auto written = std::find_if(
            settings.networks.begin(), settings.networks.end(), [&](const InstanceSettings& each) {
                return each.name == created.name;
            });
        if (written == settings.networks.end()) {
            settings.networks.push_back(std::move(created));
            continue;
        }
        findings.add({written->where,
                      fmt::format("there is a network {} already, which was created",
                                  quoted_for_message(created.name)),
                      fmt::format("choose another name, or take this out and: brig network rm {}",
                                  created.name)});
    }
}

void add_built_in_instances(Settings& settings) {
    const OptionValue disable{std::string{"disable"}, ""};
    add_unless_redefined(
        settings.storages,
        {"dir", "storage-dir", {{"path", {(settings.state / "storage").string(), ""}}}, ""});
    add_unless_redefined(settings.networks, {"host", "net-inherit", {}, ""});
    add_unless_redefined(settings.networks,
                         {"none", "net-inherit", {{"ip4", disable}, {"ip6", disable}}, ""});
}

/// Sets the default instance to the one that was written, if there is one of that name.
void choose_default(std::string& chosen,
                    std::string_view kind,
                    const std::optional<WrittenText>& written,
                    const std::vector<InstanceSettings>& instances,
                    Findings& findings) {
    if (!written || written->text.empty()) {
        return;
    }
    chosen = written->text;
    std::vector<std::string> names;
    for (const InstanceSettings& instance : instances) {
        names.push_back(instance.name);
    }
    if (std::find(names.begin(), names.end(), chosen) == names.end()) {
        const auto meant = nearest(chosen, names);
        findings.add(
            {written->where,
             fmt::format("there is no {} {} to be the default", kind, quoted_for_message(chosen)),
             meant ? fmt::format("did you mean \"{}\"?", *meant)
                   : fmt::format("configured: {}", join(names, ", "))});
    }
}

}  // namespace

Isolation isolation_of(const DriverTermsMap& terms, const std::string& driver) {
    static constexpr std::array<std::string_view, 5> kOurs{
        "net-inherit", "net-loopback", "net-vnet", "storage-dir", "storage-zfs"};
    const auto found = terms.find(driver);
    const bool ours = std::find(kOurs.begin(), kOurs.end(), driver) != kOurs.end();
    const Isolation usual = ours ? Isolation::in_process : Isolation::process;
    return found == terms.end() ? usual : found->second.isolation.value_or(usual);
}

Settings parse_settings(const std::string& text,
                        const std::string& name,
                        const SettingsOverrides& overrides) {
    Findings findings;
    refuse_empty(overrides.state, "state directory", findings);
    refuse_empty(overrides.run, "run directory", findings);
    const TomlTable document = parse_toml(text, name, findings).value_or(TomlTable{});
    WrittenSettings written = read_settings(document, findings);
    const fs::path file_folder = fs::absolute(name).parent_path();

    Settings settings;
    set_directories(settings, written, file_folder, overrides);
    set_installed_paths(settings, written, file_folder);
    settings.drivers = std::move(written.drivers);
    settings.storages = std::move(written.storages);
    settings.networks = std::move(written.networks);
    settings.default_params = std::move(written.default_params);
    settings.containers = std::move(written.containers);
    add_created_networks(settings, findings);
    add_built_in_instances(settings);
    choose_default(
        settings.default_storage, "storage", written.default_storage, settings.storages, findings);
    choose_default(
        settings.default_network, "network", written.default_network, settings.networks, findings);
    findings.throw_if_any();
    return settings;
}

std::vector<ConfiguredContainer> parse_containers(const std::string& text,
                                                  const std::string& name) {
    Findings findings;
    const TomlTable document = parse_toml(text, name, findings).value_or(TomlTable{});
    std::vector<ConfiguredContainer> containers;
    for (const TomlMember& member : document) {
        if (member.key == "container") {
            containers = read_containers({member.key, member}, findings);
        } else {
            findings.add(
                {member.where,
                 fmt::format("unknown key {}", quoted_for_message(member.key)),
                 "a file given with -f has [container.NAME] tables only; all else belongs in the "
                 "configuration file"});
        }
    }
    findings.throw_if_any();
    return containers;
}

}  // namespace brig
