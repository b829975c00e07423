// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

/// What the engine and a jail's init say to each other. Both ends are ours and run on one machine,
/// so numbers travel as they are in memory; the version guards against an init that was started
/// before an upgrade. Shared by the engine and the freestanding brig-init: no heap, no exceptions.
///
/// A frame is a FrameHeader and `size` bytes. Strings are a length that counts the final NUL, and
/// the bytes with that NUL, so that the receiver can use them where they lie.
namespace brig::host_linux {

inline constexpr std::uint16_t kProtocolVersion = 1;

/// Refuses what cannot be a frame of ours before memory is reserved for it.
inline constexpr std::uint32_t kMaxFrameSize = 4U << 20U;

/// The name of the control socket in the container's run folder.
inline constexpr const char* kControlSocket = "init.sock";

enum class FrameType : std::uint16_t {
    plan,           ///< engine: what to build; carries the PlanFd descriptors
    describe,       ///< engine: give back the record that came with the plan
    spawn,          ///< engine: a command; carries the SpawnFd descriptors
    signal,         ///< engine: int32, to the process of this connection
    forget,         ///< engine: the process shall outlive this connection
    signal_all,     ///< engine: int32, to every process but init; 0 only asks whether there is one
    open_terminal,  ///< engine
    record,         ///< init: the answer to describe
    started,        ///< init: the pid is in the SCM_CREDENTIALS that come with it
    exited,         ///< init: an Exited
    answer,         ///< init: an Answer, to signal_all, open_terminal and update
    signal_group,   ///< engine: int32, to the process group of this connection's process
    update,         ///< engine: an UpdateHeader, two strings, and the record from now on
};

struct FrameHeader {
    std::uint32_t size = 0;
    FrameType type = FrameType::plan;
    std::uint16_t version = kProtocolVersion;
};

/// The descriptors that come with a plan, in this order. Behind them may come one that init only
/// keeps open: the lock of the container.
enum PlanFd : std::uint8_t {
    plan_listener,
    plan_root,   ///< a detached mount
    plan_trees,  ///< one for each mount of kind `directory`, likewise
};

/// The descriptors that come with a spawn frame, in this order.
enum SpawnFd : std::uint8_t {
    spawn_report,  ///< a pipe: a CommandFailure, or its end when execve has succeeded
    spawn_stdio,   ///< those of the three that SpawnHeader::null_stdio does not name
};

/// What a spawn frame begins with. The groups, the workdir, argv and the environment follow, each
/// but the workdir with its count before it.
struct SpawnHeader {
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::uint8_t null_stdio = 0;  ///< bit n: descriptor n is the jail's own /dev/null
    std::uint8_t controlling_terminal = 0;
    std::uint16_t group_count = 0;
};

/// How many descriptors the largest message may carry; the kernel's limit is 253.
inline constexpr std::size_t kMaxFds = 250;

struct Exited {
    std::int32_t code = 0;
    std::int32_t signal = 0;
    std::int32_t was_last = 0;  ///< 1: no process but init is left in the jail
};

/// `value` is a count or 0; `error` an errno, or 0. open_terminal's master comes along with it.
struct Answer {
    std::int32_t value = 0;
    std::int32_t error = 0;
};

/// The step that a security policy or a limit may forbid; it is explained as such.
inline constexpr const char* kMakeNamespaces = "make the namespaces of the jail";

/// What an update frame begins with; host name and domain name follow.
struct UpdateHeader {
    std::uint8_t hostname = 0;    ///< 1: it is to be set
    std::uint8_t domainname = 0;  ///< likewise
};

/// What init says once about the jail's construction. `error` 0: the jail is there.
struct BuildReport {
    std::int32_t error = 0;
    char step[60] = {};      ///< what was being done: "mount devfs on"
    char subject[256] = {};  ///< to what: "/dev"; may be empty
};

enum class MountKind : std::uint32_t {
    devices,      ///< devfs
    processes,    ///< procfs
    memory,       ///< tmpfs; its options are the source
    directory,    ///< nullfs
    descriptors,  ///< fdescfs: what /dev/fd of `devices` shows already
};

/// File systems that the jail's root may mount: PlanFlags::may_mount.
enum MayMount : std::uint32_t {
    may_mount_tmpfs = 1U << 0U,
    may_mount_procfs = 1U << 1U,
    may_mount_nullfs = 1U << 2U,
};

/// What a plan asks for besides strings and mounts.
struct PlanFlags {
    std::uint64_t capabilities = 0;        ///< the bounding set, one bit a capability
    std::uint32_t namespaces = 0;          ///< CLONE_NEW…, beside those of pids and mounts
    std::uint32_t restrictions = 0;        ///< Restriction bits, for seccomp
    std::uint32_t may_mount = 0;           ///< MayMount bits; 0: init is not asked
    std::uint8_t private_hostname = 0;     ///< there is a UTS namespace, to be named
    std::uint8_t root_owned_hostname = 0;  ///< … which the jail's root may name again
    std::uint8_t root_owned_network = 0;   ///< a network namespace that the jail's root administers
    std::uint8_t loopback = 0;             ///< there is a network namespace: bring lo up
    std::uint8_t shared_network = 0;       ///< the jail is on the network stack of the host
    std::uint32_t mount_count = 0;
};

/// One mount of a plan; its source and target follow.
struct PlanMount {
    MountKind kind = MountKind::directory;
    std::uint32_t make_target = 0;  ///< 1: what is missing of the target is made
    std::uint64_t attributes = 0;   ///< MOUNT_ATTR_ bits of mount_setattr(2)
};

/// Reads the fields of a frame. After a field that is not there everything reads as empty, and
/// `ok()` is false.
class FrameReader {
  public:
    FrameReader(const char* begin, std::size_t size) : at_{begin}, end_{begin + size} {}

    [[nodiscard]] bool ok() const noexcept { return ok_; }

    template <typename Value>
    [[nodiscard]] Value value() noexcept {
        Value result{};
        if (const char* bytes = take(sizeof(Value)); bytes != nullptr) {
            std::memcpy(&result, bytes, sizeof(Value));
        }
        return result;
    }

    /// Points into the frame; never null.
    [[nodiscard]] const char* string() noexcept {
        const auto size = value<std::uint32_t>();
        const char* bytes = size == 0 ? nullptr : take(size);
        if (bytes == nullptr || bytes[size - 1] != '\0') {
            ok_ = false;
            return "";
        }
        return bytes;
    }

    /// A string that may hold NULs.
    [[nodiscard]] std::string_view bytes() noexcept {
        const auto size = value<std::uint32_t>();
        const char* begin = take(size);
        return begin == nullptr ? std::string_view{} : std::string_view{begin, size};
    }

  private:
    const char* take(std::size_t size) noexcept {
        if (static_cast<std::size_t>(end_ - at_) < size) {
            ok_ = false;
            at_ = end_;
            return nullptr;
        }
        const char* result = at_;
        at_ += size;
        return result;
    }

    const char* at_;
    const char* end_;
    bool ok_ = true;
};

}  // namespace brig::host_linux
