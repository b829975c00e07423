// SPDX-License-Identifier: BSD-2-Clause
#include "store/store.hpp"

#include "store/schema.hpp"
#include "store/store_impl.hpp"

namespace brig {

Store::Store(const std::filesystem::path& state)
    : impl_{std::make_unique<Impl>(state / "brig.db")} {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

void Store::close() {
    impl_->database.reset();
    impl_->ready_to_write = false;
}

Database* Store::Impl::reading() {
    if (!database) {
        database = open_store_database(file);
    }
    return database ? &*database : nullptr;
}

Database& Store::Impl::writing() {
    if (reading() == nullptr) {
        database = create_store_database(file);
    }
    if (!ready_to_write) {
        // A power cut may lose the last changes, never the database. See sqlite.org/pragma.html.
        database->execute("PRAGMA synchronous = NORMAL");
        ready_to_write = true;
    }
    return *database;
}

std::int64_t to_nanoseconds(std::chrono::system_clock::time_point time) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

std::chrono::system_clock::time_point from_nanoseconds(std::int64_t nanoseconds) {
    return std::chrono::system_clock::time_point{
        std::chrono::duration_cast<std::chrono::system_clock::duration>(
            std::chrono::nanoseconds{nanoseconds})};
}

}  // namespace brig
