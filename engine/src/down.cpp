// SPDX-License-Identifier: BSD-2-Clause
#include "down.hpp"

#include "depend.hpp"
#include "find.hpp"
#include "remove.hpp"
#include "stop.hpp"
#include "supervise/report.hpp"
#include "support/check.hpp"
#include "support/pipe.hpp"
#include "support/read_write.hpp"
#include "up/in_order.hpp"
#include "up/select.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace brig {

namespace {

constexpr const char* kDown = "down";

/// Work in a child process: it has the database to itself, and waiting for one container keeps
/// nobody else waiting.
class ForkedJob : public Job {
  public:
    ForkedJob(Context& context, const std::function<void()>& work) {
        context.store.close();  // a connection must not cross fork(2)
        Pipe report = make_pipe();
        child_ = check(::fork(), "fork");
        if (child_ == 0) {
            report.read.reset();
            carry_out(work, report.write.get());
        }
        report_ = std::move(report.read);
    }

    ForkedJob(const ForkedJob&) = delete;
    ForkedJob& operator=(const ForkedJob&) = delete;
    ForkedJob(ForkedJob&&) = delete;
    ForkedJob& operator=(ForkedJob&&) = delete;

    ~ForkedJob() override {
        while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {}
    }

    [[nodiscard]] int fd() const override { return report_.get(); }

    void wait() override {
        const std::string answer = read_text(report_.get(), "the report of a child process");
        if (answer != kDown) {
            throw deserialize(answer);
        }
    }

  private:
    [[noreturn]] static void carry_out(const std::function<void()>& work, int report) noexcept {
        std::string answer = kDown;
        try {
            work();
        } catch (const Error& error) {
            answer = serialize(error);
        } catch (const std::exception& error) {
            answer = serialize(Error{ErrorCode::internal, error.what()});
        }
        [[maybe_unused]] const ssize_t written = ::write(report, answer.data(), answer.size());
        ::_exit(0);
    }

    pid_t child_ = -1;
    UniqueFd report_;
};

/// A container that is to be stopped.
struct Stopped {
    DownResult result;
    bool remove = false;
    std::vector<std::string> dependents;  ///< ids
};

/// Those that exist of the ones that were asked for, and what depends on them as they run: that is
/// stopped in any case, and must be stopped once.
std::vector<Stopped> find_all(Context& context,
                              const ContainerSelection& selection,
                              const DownOptions& options) {
    std::vector<Stopped> all;
    const auto add = [&](const std::string& name, const std::string& id, bool remove) {
        if (std::none_of(all.begin(), all.end(), [&](const Stopped& each) {
                return each.result.id == id;
            })) {
            Stopped stopped;
            stopped.result.name = name;
            stopped.result.id = id;
            stopped.remove = remove;
            all.push_back(std::move(stopped));
        }
    };
    for (const std::string& name : chosen_names(containers_of(context, selection), selection)) {
        if (const auto id = context.store.find_container_id(name)) {
            add(name, *id, options.remove);
        }
    }
    std::size_t seen = 0;
    while (seen < all.size()) {
        const auto dependents = running_dependents(context, all[seen].result.id);
        for (const std::string& id : dependents) {
            add(inspect_container(context, id).name, id, false);
        }
        all[seen++].dependents = dependents;
    }
    return all;
}

void end(Context& context, const Stopped& stopped, const DownOptions& options) {
    const DownResult& result = stopped.result;
    in_context(fmt::format("stopping '{}'", result.name), [&] {
        stop(context, result.id, {options.timeout, options.force});
        context.store.set_stopped_by_user(result.id, true);
    });
    if (stopped.remove) {
        in_context(fmt::format("removing '{}'", result.name), [&] { remove(context, result.id); });
    }
}

std::unique_ptr<Job> begin(Context& context, Stopped& stopped, const DownOptions& options) {
    DownResult& result = stopped.result;
    result.stopped = std::filesystem::exists(context.run.ledger_file(result.id));
    result.removed = stopped.remove;
    if (!result.stopped && !result.removed) {
        return nullptr;
    }
    return std::make_unique<ForkedJob>(context, [&] { end(context, stopped, options); });
}

std::vector<std::size_t> indices_of(const std::vector<std::string>& ids,
                                    const std::vector<Stopped>& all) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (std::find(ids.begin(), ids.end(), all[i].result.id) != ids.end()) {
            indices.push_back(i);
        }
    }
    return indices;
}

}  // namespace

// The containers stay, unless their removal is asked for. Others' `down` removes them, since what
// they keep is in volumes beside them; here a container's root holds its data.
std::vector<DownResult> down(Context& context,
                             const ContainerSelection& selection,
                             const DownOptions& options) {
    context.host.require_privilege();
    std::vector<Stopped> all = find_all(context, selection, options);
    std::vector<Task> tasks;
    for (Stopped& each : all) {
        tasks.push_back({each.result.name, indices_of(each.dependents, all), [&] {
                             return begin(context, each, options);
                         }});
    }
    std::vector<std::optional<Error>> failures = carry_out_in_order(tasks);
    std::vector<DownResult> results;
    for (std::size_t i = 0; i < all.size(); ++i) {
        results.push_back(std::move(all[i].result));
        results.back().failure = std::move(failures[i]);
        if (results.back().failure) {
            results.back().stopped = results.back().removed = false;
        }
    }
    return results;
}

}  // namespace brig
