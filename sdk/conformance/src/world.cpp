// SPDX-License-Identifier: BSD-2-Clause
#include "world.hpp"

#include "support/check.hpp"
#include "support/child.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

namespace brig::conformance {

namespace {

namespace fs = std::filesystem;

/// What the kit itself puts into a world's folder.
constexpr const char* kHelpers = "helpers";
constexpr const char* kPrograms = "programs";

constexpr int kNotEntered = 99;

/// One line for one file; of the content the size only.
std::string describe_file(const fs::path& path, const struct stat& status) {
    const unsigned mode = status.st_mode & 07777U;
    if (S_ISLNK(status.st_mode)) {
        std::error_code ignored;
        return fmt::format(
            "file {} -> {}", path.native(), fs::read_symlink(path, ignored).native());
    }
    if (S_ISDIR(status.st_mode)) {
        return fmt::format("folder {} mode {:o}", path.native(), mode);
    }
    return fmt::format("file {} mode {:o} size {}", path.native(), mode, status.st_size);
}

/// Everything below `folder` on the same file system, but for what is at `hidden`.
void look_at_files(const fs::path& folder, const fs::path& hidden, WorldState& state) {
    struct stat top {};
    if (::lstat(folder.c_str(), &top) != 0) {
        return;
    }
    std::error_code error;
    fs::recursive_directory_iterator walk{
        folder, fs::directory_options::skip_permission_denied, error};
    for (const fs::recursive_directory_iterator end; !error && walk != end; walk.increment(error)) {
        struct stat status {};
        if (::lstat(walk->path().c_str(), &status) != 0) {
            continue;
        }
        const bool kits = walk->path() == hidden / kHelpers || walk->path() == hidden / kPrograms;
        if (kits || (S_ISDIR(status.st_mode) && status.st_dev != top.st_dev)) {
            walk.disable_recursion_pending();
        }
        if (!kits && walk->path() != hidden) {
            state.insert(describe_file(walk->path(), status));
        }
    }
}

/// Lines that may be there more than once are told apart by a number.
void add_lines(const std::string& kind, const std::string& text, WorldState& state) {
    std::map<std::string, int> seen;
    for (const std::string& line : split(text, '\n')) {
        const std::string shown = line.substr(0, line.find(" # handle"));
        if (shown.find_first_not_of(kBlanks) == std::string::npos) {
            continue;
        }
        const int number = ++seen[shown];
        state.insert(number == 1 ? fmt::format("{} {}", kind, shown)
                                 : fmt::format("{} {} ({})", kind, shown, number));
    }
}

/// The firewall's rules. Asking for them takes a program, so it is asked only when they changed.
void look_at_rules(const fs::path& helpers, WorldState& state) {
    static std::uint32_t known_generation = kNoRules;
    static std::string rules;
    const std::uint32_t generation = rules_generation();
    ChildRequest request;
    request.argv = {(helpers / "brig-nft").string()};
    request.input = "list ruleset\n";
    request.max_output = std::size_t{1024} * 1024;
    const bool can_ask = ::access(request.argv.front().c_str(), X_OK) == 0;
    if (generation != known_generation) {
        rules = generation != kNoRules && can_ask ? run_child(request).output : "";
        known_generation = generation;
    }
    add_lines("rule", rules, state);
}

void look_at_stand_ins(const fs::path& programs, WorldState& state) {
    const UniqueFd file{::open((programs / "state").c_str(), O_RDONLY | O_CLOEXEC)};
    if (file) {
        add_lines("stand-in", read_text(file.get(), "the state of the stand-ins"), state);
    }
}

void redirect_output(int output) {
    const UniqueFd nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    ::dup2(nothing.get(), STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
}

}  // namespace

std::vector<std::string> difference(const WorldState& before, const WorldState& now) {
    std::vector<std::string> lines;
    for (const std::string& line : now) {
        if (!before.contains(line)) {
            lines.push_back("+ " + line);
        }
    }
    for (const std::string& line : before) {
        if (!now.contains(line)) {
            lines.push_back("- " + line);
        }
    }
    return lines;
}

World::World(WorldPlan plan, std::filesystem::path folder)
    : plan_{std::move(plan)}, folder_{std::move(folder)} {}

std::filesystem::path World::programs() const {
    return fs::exists(folder_ / kPrograms) ? folder_ / kPrograms : fs::path{};
}

std::filesystem::path World::helpers() const {
    return fs::exists(folder_ / kHelpers) ? folder_ / kHelpers : plan_.helpers;
}

std::string World::anywhere(std::string line) const {
    const std::string& own = folder_.native();
    for (std::size_t at = line.find(own); at != std::string::npos; at = line.find(own, at)) {
        line.replace(at, own.size(), "WORLD");
    }
    return line;
}

void World::furnish() const {
    // By way of the helpers, since the folder itself may be hidden in here.
    const fs::path from = helpers() / plan_.programs.filename();
    if (plan_.programs.empty() || !fs::exists(from)) {
        return;
    }
    fs::create_directories(folder_ / kPrograms);
    for (const fs::directory_entry& program : fs::directory_iterator{from}) {
        const fs::path name = program.path().filename();
        if (!is_harmless(plan_, name.native())) {
            fs::copy_file(program.path(), folder_ / kPrograms / name);
        }
    }
}

WorldState World::look() const {
    WorldState state;
    look_at_network(state);
    look_at_mounts(state);
    look_at_files(folder_, folder_, state);
    for (const fs::path& folder : private_folders(plan_)) {
        look_at_files(folder, folder_, state);
    }
    look_at_rules(helpers(), state);
    look_at_stand_ins(programs(), state);
    return state;
}

std::optional<Jail> World::start_jail() {
    return start_jail_process();
}

void World::end_jail(const Jail& jail) {
    ::kill(jail.pid, SIGKILL);
    static_cast<void>(wait_for(jail.pid));
}

WorldState World::look_into(const Jail& jail) {
    std::array<int, 2> ends{};
    check(::pipe2(ends.data(), O_CLOEXEC), "make a pipe");
    const UniqueFd from{ends[0]};
    UniqueFd to{ends[1]};
    const pid_t child = fork_child([&] {
        enter_network_of(jail);
        WorldState inside;
        look_at_network(inside);
        write_text(to.get(), join({inside.begin(), inside.end()}, "\n"), "what is in a jail");
    });
    to.reset();
    const std::vector<std::string> lines = split(read_text(from.get(), "what is in a jail"), '\n');
    static_cast<void>(wait_for(child));
    return {lines.begin(), lines.end()};
}

WorldProcess::WorldProcess(const WorldPlan& plan,
                           int output,
                           const std::function<void(World&)>& test)
    : pid_{fork_child([&] {
          ::setpgid(0, 0);
          if (output >= 0) {
              redirect_output(output);
          }
          end_like(enter_world(plan, test));  // seen outside as it was inside
      })},
      deadline_{std::chrono::steady_clock::now() + plan.patience} {}

std::optional<WorldEnd> WorldProcess::ended() const {
    WorldEnd end;
    if (::waitpid(pid_, &end.status, WNOHANG) != 0) {
        return end;
    }
    if (std::chrono::steady_clock::now() <= deadline_) {
        return std::nullopt;
    }
    end.timed_out = true;
    ::kill(-pid_, SIGKILL);  // what it has started, and itself before it has a group
    ::kill(pid_, SIGKILL);
    end.status = wait_for(pid_);
    return end;
}

WorldEnd run_in_world(const WorldPlan& plan, int output, const std::function<void(World&)>& test) {
    const WorldProcess process{plan, output, test};
    for (;;) {
        if (const auto end = process.ended()) {
            return *end;
        }
        std::this_thread::sleep_for(kAskAgain);
    }
}

pid_t fork_child(const std::function<void()>& work) {
    const pid_t child = check(::fork(), "start a process of the kit");
    if (child != 0) {
        return child;
    }
    try {
        work();
    } catch (const std::exception& error) {
        const std::string line = std::string{error.what()} + "\n";
        static_cast<void>(::write(STDERR_FILENO, line.data(), line.size()));
        ::_exit(1);
    }
    ::_exit(0);
}

void end_like(int status) {
    if (WIFSIGNALED(status)) {
        static_cast<void>(::signal(WTERMSIG(status), SIG_DFL));
        ::kill(::getpid(), WTERMSIG(status));
    }
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : kNotEntered);
}

int wait_for(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    return status;
}

}  // namespace brig::conformance
