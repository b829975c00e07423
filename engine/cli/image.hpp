// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "command.hpp"
#include "options.hpp"
#include "output.hpp"

#include <string>
#include <vector>

namespace brig::cli {

/// What is known of an image, but for its history.
[[nodiscard]] Json image_json(Engine& engine, const ImageInfo& image);

/// How images are made of any source: its defaults, storage and the like.
void add_default_options(Options& options);

/// Makes an image with these options, and prints it.
int make_image(Invocation& call,
               const Options& options,
               const std::string& name,
               ImageSource source);

// The verbs of `brig image`, each with the words after it.
int create_image(Invocation& call, Strings arguments);
int export_image(Invocation& call, Strings arguments);
int import_image(Invocation& call, Strings arguments);
int list_images(Invocation& call, Strings arguments);
int inspect_images(Invocation& call, Strings arguments);
int show_history(Invocation& call, Strings arguments);

}  // namespace brig::cli
