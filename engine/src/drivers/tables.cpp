// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/tables.hpp"

#include "brig/driver.hpp"
#include "drivers/options.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace brig {

namespace {

constexpr std::size_t kMostOptions = 1000;
constexpr std::size_t kLongestName = 32;

[[noreturn]] void refuse(const std::filesystem::path& file,
                         const std::string& defect,
                         const std::string& hint = "report it to the driver's author") {
    throw Error{ErrorCode::bad_driver, fmt::format("driver '{}' {}", file.native(), defect)}
        .with_hint(hint);
}

/// The part of a table that both sides know, the rest zero.
template <typename Table>
Table common_part(const Table& offered) {
    // A size that ends within a member would give half a pointer.
    const std::size_t whole = offered.hdr.size / sizeof(void*) * sizeof(void*);
    Table table{};
    std::memcpy(&table, &offered, std::min(sizeof(Table), whole));
    table.hdr = BRIG_HDR(Table);
    return table;
}

template <typename Operation>
struct Missing;

template <typename... Args>
struct Missing<brig_status (*)(Args...)> {
    static brig_status unsupported(Args... /*args*/) { return BRIG_UNSUPPORTED; }
    static brig_status nothing_to_do(Args... /*args*/) { return BRIG_OK; }
};

template <typename Operation>
void or_unsupported(Operation& operation) {
    if (operation == nullptr) {
        operation = &Missing<Operation>::unsupported;
    }
}

template <typename Operation>
void or_nothing(Operation& operation) {
    if (operation == nullptr) {
        operation = &Missing<Operation>::nothing_to_do;
    }
}

template <typename Table>
Table table_of(const Table* offered, const std::filesystem::path& file, std::string_view name) {
    if (offered == nullptr || offered->hdr.size < sizeof(brig_hdr)) {
        refuse(file, fmt::format("has no table of {} operations", name));
    }
    return common_part(*offered);
}

template <typename Operation>
void require(Operation operation, const std::filesystem::path& file, std::string_view name) {
    if (operation == nullptr) {
        refuse(file, fmt::format("lacks the required operation '{}'", name));
    }
}

brig_base_ops base_of(const brig_driver& driver, const std::filesystem::path& file) {
    brig_base_ops base = table_of(driver.base, file, "base");
    require(base.open, file, "open");
    require(base.close, file, "close");
    require(base.list, file, "list");
    or_nothing(base.status);
    return base;
}

brig_network_ops network_of(const brig_driver& driver, const std::filesystem::path& file) {
    brig_network_ops network = table_of(driver.network, file, "network");
    require(network.prepare, file, "prepare");
    require(network.teardown, file, "teardown");
    or_nothing(network.attach);
    or_unsupported(network.check);
    return network;
}

brig_storage_ops storage_of(const brig_driver& driver, const std::filesystem::path& file) {
    brig_storage_ops storage = table_of(driver.storage, file, "storage");
    require(storage.provision, file, "provision");
    require(storage.activate, file, "activate");
    require(storage.deactivate, file, "deactivate");
    require(storage.destroy, file, "destroy");
    or_unsupported(storage.check);
    or_unsupported(storage.snapshot);
    or_unsupported(storage.snapshot_destroy);
    or_unsupported(storage.rollback);
    return storage;
}

bool has_extension(const brig_driver& driver, const char* id) {
    return driver.extension != nullptr && driver.extension(id) != nullptr;
}

/// The table of the extension `id`; nothing where the driver has none.
template <typename Table>
Table extension_of(const brig_driver& driver, const char* id) {
    const void* offered = driver.extension == nullptr ? nullptr : driver.extension(id);
    const auto* table = static_cast<const Table*>(offered);
    return table == nullptr || table->hdr.size < sizeof(brig_hdr) ? Table{} : common_part(*table);
}

/// A driver that has nothing to share has nothing to do.
brig_network_shared shared_of(const brig_driver& driver) {
    auto shared = extension_of<brig_network_shared>(driver, BRIG_NETWORK_SHARED);
    or_nothing(shared.ensure);
    or_nothing(shared.remove);
    or_nothing(shared.check);
    return shared;
}

brig_storage_inspect inspect_of(const brig_driver& driver) {
    auto inspect = extension_of<brig_storage_inspect>(driver, BRIG_STORAGE_INSPECT);
    or_unsupported(inspect.snapshots);
    or_unsupported(inspect.diff);
    or_unsupported(inspect.usage);
    return inspect;
}

brig_storage_stream stream_of(const brig_driver& driver) {
    auto stream = extension_of<brig_storage_stream>(driver, BRIG_STORAGE_STREAM);
    or_unsupported(stream.send);
    or_unsupported(stream.receive);
    or_unsupported(stream.pending);
    return stream;
}

void require_name(const brig_driver& driver, const std::filesystem::path& file) {
    constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-";
    const std::string_view name = driver.name == nullptr ? "" : driver.name;
    if (name.empty()) {
        refuse(file, "does not say its name");
    }
    if (name.size() > kLongestName || name.find_first_not_of(kAllowed) != std::string_view::npos) {
        refuse(file, "has a name that is not of the form [a-z0-9-], at most 32");
    }
    if (name != file.stem().native()) {
        refuse(file,
               fmt::format("calls itself '{}'", name),
               fmt::format("the file of that driver must be called '{}.so'", name));
    }
    if (driver.version == nullptr || *driver.version == '\0') {
        refuse(file, "does not say its version");
    }
}

void require_version(const brig_driver& driver, const std::filesystem::path& file) {
    if (driver.min_minor > BRIG_ABI_MINOR) {
        refuse(file,
               fmt::format("needs driver interface {}.{}; this brig has {}.{}",
                           BRIG_ABI_MAJOR,
                           driver.min_minor,
                           BRIG_ABI_MAJOR,
                           BRIG_ABI_MINOR),
               "upgrade brig");
    }
}

void require_options(const DriverTables& tables, const std::filesystem::path& file) {
    const brig_driver& driver = tables.driver;
    if (driver.n_options > kMostOptions || (driver.n_options != 0 && driver.options == nullptr)) {
        refuse(file, fmt::format("says it has {} options", driver.n_options));
    }
    if (const auto defect = options_defect(tables.options())) {
        refuse(file, *defect);
    }
}

}  // namespace

DriverTables negotiate(const brig_driver* offered, const std::filesystem::path& file) {
    if (offered == nullptr) {
        refuse(file, "returned no table");
    }
    if (offered->hdr.size < offsetof(brig_driver, extension)) {
        refuse(file,
               fmt::format("has a table of {} bytes, too short for any interface 1",
                           offered->hdr.size));
    }
    DriverTables tables{};
    tables.driver = common_part(*offered);
    require_version(tables.driver, file);
    require_name(tables.driver, file);
    require_options(tables, file);
    tables.base = base_of(tables.driver, file);
    switch (tables.driver.kind) {
        case BRIG_KIND_NETWORK:
            tables.network = network_of(tables.driver, file);
            tables.has_shared = has_extension(tables.driver, BRIG_NETWORK_SHARED);
            tables.shared = shared_of(tables.driver);
            break;
        case BRIG_KIND_STORAGE:
            tables.storage = storage_of(tables.driver, file);
            tables.inspect = inspect_of(tables.driver);
            tables.stream = stream_of(tables.driver);
            break;
        default:
            refuse(file,
                   fmt::format("is of kind {}, which this brig does not know", tables.driver.kind));
    }
    return tables;
}

DriverInfo describe(const DriverTables& tables, const std::filesystem::path& file) {
    const auto text = [](const char* value) { return std::string{value == nullptr ? "" : value}; };
    const brig_driver& driver = tables.driver;
    DriverInfo info;
    info.name = driver.name;
    info.kind = driver.kind == BRIG_KIND_NETWORK ? "network" : "storage";
    info.version = driver.version;
    info.summary = text(driver.summary);
    info.license = text(driver.license);
    info.vendor = text(driver.vendor);
    info.platforms = text(driver.platforms);
    info.params = text(driver.params);
    info.file = file.string();
    for (const brig_option& row : tables.options()) {
        DriverInfo::Option option;
        option.name = row.name;
        option.type = sdk::option_type_name(row.type);
        option.default_value = text(row.def);
        option.help = text(row.help);
        option.required = (row.flags & BRIG_OPT_REQUIRED) != 0;
        if (row.choices != nullptr) {
            option.choices = split(row.choices, '|');
        }
        info.options.push_back(std::move(option));
    }
    return info;
}

}  // namespace brig
