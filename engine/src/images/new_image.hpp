// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/image.hpp"
#include "context.hpp"
#include "images/import.hpp"
#include "undo.hpp"

#include <filesystem>
#include <string>

namespace brig {

/// An image in the making: an empty volume to be filled, and then to be published. Everything is in
/// a ledger of its own before it is made; without being published, nothing is left of it.
class NewImage {
  public:
    /// On the default storage when `storage` is empty.
    NewImage(Context& context, const std::string& storage);

    /// Provisions and activates the volume, to be filled.
    void open();

    /// Makes the volume of a stream of its storage, instead.
    /// @throws Error{unsupported} when the storage has none.
    void receive(int fd, const ProgressSink& progress);

    /// Makes the volume of a ZFS dataset, instead.
    /// @throws Error{unsupported} when the storage cannot.
    void make_of(const FromDataset& source, const ProgressSink& progress);

    /// Of the open volume.
    [[nodiscard]] const std::filesystem::path& root() const noexcept { return root_; }

    [[nodiscard]] ImportTarget target(std::uint64_t max_size) const {
        return {context_.settings.libexec, root_, context_.log, max_size, ledger_.lock_fd()};
    }

    /// Freezes the volume and makes the image known, with this metadata: id, volume, storage and
    /// time are filled in.
    ImageInfo publish(ImageInfo image);

  private:
    [[nodiscard]] DriverCall call() const;
    [[nodiscard]] DriverCall long_call(const ProgressSink& progress) const;
    [[nodiscard]] OptionMap origin_options(const FromDataset& source) const;

    Context& context_;
    std::string id_;
    Storage& storage_;
    Ledger ledger_;
    TearDownUnlessKept undo_;
    std::filesystem::path root_;  ///< empty: not open
    bool is_frozen_ = false;      ///< it has its snapshot already
};

}  // namespace brig
