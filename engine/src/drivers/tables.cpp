// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/tables.hpp"

#include "drivers/options.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace brig {

namespace {

constexpr std::size_t kMostOptions = 1000;

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

void require_operations(const DriverTables& tables, const std::filesystem::path& file) {
    require(tables.base.open, file, "open");
    require(tables.base.close, file, "close");
    require(tables.base.list, file, "list");
    if (tables.driver.kind == BRIG_KIND_NETWORK) {
        require(tables.network.prepare, file, "prepare");
        require(tables.network.teardown, file, "teardown");
    } else {
        require(tables.storage.provision, file, "provision");
        require(tables.storage.activate, file, "activate");
        require(tables.storage.deactivate, file, "deactivate");
        require(tables.storage.destroy, file, "destroy");
    }
}

/// What a driver need not have is a stub then. (network.detach stays: see Network::detaches.)
void fill_in(DriverTables& tables) {
    or_nothing(tables.base.status);
    or_nothing(tables.network.attach);
    or_unsupported(tables.network.check);
    // A driver that has nothing to share has nothing to do.
    or_nothing(tables.shared.ensure);
    or_nothing(tables.shared.remove);
    or_nothing(tables.shared.check);
    or_unsupported(tables.storage.check);
    or_unsupported(tables.storage.snapshot);
    or_unsupported(tables.storage.snapshot_destroy);
    or_unsupported(tables.storage.rollback);
    or_unsupported(tables.inspect.snapshots);
    or_unsupported(tables.inspect.diff);
    or_unsupported(tables.inspect.usage);
    or_unsupported(tables.stream.send);
    or_unsupported(tables.stream.receive);
    or_unsupported(tables.stream.pending);
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

void require_name(const brig_driver& driver, const std::filesystem::path& file) {
    const std::string_view name = driver.name == nullptr ? "" : driver.name;
    if (name.empty()) {
        refuse(file, "does not say its name");
    }
    if (!is_driver_name(name)) {
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

DriverTables offered_tables(const brig_driver* offered, const std::filesystem::path& file) {
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
    tables.driver.hdr.minor = offered->hdr.minor;
    require_version(tables.driver, file);
    tables.base = table_of(tables.driver.base, file, "base");
    switch (tables.driver.kind) {
        case BRIG_KIND_NETWORK:
            tables.network = table_of(tables.driver.network, file, "network");
            tables.has_shared = has_extension(tables.driver, BRIG_NETWORK_SHARED);
            tables.shared = extension_of<brig_network_shared>(tables.driver, BRIG_NETWORK_SHARED);
            break;
        case BRIG_KIND_STORAGE:
            tables.storage = table_of(tables.driver.storage, file, "storage");
            tables.inspect =
                extension_of<brig_storage_inspect>(tables.driver, BRIG_STORAGE_INSPECT);
            tables.stream = extension_of<brig_storage_stream>(tables.driver, BRIG_STORAGE_STREAM);
            break;
        default:
            refuse(file,
                   fmt::format("is of kind {}, which this brig does not know", tables.driver.kind));
    }
    return tables;
}

DriverTables accept(DriverTables tables, const std::filesystem::path& file) {
    require_name(tables.driver, file);
    require_options(tables, file);
    require_operations(tables, file);
    fill_in(tables);
    return tables;
}

DriverTables negotiate(const brig_driver* offered, const std::filesystem::path& file) {
    return accept(offered_tables(offered, file), file);
}

}  // namespace brig
