// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/record.hpp"

#include "brig/error.hpp"
#include "host/linux/frame_writer.hpp"

#include <algorithm>

namespace brig::host_linux {

namespace {

void write_param(FrameWriter& writer, const Param& param) {
    writer.string(param.name);
    writer.value(param.type);
    writer.value(param.origin.kind);
    writer.string(param.origin.detail);
    writer.value(static_cast<std::uint32_t>(param.values.size()));
    for (const std::string& value : param.values) {
        writer.string(value);
    }
}

Param read_param(FrameReader& reader) {
    Param param;
    param.name = reader.string();
    param.type = reader.value<ParamType>();
    param.origin.kind = reader.value<Origin::Kind>();
    param.origin.detail = reader.string();
    const auto count = reader.value<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        param.values.emplace_back(reader.string());
    }
    return param;
}

bool is_kernels(const Param& param) {
    return param.performer == ParamPerformer::kernel;
}

}  // namespace

std::string format_record(const JailRequest& request) {
    FrameWriter writer{FrameType::record};
    writer.string(request.name);
    writer.string(request.root.native());
    writer.value(static_cast<std::uint32_t>(
        std::count_if(request.params.begin(), request.params.end(), is_kernels)));
    for (const Param& param : request.params) {
        if (is_kernels(param)) {
            write_param(writer, param);
        }
    }
    return std::string{writer.payload()};
}

JailRecord parse_record(std::string_view text) {
    FrameReader reader{text.data(), text.size()};
    JailRecord record;
    record.name = reader.string();
    record.root = reader.string();
    const auto count = reader.value<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
        record.params.push_back(read_param(reader));
    }
    if (!reader.ok()) {
        throw Error{ErrorCode::internal, "a jail's init gave back a record that cannot be read"};
    }
    return record;
}

}  // namespace brig::host_linux
