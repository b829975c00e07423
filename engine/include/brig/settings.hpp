// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/export.hpp"
#include "brig/spec.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

struct brig_driver;

namespace BRIG_API brig {

/// One value of a driver's option, and where it was written ("brig.toml:12:3", or empty).
struct OptionValue {
    std::variant<bool, std::int64_t, std::string, std::vector<std::string>> value;
    std::string where;
};

/// Options by key, in the order in which they were written.
using OptionMap = std::vector<std::pair<std::string, OptionValue>>;

/// A configured, named instance of a driver: one network or one storage.
struct InstanceSettings {
    std::string name;
    std::string driver;
    OptionMap options;
    std::string where;        ///< "brig.toml:7:1"; empty for the built-in ones
    bool is_created = false;  ///< a network made by Engine::create_network()
};

/// A jail parameter of `[defaults.params]`, as the text of a -J option.
struct DefaultParam {
    std::string text;
    std::string where;
};

/// A table `[container.NAME]`, for Engine::up() and its like.
struct ConfiguredContainer {
    ContainerSpec spec;  ///< with param_origins for every parameter
    std::string where;   ///< "brig.toml:7:1"
};

/// Where a driver runs.
enum class Isolation {
    process,    ///< in a process of its own: its crash is a failed operation
    in_process  ///< in the engine's
};

/// A table `[driver.NAME]`: on what terms a driver is used.
struct DriverTerms {
    std::optional<Isolation> isolation;                ///< default: see isolation_of()
    std::optional<std::chrono::milliseconds> timeout;  ///< of its operations; default: 5 minutes
    std::string where;                                 ///< "brig.toml:7:1"
};

/// By the drivers' names.
using DriverTermsMap = std::map<std::string, DriverTerms>;

/// Drivers of others run in processes of their own, those that brig brings along do not, unless it
/// is said otherwise.
[[nodiscard]] Isolation isolation_of(const DriverTermsMap& terms, const std::string& driver);

/// Whether a driver may be called that: at most 32 of [a-z0-9-].
[[nodiscard]] bool is_driver_name(std::string_view name) noexcept;

/// A driver that is part of the program, not loaded from a file.
struct EmbeddedDriver {
    std::string name;                           ///< as it calls itself
    const ::brig_driver* (*entry)() = nullptr;  ///< see brig_add_driver(… EMBEDDABLE)
};

/// What the engine is configured with. `load_settings` makes one from a file; a program that
/// embeds the engine may as well fill it in itself.
struct Settings {
    std::filesystem::path state;  ///< what is kept: database, images, roots. Default per platform
    std::filesystem::path run;   ///< what is lost at a reboot: locks, ledgers. Default per platform
    std::filesystem::path logs;  ///< of containers that are kept. Empty: in the state
    std::vector<EmbeddedDriver> embedded_drivers;    ///< no file of these names is ever loaded
    std::vector<std::filesystem::path> driver_dirs;  ///< searched in order
    DriverTermsMap drivers;                          ///< of those that have terms of their own
    std::filesystem::path libexec;                   ///< brig's own helper programs
    std::string default_storage = "dir";
    std::string default_network = "host";
    std::vector<InstanceSettings> storages;  ///< always has "dir" (storage-dir) unless redefined
    std::vector<InstanceSettings> networks;  ///< always has "host" and "none" unless redefined
    std::vector<DefaultParam> default_params;
    std::vector<ConfiguredContainer> containers;
    int hook_output =
        -1;  ///< descriptor that hooks write to where no session is there; -1: nowhere
};

/// What may be said besides the file, strongest first: command line, then environment.
struct SettingsOverrides {
    std::optional<std::filesystem::path> config;  ///< --config / BRIG_CONFIG; must exist if given
    std::optional<std::filesystem::path> state;   ///< --state / BRIG_STATE
    std::optional<std::filesystem::path> run;     ///< --run / BRIG_RUN
};

/// Reads the configuration file (the platform's default one may be absent), applies the overrides
/// and fills in what brig brings along: directories, storage "dir", networks "host" and "none"; and
/// the networks that were created, which are kept with the state. `libexec` and the last of
/// `driver_dirs` are those beside the running program if it is brig's own, else beside libbrig.so,
/// else in the prefix that the library was configured with.
///
/// @throws Error{invalid_config} with every finding at once, each with file:line:column.
[[nodiscard]] Settings load_settings(const SettingsOverrides& overrides);

/// The same from text; `name` stands for the file in messages. For tests and embedding.
[[nodiscard]] Settings parse_settings(const std::string& text,
                                      const std::string& name,
                                      const SettingsOverrides& overrides);

/// Reads a file that has `[container.NAME]` tables and nothing else.
///
/// @throws Error{invalid_config} with every finding at once, each with file:line:column.
[[nodiscard]] std::vector<ConfiguredContainer> load_containers(const std::filesystem::path& file);

/// The same from text; `name` stands for the file in messages.
[[nodiscard]] std::vector<ConfiguredContainer> parse_containers(const std::string& text,
                                                                const std::string& name);

}  // namespace brig
