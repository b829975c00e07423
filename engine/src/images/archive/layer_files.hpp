// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <string>
#include <string_view>
#include <unordered_set>

namespace brig::archive {

/// What belongs to one layer of an image that is unpacked into the current directory, over the
/// layers below. Nobody else changes anything there meanwhile.
///
/// A whiteout, an entry `.wh.NAME`, hides what the layers below have under NAME, `.wh..wh..opq` all
/// that they have in its folder; neither hides anything of its own layer, in whatever order the
/// entries come.
class LayerFiles {
  public:
    /// Takes `name`, an entry of this layer, for what it is: a whiteout is carried out, and true
    /// returned. What is in the way of anything else goes: a file of a layer below where this one
    /// has a folder, and the other way round.
    ///
    /// @throws Error{invalid_config} for a whiteout of "..", or one that leads through a link.
    bool take(const std::string& name, bool is_folder);

  private:
    void carry_out(std::string_view folder, std::string_view whiteout);
    void hide(const std::string& path);
    void hide_children(const std::string& folder);
    void clear_way(const std::string& path, bool is_folder) const;
    void add(const std::string& path);

    std::unordered_set<std::string> own_;
};

}  // namespace brig::archive
