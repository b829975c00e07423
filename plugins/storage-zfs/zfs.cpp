// SPDX-License-Identifier: BSD-2-Clause
#include "zfs.hpp"

#include "os.hpp"
#include "system.hpp"

#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace brig::storage_zfs {
namespace {

/// Less is left of a full pool or quota than a dataset's own blocks need.
constexpr std::uint64_t kLittle = std::uint64_t{512} * 1024;

std::vector<std::string> command(std::string program, const std::vector<std::string>& arguments) {
    std::vector<std::string> argv{std::move(program)};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return argv;
}

std::vector<std::string> with_properties(const char* verb, const Properties& properties) {
    std::vector<std::string> arguments{verb};
    for (const Property& property : properties) {
        arguments.emplace_back("-o");
        arguments.push_back(joined(property.name, "=", property.value));
    }
    arguments.emplace_back("--");
    return arguments;
}

/// Calls `step`; that there is no such program is not the same as no such volume.
template <typename Step>
auto with_program(const std::string& program, Step&& step) {
    try {
        return step();
    } catch (const Error& error) {
        if (error.status() == BRIG_NOT_FOUND) {
            throw Error{BRIG_UNAVAILABLE,
                        joined("there is no program '", program, "'"),
                        "install ZFS; on Debian: apt install zfsutils-linux, or zfs-fuse"};
        }
        throw;
    }
}

std::string join_comma(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += joined(text.empty() ? "" : ",", word);
    }
    return text;
}

/// What has to be free for a dataset with these properties.
std::uint64_t needed_by(const Properties& asked) {
    std::uint64_t needed = kLittle;
    for (const Property& property : asked) {
        if (property.name == "reservation" || property.name == "refreservation") {
            needed =
                std::max<std::uint64_t>(needed, std::strtoull(property.value.c_str(), nullptr, 10));
        }
    }
    return needed;
}

std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

bool Zfs::run(const std::vector<std::string>& arguments) const {
    return with_program("zfs",
                        [&] { return call_->run(command("zfs", arguments)).exit_code == 0; });
}

bool Zfs::run_unmounted(const std::vector<std::string>& arguments) const {
    constexpr int kAttempts = 20;
    constexpr int kPause = 50;
    for (int attempt = 1; !run(arguments); ++attempt) {
        if (modern_ || attempt == kAttempts) {
            return false;
        }
        ::poll(nullptr, 0, kPause);
    }
    return true;
}

bool Zfs::run_io(const std::vector<std::string>& arguments, int in, int out) const {
    return with_program("zfs",
                        [&] { return call_->run_io(command("zfs", arguments), in, out) == 0; });
}

std::optional<std::string> Zfs::output_of(const std::vector<std::string>& argv) const {
    // A file in memory, since what a pool holds can be more than Call::run returns.
    const UniqueFd file{check(::memfd_create("zfs", MFD_CLOEXEC), "make a file in memory")};
    const int code =
        with_program(argv.front(), [&] { return call_->run_io(argv, -1, file.get()); });
    return code == 0 ? std::optional{read_whole(file.get(), "a file in memory")} : std::nullopt;
}

std::vector<Dataset> Zfs::get(std::vector<std::string> properties,
                              const std::vector<std::string>& datasets,
                              Reach reach) const {
    std::vector<std::string> argv{"zfs", "get", "-H", "-p"};
    if (reach == Reach::one_below) {
        argv.insert(argv.end(), {"-r", "-d", "1"});
        properties.insert(properties.end(), {kOwner, "guid", "creation", "userrefs"});
        if (modern_) {
            properties.emplace_back("clones");
        }
    }
    std::sort(properties.begin(), properties.end());
    properties.erase(std::unique(properties.begin(), properties.end()), properties.end());
    argv.insert(argv.end(), {"-o", "name,property,value,source", join_comma(properties), "--"});
    argv.insert(argv.end(), datasets.begin(), datasets.end());
    const UniqueFd file{check(::memfd_create("zfs", MFD_CLOEXEC), "make a file in memory")};
    // It fails if one of them is not there, and tells about the others nevertheless.
    static_cast<void>(with_program("zfs", [&] { return call_->run_io(argv, -1, file.get()); }));
    return parse_datasets(read_whole(file.get(), "a file in memory"));
}

namespace {

void add_clones(const std::vector<Dataset>& all, const std::string& origin, Snapshot& snapshot) {
    for (const Dataset& other : all) {
        if (other.text("origin") == origin) {
            snapshot.clones.push_back(other.name);
        }
    }
}

}  // namespace

void Zfs::find_clones(Dataset& dataset) const {
    if (modern_ || dataset.snapshots.empty()) {
        return;  // known already
    }
    // Who was cloned from what has to be collected from all of the pool there.
    const std::optional<std::string> output = output_of({"zfs",
                                                         "get",
                                                         "-H",
                                                         "-p",
                                                         "-r",
                                                         "-o",
                                                         "name,property,value,source",
                                                         "origin",
                                                         "--",
                                                         names_->pool()});
    if (!output) {
        require_pool();
    }
    const std::vector<Dataset> all = parse_datasets(output.value_or(""));
    for (Snapshot& snapshot : dataset.snapshots) {
        add_clones(all, joined(dataset.name, "@", snapshot.name), snapshot);
    }
}

bool Zfs::done(const library::Outcome& outcome) {
    error_number_ = *outcome;
    return error_number_ == 0;
}

bool Zfs::create(const std::string& dataset, const Properties& properties) {
    if (const library::Outcome outcome = library::create(dataset, properties)) {
        return done(outcome);
    }
    std::vector<std::string> arguments = with_properties("create", properties);
    arguments.push_back(dataset);
    return run(arguments);
}

bool Zfs::clone(const std::string& snapshot,
                const std::string& dataset,
                const Properties& properties) {
    if (const library::Outcome outcome = library::clone(snapshot, dataset, properties)) {
        return done(outcome);
    }
    std::vector<std::string> arguments = with_properties("clone", properties);
    arguments.insert(arguments.end(), {snapshot, dataset});
    return run(arguments);
}

bool Zfs::snapshot(const std::string& snapshot, const Properties& properties) {
    if (const library::Outcome outcome = library::snapshot(snapshot, properties)) {
        return done(outcome);
    }
    std::vector<std::string> arguments = with_properties("snapshot", properties);
    arguments.push_back(snapshot);
    return run(arguments);
}

bool Zfs::destroy(const std::string& dataset) {
    if (const library::Outcome outcome = library::destroy(dataset)) {
        return done(outcome);
    }
    return run({"destroy", "--", dataset});
}

bool Zfs::destroy_snapshots(const std::string& dataset, const std::vector<std::string>& names) {
    std::vector<std::string> full;
    full.reserve(names.size());
    for (const std::string& name : names) {
        full.push_back(joined(dataset, "@", name));
    }
    if (names.empty()) {
        return true;
    }
    if (const library::Outcome outcome = library::destroy_snapshots(full)) {
        return done(outcome);
    }
    if (modern_) {
        return run({"destroy", "--", joined(dataset, "@", join_comma(names))});
    }
    return std::all_of(full.begin(), full.end(), [&](const std::string& snapshot) {
        return run({"destroy", "--", snapshot});
    });
}

bool Zfs::destroy_when_unused(const std::string& snapshot) {
    if (const library::Outcome outcome = library::destroy_when_unused(snapshot)) {
        return done(outcome);
    }
    return run({"destroy", "-d", "--", snapshot});
}

bool Zfs::rename(const std::string& from, const std::string& to) const {
    return run_unmounted({"rename", "--", from, to});
}

bool Zfs::set(const std::string& dataset, const Properties& properties) const {
    // Several at once is a newer thing.
    return std::all_of(properties.begin(), properties.end(), [&](const Property& property) {
        return run({"set", joined(property.name, "=", property.value), dataset});
    });
}

void Zfs::require_pool(const std::string& pool) const {
    const std::optional<std::string> output =
        output_of({"zpool", "list", "-H", "-o", "health", "--", pool});
    if (!output) {
        throw Error{BRIG_UNAVAILABLE,
                    joined("the pool '", pool, "' is not there"),
                    joined("import it (zpool import ", pool, "), or start what serves ZFS")};
    }
    const std::string health = first_line(*output);
    constexpr std::array<const char*, 5> kBroken{
        "FAULTED", "UNAVAIL", "SUSPENDED", "OFFLINE", "REMOVED"};
    if (std::find(kBroken.begin(), kBroken.end(), health) != kBroken.end()) {
        throw Error{BRIG_UNAVAILABLE,
                    joined("the pool '", pool, "' does not work: it is ", health),
                    joined("zpool status ", pool, " says why")};
    }
}

void Zfs::require_writable(const std::string& pool, const std::string& attempt) const {
    if (!modern_) {
        return;  // zfs-fuse has no pools that cannot be written to
    }
    const std::optional<std::string> output =
        output_of({"zpool", "get", "-H", "-o", "value", "readonly", pool});
    if (first_line(output.value_or("")) == "on") {
        throw Error{BRIG_UNAVAILABLE,
                    joined("cannot ", attempt, ": the pool '", pool, "' is imported read-only"),
                    joined("zpool export ", pool, ", then import it without readonly=on")};
    }
}

void Zfs::require_key(const std::string& attempt) const {
    const std::string& parent = names_->parent();
    if (!modern_) {
        return;
    }
    const std::vector<Dataset> found = get({"keystatus"}, {parent}, Reach::itself);
    const Dataset* dataset = find_dataset(found, parent);
    if (dataset != nullptr && dataset->text("keystatus") == "unavailable") {
        throw Error{BRIG_UNAVAILABLE,
                    joined("cannot ", attempt, ": '", parent, "' is encrypted and locked"),
                    joined("zfs load-key ", parent)};
    }
}

void Zfs::require_space(const std::string& attempt, const Properties& asked) const {
    const std::string& parent = names_->parent();
    const std::vector<Dataset> found = get({"available"}, {parent}, Reach::itself);
    const Dataset* dataset = find_dataset(found, parent);
    const bool full = error_number_ == ENOSPC || error_number_ == EDQUOT
                      || (dataset != nullptr && dataset->number("available") < needed_by(asked));
    if (full) {
        throw Error{BRIG_EXHAUSTED,
                    joined("cannot ", attempt, ": no space, or a quota is used up"),
                    joined("make room in '", parent, "'")};
    }
}

void Zfs::require_reason_elsewhere(const std::string& attempt, const Properties& asked) const {
    require_pool();
    require_writable(names_->pool(), attempt);
    require_key(attempt);
    if (error_number_ == EPERM || error_number_ == EACCES) {
        throw_errno(error_number_, "cannot " + attempt);
    }
    require_space(attempt, asked);
}

void Zfs::explain(const std::string& attempt, const Properties& asked) const {
    require_reason_elsewhere(attempt, asked);
    if (!asked.empty()) {
        throw Error{BRIG_INVALID,
                    joined("cannot ", attempt, " with the properties ", spoken(asked)),
                    "ask for what the ZFS of this host can do"};
    }
    throw Error{BRIG_INTERNAL, joined("cannot ", attempt)};
}

}  // namespace brig::storage_zfs
