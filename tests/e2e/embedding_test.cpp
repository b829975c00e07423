// SPDX-License-Identifier: BSD-2-Clause
// What docs/embedding.md promises of threads and of a process that embeds the engine, with real
// containers. embedding_test.sh runs it: BRIG_STATE has an image "base".
#include "brig/engine.hpp"

#include <gtest/gtest.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): sigaction(2) is POSIX
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>

namespace brig {

namespace {

using namespace std::chrono_literals;

class Pipe {
  public:
    Pipe() {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            throw std::runtime_error{"no pipe"};
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    Pipe(Pipe&&) = delete;
    Pipe& operator=(Pipe&&) = delete;
    ~Pipe() {
        close_writer();
        ::close(ends_[0]);
    }

    [[nodiscard]] int reader() const { return ends_[0]; }
    [[nodiscard]] int writer() const { return ends_[1]; }

    void close_writer() {
        if (ends_[1] >= 0) {
            ::close(ends_[1]);
            ends_[1] = -1;
        }
    }

    std::string read_all() {
        std::string text;
        std::array<char, 4096> buffer{};
        ssize_t count = 0;
        while ((count = ::read(ends_[0], buffer.data(), buffer.size())) > 0) {
            text.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return text;
    }

  private:
    std::array<int, 2> ends_{-1, -1};
};

Settings settings() {
    return load_settings({});
}

ContainerSpec job(const std::string& script) {
    ContainerSpec spec;
    spec.image = "base";
    spec.command = {"sh", "-c", script};
    spec.networks = {"none"};
    spec.ephemeral = true;
    return spec;
}

struct Outcome {
    std::string output;
    ExitStatus status;
};

Outcome run(Engine& engine, const ContainerSpec& spec) {
    Pipe pipe;
    const auto session = engine.run(spec, {-1, pipe.writer(), pipe.writer()});
    pipe.close_writer();
    Outcome outcome;
    outcome.output = pipe.read_all();
    outcome.status = session->finish();
    return outcome;
}

/// What a program has that a library must not change.
struct ProcessState {
    std::map<int, void (*)(int)> handlers;
    std::vector<bool> blocked;
    std::string folder = std::filesystem::current_path();
    mode_t mask = 0;
    std::vector<std::string> descriptors;

    ProcessState() {
        sigset_t set;
        ::sigprocmask(SIG_BLOCK, nullptr, &set);
        for (int number = 1; number < 32; ++number) {
            struct sigaction action {};
            ::sigaction(number, nullptr, &action);
            handlers[number] = action.sa_handler;
            blocked.push_back(::sigismember(&set, number) == 1);
        }
        mask = ::umask(0);
        ::umask(mask);
        for (const auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"}) {
            std::error_code gone;  // the folder's own
            const auto target = std::filesystem::read_symlink(entry.path(), gone);
            if (!gone && target.native().find("/fd") == std::string::npos) {
                descriptors.push_back(entry.path().filename().native() + " " + target.native());
            }
        }
        std::sort(descriptors.begin(), descriptors.end());
    }

    friend bool operator==(const ProcessState&, const ProcessState&) = default;
};

/// What has ended and was not waited for: the names of such children.
std::string zombies() {
    std::ifstream list{"/proc/self/task/" + std::to_string(::getpid()) + "/children"};
    std::string names;
    for (std::string pid; list >> pid;) {
        std::ifstream status{"/proc/" + pid + "/stat"};
        std::string number;
        std::string name;
        std::string state;
        status >> number >> name >> state;
        if (state == "Z") {
            names += name;
        }
    }
    return names;
}

/// Standard output and error, in a file while this lives.
class CapturedStdio {
  public:
    CapturedStdio() {
        std::fflush(nullptr);
        ::dup2(file_, STDOUT_FILENO);
        ::dup2(file_, STDERR_FILENO);
    }
    CapturedStdio(const CapturedStdio&) = delete;
    CapturedStdio& operator=(const CapturedStdio&) = delete;
    CapturedStdio(CapturedStdio&&) = delete;
    CapturedStdio& operator=(CapturedStdio&&) = delete;
    ~CapturedStdio() {
        std::fflush(nullptr);
        ::dup2(out_, STDOUT_FILENO);
        ::dup2(err_, STDERR_FILENO);
        for (const int fd : {out_, err_, file_}) {
            ::close(fd);
        }
    }

    [[nodiscard]] off_t size() const { return ::lseek(file_, 0, SEEK_END); }

  private:
    int out_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
    int err_ = ::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
    int file_ = ::memfd_create("stdio", MFD_CLOEXEC);
};

/// As programs do that expect only children of their own.
void take_every_child(int /*number*/) {
    const int before = errno;
    while (::waitpid(-1, nullptr, WNOHANG) > 0) {}
    errno = before;
}

/// Another disposition of a signal, while this lives.
class Disposition {
  public:
    Disposition(int number, void (*handler)(int)) : number_{number} {
        struct sigaction action {};
        action.sa_handler = handler;
        ::sigaction(number, &action, &before_);
    }
    Disposition(const Disposition&) = delete;
    Disposition& operator=(const Disposition&) = delete;
    Disposition(Disposition&&) = delete;
    Disposition& operator=(Disposition&&) = delete;
    ~Disposition() { ::sigaction(number_, &before_, nullptr); }

  private:
    int number_;
    struct sigaction before_ {};
};

/// One life of every kind: run, exec, kept, snapshot, image, network; and failures.
void live_once(Engine& engine) {
    EXPECT_EQ(run(engine, job("echo out; exit 3")).status.code, 3);
    ContainerSpec imageless = job("true");
    imageless.image = "nothing";
    EXPECT_THROW(run(engine, imageless), Error);
    ContainerSpec missing = job("true");
    missing.command = {"/no/such/command"};
    EXPECT_THROW(run(engine, missing), Error);
    ContainerSpec kept = job("sleep 1000");
    kept.ephemeral = false;
    const std::string id = engine.create(kept).id;
    {
        const auto session = engine.start(id, {});
        EXPECT_EQ(engine.exec(id, {{"sh", "-c", "exit 5"}, {}, {}, {}}, {})->finish().code, 5);
        EXPECT_THROW(engine.remove(id), Error);
        session->signal(SIGKILL);
        EXPECT_EQ(session->finish().signal, SIGKILL);
    }
    engine.remove(id);
    EXPECT_THROW(static_cast<void>(engine.container(id)), Error);
    static_cast<void>(engine.containers());
    static_cast<void>(engine.recover());
}

}  // namespace

TEST(Threads, EachWithItsOwnEngine) {
    constexpr int kThreads = 8;
    constexpr int kRounds = 5;
    Engine watching{settings()};
    EventOptions options;
    options.filter.actions = {EventAction::started, EventAction::died};
    const auto events = watching.events(options);
    std::vector<std::thread> threads;
    std::atomic<int> right{0};
    for (int number = 0; number < kThreads; ++number) {
        threads.emplace_back([&right, number] {
            Engine engine{settings()};
            for (int round = 0; round < kRounds; ++round) {
                const std::string text = std::to_string(number) + "." + std::to_string(round);
                const Outcome outcome = run(engine, job("echo " + text + "; exit 9"));
                right += outcome.output == text + "\n" && outcome.status.code == 9 ? 1 : 0;
            }
        });
    }
    std::map<std::string, int> balance;  // of starts and ends, by container
    for (int seen = 0; seen < 2 * kThreads * kRounds; ++seen) {
        const auto event = events->wait(60s);
        ASSERT_TRUE(event) << seen;
        balance[event->id] += event->action == EventAction::started ? 1 : -1;
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(right, kThreads * kRounds);
    EXPECT_EQ(balance.size(), std::size_t{kThreads * kRounds});
    EXPECT_TRUE(std::all_of(
        balance.begin(), balance.end(), [](const auto& each) { return each.second == 0; }));
}

TEST(Threads, OneNameHasOneWinner) {
    constexpr int kThreads = 8;
    std::atomic<int> winners{0};
    std::vector<std::thread> threads;
    for (int number = 0; number < kThreads; ++number) {
        threads.emplace_back([&winners] {
            Engine engine{settings()};
            ContainerSpec spec = job("true");
            spec.ephemeral = false;
            spec.name = "same";
            try {
                engine.create(spec);
                ++winners;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), ErrorCode::already_exists) << full_message(error);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(winners, 1);
    Engine{settings()}.remove("same");
}

TEST(Process, IsAsBefore) {
    Engine engine{settings()};
    live_once(engine);  // what is opened once, like the database, stays open
    const ProcessState before;
    for (int i = 0; i < 20; ++i) {
        live_once(engine);
    }
    EXPECT_EQ(ProcessState{}.descriptors, before.descriptors);
    EXPECT_TRUE(ProcessState{} == before);
    EXPECT_EQ(zombies(), "");
}

TEST(Process, HasNoMoreDescriptorsAfter200Runs) {
    Engine engine{settings()};
    static_cast<void>(run(engine, job("true")));
    const ProcessState before;
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(run(engine, job("exit 4")).status.code, 4);
    }
    EXPECT_EQ(ProcessState{}.descriptors, before.descriptors);
    EXPECT_EQ(zombies(), "");
}

TEST(Process, AnEngineThatIsGoneLeavesNothingOpen) {
    const ProcessState before;
    {
        Engine engine{settings()};
        live_once(engine);
        static_cast<void>(engine.events({})->next());
    }
    EXPECT_EQ(ProcessState{}.descriptors, before.descriptors);
}

TEST(Process, PrintsNothing) {
    off_t printed = 0;
    {
        const CapturedStdio stdio;
        Engine engine{settings()};  // without a log
        live_once(engine);
        printed = stdio.size();
    }
    EXPECT_EQ(printed, 0);
}

TEST(Process, MayIgnoreSigchld) {
    const Disposition ignored{SIGCHLD, SIG_IGN};
    Engine engine{settings()};
    live_once(engine);
}

TEST(Process, MayHaveItsOwnHandlerOfSigchld) {
    const Disposition own{SIGCHLD, take_every_child};
    Engine engine{settings()};
    live_once(engine);
}

TEST(Process, MayHaveTheDefaultOfSigpipe) {
    const Disposition own{SIGPIPE, SIG_DFL};
    Engine engine{settings()};
    Pipe pipe;
    const auto session =
        engine.run(job("while echo x; do :; done; exit 6"), {-1, pipe.writer(), pipe.writer()});
    session->signal(SIGKILL);
    EXPECT_EQ(session->finish().signal, SIGKILL);
    live_once(engine);
}

TEST(Session, WhatIsOpenedInTheSamePlaceLaterIsNotWrittenTo) {
    Engine engine{settings()};
    ContainerSpec spec = job("read -r line");
    spec.interactive = true;
    spec.params = {"exec.stop=echo to whom"};
    Pipe in;
    Pipe out;
    const auto session = engine.run(spec, {in.reader(), out.writer(), -1});
    const int place = out.writer();
    out.close_writer();
    const int file = ::memfd_create("precious", MFD_CLOEXEC);
    ASSERT_EQ(::dup2(file, place), place);
    in.close_writer();  // ends the command
    static_cast<void>(session->finish());
    EXPECT_EQ(::lseek(file, 0, SEEK_END), 0);
    ::close(place);
    ::close(file);
}

TEST(Session, HooksWriteToWhatIsStillOpen) {
    Engine engine{settings()};
    ContainerSpec spec = job("true");
    spec.params = {"exec.stop=echo the end"};
    Pipe out;
    EXPECT_EQ(engine.run(spec, {-1, out.writer(), -1})->finish().code, 0);
    out.close_writer();
    EXPECT_EQ(out.read_all(), "the end\n");
}

}  // namespace brig
