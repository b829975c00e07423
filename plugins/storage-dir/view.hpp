// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <sys/stat.h>

#include <cstddef>
#include <set>
#include <string>
#include <vector>

namespace brig::storage_dir {

/// A folder of one layer.
struct Place {
    std::size_t layer;  ///< which of the trees
    std::string path;   ///< in it, without '/' at its ends; "" is the root

    friend bool operator==(const Place& a, const Place& b) {
        return a.layer == b.layer && a.path == b.path;
    }
};

/// The folders that a folder of a view is merged from, the topmost first.
using Places = std::vector<Place>;

/// What a stack of layers looks like when it is mounted, found by the kernel's own rules but
/// without mounting it: what an upper layer has covers, or takes away, what those below have.
///
/// Layers may change meanwhile: what goes between two looks is not there.
class View {
  public:
    /// A folder of the view, opened.
    struct Folder {
        struct Part {
            Place place;
            UniqueFd fd;
            dev_t device;
            std::set<std::string> whiteouts;  ///< hidden ones
        };
        std::vector<Part> parts;
    };

    enum class Kind {
        nothing,
        file,  ///< all that is no folder
        folder,
        covered  ///< by a mount of somebody else; not to be known
    };

    /// What a name is.
    struct Found {
        Kind kind = Kind::nothing;
        struct stat status {};
        std::size_t part = 0;  ///< Kind::file: in which part of the folder
        Places places;         ///< Kind::folder
    };

    /// @param trees the roots of layers; outlive the view
    /// @param order which of them are in the view, the topmost first
    View(const std::vector<UniqueFd>& trees, std::vector<std::size_t> order)
        : trees_{trees}, order_{std::move(order)} {}

    [[nodiscard]] Places root() const;

    [[nodiscard]] Folder open(const Places& places) const;

    [[nodiscard]] Found find(const Folder& folder, const std::string& name) const;

  private:
    struct Search;

    void look(const Folder::Part& part, std::size_t number, Search& search) const;
    void look_by_path(std::size_t layer, Search& search) const;
    void follow_path(std::size_t after, Search& search) const;
    [[nodiscard]] std::string redirect_of(int folder,
                                          const std::string& name,
                                          std::size_t layer,
                                          Search& search) const;

    const std::vector<UniqueFd>& trees_;
    std::vector<std::size_t> order_;
};

}  // namespace brig::storage_dir
