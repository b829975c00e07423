// SPDX-License-Identifier: BSD-2-Clause
#include "networks/attachments.hpp"

#include "run/notes.hpp"
#include "store/lease.hpp"
#include "support/text.hpp"
#include "undo.hpp"

#include <fmt/core.h>

namespace brig {

namespace {

// The driver's results are facts of the effect like ours, whose names no driver uses: a key of
// brig_host::result that begins with a dot is refused.
constexpr const char* kNetwork = ".network";
constexpr const char* kNetworkBefore02 = "network";  // in ledgers of containers that run since then
constexpr const char* kOptions = ".options";
constexpr const char* kEphemeral = ".ephemeral";

}  // namespace

int record_attachment(Ledger& ledger,
                      const std::string& network,
                      const std::vector<std::string>& written,
                      bool ephemeral) {
    Facts facts{{kNetwork, network}};
    if (!written.empty()) {
        facts[kOptions] = join_list(written);
    }
    if (ephemeral) {
        facts[kEphemeral] = "true";
    }
    return ledger.record(
        effect::kAttachment, fmt::format("attachment to network '{}'", network), facts);
}

void record_connection(Ledger& ledger, const Network& network) {
    if (network.detaches()) {
        ledger.record(effect::kConnection,
                      fmt::format("connection to network '{}'", network.name()),
                      {{kNetwork, network.name()}});
    }
}

RecordedAttachment read_attachment(const Effect& effect) {
    RecordedAttachment attachment;
    attachment.effect = effect.number;
    for (const auto& [key, value] : effect.facts) {
        if (key == kNetwork || (key == kNetworkBefore02 && attachment.network.empty())) {
            attachment.network = value;
        } else if (key == kOptions) {
            attachment.written = split_list(value);
        } else if (key == kEphemeral) {
            attachment.ephemeral = true;
        } else {
            attachment.results[key] = value;
        }
    }
    return attachment;
}

AttachmentInfo info_of(const RecordedAttachment& attachment) {
    const auto result = [&](const char* key) {
        const auto found = attachment.results.find(key);
        return found == attachment.results.end() ? std::string{} : found->second;
    };
    return {
        attachment.network,
        result("ip4"),
        result("ip6"),
        result("mac"),
        result("interface"),
        result("gateway4"),
        result("gateway6"),
        result("published").empty() ? std::vector<std::string>{} : split(result("published"), ' ')};
}

std::vector<RecordedAttachment> attachments_in(const Ledger& ledger) {
    std::vector<RecordedAttachment> attachments;
    for (const Effect& effect : ledger.effects()) {
        if (effect.kind == effect::kAttachment) {
            attachments.push_back(read_attachment(effect));
        }
    }
    return attachments;
}

std::vector<int> connections_in(const Ledger& ledger, const std::string& network) {
    std::vector<int> numbers;
    for (const Effect& effect : ledger.effects()) {
        const bool is_connection =
            effect.kind == effect::kConnection && read_attachment(effect).network == network;
        const bool is_member =
            effect.kind == effect::kMember && effect.facts.at("network") == network;
        if (is_connection || is_member) {
            numbers.push_back(effect.number);
        }
    }
    return numbers;
}

void give_back_leases(Context& context, const std::string& id, const std::string& network) {
    context.store.remove_leases(LeaseHolder{"network/" + network, id, network, ""});
}

DriverCall call_for_recorded(const Context& context,
                             const std::string& id,
                             const RecordedAttachment& attachment) {
    DriverCall call = context.call_for(id, attachment.network);
    call.prior = attachment.results;
    return call;
}

}  // namespace brig
