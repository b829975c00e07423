// SPDX-License-Identifier: BSD-2-Clause
#include "names.hpp"

#include "system.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace brig::storage_zfs {
namespace {

/// ZFS_MAX_DATASET_NAME_LEN without its NUL: dataset, '@' and snapshot together.
constexpr std::size_t kMaxFullName = 255;
constexpr std::size_t kMaxPart = 64;

struct RolePrefix {
    Role role;
    std::string_view prefix;
};

constexpr std::array<RolePrefix, 4> kPrefixes{{{Role::incoming, ".recv-"},
                                               {Role::trash, ".trash-"},
                                               {Role::origin, ".from-"},
                                               {Role::view, ".view-"}}};
/// The longest prefix: room for it is kept in every name, so that nothing that could be made cannot
/// be destroyed.
constexpr std::size_t kReserve = 7;

std::string_view prefix_of(Role role) {
    const auto* row = std::find_if(
        kPrefixes.begin(), kPrefixes.end(), [role](const auto& each) { return each.role == role; });
    return row == kPrefixes.end() ? std::string_view{} : row->prefix;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_plain(char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

/// One part of the parent's name. ZFS takes blanks as well; they are not worth their trouble.
bool is_component(std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.front() != '-'
           && std::all_of(part.begin(), part.end(), [](char c) { return is_plain(c) || c == ':'; });
}

bool is_dataset(std::string_view name) {
    if (name.empty() || !is_letter(name.front())) {
        return false;  // pools begin with a letter
    }
    while (true) {
        const std::size_t slash = name.find('/');
        if (!is_component(name.substr(0, slash))) {
            return false;
        }
        if (slash == std::string_view::npos) {
            return true;
        }
        name.remove_prefix(slash + 1);
    }
}

void require_part(const std::string& name, const char* what) {
    const bool good = !name.empty() && name.size() <= kMaxPart && name.front() != '.'
                      && name.front() != '-' && std::all_of(name.begin(), name.end(), is_plain);
    if (!good) {
        throw Error{BRIG_INVALID,
                    joined(what, " '", name, "' cannot be part of a dataset's name"),
                    "use at most 64 letters, digits, '.', '_' and '-'; a letter or digit first"};
    }
}

void require_full_length(const std::string& name) {
    if (name.size() > kMaxFullName) {
        throw Error{BRIG_INVALID, joined("the name '", name, "' is too long for ZFS")};
    }
}

void require_length(const std::string& name) {
    if (name.size() + kReserve > kMaxFullName) {
        throw Error{BRIG_INVALID,
                    joined("the name '", name, "' is too long for ZFS"),
                    "give the storage a 'dataset' with a shorter name"};
    }
}

}  // namespace

std::string Origin::text() const {
    return snapshot.empty() ? dataset : joined(dataset, "@", snapshot);
}

Origin parse_origin(std::string_view text) {
    const std::size_t at = text.find('@');
    Origin origin{std::string{text.substr(0, at)}, {}};
    if (at != std::string_view::npos) {
        origin.snapshot = text.substr(at + 1);
    }
    if (!is_dataset(origin.dataset)
        || (at != std::string_view::npos && !is_component(origin.snapshot))) {
        throw Error{BRIG_INVALID,
                    joined("'", text, "' is not the name of a dataset or a snapshot"),
                    "it is POOL/NAME… or POOL/NAME…@SNAPSHOT, of letters, digits, '.', '_', '-' "
                    "and ':'"};
    }
    require_full_length(origin.text());
    return origin;
}

std::string pool_of(std::string_view name) {
    return std::string{name.substr(0, name.find_first_of("/@"))};
}

Names::Names(std::string parent) : parent_{std::move(parent)} {
    if (!is_dataset(parent_)) {
        throw Error{BRIG_INVALID,
                    joined("dataset '", parent_, "' is not the name of a dataset"),
                    "it is POOL or POOL/NAME…, of letters, digits, '.', '_', '-' and ':'"};
    }
    require_length(parent_ + "/x");
}

std::string Names::dataset(const std::string& id, Role role) const {
    require_part(id, "volume");
    require_length(joined(parent_, "/", id));
    return joined(parent_, "/", prefix_of(role), id);
}

std::string Names::snapshot(const std::string& id, const std::string& name) const {
    require_part(name, "snapshot");
    std::string full = joined(dataset(id), "@", name);
    require_length(full);
    return full;
}

std::string Names::own_snapshot(const std::string& dataset, const std::string& id) {
    std::string full = joined(dataset, "@brig-", id);
    require_full_length(full);
    return full;
}

Source Names::parse_source(std::string_view text) const {
    const std::size_t at = std::min(text.find('@'), text.size());
    Source source{std::string{text.substr(0, at)},
                  std::string{text.substr(std::min(text.size(), at + 1))}};
    static_cast<void>(snapshot(source.volume, source.snapshot));
    return source;
}

std::optional<Names::Found> Names::find(std::string_view dataset) const {
    const bool below = dataset.size() > parent_.size() + 1 && dataset[parent_.size()] == '/'
                       && dataset.substr(0, parent_.size()) == parent_;
    const std::string_view name = below ? dataset.substr(parent_.size() + 1) : std::string_view{};
    if (name.empty() || name.find_first_of("/@") != std::string_view::npos) {
        return std::nullopt;
    }
    for (const auto& [role, prefix] : kPrefixes) {
        if (name.substr(0, prefix.size()) == prefix) {
            return Found{std::string{name.substr(prefix.size())}, role};
        }
    }
    return Found{std::string{name}, Role::volume};
}

std::string Names::spoken(const std::string& dataset) const {
    const std::optional<Found> found = find(dataset);
    return found && found->role == Role::volume ? found->id : dataset;
}

}  // namespace brig::storage_zfs
