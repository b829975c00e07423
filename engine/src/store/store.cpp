// SPDX-License-Identifier: BSD-2-Clause
#include "store/store.hpp"

#include "store/store_impl.hpp"

#include <algorithm>

namespace brig {

Store::Store(const std::filesystem::path& state) : impl_{std::make_unique<Impl>(state)} {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

void Store::close() {
    impl_->containers.close();
    impl_->driver_data.close();
}

Database* LazyDatabase::reading() {
    if (!database_) {
        database_ = open_store_database(file_, schema_);
    }
    return database_ ? &*database_ : nullptr;
}

Database& LazyDatabase::writing() {
    if (reading() == nullptr) {
        database_ = create_store_database(file_, schema_);
    }
    if (!ready_to_write_) {
        // A power cut may lose the last changes, never the database. See sqlite.org/pragma.html.
        database_->execute("PRAGMA synchronous = NORMAL");
        ready_to_write_ = true;
    }
    return *database_;
}

void LazyDatabase::close() {
    database_.reset();
    ready_to_write_ = false;
}

std::string pack(const std::vector<std::string>& list) {
    std::string packed;
    for (const std::string& item : list) {
        packed.append(item).push_back('\0');
    }
    return packed;
}

std::vector<std::string> unpack(std::string_view packed) {
    std::vector<std::string> list;
    while (!packed.empty()) {
        const std::string_view item = packed.substr(0, packed.find('\0'));
        list.emplace_back(item);
        packed.remove_prefix(std::min(packed.size(), item.size() + 1));
    }
    return list;
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
