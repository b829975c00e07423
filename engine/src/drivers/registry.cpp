// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/registry.hpp"

#include "drivers/driver_files.hpp"
#include "drivers/library.hpp"
#include "drivers/manifest.hpp"
#include "drivers/options.hpp"
#include "drivers/trust.hpp"
#include "support/check.hpp"
#include "support/file_status.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace brig {

namespace {

namespace fs = std::filesystem;

/// The leading numbers of a release: "13.2-RELEASE" is {13, 2}.
std::vector<unsigned> numbers_of(std::string_view release) {
    std::vector<unsigned> numbers;
    while (!release.empty()) {
        unsigned number = 0;
        const auto [end, error] =
            std::from_chars(release.data(), release.data() + release.size(), number);
        if (error != std::errc{}) {
            break;
        }
        numbers.push_back(number);
        release.remove_prefix(static_cast<std::size_t>(end - release.data()));
        if (!release.starts_with('.')) {
            break;
        }
        release.remove_prefix(1);
    }
    return numbers;
}

[[noreturn]] void throw_unknown(const std::string& name, const DriverSources& sources) {
    std::vector<std::string> searched;
    for (const fs::path& folder : sources.folders) {
        searched.push_back(folder.string());
    }
    std::vector<std::string> names;
    for (const EmbeddedDriver& driver : sources.embedded) {
        names.push_back(driver.name);
    }
    for (const auto& [present, files] : driver_files(sources.folders)) {
        names.push_back(present);
    }
    const auto likely = nearest(name, names);
    throw Error{ErrorCode::not_found, fmt::format("there is no driver '{}'", name)}.with_hint(
        likely ? fmt::format("did you mean '{}'?", *likely)
               : fmt::format("searched {}; `brig driver ls` lists what is there",
                             join(searched, ", ")));
}

std::string subject_of(const InstanceSettings& settings, const LoadedDriver& driver) {
    return fmt::format("{} '{}'",
                       driver.tables.driver.kind == BRIG_KIND_NETWORK ? "network" : "storage",
                       settings.name);
}

void require_kind(const InstanceSettings& settings,
                  const LoadedDriver& driver,
                  std::uint32_t kind) {
    if (driver.tables.driver.kind == kind) {
        return;
    }
    const bool network = kind == BRIG_KIND_NETWORK;
    throw Error{ErrorCode::invalid_config,
                fmt::format("{}{}{} '{}' uses driver '{}', which is for {}",
                            settings.where,
                            settings.where.empty() ? "" : ": ",
                            network ? "network" : "storage",
                            settings.name,
                            settings.driver,
                            network ? "storages" : "networks")};
}

}  // namespace

DriverRegistry::DriverRegistry(DriverSources sources, DriverServices services, DriverTermsMap terms)
    : sources_{std::move(sources)},
      host_{std::make_shared<const HostServices>(std::move(services))},
      terms_{std::move(terms)} {}

fs::path DriverRegistry::find(const std::string& name) const {
    if (!is_driver_name(name)) {  // one with a slash, say, would lead out of the folders
        throw_unknown(name, sources_);
    }
    for (const fs::path& folder : sources_.folders) {
        std::error_code absent;
        fs::path file = fs::canonical(folder / (name + ".so"), absent);
        if (!absent) {
            // Of a symbolic link what it leads to is checked later, like any file; here where it
            // is.
            require_trusted(fs::canonical(folder), effective_user());
            return file;
        }
    }
    throw_unknown(name, sources_);
}

fs::path DriverRegistry::find_trusted(const std::string& name) const {
    fs::path file = find(name);
    require_trusted(file, effective_user());
    if (file.stem() != name) {
        throw Error{
            ErrorCode::bad_driver,
            fmt::format(
                "driver '{}.so' is a link to '{}', which is another driver", name, file.native())}
            .with_hint("use the driver by its own name");
    }
    return file;
}

std::unique_ptr<isolation::IsolatedDriver> DriverRegistry::isolate(const fs::path& file) const {
    return std::make_unique<isolation::IsolatedDriver>(
        host_->services().helpers / "brig-driver-host", file, host_);
}

DriverInfo DriverRegistry::ask(const fs::path& found) const {
    const fs::path file = fs::canonical(found);
    require_trusted(file, effective_user());
    return describe(isolate(file)->tables(), found);
}

std::vector<DriverInfo> DriverRegistry::list() const {
    std::vector<DriverInfo> drivers =
        list_drivers(sources_, [this](const fs::path& file) { return ask(file); });
    for (DriverInfo& driver : drivers) {
        driver.isolation = isolation_of(terms_, driver.name);
    }
    return drivers;
}

DriverInfo DriverRegistry::inspect(const std::string& name_or_file) const {
    const bool is_file =
        name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".so");
    const EmbeddedDriver* embedded = is_file ? nullptr : sources_.find_embedded(name_or_file);
    DriverInfo info;
    if (embedded != nullptr) {
        info = describe(negotiate(embedded->entry(), name_or_file), "");
    } else {
        const fs::path file = is_file ? fs::absolute(name_or_file) : find(name_or_file);
        if (!fs::exists(file)) {
            throw Error{ErrorCode::not_found, fmt::format("there is no file '{}'", file.native())};
        }
        info = ask(file);
        info.error = manifest_lie(info, file).value_or("");
    }
    info.isolation = isolation_of(terms_, info.name);
    return info;
}

void DriverRegistry::load_into(LoadedDriver& driver, const std::string& name) const {
    const EmbeddedDriver* embedded = sources_.find_embedded(name);
    if (const auto terms = terms_.find(name); terms != terms_.end()) {
        driver.time_limit = terms->second.timeout.value_or(kUsualTimeLimit);
    }
    if (isolation_of(terms_, name) == Isolation::process) {
        driver.isolated = isolate(find_trusted(name));
        driver.tables = driver.isolated->tables();
    } else if (embedded != nullptr) {
        driver.tables = negotiate(embedded->entry(), name);
    } else {
        const fs::path file = find_trusted(name);
        driver.tables = negotiate(load_driver_library(file), file);
    }
}

std::shared_ptr<const LoadedDriver> DriverRegistry::load(const std::string& name) const {
    auto driver = std::make_shared<LoadedDriver>();
    load_into(*driver, name);
    const char* platforms = driver->tables.driver.platforms;
    const DriverServices& services = host_->services();
    if (platforms != nullptr && !runs_on(platforms, services.platform, services.release)) {
        throw Error{ErrorCode::unsupported,
                    fmt::format("driver '{}' is for {}; this host is {} {}",
                                name,
                                platforms,
                                services.platform,
                                services.release)};
    }
    return driver;
}

std::shared_ptr<const LoadedDriver> DriverRegistry::driver(const std::string& name) {
    auto known = loaded_.find(name);
    if (known == loaded_.end()) {
        known = loaded_.emplace(name, load(name)).first;
    }
    return known->second;
}

OptionMap DriverRegistry::resolve(const InstanceSettings& settings, Findings& findings) {
    const auto loaded = driver(settings.driver);
    return resolve_options(settings.options,
                           loaded->tables.options(),
                           OptionScope::instance,
                           subject_of(settings, *loaded),
                           findings);
}

std::unique_ptr<DriverInstance> DriverRegistry::open(const InstanceSettings& settings,
                                                     std::uint32_t kind) {
    const auto loaded = driver(settings.driver);
    require_kind(settings, *loaded, kind);
    Findings findings;
    OptionMap options = resolve(settings, findings);
    findings.throw_if_any();
    return std::make_unique<DriverInstance>(loaded, host_, settings.name, std::move(options));
}

NetworkTraits DriverRegistry::take_traits_of(InstanceSettings& network, Findings& findings) {
    return take_traits(network.options, fmt::format("network '{}'", network.name), findings);
}

std::unique_ptr<NetworkProxy> DriverRegistry::open_network(const InstanceSettings& settings) {
    InstanceSettings network = settings;
    Findings findings;
    NetworkTraits traits = take_traits_of(network, findings);
    findings.throw_if_any();
    return std::make_unique<NetworkProxy>(open(network, BRIG_KIND_NETWORK), std::move(traits));
}

std::unique_ptr<StorageProxy> DriverRegistry::open_storage(const InstanceSettings& settings) {
    return std::make_unique<StorageProxy>(open(settings, BRIG_KIND_STORAGE));
}

bool runs_on(const std::string& platforms,
             const std::string& platform,
             const std::string& release) {
    const std::vector<std::string> all = split(platforms, ' ');
    return platforms.empty() || std::any_of(all.begin(), all.end(), [&](const std::string& one) {
               const std::size_t mark = one.find(">=");
               return one.substr(0, mark) == platform
                      && (mark == std::string::npos
                          || numbers_of(release) >= numbers_of(one.substr(mark + 2)));
           });
}

}  // namespace brig
