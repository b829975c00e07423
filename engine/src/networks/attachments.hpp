// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "drivers/network.hpp"
#include "ledger/ledger.hpp"

#include <string>
#include <vector>

namespace brig {

/// Writes an attachment down, before it is prepared. Returns the number of the effect.
/// @param written the options that were given for it alone
int record_attachment(Ledger& ledger,
                      const std::string& network,
                      const std::vector<std::string>& written,
                      bool ephemeral);

/// Writes down that the inside is about to be set up, where that must be undone before the jail is
/// removed.
void record_connection(Ledger& ledger, const Network& network);

/// An attachment that a ledger tells of.
struct RecordedAttachment {
    int effect = 0;
    std::string network;
    std::vector<std::string> written;
    bool ephemeral = false;
    ResultMap results;  ///< what the driver recorded
};

[[nodiscard]] RecordedAttachment read_attachment(const Effect& effect);

/// What people see of it.
[[nodiscard]] AttachmentInfo info_of(const RecordedAttachment& attachment);

/// All of them, in order.
[[nodiscard]] std::vector<RecordedAttachment> attachments_in(const Ledger& ledger);

/// The effects of being attached besides the attachment: what must go before the jail, names.
[[nodiscard]] std::vector<int> connections_in(const Ledger& ledger, const std::string& network);

/// Gives back what an attachment has leased, of a container that leaves the network.
void give_back_leases(Context& context, const std::string& id, const std::string& network);

/// The driver's operation on it.
[[nodiscard]] DriverCall call_for_recorded(const Context& context,
                                           const std::string& id,
                                           const RecordedAttachment& attachment);

}  // namespace brig
