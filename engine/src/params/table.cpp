// SPDX-License-Identifier: BSD-2-Clause
#include "params/table.hpp"

namespace brig::table {

ParamInfo to_info(const Row& row, ParamPerformer performer) {
    ParamInfo info;
    info.name = row.name;
    info.type = row.type;
    info.access = row.access;
    info.performer = performer;
    info.enforcement = row.enforcement;
    info.default_value = row.default_value;
    info.max_length = row.max_length;
    if (row.range.min != Range{}.min) {
        info.min = row.range.min;
    }
    if (row.range.max != Range{}.max) {
        info.max = row.range.max;
    }
    info.summary = row.summary;
    info.manual = row.manual;
    if (!row.can_disable) {
        info.choices = {"new", "inherit"};
    }
    return info;
}

}  // namespace brig::table
