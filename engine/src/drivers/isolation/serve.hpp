// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/driver.h"
#include "drivers/isolation/channel.hpp"
#include "drivers/isolation/message.hpp"

namespace brig::isolation {

/// Does for a driver in another process what it asks for, and replies where a reply is wanted.
/// @throws BadMessage
void serve(brig_call* call, const brig_host& host, MessageReader& request, Channel& channel);

}  // namespace brig::isolation
