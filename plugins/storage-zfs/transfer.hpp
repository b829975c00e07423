// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "volume.hpp"

namespace brig::storage_zfs {

/// Writes a snapshot to a stream: data, and no properties.
void send(Volume& volume, const sdk::Stream& stream);

/// Makes the volume from a stream, or continues it. A new volume is received as ".recv-ID", and
/// gets its name when it is complete; what was there is only ever added to.
/// @param wanted the properties of one that is made
void receive(Volume& volume, const sdk::Stream& stream, const Properties& wanted);

/// A snapshot of the host that a volume is to be a copy of.
struct Original {
    std::string snapshot;    ///< full name
    Property mark;           ///< what the volume says of it
    std::uint64_t size = 0;  ///< about, of the stream
};

/// Makes the volume a copy: sent and received at once, without the snapshot in the end.
void receive_copy(Volume& volume, const Original& original, const Properties& wanted);

/// What a sender needs to go on with a stream that broke off.
[[nodiscard]] std::optional<std::string> find_token(Volume& volume);

}  // namespace brig::storage_zfs
