// SPDX-License-Identifier: BSD-2-Clause
#include "view.hpp"

#include "os_layers.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

namespace brig::storage_dir {

/// A look through the layers from top to bottom.
struct View::Search {
    std::string wanted;  ///< the name; or the path from the root, without its '/', if `by_path`
    bool by_path = false;
    bool stop = false;  ///< nothing below is seen
    Found found;
};

namespace {

std::string inside(const std::string& folder, const std::string& name) {
    return folder.empty() ? name : folder + "/" + name;
}

/// Only names, as the kernel wants it; whatever an image brings along.
bool is_plain_path(const std::string& path) {
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, end - begin);
        if (name.empty() || name == "." || name == "..") {
            return false;
        }
        begin = end + 1;
    }
    return true;
}

bool is_from_root(const std::string& redirect) {
    return !redirect.empty() && redirect.front() == '/';
}

bool is_redirect(const std::string& text) {
    return is_from_root(text) ? is_plain_path(text.substr(1))
                              : is_plain_path(text) && text.find('/') == std::string::npos;
}

/// Gone meanwhile, or never there.
bool is_absence(int error_number) {
    return error_number == ENOENT || error_number == ENOTDIR || error_number == ELOOP
           || error_number == ENAMETOOLONG;
}

bool examine(int folder, const std::string& name, struct stat& status) {
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) {
        return true;
    }
    if (!is_absence(errno)) {
        throw_errno(errno, "examine '" + name + "' in a layer");
    }
    return false;
}

/// By a mount. Of files alone another device does not tell: on an overlayfs they have those of its
/// layers.
bool is_covered(const View::Folder::Part& part,
                const std::string& name,
                const struct stat& status) {
    return status.st_dev != part.device
           && (S_ISDIR(status.st_mode) || os::is_mount_point(part.fd.get(), name));
}

}  // namespace

Places View::root() const {
    Places places;
    for (const std::size_t layer : order_) {
        places.push_back({layer, {}});
    }
    return places;
}

View::Folder View::open(const Places& places) const {
    Folder folder;
    for (const Place& place : places) {
        UniqueFd fd{os::open_below(trees_[place.layer].get(), place.path)};
        if (!fd && (is_absence(errno) || errno == EXDEV)) {
            continue;
        }
        struct stat status {};
        check(fd ? ::fstat(fd.get(), &status) : -1, "open '/", place.path, "' in a layer");
        std::set<std::string> whiteouts = os::hidden_whiteouts(fd.get(), "/" + place.path);
        folder.parts.push_back({place, std::move(fd), status.st_dev, std::move(whiteouts)});
    }
    return folder;
}

View::Found View::find(const Folder& folder, const std::string& name) const {
    Search search;
    search.wanted = name;
    for (std::size_t i = 0; i < folder.parts.size() && !search.stop; ++i) {
        look(folder.parts[i], i, search);
        if (search.by_path) {
            follow_path(folder.parts[i].place.layer, search);
            break;
        }
    }
    return std::move(search.found);
}

/// Looks for the name in one layer of the folder that it is in.
void View::look(const Folder::Part& part, std::size_t number, Search& search) const {
    struct stat status {};
    if (!examine(part.fd.get(), search.wanted, status)) {
        search.stop = part.whiteouts.contains(search.wanted);
        return;
    }
    Found& found = search.found;
    if (S_ISDIR(status.st_mode) && status.st_dev == part.device) {
        if (found.kind == Kind::nothing) {
            found.kind = Kind::folder;
            found.status = status;
        }
        found.places.push_back({part.place.layer, inside(part.place.path, search.wanted)});
        const std::string redirect =
            redirect_of(part.fd.get(), search.wanted, part.place.layer, search);
        search.by_path = is_from_root(redirect);
        if (!redirect.empty()) {
            search.wanted = redirect.substr(search.by_path ? 1 : 0);
        }
        return;
    }
    search.stop = true;
    if (found.kind == Kind::nothing && !os::is_whiteout(status)) {
        found.kind = is_covered(part, search.wanted, status) ? Kind::covered : Kind::file;
        found.status = status;
        found.part = number;
    }
}

/// Where what is below the folder `name` is to be looked for: "" if by the same name. Sees whether
/// that is to be looked for at all.
std::string View::redirect_of(int folder,
                              const std::string& name,
                              std::size_t layer,
                              Search& search) const {
    if (layer == order_.back()) {
        return {};  // whatever it says, nothing is below
    }
    os::Covering covering = os::covering_of(folder, name);
    if (covering.opaque) {
        search.stop = true;
        return {};
    }
    if (!covering.redirect.empty() && !is_redirect(covering.redirect)) {
        search.stop = true;  // the kernel fails here
        return {};
    }
    if (is_from_root(covering.redirect)) {
        search.stop = false;  // an opaque folder on the way to this one does not matter any more
    }
    return std::move(covering.redirect);
}

/// Goes on in the layers below `after`, from their roots.
void View::follow_path(std::size_t after, Search& search) const {
    auto layer = std::find(order_.begin(), order_.end(), after);
    while (layer != order_.end() && ++layer != order_.end() && !search.stop) {
        look_by_path(*layer, search);
    }
}

/// Looks for the path in one layer. Each folder on the way may say that it goes on elsewhere below.
void View::look_by_path(std::size_t layer, Search& search) const {
    const std::string path = std::exchange(search.wanted, {});
    std::string& below = search.wanted;  // what has been gone of the path, as it is called below
    UniqueFd folder{os::open_below(trees_[layer].get(), "")};
    for (std::size_t begin = 0; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, end - begin);
        struct stat status {};
        if (!folder || !examine(folder.get(), name, status)) {
            below = inside(below, path.substr(begin));
            return;
        }
        if (!S_ISDIR(status.st_mode)) {
            search.stop = true;
            return;
        }
        if (end == path.size()) {
            search.found.places.push_back({layer, path});
        }
        const std::string redirect = redirect_of(folder.get(), name, layer, search);
        below = is_from_root(redirect) ? redirect.substr(1)
                                       : inside(below, redirect.empty() ? name : redirect);
        folder = UniqueFd{os::open_below(folder.get(), name)};
        begin = end + 1;
    }
}

}  // namespace brig::storage_dir
