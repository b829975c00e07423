// SPDX-License-Identifier: BSD-2-Clause
#include "undo.hpp"

#include "brig/driver.h"
#include "hooks.hpp"
#include "images/users.hpp"
#include "networks/attachments.hpp"
#include "networks/names.hpp"
#include "param_values.hpp"
#include "support/check.hpp"
#include "support/remove_tree.hpp"
#include "support/text.hpp"
#include "volumes/use_volume.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace brig {

namespace {

/// Undoes the effects of one container or image.
class Undoer {
  public:
    Undoer(Context& context, std::string id, Ledger& ledger, bool recovery)
        : context_{context}, id_{std::move(id)}, ledger_{ledger}, recovery_{recovery} {}

    void undo(const Effect& effect) {
        context_.log.debug("undo {}", effect.what);
        constexpr int kAttempts = 20;
        constexpr std::chrono::milliseconds kPause{50};
        int attempts_left = unmounts(effect) ? kAttempts : 1;
        while (!undone(effect, --attempts_left > 0)) {
            std::this_thread::sleep_for(kPause);
        }
    }

  private:
    /// What a brig that was killed had started, an archiver in a root, may live a moment longer: it
    /// notices at its next write that nobody listens. And FreeBSD lets go of a jail's root only
    /// when the jail's stack is gone, a moment after the jail.
    static bool unmounts(const Effect& effect) {
        return effect.kind == effect::kRoot || effect.kind == effect::kVolumeUse
               || effect.kind == effect::kMount;
    }

    /// False if something is in use, and `may_wait`.
    bool undone(const Effect& effect, bool may_wait) {
        try {
            undo_once(effect);
            return true;
        } catch (const Error& error) {
            if (!may_wait || error.code() != ErrorCode::conflict) {
                throw;
            }
            return false;
        }
    }

    void undo_once(const Effect& effect) {
        if (effect.kind == effect::kVolume) {
            destroy_volume(effect);
        } else if (effect.kind == effect::kRoot) {
            context_.instances.storage(effect.facts.at("storage"))
                .deactivate(call_for_volume(effect));
        } else if (effect.kind == effect::kVolumeUse) {
            stop_using_volume(
                context_, id_, effect.facts.at("storage"), volume_call(effect.facts.at("id")));
        } else if (effect.kind == effect::kAttachment) {
            tear_down_attachment(effect);
        } else if (effect.kind == effect::kMember) {
            withdraw(context_, effect.facts.at("network"), id_);
        } else if (effect.kind == effect::kConnection) {
            detach(effect);
        } else if (effect.kind == effect::kMount) {
            context_.host.unmount(effect.facts.at("target"));
        } else if (effect.kind == effect::kJail) {
            context_.host.remove_jail(id_, context_.run.folder(id_));
        } else if (effect.kind == effect::kAddress) {
            context_.host.remove_address(
                interface_address(effect.facts.at("interface"), effect.facts.at("address")));
        } else if (effect.kind == effect::kInterface) {
            context_.host.return_interface(
                id_, context_.run.folder(id_), effect.facts.at("interface"));
        } else if (effect.kind == effect::kDataset) {
            context_.host.return_dataset(id_, effect.facts.at("dataset"));
        } else if (effect.kind == effect::kName) {
            context_.run.release_name(effect.facts.at("name"), id_);
        } else if (effect.kind == effect::kFile) {
            remove_if_there(effect.facts.at("path"));
        } else if (effect.kind == effect::kHook) {
            Hooks::run_recorded(context_, ledger_, effect);
        } else {
            throw Error{ErrorCode::internal,
                        fmt::format("unknown kind of effect '{}'", effect.kind)}
                .with_hint("this ledger was written by a newer brig");
        }
    }

    [[nodiscard]] DriverCall completed(DriverCall call) const {
        call.lock_fd = ledger_.lock_fd();
        call.flags = recovery_ ? BRIG_F_RECOVERY : 0;
        return call;
    }

    [[nodiscard]] DriverCall call_for_volume(const Effect& effect) const {
        return completed(
            context_.call_for(id_, effect.facts.at("id"), effect.facts.contains("ephemeral")));
    }

    /// A data volume is its own owner.
    [[nodiscard]] DriverCall volume_call(const std::string& id) const {
        return completed(context_.call_for(id, id));
    }

    bool is_kept(const std::string& id) {
        if (recovery_) {
            forget_nameless_image(id);
        }
        return context_.store.find_container_by_id(id) || context_.store.has_image(id)
               || context_.store.has_volume(id);
    }

    /// An image gets its record and then its name, and loses them the other way round: a crash in
    /// between leaves one that nobody knows of.
    void forget_nameless_image(const std::string& id) {
        if (!context_.store.has_image(id)) {
            return;
        }
        const std::vector<ImageInfo> all = context_.store.images();
        const bool nameless = std::any_of(all.begin(), all.end(), [&](const ImageInfo& image) {
            return image.id == id && image.name.empty();
        });
        if (nameless && users_of_image(context_, id).empty()) {
            context_.store.remove_image(id);
        }
    }

    void destroy_volume(const Effect& effect) {
        const std::string& id = effect.facts.at("id");
        // An ephemeral container's volume has no other record than the effect itself.
        if (effect.facts.contains("ephemeral") || !is_kept(id)) {
            DriverCall call = call_for_volume(effect);
            if (effect.facts.contains("promote")) {
                call.flags |= BRIG_F_PROMOTE;
            }
            context_.instances.storage(effect.facts.at("storage")).destroy(call);
        }
    }

    /// Of a jail that died on its own there is nothing to detach any more.
    void detach(const Effect& effect) {
        const auto jail = context_.host.find_jail(id_, context_.run.folder(id_));
        if (!jail) {
            return;
        }
        const RecordedAttachment connection = read_attachment(effect);
        DriverCall call = completed(call_for_recorded(context_, id_, connection));
        call.jail = jail->id;
        call.netns = context_.host.network_namespace(*jail);
        context_.instances.network(connection.network).detach(call);
    }

    void tear_down_attachment(const Effect& effect) {
        const RecordedAttachment attachment = read_attachment(effect);
        DriverCall call = completed(call_for_recorded(context_, id_, attachment));
        // A container that is kept keeps its addresses; they go with its record.
        call.keeps_leases =
            !attachment.ephemeral && context_.store.find_container_by_id(id_).has_value();
        context_.instances.network(attachment.network).teardown(call);
    }

    Context& context_;
    std::string id_;
    Ledger& ledger_;
    bool recovery_;
};

void mark_attention(Context& context, const std::string& id) {
    if (auto record = context.store.find_container_by_id(id)) {
        record->needs_attention = true;
        context.store.update_container(*record);
    }
}

}  // namespace

namespace {

/// `mark`: a further fact, "ephemeral" or "promote", or nullptr.
Facts facts_on_storage(const std::string& storage, const std::string& id, const char* mark) {
    Facts facts{{"storage", storage}, {"id", id}};
    if (mark != nullptr) {
        facts[mark] = "true";
    }
    return facts;
}

void record_marked_volume(Ledger& ledger,
                          const std::string& storage,
                          const std::string& id,
                          const char* mark) {
    ledger.record(effect::kVolume,
                  fmt::format("volume '{}' on storage '{}'", id, storage),
                  facts_on_storage(storage, id, mark));
}

}  // namespace

void record_volume(Ledger& ledger,
                   const std::string& storage,
                   const std::string& id,
                   bool ephemeral) {
    record_marked_volume(ledger, storage, id, ephemeral ? "ephemeral" : nullptr);
}

void record_root(Ledger& ledger,
                 const std::string& storage,
                 const std::string& id,
                 bool ephemeral) {
    ledger.record(effect::kRoot,
                  fmt::format("root of '{}' on storage '{}'", id, storage),
                  facts_on_storage(storage, id, ephemeral ? "ephemeral" : nullptr));
}

namespace {

void require_destroyable(Context& context,
                         const std::string& storage,
                         const std::string& id,
                         bool promote) {
    Storage& instance = context.instances.storage(storage);
    DriverCall call = context.call_for(id, id);
    instance.deactivate(call);
    call.flags |= BRIG_F_DRY_RUN;
    if (promote) {
        call.flags |= BRIG_F_PROMOTE;
    }
    instance.destroy(call);
}

}  // namespace

void destroy_kept(Context& context,
                  const std::string& storage,
                  const std::string& id,
                  const std::function<void()>& forget,
                  bool promote) {
    Ledger ledger = context.run.open(id);
    TearDownUnlessKept undo{context, id, ledger};
    if (!storage.empty()) {
        require_destroyable(context, storage, id, promote);
        record_marked_volume(ledger, storage, id, promote ? "promote" : nullptr);
    }
    // While there is a record the volume is kept; without one, tearing down destroys it.
    forget();
    undo.keep();
    close_run(context, id, ledger);
}

void record_file(Ledger& ledger, const std::filesystem::path& path) {
    ledger.record(
        effect::kFile, fmt::format("file '{}'", path.native()), {{"path", path.native()}});
}

TearDownReport undo_all(Context& context, const std::string& id, Ledger& ledger, bool recovery) {
    Undoer undoer{context, id, ledger, recovery};
    return tear_down(ledger, [&](const Effect& effect) { undoer.undo(effect); });
}

void spend_ledger(Context& context, const std::string& id, Ledger& ledger, bool recovery) {
    const TearDownReport report = undo_all(context, id, ledger, recovery);
    if (report.complete) {
        for (const std::string& failure : report.failures) {
            context.log.warn("{}", failure);
        }
        return;
    }
    mark_attention(context, id);
    throw Error{ErrorCode::system,
                fmt::format("container '{}' could not be torn down completely: {}",
                            id,
                            join(report.failures, "; "))}
        .with_hint("mend the cause, then: brig recover");
}

void close_run(Context& context, const std::string& id, Ledger& ledger, bool recovery) {
    spend_ledger(context, id, ledger, recovery);
    context.run.close(id, ledger);
}

TearDownUnlessKept::~TearDownUnlessKept() {
    if (kept_) {
        return;
    }
    try {
        close_run(context_, id_, ledger_);
    } catch (const std::exception& failure) {
        context_.log.warn("{}", full_message(failure));
    }
}

}  // namespace brig
