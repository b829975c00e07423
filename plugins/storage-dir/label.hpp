// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace brig::storage_dir {

/// A layer: a tree that no longer changes. Written "VOLUME/NUMBER".
struct LayerId {
    std::string volume;
    std::string number;

    [[nodiscard]] std::string text() const { return volume + "/" + number; }

    friend bool operator==(const LayerId& a, const LayerId& b) {
        return a.volume == b.volume && a.number == b.number;
    }
};

/// How a volume's folder `tree` makes its content.
enum class Kind {
    whole,    ///< the tree is all of it
    layered,  ///< the tree holds what differs from the layer `source`
    copy,     ///< a copy of the layer `source`, made when it is first needed
    reflink,  ///< the same, sharing blocks
};

/// What is to be finished before the volume can be used.
enum class State {
    ready,
    freezing,    ///< the tree is being moved to the layer `source`, for a snapshot
    discarding,  ///< the tree is to be emptied, for a rollback
};

/// What is known about a volume or a layer. Kept as the text of a symbolic link, `label`: one
/// system call writes it completely or not at all, another one replaces it by rename, and on most
/// file systems it takes no block. Works alike on every file system, unlike extended attributes.
struct Label {
    Kind kind = Kind::whole;
    std::optional<LayerId> source;
    State state = State::ready;
    std::string snapshot;  ///< State::freezing: the snapshot's name
    std::string owner;     ///< the engine's tag
    bool limited = false;  ///< the volume's folder is a project of its own, which may have a quota

    [[nodiscard]] std::string text() const;

    /// Nothing if `text` is not a label.
    [[nodiscard]] static std::optional<Label> parse(std::string_view text);
};

/// The word of the option `clone` and of the label.
[[nodiscard]] std::string_view word_for(Kind kind) noexcept;

}  // namespace brig::storage_dir
