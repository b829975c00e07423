// SPDX-License-Identifier: BSD-2-Clause
#pragma once

/// The words of brig/driver.h that tests hold drivers to. tests/conformance/rules.sh finds each of
/// them there, so that a report never cites what the contract does not say.
namespace brig::conformance::rule {

inline constexpr const char* kIdempotent =
    "Whatever changes the host is idempotent by key: to repeat it succeeds and gives the same.";
inline constexpr const char* kRemoves =
    "What removes something works from the key alone: without a jail, without earlier results, "
    "after a reboot, any number of times. Nothing there is success.";
inline constexpr const char* kUnknownOutcome =
    "After a failure of an operation that changes something its outcome is unknown: the engine "
    "repeats it or undoes it.";
inline constexpr const char* kTagged =
    "Everything that a driver makes on the host bears brig_ref::owner_tag from the moment of its "
    "creation";
inline constexpr const char* kForeign =
    "A driver never touches what does not bear a tag of this engine.";
inline constexpr const char* kLeavesProcess =
    "A driver leaves the process as it found it: working folder, umask, signal handlers, "
    "environment, locale, descriptors 0 to 2.";
inline constexpr const char* kPrograms = "It starts programs through brig_host::run only.";
inline constexpr const char* kNoException =
    "No C++ exception, longjmp(3) or thread cancellation crosses a call in either direction.";
inline constexpr const char* kGrows =
    "Tables only grow at their end. Read a member only if BRIG_HAS() says that it is there.";
inline constexpr const char* kUnknownFlags =
    "Unknown flags, capability bits and enumerators are ignored.";
inline constexpr const char* kSecret = "Never logged, printed or recorded.";
inline constexpr const char* kCancel =
    "Ask between steps, at least every second of work; then stop, and return BRIG_CANCELLED.";
inline constexpr const char* kParams =
    "What it may contribute, as globs: \"vnet ip4.*\"; NULL: nothing.";
inline constexpr const char* kList =
    "Calls item() for everything on the host that bears a tag of this engine, as the system itself "
    "shows it and not from memory: orphans are found with it.";
inline constexpr const char* kOpen =
    "Makes an instance. Cheap, and touches nothing: it is called by every command.";
inline constexpr const char* kEntry = "Pure: no side effects, the same table each time";
inline constexpr const char* kOneSymbol = "The one symbol that a driver exports.";
inline constexpr const char* kDryRun = "Check, call param() and result(), but change nothing.";
inline constexpr const char* kNoShell =
    "Runs a program and waits for it, within the deadline of the operation. No shell.";
inline constexpr const char* kThreads = "How many calls the engine may have under way at once";
inline constexpr const char* kOptionFacts = "a driver sees only values that fit its rows.";
inline constexpr const char* kFail =
    "Says why the operation fails: one sentence that names the thing in quotes, and a hint what "
    "the user can do, or NULL.";

inline constexpr const char* kClose = "Frees an instance and ends its threads. Memory only";
inline constexpr const char* kRemovalGoesOn =
    "In removing operations (teardown, deactivate, destroy, snapshot_destroy) only the deadline "
    "counts, so that they finish.";
inline constexpr const char* kRequired = "Must be set; `def` is NULL.";
inline constexpr const char* kPerContainer =
    "May also be set for one container: brig_ref::options.";
inline constexpr const char* kSummary = "One line.";
inline constexpr const char* kLicense = "SPDX.";
inline constexpr const char* kPlatforms = "\"freebsd>=13.2 linux\"; NULL: any. Others are refused.";
inline constexpr const char* kHelp = "One sentence.";
inline constexpr const char* kSince = "The driver's version that added it.";
inline constexpr const char* kResult = "Records a fact of the object";

inline constexpr const char* kPrepare =
    "Idempotent; a repetition contributes the same again. BRIG_CONFLICT: the object is there with "
    "other options, or a foreign one has its name (which stays untouched). BRIG_EXHAUSTED: no "
    "address left.";
inline constexpr const char* kAttach =
    "When the jail exists and nothing of the user runs in it: the inside.";
inline constexpr const char* kDetach =
    "What must be undone before the jail is removed; `jid` is valid, its processes may still run. "
    "teardown follows, and must do without: a jail may die on its own. Absent is BRIG_OK.";
inline constexpr const char* kTeardown =
    "Removes all that prepare and attach made, and gives leases back. From any state; absent is "
    "BRIG_OK.";
inline constexpr const char* kNetworkCheck =
    "Compares the object with what was set up. Read only. BRIG_OK, BRIG_NOT_FOUND, BRIG_DRIFT.";
inline constexpr const char* kEnsure = "Makes it, or puts back what is missing or was changed.";
inline constexpr const char* kRemoveShared =
    "Removes it. Absent is BRIG_OK. BRIG_BUSY: something is attached.";

inline constexpr const char* kProvision =
    "Idempotent: a half-made volume of an earlier attempt is completed or made anew, a complete "
    "one stays as it is. BRIG_NOT_FOUND: no such source. BRIG_CONFLICT: a foreign object has that "
    "name, or the volume has another source.";
inline constexpr const char* kActivate =
    "Makes the volume usable (mounts it), and calls result(\"root\", ABSOLUTE PATH). Idempotent; "
    "also after a reboot, when nothing is mounted any more.";
inline constexpr const char* kActivateUnknown = "BRIG_NOT_FOUND: never provisioned.";
inline constexpr const char* kDeactivate =
    "Unmounts the volume; its data stays. Inactive or absent is BRIG_OK.";
inline constexpr const char* kDestroy =
    "Removes the volume with its data and snapshots. Absent is BRIG_OK. BRIG_BUSY, with nothing "
    "changed: it is active, or a volume was cloned from it";
inline constexpr const char* kStaysInside =
    "Never leaves the volume: stops at mount points, follows no symbolic link.";
inline constexpr const char* kStorageCheck =
    "Read only. BRIG_OK: there, active or not. BRIG_NOT_FOUND: absent. BRIG_DRIFT: half made, half "
    "removed, or damaged.";
inline constexpr const char* kSnapshot =
    "Read only from then on; atomic: after a crash it is there completely or not at all. Of that "
    "name there already: BRIG_OK, and unchanged.";
inline constexpr const char* kSnapshotDestroy =
    "Forgets snapshot `arg`. Absent is BRIG_OK. BRIG_BUSY: a volume was cloned from it.";
inline constexpr const char* kRollback =
    "Returns the content to that of snapshot `arg`. BRIG_BUSY: active. BRIG_NOT_FOUND: no such "
    "snapshot. BRIG_CONFLICT: newer snapshots are in the way; with BRIG_F_FORCE they go.";
inline constexpr const char* kClone =
    "A clone shares nothing that is visible: neither side sees what the other writes.";
inline constexpr const char* kPromote =
    "destroy: volumes that were cloned from this one are no obstacle; they take over what they "
    "share with it.";
inline constexpr const char* kSnapshots =
    "Calls item(TAG, NAME, TIME) for every snapshot, the oldest first.";
inline constexpr const char* kDiff =
    "Calls item(KIND, PATH, NULL) for every path whose content, type, owner or mode is another "
    "than in snapshot `arg` of this volume";
inline constexpr const char* kUsage =
    "Calls result(\"used\", BYTES): what removing the volume would free";
inline constexpr const char* kSend = "Writes a snapshot of the volume to the stream. Read only.";
inline constexpr const char* kReceive = "Makes the volume from a stream";

}  // namespace brig::conformance::rule
