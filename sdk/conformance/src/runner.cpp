// SPDX-License-Identifier: BSD-2-Clause
#include "brig/conformance.hpp"
#include "crash.hpp"
#include "drivers/host_services.hpp"
#include "drivers/library.hpp"
#include "fields.hpp"
#include "kit.hpp"
#include "scenario.hpp"
#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <thread>

namespace brig::conformance {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOutput = 4000;

/// A file without a name for what a test writes to descriptors 1 and 2.
UniqueFd output_file() {
    std::string path = (fs::temp_directory_path() / "brig-check-XXXXXX").string();
    UniqueFd file{check(::mkostemp(path.data(), O_CLOEXEC), "make a temporary file")};
    ::unlink(path.c_str());
    return file;
}

std::string output_of(int file) {
    ::lseek(file, 0, SEEK_SET);
    std::string text = read_text(file, "what a test wrote");
    if (text.size() > kMostOutput) {
        text = text.substr(0, kMostOutput) + "…";
    }
    return text;
}

/// "passed", "failed" or "skipped", then what there is to say: in the shared memory.
void put_verdict(SharedBlock& block, const std::vector<std::string>& fields) {
    block.put(SharedBlock::Slot::verdict, pack(fields));
}

void run_body(const Test& test, Bench& bench) {
    try {
        recorder().begin_test(&bench.block, bench.world.programs());
        // Folders that options name are there before anybody looks.
        static_cast<void>(instance_options(bench.subject, bench.world.folder()));
        test.body(bench);
        put_verdict(bench.block, {"passed"});
    } catch (const Skip& reason) {
        put_verdict(bench.block, {"skipped", reason.what()});
    } catch (const Failure& failure) {
        std::vector<std::string> fields{"failed", failure.what(), failure.rule()};
        fields.insert(fields.end(), failure.left().begin(), failure.left().end());
        put_verdict(bench.block, fields);
    } catch (const std::exception& error) {
        put_verdict(bench.block, {"failed", full_message(error), ""});
    }
}

/// On the machine itself nothing goes with a world. The trace stays that of the test.
[[noreturn]] void run_and_tidy_up(const Test& test, Bench& bench) {
    const int status = wait_for(fork_child([&] { run_body(test, bench); }));
    static_cast<void>(wait_for(fork_child([&] {
        recorder().begin_test(nullptr, bench.world.programs());
        Session session{bench.subject, bench.block, bench.world};
        tidy_up(session);
    })));
    end_like(status);
}

/// What an end says that came without a verdict.
std::string describe_end(const WorldEnd& end) {
    constexpr int kBySignal = 128;
    if (end.timed_out) {
        return "it did not come to an end";
    }
    int signal = WIFSIGNALED(end.status) ? WTERMSIG(end.status) : 0;
    if (signal == 0 && WEXITSTATUS(end.status) > kBySignal) {
        signal = WEXITSTATUS(end.status) - kBySignal;
    }
    return signal != 0
               ? fmt::format("the process ended by signal {} ({})", signal, ::strsignal(signal))
               : fmt::format("the process ended with status {}", WEXITSTATUS(end.status));
}

void read_verdict(const SharedBlock& block, const WorldEnd& end, TestResult& result) {
    const std::vector<std::string> fields = unpack(block.get(SharedBlock::Slot::verdict));
    const std::string word = fields.empty() ? "" : fields[0];
    if (word == "passed") {
        result.verdict = Verdict::passed;
    } else if (word == "skipped") {
        result.verdict = Verdict::skipped;
        result.what = fields[1];
    } else {
        result.verdict = Verdict::failed;
        result.what = word == "failed" ? fields[1] : describe_end(end);
        result.rule = word == "failed" ? fields[2] : rule::kNoException;
        if (word == "failed") {
            result.left.assign(fields.begin() + 3, fields.end());
        }
    }
}

std::string rerun_line(const CheckOptions& options, const std::string& name) {
    std::string line = "brig driver check " + shell_quote(options.driver.string()) + " --only "
                       + shell_quote(name) + fmt::format(" --seed {}", options.seed);
    line += options.real ? " --real" : "";
    return options.config ? line + " --config " + shell_quote(options.config->string()) : line;
}

WorldPlan plan_of(const Subject& subject) {
    const CheckOptions& options = subject.options;
    WorldPlan plan;
    plan.real = options.real;
    plan.mounts = !subject.is_network();
    plan.helpers = options.helpers;
    plan.driver = fs::weakly_canonical(options.driver);  // as it is loaded
    plan.programs = options.real ? fs::path{} : options.programs;
    return plan;
}

/// A test that is under way.
class RunningTest {
  public:
    RunningTest(const Subject& subject, const Test& test)
        : subject_{subject},
          name_{test.name},
          process_{plan_of(subject), output_.get(), [&](World& world) {
                       Bench bench{subject, *block_, world, subject.options.seed};
                       if (subject.options.real) {
                           run_and_tidy_up(test, bench);
                       }
                       run_body(test, bench);
                   }} {}

    /// What it found; nothing while it goes on.
    [[nodiscard]] std::optional<TestResult> ended() const {
        const std::optional<WorldEnd> end = process_.ended();
        if (!end) {
            return std::nullopt;
        }
        TestResult result;
        result.name = name_;
        result.took = std::chrono::duration_cast<std::chrono::milliseconds>(
            std::chrono::steady_clock::now() - begin_);
        read_verdict(*block_, *end, result);
        if (result.verdict == Verdict::failed) {
            result.trace = block_->trace();
            result.output = output_of(output_.get());
            result.rerun = rerun_line(subject_.options, name_);
        }
        return result;
    }

  private:
    const Subject& subject_;
    std::string name_;
    std::unique_ptr<SharedBlock> block_ = std::make_unique<SharedBlock>();
    UniqueFd output_ = output_file();
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    WorldProcess process_;
};

/// How many tests to run at once.
unsigned jobs_of(const Subject& subject) {
    const CheckOptions& options = subject.options;
    if (!are_worlds_apart(plan_of(subject))) {
        return 1;
    }
    // Making and removing networks is mostly waiting for the kernel.
    constexpr unsigned kEachProcessor = 2;
    return options.jobs != 0 ? options.jobs
                             : kEachProcessor * std::max(1U, std::thread::hardware_concurrency());
}

/// Runs several tests at once, and tells of each in the order of `tests`.
class Crowd {
  public:
    Crowd(const Subject& subject, const Tests& tests)
        : subject_{subject}, tests_{tests}, jobs_{jobs_of(subject)} {}

    void run(const Observer& tell) {
        std::size_t told = 0;
        while (told < tests_.size()) {
            while (may_begin()) {
                running_.try_emplace(begun_, subject_, tests_[begun_]);
                ++begun_;
            }
            std::this_thread::sleep_for(kAskAgain);
            collect();
            for (; told < tests_.size() && results_[told]; ++told) {
                tell(*results_[told]);
            }
        }
    }

  private:
    /// Whether there is a next test, and room for it.
    [[nodiscard]] bool may_begin() const {
        if (begun_ == tests_.size()) {
            return false;
        }
        const bool needs_peace = tests_[begun_].company == Company::none
                                 || (begun_ != 0 && tests_[begun_ - 1].company == Company::none);
        return needs_peace ? running_.empty() : running_.size() < jobs_;
    }

    void collect() {
        for (const auto& [number, test] : running_) {
            results_[number] = test.ended();
        }
        std::erase_if(running_, [&](const auto& each) { return results_[each.first].has_value(); });
    }

    const Subject& subject_;
    const Tests& tests_;
    std::size_t jobs_;
    std::size_t begun_ = 0;
    std::map<std::size_t, RunningTest> running_;  ///< by their numbers
    std::vector<std::optional<TestResult>> results_{tests_.size()};
};

/// Loads it in a child first: what dies there does not take the kit along.
std::optional<std::string> loading_defect(const Subject& subject) {
    SharedBlock block;
    const UniqueFd output = output_file();
    const pid_t child = fork_child([&] {
        ::dup2(output.get(), STDERR_FILENO);
        try {
            static_cast<void>(negotiate(load_driver_library(subject.file), subject.file));
            block.put(SharedBlock::Slot::verdict, "good");
        } catch (const Error& error) {
            block.put(SharedBlock::Slot::verdict, full_message(error));
        }
    });
    const WorldEnd end{false, wait_for(child)};
    const std::string said = block.get(SharedBlock::Slot::verdict);
    if (said == "good") {
        return std::nullopt;
    }
    return said.empty()
               ? describe_end(end) + " while the driver was loaded\n" + output_of(output.get())
               : said;
}

Subject load_subject(const CheckOptions& options) {
    std::error_code error;
    Subject subject;
    subject.options = options;
    subject.file = fs::canonical(options.driver, error);
    if (error) {
        throw Error{ErrorCode::not_found,
                    fmt::format("there is no driver '{}'", options.driver.native())};
    }
    return subject;
}

TestResult load_test(Subject& subject) {
    TestResult result;
    result.name = "artifact.loads";
    if (const auto defect = loading_defect(subject)) {
        result.verdict = Verdict::failed;
        result.what = *defect;
        result.rule = rule::kEntry;
        result.rerun = rerun_line(subject.options, result.name);
        return result;
    }
    subject.offered = load_driver_library(subject.file);
    subject.tables = negotiate(subject.offered, subject.file);
    return result;
}

/// Whether a line is of what a life may leave by design.
bool may_stay(const std::string& line) {
    return line.starts_with("folder ") || line.starts_with("file ");
}

/// What is left when a life was complete; nothing when its beginning failed.
std::vector<std::string> left_by_life(const Subject& subject, SharedBlock& block, World& world) {
    Session session{subject, block, world};
    const WorldState before = look(session);
    const Life life = life_of(subject);
    if (!session.act(life.make.front()).ok()) {
        return {};
    }
    for (const Action& action : life.remove) {
        session.act(action);
    }
    std::vector<std::string> left;
    for (const std::string& line : look(session)) {
        if (!before.contains(line) && may_stay(line)) {
            left.push_back(world.anywhere(line));
        }
    }
    return left;
}

/// What a complete life leaves by design, such as the folders that a storage keeps its volumes in:
/// found in a world of its own. It is a fault only if it grows, which core.leaves_nothing looks at.
std::set<std::string> find_residue(const Subject& subject) {
    SharedBlock block;
    const UniqueFd output = output_file();
    run_in_world(plan_of(subject), output.get(), [&](World& world) {
        recorder().begin_test(&block, world.programs());
        static_cast<void>(instance_options(subject, world.folder()));
        block.put(SharedBlock::Slot::verdict, pack(left_by_life(subject, block, world)));
    });
    const std::vector<std::string> lines = unpack(block.get(SharedBlock::Slot::verdict));
    return {lines.begin(), lines.end()};
}

Tests all_tests(const Subject& subject) {
    Tests tests;
    add_artifact_tests(subject, tests);
    add_descriptor_tests(subject, tests);
    if (subject.is_network()) {
        add_network_tests(subject, tests);
    } else {
        add_storage_tests(subject, tests);
    }
    if (may_match_crash(subject.options.only)) {
        add_crash_tests(subject, find_crash_plans(subject, plan_of(subject)), tests);
    }
    add_time_tests(subject, tests);
    add_thread_tests(subject, tests);
    add_hygiene_tests(subject, tests);
    add_strict_tests(subject, tests);
    return tests;
}

}  // namespace

std::size_t CheckReport::count(Verdict verdict) const {
    return static_cast<std::size_t>(
        std::count_if(tests.begin(), tests.end(), [&](const TestResult& test) {
            return test.verdict == verdict;
        }));
}

CheckReport check_driver(const CheckOptions& options, const Observer& observer) {
    Subject subject = load_subject(options);
    CheckReport report;
    report.driver = options.driver.string();
    report.seed = options.seed;
    const auto keep = [&](const TestResult& result) {
        if (observer) {
            observer(result);
        }
        report.tests.push_back(result);
    };
    const TestResult loaded = load_test(subject);
    const bool is_loaded = loaded.verdict == Verdict::passed;
    if (!is_loaded || matches_any_glob(loaded.name, options.only)) {
        keep(loaded);
    }
    if (!is_loaded) {
        return report;
    }
    if (const auto defect = world_defect(plan_of(subject))) {
        throw Error{ErrorCode::unsupported, *defect};
    }
    report.driver = subject.tables.driver.name;
    report.version = subject.tables.driver.version;
    read_configuration(subject);
    subject.residue = find_residue(subject);
    Tests tests = all_tests(subject);
    std::erase_if(tests,
                  [&](const Test& test) { return !matches_any_glob(test.name, options.only); });
    Crowd{subject, tests}.run(keep);
    return report;
}

}  // namespace brig::conformance
