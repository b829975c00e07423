// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "images/archive/status.hpp"

#include <string>

namespace brig::archive {

/// Writes an archive of an OCI image layout with one image of one layer to standard output: the
/// same bytes each time. The layer is on the descriptor after that of the status; standard input
/// has one line of facts:
///
///     digest, diff_id, size, compression    of the layer; compression is none, gzip or zstd
///     os, architecture, user, workdir, tag
///     created                               in seconds
///     env, command, history                 lists, each element ended by a NUL; four for each step
///                                           of the history: its time, what made it, a comment,
///                                           and whether it changed no file
///
/// Tells the manifest's digest as the fact "digest". Confines this process to `directory` first.
void write_oci(const std::string& directory, int layer_fd, Status& status);

}  // namespace brig::archive
