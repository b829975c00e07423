// SPDX-License-Identifier: BSD-2-Clause
#include "library.hpp"

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>

// Declared here, since FreeBSD installs libzfs_core.h, but not the headers that it includes. The
// interface of the library is a committed one, as libzfs_core.c says at its beginning.
extern "C" {
struct nvlist;
using nvlist_t = struct nvlist;

int libzfs_core_init();
void libzfs_core_fini();
int lzc_create(const char* name, int type, nvlist_t* props, std::uint8_t* key, unsigned key_length);
int lzc_clone(const char* name, const char* origin, nvlist_t* props);
int lzc_snapshot(nvlist_t* snapshots, nvlist_t* props, nvlist_t** errors);
int lzc_destroy(const char* name);
int lzc_destroy_snaps(nvlist_t* snapshots, int defer, nvlist_t** errors);

int nvlist_alloc(nvlist_t** list, unsigned flags, int sleep);
void nvlist_free(nvlist_t* list);
int nvlist_add_boolean(nvlist_t* list, const char* name);
int nvlist_add_string(nvlist_t* list, const char* name, const char* value);
int nvlist_add_uint64(nvlist_t* list, const char* name, std::uint64_t value);
}

namespace brig::storage_zfs::library {
namespace {

constexpr unsigned kUniqueName = 1;  // NV_UNIQUE_NAME
constexpr int kFileSystem = 2;       // LZC_DATSET_TYPE_ZFS

class List {
  public:
    List() { failed_ = ::nvlist_alloc(&list_, kUniqueName, 0) != 0; }
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    List(List&&) = delete;
    List& operator=(List&&) = delete;
    ~List() { ::nvlist_free(list_); }

    void add(const std::string& name) {
        failed_ = failed_ || ::nvlist_add_boolean(list_, name.c_str()) != 0;
    }

    void add(const std::string& name, const std::string& value) {
        failed_ = failed_ || ::nvlist_add_string(list_, name.c_str(), value.c_str()) != 0;
    }

    void add(const std::string& name, std::uint64_t value) {
        failed_ = failed_ || ::nvlist_add_uint64(list_, name.c_str(), value) != 0;
    }

    [[nodiscard]] nvlist_t* get() const noexcept { return list_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }

  private:
    nvlist_t* list_ = nullptr;
    bool failed_ = false;
};

/// What the kernel wants as a number, which the zfs command translates from words. The numbers are
/// in every pool on every disk, and so will not change.
struct Word {
    std::string_view property;
    std::string_view word;
    std::uint64_t number;
};

constexpr std::array<Word, 20> kWords{{{"canmount", "off", 0},     {"canmount", "on", 1},
                                       {"canmount", "noauto", 2},  {"jailed", "on", 1},
                                       {"atime", "off", 0},        {"atime", "on", 1},
                                       {"exec", "off", 0},         {"exec", "on", 1},
                                       {"setuid", "off", 0},       {"setuid", "on", 1},
                                       {"quota", "none", 0},       {"refquota", "none", 0},
                                       {"reservation", "none", 0}, {"refreservation", "none", 0},
                                       {"compression", "on", 1},   {"compression", "off", 2},
                                       {"compression", "lzjb", 3}, {"compression", "gzip", 10},
                                       {"compression", "zle", 14}, {"compression", "lz4", 15}}};
constexpr std::array<std::string_view, 5> kNumbers{
    "quota", "refquota", "reservation", "refreservation", "recordsize"};

std::optional<std::uint64_t> number_of(const Property& property) {
    for (const Word& row : kWords) {
        if (row.property == property.name && row.word == property.value) {
            return row.number;
        }
    }
    for (const std::string_view name : kNumbers) {
        if (name == property.name) {
            return std::strtoull(property.value.c_str(), nullptr, 10);
        }
    }
    return std::nullopt;
}

/// False if one of them needs the command.
bool add_properties(List& list, const Properties& properties) {
    for (const Property& property : properties) {
        if (property.name == "mountpoint" || property.name.find(':') != std::string::npos) {
            list.add(property.name, property.value);
        } else if (const std::optional<std::uint64_t> number = number_of(property)) {
            list.add(property.name, *number);
        } else {
            return false;
        }
    }
    return !list.failed();
}

/// The library, open as long as the driver is loaded: it holds /dev/zfs.
bool is_open() {
    struct Library {
        bool open = ::libzfs_core_init() == 0;
        Library() = default;
        Library(const Library&) = delete;
        Library& operator=(const Library&) = delete;
        Library(Library&&) = delete;
        Library& operator=(Library&&) = delete;
        ~Library() {
            if (open) {
                ::libzfs_core_fini();
            }
        }
    };
    static const Library kLibrary;
    return kLibrary.open;
}

/// What only the reasons per snapshot are for; the command is asked for those.
class Errors {
  public:
    Errors() = default;
    Errors(const Errors&) = delete;
    Errors& operator=(const Errors&) = delete;
    Errors(Errors&&) = delete;
    Errors& operator=(Errors&&) = delete;
    ~Errors() { ::nvlist_free(list_); }

    nvlist_t** out() noexcept { return &list_; }

  private:
    nvlist_t* list_ = nullptr;
};

}  // namespace

Outcome create(const std::string& dataset, const Properties& properties) {
    List list;
    if (!add_properties(list, properties) || !is_open()) {
        return std::nullopt;
    }
    return ::lzc_create(dataset.c_str(), kFileSystem, list.get(), nullptr, 0);
}

Outcome clone(const std::string& snapshot,
              const std::string& dataset,
              const Properties& properties) {
    List list;
    if (!add_properties(list, properties) || !is_open()) {
        return std::nullopt;
    }
    return ::lzc_clone(dataset.c_str(), snapshot.c_str(), list.get());
}

Outcome snapshot(const std::string& snapshot, const Properties& properties) {
    List names;
    List list;
    names.add(snapshot);
    if (!add_properties(list, properties) || names.failed() || !is_open()) {
        return std::nullopt;
    }
    Errors errors;
    return ::lzc_snapshot(names.get(), list.get(), errors.out());
}

Outcome destroy(const std::string& dataset) {
    return is_open() ? Outcome{::lzc_destroy(dataset.c_str())} : std::nullopt;
}

namespace {

Outcome destroy_all(const std::vector<std::string>& snapshots, int defer) {
    List names;
    for (const std::string& snapshot : snapshots) {
        names.add(snapshot);
    }
    if (names.failed() || !is_open()) {
        return std::nullopt;
    }
    Errors errors;
    return ::lzc_destroy_snaps(names.get(), defer, errors.out());
}

}  // namespace

Outcome destroy_snapshots(const std::vector<std::string>& snapshots) {
    return destroy_all(snapshots, 0);
}

Outcome destroy_when_unused(const std::string& snapshot) {
    return destroy_all({snapshot}, 1);
}

}  // namespace brig::storage_zfs::library
