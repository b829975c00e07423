// SPDX-License-Identifier: BSD-2-Clause
#include "up/in_order.hpp"

#include "support/check.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace brig {

namespace {

/// A machine that is busy with more does none of them sooner.
constexpr std::ptrdiff_t kMostAtOnce = 16;

class Order {
  public:
    explicit Order(const std::vector<Task>& tasks) : tasks_{tasks}, progress_(tasks.size()) {}

    std::vector<std::optional<Error>> carry_out() {
        while (begin_what_can() || await_some()) {}
        std::vector<std::optional<Error>> failures;
        for (Progress& each : progress_) {
            failures.push_back(std::move(each.failure));
        }
        return failures;
    }

  private:
    enum class State {
        waits,
        goes_on,
        done
    };

    struct Progress {
        State state = State::waits;
        std::unique_ptr<Job> job;
        std::optional<Error> failure;
    };

    /// True when something began or ended, so that there may be more to begin.
    bool begin_what_can() {
        bool any = false;
        for (std::size_t i = 0; i < tasks_.size(); ++i) {
            if (progress_[i].state == State::waits && can_begin(tasks_[i])) {
                begin(i);
                any = true;
            }
        }
        return any;
    }

    [[nodiscard]] bool can_begin(const Task& task) const {
        const auto is_done = [&](std::size_t i) { return progress_[i].state == State::done; };
        const auto jobs =
            std::count_if(progress_.begin(), progress_.end(), [](const Progress& each) {
                return each.state == State::goes_on;
            });
        return jobs < kMostAtOnce && std::all_of(task.needs.begin(), task.needs.end(), is_done);
    }

    void begin(std::size_t i) {
        Progress& progress = progress_[i];
        const std::vector<std::size_t>& needs = tasks_[i].needs;
        const auto failed = std::find_if(needs.begin(), needs.end(), [&](std::size_t need) {
            return progress_[need].failure.has_value();
        });
        if (failed != needs.end()) {
            progress.failure.emplace(
                ErrorCode::conflict,
                fmt::format("nothing was done to '{}', since '{}' failed before",
                            tasks_[i].name,
                            tasks_[*failed].name));
            progress.state = State::done;
            return;
        }
        attempt(progress, [&] { progress.job = tasks_[i].begin(); });
        progress.state = progress.job ? State::goes_on : State::done;
    }

    /// False when there is nothing to wait for.
    bool await_some() {
        std::vector<struct pollfd> fds;
        for (const Progress& each : progress_) {
            fds.push_back({each.job ? each.job->fd() : -1, POLLIN, 0});
        }
        const auto waits = [](const struct pollfd& each) { return each.fd >= 0; };
        if (std::none_of(fds.begin(), fds.end(), waits)) {
            return false;
        }
        if (::poll(fds.data(), static_cast<nfds_t>(fds.size()), -1) < 0 && errno != EINTR) {
            throw_system_error(errno, "wait for containers");
        }
        for (std::size_t i = 0; i < fds.size(); ++i) {
            if (fds[i].revents != 0) {
                conclude(progress_[i]);
            }
        }
        return true;
    }

    static void conclude(Progress& progress) {
        attempt(progress, [&] { progress.job->wait(); });
        progress.job.reset();
        progress.state = State::done;
    }

    /// One failure does not stop the rest.
    template <typename Step>
    static void attempt(Progress& progress, Step step) {
        try {
            step();
        } catch (const Error& failure) {
            progress.failure = failure;
        }
    }

    const std::vector<Task>& tasks_;
    std::vector<Progress> progress_;
};

}  // namespace

std::vector<std::optional<Error>> carry_out_in_order(const std::vector<Task>& tasks) {
    return Order{tasks}.carry_out();
}

}  // namespace brig
