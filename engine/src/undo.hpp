// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "context.hpp"
#include "ledger/tear_down.hpp"

#include <functional>
#include <string>

namespace brig {

/// The kinds of effects, as the ledger spells them. Each is recorded by the verb that makes it and
/// undone in undo.cpp, and nowhere else.
namespace effect {
inline constexpr const char* kVolume = "volume";  ///< facts: storage, id, ephemeral, promote
inline constexpr const char* kRoot =
    "root";  ///< an activated volume; facts: storage, id, ephemeral
inline constexpr const char* kVolumeUse =
    "volume use";  ///< an activated data volume that others may use, too; facts: storage, id
inline constexpr const char* kAttachment =
    "attachment";  ///< facts: see networks/attachments.hpp, and the driver's results
inline constexpr const char* kMember = "member";  ///< known by name on a network; facts: network
inline constexpr const char* kConnection =
    "connection";                               ///< what must go before the jail; facts: .network
inline constexpr const char* kMount = "mount";  ///< facts: target
inline constexpr const char* kAddress = "address";      ///< facts: interface, address (with prefix)
inline constexpr const char* kInterface = "interface";  ///< facts: interface
inline constexpr const char* kDataset = "dataset";      ///< facts: dataset
inline constexpr const char* kJail = "jail";            ///< its name is the id
inline constexpr const char* kName = "name";            ///< facts: name
inline constexpr const char* kFile = "file";            ///< facts: path
inline constexpr const char* kHook = "hook";            ///< see Hooks::record
}  // namespace effect

/// Writes down the volume `id` of the storage instance `storage`, before it is made or destroyed.
/// An ephemeral container's has no other record.
void record_volume(Ledger& ledger,
                   const std::string& storage,
                   const std::string& id,
                   bool ephemeral = false);

/// Writes down that it is usable, before it is activated.
void record_root(Ledger& ledger,
                 const std::string& storage,
                 const std::string& id,
                 bool ephemeral = false);

/// Writes down a file that is to be removed, before it is made.
void record_file(Ledger& ledger, const std::filesystem::path& path);

/// Tears down everything in the ledger of the container or image `id`. A volume is destroyed only
/// if no kept container or image has it. `recovery` tells drivers that an earlier process died.
TearDownReport undo_all(Context& context,
                        const std::string& id,
                        Ledger& ledger,
                        bool recovery = false);

/// Tears down everything, but leaves the run folder with the spent ledger.
/// @throws as close_run.
void spend_ledger(Context& context, const std::string& id, Ledger& ledger, bool recovery = false);

/// Tears down, and removes the run folder when nothing is left; otherwise marks a kept container as
/// needing attention.
/// @throws Error{system} with every failure, when something could not be undone.
void close_run(Context& context, const std::string& id, Ledger& ledger, bool recovery = false);

/// Removes something that is kept: calls `forget`, which removes the record of `id`, and destroys
/// its volume. The volume is deactivated, and the storage asked whether it would destroy it, before
/// that: what it refuses is to fail while there is still a record.
/// @param storage empty: it has no volume
/// @param promote volumes that were cloned from it take over what they share with it
/// @throws Error{conflict} with what is in the way.
void destroy_kept(Context& context,
                  const std::string& storage,
                  const std::string& id,
                  const std::function<void()>& forget,
                  bool promote = false);

/// Tears down when a story fails on the way. Failures are logged: the story's own error is what the
/// user sees, and what is left stays in the ledger for recovery.
class TearDownUnlessKept {
  public:
    TearDownUnlessKept(Context& context, std::string id, Ledger& ledger)
        : context_{context}, id_{std::move(id)}, ledger_{ledger} {}
    TearDownUnlessKept(const TearDownUnlessKept&) = delete;
    TearDownUnlessKept& operator=(const TearDownUnlessKept&) = delete;
    TearDownUnlessKept(TearDownUnlessKept&&) = delete;
    TearDownUnlessKept& operator=(TearDownUnlessKept&&) = delete;
    ~TearDownUnlessKept();

    void keep() noexcept { kept_ = true; }

  private:
    Context& context_;
    std::string id_;
    Ledger& ledger_;
    bool kept_ = false;
};

}  // namespace brig
