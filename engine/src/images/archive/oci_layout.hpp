// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/oci_documents.hpp"
#include "support/unique_resource.hpp"

#include <functional>
#include <string>
#include <vector>

namespace brig::archive {

/// Which of a layout's images is wanted.
struct ImageChoice {
    std::vector<std::string> platforms;  ///< OS/ARCHITECTURE, the preferred first
    std::string tag;                     ///< empty: the only one that there is
};

/// A file of the layout, and what it must be.
struct Layer {
    std::string file;
    std::string digest;  ///< of the file, hexadecimal
    std::uint64_t size = 0;
    bool size_is_known = true;  ///< else it is that of the file
};

struct ChosenImage {
    std::string digest;  ///< of its manifest, or of its configuration where there is none
    OciConfig config;
    std::vector<Layer> layers;  ///< the lowest first
};

/// Finds the image in the layout, OCI or Docker, that the current directory holds. Documents are
/// read only once their size and digest have been found right.
/// @throws Error{invalid_config}; Error{not_found} when there is none that was asked for.
[[nodiscard]] ChosenImage choose_image(const ImageChoice& choice);

/// Opens a layer whose size and digest are right; its size is filled in.
[[nodiscard]] UniqueFd open_checked(Layer& layer);

}  // namespace brig::archive
