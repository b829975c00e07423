// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/reference.hpp"

namespace brig::isolation {

void write_reference(MessageWriter& writer, const brig_ref& ref) {
    writer.number(ref.flags)
        .number(ref.jid)
        .text(ref.container)
        .text(ref.object)
        .text(ref.owner_tag)
        .text(ref.root)
        .text(ref.netns)
        .text(ref.instance_tag)
        .map(ref.options)
        .map(ref.prior);
}

ReferenceStorage::ReferenceStorage(MessageReader& reader) {
    ref_.hdr = BRIG_HDR(brig_ref);
    ref_.flags = static_cast<std::uint32_t>(reader.number());
    ref_.jid = static_cast<std::int32_t>(reader.number());
    ref_.container = reader.required_text();
    ref_.object = reader.required_text();
    ref_.owner_tag = reader.required_text();
    ref_.root = reader.text();
    ref_.netns = reader.text();
    ref_.instance_tag = reader.text();
    reader.map(options_);
    reader.map(prior_);
    ref_.options = options_.view();
    ref_.prior = prior_.view();
}

}  // namespace brig::isolation
