// SPDX-License-Identifier: BSD-2-Clause
//
// Runs a command in many containers at once, collects what each writes and how it ends:
//
//     job_runner 50 base sh -c 'echo "I am job $JOB"'
//
// Each job has a thread, and each thread an engine of its own. The containers are this program's:
// should it be killed, they end, and the next one to look tears down what is left.
#include <brig/engine.hpp>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace {

struct JobResult {
    std::string output;  ///< standard output and standard error
    int status = 0;      ///< as a shell has it
};

/// One end of a pipe.
class PipeEnd {
  public:
    explicit PipeEnd(int fd) : fd_{fd} {}
    PipeEnd(const PipeEnd&) = delete;
    PipeEnd& operator=(const PipeEnd&) = delete;
    PipeEnd(PipeEnd&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
    PipeEnd& operator=(PipeEnd&&) = delete;
    ~PipeEnd() { close(); }

    [[nodiscard]] int fd() const { return fd_; }

    void close() {
        if (fd_ >= 0) {
            ::close(std::exchange(fd_, -1));
        }
    }

  private:
    int fd_;
};

/// Close-on-exec, so that no other job's container holds it; never waits, since `collect` does.
std::pair<PipeEnd, PipeEnd> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0 || ::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) {
        throw std::system_error{errno, std::generic_category(), "make a pipe"};
    }
    return {PipeEnd{ends[0]}, PipeEnd{ends[1]}};
}

/// Takes what is there. False at the end.
bool drain(const PipeEnd& pipe, std::string& text) {
    std::array<char, 4096> buffer{};
    ssize_t count = 0;
    while ((count = ::read(pipe.fd(), buffer.data(), buffer.size())) > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return count != 0;
}

/// Reads until the command has ended: something that it left running may hold the pipe for ever.
void collect(const PipeEnd& pipe, const brig::Session& session, std::string& text) {
    std::array<pollfd, 2> events{{{pipe.fd(), POLLIN, 0}, {session.exit_fd(), POLLIN, 0}}};
    while (events[1].revents == 0) {
        ::poll(events.data(), events.size(), -1);
        if (!drain(pipe, text)) {
            events[0].fd = -1;
        }
    }
}

JobResult run_job(const brig::Settings& settings, const brig::ContainerSpec& spec) {
    brig::Engine engine{settings};
    auto [from_job, to_us] = make_pipe();
    JobResult result;
    const auto session = engine.run(spec, {-1, to_us.fd(), to_us.fd()});
    to_us.close();
    collect(from_job, *session, result.output);
    result.status = session->finish().shell_status();
    drain(from_job, result.output);  // whatever there was has ended now
    return result;
}

int run_jobs(int count, const brig::ContainerSpec& spec) {
    const brig::Settings settings = brig::load_settings({});
    std::vector<std::future<JobResult>> jobs;
    for (int number = 1; number <= count; ++number) {
        brig::ContainerSpec numbered = spec;
        numbered.environment.push_back("JOB=" + std::to_string(number));
        jobs.push_back(std::async(std::launch::async, run_job, settings, numbered));
    }
    int failed = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        const JobResult result = jobs[i].get();
        std::printf("job %zu: status %d\n%s", i + 1, result.status, result.output.c_str());
        failed += result.status == 0 ? 0 : 1;
    }
    return failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::fputs("usage: job_runner COUNT IMAGE COMMAND…\n", stderr);
        return 2;
    }
    brig::ContainerSpec spec;
    spec.image = argv[2];
    spec.command = {argv + 3, argv + argc};
    spec.ephemeral = true;
    try {
        return run_jobs(std::stoi(argv[1]), spec);
    } catch (const brig::Error& error) {
        std::fprintf(stderr, "job_runner: %s\n", brig::full_message(error).c_str());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "job_runner: %s\n", error.what());
    }
    return 1;
}
