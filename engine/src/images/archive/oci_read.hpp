// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/oci_layout.hpp"
#include "images/archive/status.hpp"

#include <string>

namespace brig::archive {

/// Tells what the chosen image of the layout `directory` has for its containers, and writes its
/// layers to standard output, as `unpack` of layers reads them: for each
///
///     layer SIZE\n, and SIZE bytes
///
/// and in the end "end\n". Each layer's size and digest have been found right before the first byte
/// of it is written. Confines this process to `directory` first.
///
/// Facts: digest, os, architecture, user, workdir, total (of the layers, in bytes); env and command
/// once for each; for each step of the history: history (its time, in seconds), by, comment, empty.
void read_oci(const std::string& directory, const ImageChoice& choice, Status& status);

}  // namespace brig::archive
