// SPDX-License-Identifier: BSD-2-Clause
#include "volume.hpp"

#include "os.hpp"
#include "quota.hpp"
#include "remove_tree.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>

namespace brig::storage_dir {
namespace {

constexpr const char* kLabel = "/label";

/// For root only: set-user-id programs of an image must not be reachable for the host's users.
constexpr mode_t kPrivate = S_IRWXU;
constexpr mode_t kPublic = S_IRWXU | S_IRGRP | S_IXGRP | S_IROTH | S_IXOTH;

UniqueFd open_folder(const std::string& path) {
    UniqueFd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd) {
        check_unless(ENOENT, -1, "open folder '", path, "'");
    }
    return fd;
}

void make_with_parents(const std::string& path) {
    if (::mkdir(path.c_str(), kPrivate) == 0 || errno == EEXIST) {
        return;
    }
    const std::size_t slash = path.rfind('/');
    if (errno != ENOENT || slash == 0 || slash == std::string::npos) {
        throw_errno(errno, "make folder '" + path + "'");
    }
    make_with_parents(path.substr(0, slash));
    check_unless(EEXIST, ::mkdir(path.c_str(), kPrivate), "make folder '", path, "'");
}

void make_label(const Shelf& shelf, const std::string& link, const Label& label) {
    check(::symlinkat(label.text().c_str(), shelf.fd(), link.c_str()),
          "label '",
          shelf.path(link),
          "'");
}

}  // namespace

std::string original_name(const std::string& name) {
    return is_kept(name) ? name.substr(kKeptPrefix.size(), name.rfind('.') - kKeptPrefix.size())
                         : name;
}

void remove_volume(const Shelf& shelf, const std::string& name, const Content& content) {
    const std::string path = shelf.path(name);
    remove_tree(shelf.fd(), name + kTree, path + kTree);
    remove_layered_folders(shelf, name);
    if (content.layers) {
        remove_tree(shelf.fd(), name + kSnapshots, path + kSnapshots);
        remove_tree(shelf.fd(), name + kLayers, path + kLayers);
    }
    if (content.limited) {
        release_limit(shelf, name);
    }
    const std::string label = name + kLabel;
    check_unless(ENOENT, ::unlinkat(shelf.fd(), label.c_str(), 0), "remove '", path, kLabel, "'");
    remove_tree(shelf.fd(), name, path);
}

void remove_layered_folders(const Shelf& shelf, const std::string& name) {
    if (!os::kLayeredMark.empty()) {
        ::unlinkat(shelf.fd(), (name + "/" + os::kLayeredMark).c_str(), 0);  // or below
    }
    for (const std::string& folder : os::kLayeredRemoval) {
        // NOLINTNEXTLINE(performance-inefficient-string-concatenation): two short names
        remove_tree(shelf.fd(), name + "/" + folder, shelf.path(name) + "/" + folder);
    }
}

void discard_leftover(const Shelf& shelf, const std::string& name, const std::string& owner) {
    const std::string text = read_link(shelf.fd(), name + kLabel);
    const std::optional<Label> label = Label::parse(text);
    if (!text.empty() && (!label || label->owner != owner)) {
        throw Error{BRIG_CONFLICT, "'" + shelf.path(name) + "' belongs to somebody else: " + text};
    }
    remove_volume(shelf, name, {.layers = true, .limited = label && label->limited});
}

std::vector<std::string> names_on(const Shelf& shelf, const std::string& name) {
    if (!shelf.exists()) {
        return {};
    }
    const UniqueFd fd{
        ::openat(shelf.fd(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd) {
        check_unless(ENOENT, -1, "open folder '", shelf.path(name), "'");
        return {};
    }
    return names_in(fd.get(), shelf.path(name));
}

Shelf::Shelf(const std::string& path) : path_{path + "/volumes"}, fd_{open_folder(path_)} {}

void Shelf::make() {
    if (!exists()) {
        make_with_parents(path_);
        fd_ = open_folder(path_);
    }
}

Shelves::Shelves(const std::string& path, const std::string& scratch) {
    shelves_.emplace_back(path);
    if (!scratch.empty() && scratch != path) {
        shelves_.emplace_back(scratch);
    }
}

std::optional<Entry> Shelves::find(const std::string& name) const {
    for (const Shelf& shelf : shelves_) {
        if (std::optional<Label> label = read_label(shelf, name)) {
            return Entry{&shelf, name, *std::move(label)};
        }
    }
    return std::nullopt;
}

std::optional<Entry> Shelves::find_layer(const LayerId& id) const {
    const auto folder_in = [&](const std::string& volume) {
        return joined(volume, kLayers, "/", id.number);
    };
    std::optional<Entry> layer = find(folder_in(id.volume));
    if (!layer && is_kept(id.volume)) {
        layer = find(folder_in(original_name(id.volume)));
    }
    return layer;
}

std::string Shelves::place_of(const std::string& volume) const {
    const auto has_it = [&](const Shelf& shelf) {
        return shelf.exists() && exists_in(shelf.fd(), volume);
    };
    return is_kept(volume) && std::none_of(shelves_.begin(), shelves_.end(), has_it)
               ? original_name(volume)
               : volume;
}

std::optional<Label> read_label(const Shelf& shelf, const std::string& name) {
    if (!shelf.exists()) {
        return std::nullopt;
    }
    const std::string text = read_link(shelf.fd(), name + kLabel);
    if (text.empty()) {
        // A folder without label is somebody else's, and must not be taken for a free name.
        if (!exists_in(shelf.fd(), name)) {
            return std::nullopt;
        }
    }
    std::optional<Label> label = Label::parse(text);
    if (!label) {
        throw Error{BRIG_CONFLICT,
                    "'" + shelf.path(name) + "' was not made by this driver, or by a newer one",
                    "move it out of the storage's folder"};
    }
    return label;
}

void replace_label(Entry& volume, const Label& label) {
    const std::string link = volume.name + kLabel;
    const std::string fresh = volume.name + "/.label";
    const int shelf = volume.shelf->fd();
    check_unless(
        ENOENT, ::unlinkat(shelf, fresh.c_str(), 0), "remove '", volume.path("/.label"), "'");
    make_label(*volume.shelf, fresh, label);
    check(::renameat(shelf, fresh.c_str(), shelf, link.c_str()), "label '", volume.path(), "'");
    volume.label = label;
}

void make_layered_folders(const Shelf& shelf,
                          const std::string& name,
                          const Entry& like,
                          const Label& label) {
    struct stat status {};
    check(::fstatat(like.shelf->fd(), (like.name + kTree).c_str(), &status, AT_SYMLINK_NOFOLLOW),
          "examine layer '",
          like.path(),
          "'");
    const std::string tree = name + kTree;
    check_unless(EEXIST,
                 ::mkdirat(shelf.fd(), tree.c_str(), kPrivate),
                 "make folder '",
                 shelf.path(tree),
                 "'");
    // Not by mkdirat: the umask is the engine's business. The mounted root shows what is set here.
    if (status.st_uid != 0 || status.st_gid != 0) {
        check(::fchownat(shelf.fd(), tree.c_str(), status.st_uid, status.st_gid, 0),
              "give '",
              shelf.path(tree),
              "' its owner");
    }
    check(::fchmodat(shelf.fd(), tree.c_str(), status.st_mode & kModeBits, 0),
          "give '",
          shelf.path(tree),
          "' its mode");
    for (const std::string& folder : os::kLayeredFolders) {
        // NOLINTNEXTLINE(performance-inefficient-string-concatenation): a short name
        const std::string beside = name + "/" + folder;
        check_unless(EEXIST,
                     ::mkdirat(shelf.fd(), beside.c_str(), kPrivate),
                     "make folder '",
                     shelf.path(beside),
                     "'");
        if (label.limited) {
            join_content(shelf, name, "/" + folder);
        }
    }
    if (label.limited) {
        join_content(shelf, name, kTree);
    }
}

NewVolume::NewVolume(Shelf& shelf, const std::string& id, const Label& label, std::uint64_t limit)
    : shelf_{shelf}, id_{id}, name_{std::string{kNewPrefix} + id} {
    shelf_.make();
    const auto make = [this] { return ::mkdirat(shelf_.fd(), name_.c_str(), kPrivate); };
    if (!check_unless(EEXIST, make(), "make folder '", shelf_.path(name_), "'")) {
        discard_leftover(shelf_, name_, label.owner);
        check(make(), "make folder '", shelf_.path(name_), "'");
    }
    make_label(shelf_, name_ + kLabel, label);
    if (label.limited) {
        limit_new(shelf_, name_, limit);  // before there is anything in it
    }
    if (label.kind == Kind::whole) {
        const std::string tree = name_ + kTree;
        check(::mkdirat(shelf_.fd(), tree.c_str(), kPrivate), "make '", shelf_.path(tree), "'");
        check(::fchmodat(shelf_.fd(), tree.c_str(), kPublic, 0),
              "give '",
              shelf_.path(tree),
              "' its mode");
        if (label.limited) {
            join_content(shelf_, name_, kTree);
        }
    }
}

void NewVolume::publish() {
    check(::renameat(shelf_.fd(), name_.c_str(), shelf_.fd(), id_.c_str()),
          "give '",
          shelf_.path(name_),
          "' its name");
}

NewFolder::NewFolder(const Shelf& shelf, const std::string& owner, std::string_view part)
    : shelf_{shelf},
      part_{joined("/.", part.substr(1))},
      name_{owner + part_},
      final_{joined(owner, part)} {
    remove();  // what a crash left
    check(::mkdirat(shelf.fd(), name_.c_str(), S_IRWXU), "make folder '", shelf.path(name_), "'");
    fd_ = UniqueFd{os::open_child(shelf.fd(), name_.c_str())};
    check(fd_.get(), "open folder '", shelf.path(name_), "'");
}

void NewFolder::publish() const {
    check(::renameat(shelf_.fd(), name_.c_str(), shelf_.fd(), final_.c_str()),
          "give '",
          shelf_.path(name_),
          "' its name");
}

void NewFolder::remove() const {
    remove_tree(shelf_.fd(), name_, shelf_.path(name_));
}

VolumeLock::VolumeLock(const Shelf& shelf, const std::string& id, Mode mode)
    : fd_{::openat(shelf.fd(), id.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)} {
    if (!fd_ && errno == ENOENT) {
        throw Error{BRIG_NOT_FOUND, "there is no volume '" + id + "'"};
    }
    check(fd_.get(), "open volume '", shelf.path(id), "'");
    const int exclusive = mode == Mode::waiting ? LOCK_EX : LOCK_EX | LOCK_NB;
    const int operation = mode == Mode::shared ? LOCK_SH : exclusive;
    if (::flock(fd_.get(), operation) == 0) {
        return;
    }
    if (errno == EWOULDBLOCK) {
        throw Error{BRIG_BUSY, "volume '" + id + "' is being cloned from", "try again later"};
    }
    throw_errno(errno, "lock volume '" + shelf.path(id) + "'");
}

}  // namespace brig::storage_dir
