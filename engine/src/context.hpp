// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/settings.hpp"
#include "drivers/instances.hpp"
#include "host/host.hpp"
#include "params/catalogue.hpp"
#include "run/run_dir.hpp"
#include "store/store.hpp"
#include "support/log.hpp"

#include <string>

namespace brig {

/// The end of the owner tag of an ephemeral container's volume.
inline constexpr const char* kEphemeralTag = ":rm";

/// What every story works with. Built once by the Engine, which owns all of it.
struct Context {
    const Settings& settings;
    const Log& log;
    Host& host;
    Store& store;
    Instances& instances;
    const Catalogue& catalogue;
    RunDir run;
    std::string engine_id;  ///< tells the owner tags of two state directories apart

    /// The same with other parameters.
    [[nodiscard]] Context with(const Catalogue& others) const {
        return {settings, log, host, store, instances, others, run, engine_id};
    }

    /// The tag that everything made for a container, an image or a volume bears. Of what goes with
    /// an ephemeral container it says so: recovery removes such things, and nothing else, when
    /// there is no record of them.
    [[nodiscard]] std::string owner_tag(const std::string& id, bool ephemeral = false) const {
        return "brig:" + engine_id + ":" + id + (ephemeral ? kEphemeralTag : "");
    }

    /// A driver's operation on `object` of the container, image or volume `id`.
    [[nodiscard]] DriverCall call_for(const std::string& id,
                                      const std::string& object,
                                      bool ephemeral = false) const {
        DriverCall call;
        call.container = id;
        call.object = object;
        call.owner_tag = owner_tag(id, ephemeral);
        call.ephemeral = ephemeral;
        return call;
    }
};

}  // namespace brig
