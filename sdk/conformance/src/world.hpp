// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "shared_block.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace brig::conformance {

/// What a world has, as lines: "interface brig0 …", "file /tmp/… …", "mount …". Two of them are
/// compared line by line.
using WorldState = std::set<std::string>;

/// The lines of `now` that `before` does not have, with a plus, and the other way round, with a
/// minus.
[[nodiscard]] std::vector<std::string> difference(const WorldState& before, const WorldState& now);

/// How a world is to be made.
struct WorldPlan {
    bool real = false;    ///< the machine itself
    bool mounts = false;  ///< the driver is a storage, which may have to mount
    std::filesystem::path helpers;

    /// The driver's file, absolute. It and its manifest are also there where they lie in a folder
    /// that is the world's own.
    std::filesystem::path driver;
    std::filesystem::path programs;  ///< where the stand-ins are; empty: none wanted
    std::chrono::seconds patience{120};
};

/// Stands in for a jail: a process with a network of its own that does nothing.
struct Jail {
    pid_t pid = -1;
    int id = -1;        ///< what the driver is told that it is
    std::string netns;  ///< empty where there are no network namespaces
};

/// Where one test takes place. Only ever seen from inside, by the process of the test.
class World {
  public:
    World(WorldPlan plan, std::filesystem::path folder);

    [[nodiscard]] const WorldPlan& plan() const noexcept { return plan_; }

    /// A folder for what tests and generated options need.
    [[nodiscard]] const std::filesystem::path& folder() const noexcept { return folder_; }

    /// A line of its state as every world has it: without the name of the folder.
    [[nodiscard]] std::string anywhere(std::string line) const;

    /// Where the stand-ins are that run before programs of the system; empty: nowhere.
    [[nodiscard]] std::filesystem::path programs() const;

    /// Where brig's helpers are reachable in here.
    [[nodiscard]] std::filesystem::path helpers() const;

    /// Makes the folder's contents, the stand-ins among them.
    void furnish() const;

    [[nodiscard]] WorldState look() const;

    /// Nothing where this world cannot have jails.
    [[nodiscard]] static std::optional<Jail> start_jail();
    static void end_jail(const Jail& jail);

    /// What is in the jail's network.
    [[nodiscard]] static WorldState look_into(const Jail& jail);

  private:
    WorldPlan plan_;
    std::filesystem::path folder_;
};

/// How the process of a test ended.
struct WorldEnd {
    bool timed_out = false;
    int status = 0;  ///< as of waitpid(2)
};

/// A process in a fresh world of its own. All of the world goes when the process ends.
class WorldProcess {
  public:
    /// Starts `test` there. Its descriptors 1 and 2 are `output`, which is none if negative.
    WorldProcess(const WorldPlan& plan, int output, const std::function<void(World&)>& test);

    /// How it ended; nothing while it goes on. It is killed when the plan's patience is over.
    [[nodiscard]] std::optional<WorldEnd> ended() const;

  private:
    pid_t pid_;
    std::chrono::steady_clock::time_point deadline_;
};

/// How long to wait before asking again whether a process has ended.
inline constexpr std::chrono::milliseconds kAskAgain{1};

/// Runs `test` as a WorldProcess does, and waits for it.
WorldEnd run_in_world(const WorldPlan& plan, int output, const std::function<void(World&)>& test);

/// Whether a world of namespaces, or the machine, can be used; why not, as a sentence.
[[nodiscard]] std::optional<std::string> world_defect(const WorldPlan& plan);

/// Forks; `work` is all that the child does. It ends without destructors, as after a crash.
[[nodiscard]] pid_t fork_child(const std::function<void()>& work);

/// Ends this process as another one has ended: `status` is that of waitpid(2).
[[noreturn]] void end_like(int status);

/// Waits for a child of this process.
[[nodiscard]] int wait_for(pid_t child);

// In files named for the operating system.

/// Enters a world of one's own and runs `test` in it, in a process that is not the first there.
/// Returns its wait status.
int enter_world(const WorldPlan& plan, const std::function<void(World&)>& test);

/// Whether what happens in one world cannot be seen in another.
[[nodiscard]] bool are_worlds_apart(const WorldPlan& plan);

/// Whether a program cannot do anything outside of the world, so that nothing stands in for it.
[[nodiscard]] bool is_harmless(const WorldPlan& plan, const std::string& program);

/// Folders of the system that are the world's own.
[[nodiscard]] std::vector<std::filesystem::path> private_folders(const WorldPlan& plan);

/// Interfaces, addresses, routes and settings of the network that this process is in.
void look_at_network(WorldState& state);
void look_at_mounts(WorldState& state);

/// Which change of the firewall's rules was the last; kNoRules: there never was one.
inline constexpr std::uint32_t kNoRules = 0;
[[nodiscard]] std::uint32_t rules_generation();

/// Removes an interface; not there is fine.
void remove_interface(const std::string& name);

/// Makes an interface that bears nobody's tag. False where that cannot be done.
[[nodiscard]] bool make_interface(const std::string& name);

/// Processes that this one can see, but for itself.
[[nodiscard]] std::vector<std::string> other_processes();

/// How many threads this process has.
[[nodiscard]] std::size_t count_threads();

/// Bytes that are allocated and not freed.
[[nodiscard]] std::size_t allocated_bytes();

/// Enters the network of a jail. @throws Error
void enter_network_of(const Jail& jail);

/// Starts a process with a network of its own; nothing where there is no such thing.
[[nodiscard]] std::optional<Jail> start_jail_process();

/// Runs `work` in a child that is killed right before the `number`-th, from 1, of the system calls
/// of the driver that may change something; 0: in no one. They are counted while
/// SharedBlock::armed() says so and no host service is at work. Returns the wait status; the count
/// is in SharedBlock::count().
int run_to_system_call(SharedBlock& block, unsigned number, const std::function<void()>& work);
[[nodiscard]] bool can_stop_at_system_calls();

}  // namespace brig::conformance
