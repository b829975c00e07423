// SPDX-License-Identifier: BSD-2-Clause
#include "shared_store.hpp"

#include "fields.hpp"

#include <fmt/core.h>

namespace brig::conformance {

namespace {

constexpr std::size_t kLeaseFields = 6;
constexpr std::size_t kStateFields = 3;

}  // namespace

SharedStore::Contents SharedStore::load() const {
    Contents contents;
    const std::vector<std::string> rows = unpack(block_.get(SharedBlock::Slot::store));
    for (const std::string& row : rows) {
        const std::vector<std::string> f = unpack(row);
        if (f.size() == kLeaseFields) {
            contents.leases[{f[0], {f[1], f[2], f[3], f[4]}}] = f[5];
        } else if (f.size() == kStateFields) {
            contents.states[{f[0], f[1]}] = f[2];
        }
    }
    return contents;
}

void SharedStore::save(const Contents& contents) {
    std::vector<std::string> rows;
    for (const auto& [place, value] : contents.leases) {
        const auto& [pool, holder] = place;
        rows.push_back(
            pack({pool, holder.instance, holder.container, holder.object, holder.key, value}));
    }
    for (const auto& [place, value] : contents.states) {
        rows.push_back(pack({place.first, place.second, value}));
    }
    block_.put(SharedBlock::Slot::store, pack(rows));
}

std::optional<std::string> SharedStore::find_lease(const std::string& pool,
                                                   const LeaseHolder& holder) {
    const std::scoped_lock lock{mutex_};
    const Contents contents = load();
    const auto entry = contents.leases.find({pool, holder});
    return entry == contents.leases.end() ? std::nullopt : std::optional{entry->second};
}

std::optional<LeaseHolder> SharedStore::holder_of(const std::string& pool,
                                                  const std::string& value) {
    const std::scoped_lock lock{mutex_};
    for (const auto& [place, held] : load().leases) {
        if (place.first == pool && held == value) {
            return place.second;
        }
    }
    return std::nullopt;
}

std::set<std::string> SharedStore::leased_values(const std::string& pool) {
    const std::scoped_lock lock{mutex_};
    std::set<std::string> values;
    for (const auto& [place, held] : load().leases) {
        if (place.first == pool) {
            values.insert(held);
        }
    }
    return values;
}

bool SharedStore::add_lease(const std::string& pool,
                            const LeaseHolder& holder,
                            const std::string& value) {
    const std::scoped_lock lock{mutex_};
    Contents contents = load();
    for (const auto& [place, held] : contents.leases) {
        if (place.first == pool && held == value && place.second != holder) {
            return false;
        }
    }
    contents.leases[{pool, holder}] = value;
    save(contents);
    return true;
}

void SharedStore::remove_lease(const std::string& pool, const LeaseHolder& holder) {
    const std::scoped_lock lock{mutex_};
    Contents contents = load();
    contents.leases.erase({pool, holder});
    save(contents);
}

void SharedStore::remove_leases(const LeaseHolder& holder) {
    const std::scoped_lock lock{mutex_};
    Contents contents = load();
    std::erase_if(contents.leases, [&](const auto& lease) {
        LeaseHolder other = lease.first.second;
        other.key = holder.key;
        return other == holder;
    });
    save(contents);
}

void SharedStore::put_state(const std::string& scope,
                            const std::string& key,
                            const std::string& value) {
    const std::scoped_lock lock{mutex_};
    Contents contents = load();
    contents.states[{scope, key}] = value;
    save(contents);
}

std::optional<std::string> SharedStore::get_state(const std::string& scope,
                                                  const std::string& key) {
    const std::scoped_lock lock{mutex_};
    const Contents contents = load();
    const auto entry = contents.states.find({scope, key});
    return entry == contents.states.end() ? std::nullopt : std::optional{entry->second};
}

void SharedStore::remove_state(const std::string& scope, const std::string& key) {
    const std::scoped_lock lock{mutex_};
    Contents contents = load();
    contents.states.erase({scope, key});
    save(contents);
}

std::vector<std::string> SharedStore::describe() {
    const std::scoped_lock lock{mutex_};
    const Contents contents = load();
    std::vector<std::string> lines;
    for (const auto& [place, value] : contents.leases) {
        lines.push_back(fmt::format("lease {} of {}/{}, in {}",
                                    value,
                                    place.second.container,
                                    place.second.object,
                                    place.first));
    }
    for (const auto& [place, value] : contents.states) {
        if (!place.first.starts_with('.')) {
            lines.push_back(fmt::format("state '{}' of {}", place.second, place.first));
        }
    }
    return lines;
}

}  // namespace brig::conformance
