// SPDX-License-Identifier: BSD-2-Clause
#include "up/in_order.hpp"

#include "support/pipe.hpp"

#include <gtest/gtest.h>

namespace brig {
namespace {

/// A job that ends when the next one of its kind begins: it cannot if they are not at once.
class PipeJob : public Job {
  public:
    explicit PipeJob(std::vector<std::string>& log, std::string name)
        : log_{log}, name_{std::move(name)} {}

    [[nodiscard]] int fd() const override { return pipe_.read.get(); }
    void end() { pipe_.write.reset(); }
    void wait() override { log_.push_back("end " + name_); }

  private:
    std::vector<std::string>& log_;
    std::string name_;
    Pipe pipe_ = make_pipe();
};

class InOrderTest : public ::testing::Test {
  protected:
    Task task(const std::string& name, std::vector<std::size_t> needs = {}) {
        return {name, std::move(needs), [this, name]() -> std::unique_ptr<Job> {
                    log_.push_back(name);
                    return nullptr;
                }};
    }

    Task failing(const std::string& name) {
        return {name, {}, []() -> std::unique_ptr<Job> {
                    throw Error{ErrorCode::system, "it broke"};
                }};
    }

    std::vector<std::string> log_;
};

TEST_F(InOrderTest, DoesEachAfterWhatItNeeds) {
    const auto failures =
        carry_out_in_order({task("c", {1}), task("b", {2}), task("a"), task("d", {0, 1, 2})});
    EXPECT_EQ(log_, (std::vector<std::string>{"a", "b", "c", "d"}));
    EXPECT_EQ(failures.size(), 4U);
}

TEST_F(InOrderTest, DoesAtOnceWhatIsIndependent) {
    PipeJob* first = nullptr;
    const Task a{"a", {}, [&]() -> std::unique_ptr<Job> {
                     auto job = std::make_unique<PipeJob>(log_, "a");
                     first = job.get();
                     return job;
                 }};
    const Task b{"b", {}, [&]() -> std::unique_ptr<Job> {
                     EXPECT_NE(first, nullptr);
                     first->end();
                     auto job = std::make_unique<PipeJob>(log_, "b");
                     job->end();
                     return job;
                 }};
    static_cast<void>(carry_out_in_order({a, b, task("c", {0})}));
    EXPECT_EQ(log_, (std::vector<std::string>{"end a", "end b", "c"}));
}

TEST_F(InOrderTest, KeepsOnlyThoseFromTheirWorkThatNeedWhatFailed) {
    const auto failures = carry_out_in_order(
        {failing("a"), task("b"), task("c", {0}), task("d", {2}), task("e", {1})});
    EXPECT_EQ(log_, (std::vector<std::string>{"b", "e"}));
    ASSERT_TRUE(failures[0] && !failures[1] && failures[2] && failures[3] && !failures[4]);
    EXPECT_STREQ(failures[0]->what(), "it broke");
    EXPECT_STREQ(failures[2]->what(), "nothing was done to 'c', since 'a' failed before");
    EXPECT_STREQ(failures[3]->what(), "nothing was done to 'd', since 'c' failed before");
}

}  // namespace
}  // namespace brig
