// SPDX-License-Identifier: BSD-2-Clause
#include "brig/spec.hpp"
#include "support/text.hpp"

#include <algorithm>

namespace brig {

AttachmentSpec parse_attachment(const std::string& text) {
    const std::size_t colon = std::min(text.find(':'), text.size());
    AttachmentSpec attachment{text.substr(0, colon), {}};
    if (colon < text.size()) {
        attachment.options = split(text.substr(colon + 1), ',');
    }
    return attachment;
}

std::string to_string(const AttachmentSpec& attachment) {
    return attachment.options.empty() ? attachment.network
                                      : attachment.network + ":" + join(attachment.options, ",");
}

std::vector<std::string> network_names(const std::vector<std::string>& attachments) {
    std::vector<std::string> names;
    names.reserve(attachments.size());
    for (const std::string& text : attachments) {
        names.push_back(parse_attachment(text).network);
    }
    return names;
}

}  // namespace brig
