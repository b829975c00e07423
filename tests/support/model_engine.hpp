// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "support/model_world.hpp"

#include <filesystem>

namespace brig::test {

/// An engine's stories over a model world, in a folder that several processes may use.
class Rig {
  public:
    explicit Rig(const std::filesystem::path& folder)
        : world{folder / "world"}, host_{world}, instances_{world}, store{folder / "state"} {
        settings_.state = folder / "state";  // its logs, which would be in the working directory
        settings_.default_network = "lan";
        settings_.storages = {{"model", "model", {}, ""}};
    }

    Context context(const std::filesystem::path& folder) {
        return {settings_,
                log_,
                host_,
                store,
                instances_,
                host_.catalogue(),
                RunDir{folder / "run"},
                "model"};
    }

  private:
    Settings settings_;
    Log log_;

  public:
    ModelWorld world;

  private:
    ModelHost host_;
    ModelInstances instances_;

  public:
    Store store;
};

/// The image "base" on the storage of the world.
inline ImageInfo base_image() {
    ImageInfo image;
    image.id = "aaaaaaaaaaaa";
    image.name = "base";
    image.tag = "latest";
    image.storage = "model";
    image.volume = image.id;
    image.created = std::chrono::system_clock::now();
    return image;
}

}  // namespace brig::test
