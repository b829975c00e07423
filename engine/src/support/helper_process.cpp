// SPDX-License-Identifier: BSD-2-Clause
#include "support/helper_process.hpp"

#include "support/check.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace brig {
namespace {

constexpr int kAboveStandard = 10;

/// posix_spawn(3) and its relatives return an errno instead of setting it.
void check_spawn(int error_number, const std::string& attempt) {
    if (error_number != 0) {
        throw_system_error(error_number, attempt);
    }
}

/// What execve(2) takes.
std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

/// Owns a posix_spawn_file_actions_t, which cannot be moved.
class FileActions {
  public:
    FileActions() {
        check_spawn(::posix_spawn_file_actions_init(&actions_), "prepare descriptors");
    }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    FileActions(FileActions&&) = delete;
    FileActions& operator=(FileActions&&) = delete;
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

    /// The helper's descriptor `as` is a copy of `fd`, or /dev/null.
    void place(int fd, int as) {
        check_spawn(fd >= 0
                        ? ::posix_spawn_file_actions_adddup2(&actions_, out_of_the_way(fd), as)
                        : ::posix_spawn_file_actions_addopen(&actions_, as, "/dev/null", O_RDWR, 0),
                    "prepare descriptors");
    }

    [[nodiscard]] const posix_spawn_file_actions_t* get() const noexcept { return &actions_; }

  private:
    /// One descriptor must not be overwritten by another before it has its place.
    int out_of_the_way(int fd) {
        if (fd >= kAboveStandard) {
            return fd;
        }
        copies_.push_back(copy_above_standard(fd, "prepare descriptors"));
        return copies_.back().get();
    }

    posix_spawn_file_actions_t actions_{};
    std::vector<UniqueFd> copies_;
};

/// Owns a posix_spawnattr_t: a process group of its own, default signals, none blocked.
class Attributes {
  public:
    Attributes() {
        check_spawn(::posix_spawnattr_init(&attributes_), "prepare attributes");
        sigset_t none;
        sigset_t all;
        ::sigemptyset(&none);
        ::sigfillset(&all);
        ::posix_spawnattr_setsigmask(&attributes_, &none);
        ::posix_spawnattr_setsigdefault(&attributes_, &all);
        ::posix_spawnattr_setpgroup(&attributes_, 0);
        ::posix_spawnattr_setflags(
            &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    }
    Attributes(const Attributes&) = delete;
    Attributes& operator=(const Attributes&) = delete;
    Attributes(Attributes&&) = delete;
    Attributes& operator=(Attributes&&) = delete;
    ~Attributes() { ::posix_spawnattr_destroy(&attributes_); }

    [[nodiscard]] const posix_spawnattr_t* get() const noexcept { return &attributes_; }

  private:
    posix_spawnattr_t attributes_{};
};

}  // namespace

UniqueFd copy_above_standard(int fd, const char* attempt) {
    return UniqueFd{check(::fcntl(fd, F_DUPFD_CLOEXEC, kAboveStandard), "{}", attempt)};
}

Pipe make_pipe_above_standard() {
    const Pipe pipe = make_pipe();
    return {copy_above_standard(pipe.read.get(), "make a pipe"),
            copy_above_standard(pipe.write.get(), "make a pipe")};
}

HelperProcess::HelperProcess(const std::filesystem::path& program,
                             const std::vector<std::string>& arguments,
                             const HelperIo& io,
                             std::vector<std::string> variables) {
    FileActions actions;
    actions.place(io.in, STDIN_FILENO);
    actions.place(io.out, STDOUT_FILENO);
    actions.place(io.status, STDERR_FILENO);
    actions.place(io.status, kHelperStatusFd);
    actions.place(io.more, kHelperMoreFd);
    actions.place(io.lock, kHelperLockFd);
    const Attributes attributes;

    std::vector<std::string> words{program.filename().string()};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv = pointers(words);
    std::vector<char*> environment = pointers(variables);
    check_spawn(::posix_spawn(&pid_,
                              program.c_str(),
                              actions.get(),
                              attributes.get(),
                              argv.data(),
                              environment.data()),
                fmt::format("start {}", program.native()));
}

HelperProcess::~HelperProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {}
    }
}

void HelperProcess::ask_to_end() const noexcept {
    if (pid_ > 0) {
        ::kill(pid_, SIGTERM);
    }
}

std::optional<int> HelperProcess::wait() {
    if (pid_ <= 0) {
        return std::nullopt;
    }
    int status = 0;
    pid_t ended = -1;
    do {
        ended = ::waitpid(pid_, &status, 0);
    } while (ended < 0 && errno == EINTR);
    pid_ = -1;
    return ended > 0 ? std::optional{status} : std::nullopt;
}

}  // namespace brig
