// SPDX-License-Identifier: BSD-2-Clause
#include "brig/driver.hpp"
#include "drivers/tables.hpp"
#include "spec/driver_manifest.hpp"
#include "support/text.hpp"

namespace brig {

namespace {

std::string text_or_empty(const char* text) {
    return text == nullptr ? "" : text;
}

DriverInfo::Option describe_option(const brig_option& row) {
    DriverInfo::Option option;
    option.name = row.name;
    option.type = sdk::option_type_name(row.type);
    option.default_value = text_or_empty(row.def);
    option.help = text_or_empty(row.help);
    option.since = text_or_empty(row.since);
    option.required = (row.flags & BRIG_OPT_REQUIRED) != 0;
    option.secret = (row.flags & BRIG_OPT_SECRET) != 0;
    option.per_container = (row.flags & BRIG_OPT_PER_CONTAINER) != 0;
    option.deprecated = (row.flags & BRIG_OPT_DEPRECATED) != 0;
    option.min = row.min;
    option.max = row.max;
    if (row.choices != nullptr) {
        option.choices = split(row.choices, '|');
    }
    return option;
}

}  // namespace

DriverInfo describe(const DriverTables& tables, const std::filesystem::path& file) {
    const brig_driver& driver = tables.driver;
    DriverInfo info;
    info.name = driver.name;
    info.kind = driver.kind == BRIG_KIND_NETWORK ? "network" : "storage";
    info.version = driver.version;
    info.summary = text_or_empty(driver.summary);
    info.license = text_or_empty(driver.license);
    info.vendor = text_or_empty(driver.vendor);
    info.url = text_or_empty(driver.url);
    info.platforms = text_or_empty(driver.platforms);
    info.needs = text_or_empty(driver.needs);
    info.params = text_or_empty(driver.params);
    info.capabilities = capability_names(driver.caps);
    info.interface_minor = driver.hdr.minor;
    info.file = file.string();
    for (const brig_option& row : tables.options()) {
        info.options.push_back(describe_option(row));
    }
    return info;
}

}  // namespace brig
