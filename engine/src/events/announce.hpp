// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/event.hpp"
#include "context.hpp"
#include "launch.hpp"
#include "ledger/ledger.hpp"
#include "support/facts.hpp"

#include <string>

namespace brig {

/// What has happened to what. It is said when it is done, by whoever did it: one that was killed
/// just before that has done it without a word. The exception is the end of a run, which is said
/// before the last trace of the run goes, and so by whoever removes that: it is never missing, and
/// said twice when its owner was killed in between.
///
/// Nobody's work fails because it could not be said: that is a warning.
void announce(const Context& context, Event event);

void announce_container(const Context& context,
                        EventAction action,
                        const std::string& id,
                        const std::string& name,
                        Facts attributes = {});

void announce_image(const Context& context,
                    EventAction action,
                    const ImageInfo& image,
                    Facts attributes = {});

void announce_network(const Context& context,
                      EventAction action,
                      const std::string& name,
                      Facts attributes);

/// A container that has come to be.
void announce_new(const Context& context, const Launch& launch);

/// Its command runs. An ephemeral container comes to be by that.
void announce_start(const Context& context, const Launch& launch);

/// Its run has ended, and with it an ephemeral container, if it had begun.
/// @param ledger its effects undone, before it goes
void announce_end(const Context& context, const std::string& id, const Ledger& ledger);

}  // namespace brig
