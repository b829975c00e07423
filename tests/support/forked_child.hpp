// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <functional>
#include <string>

namespace brig::test {

/// A forked copy of the test, which does one thing and says one text.
class Child {
  public:
    /// `work` runs in the child; an exception's message is said instead of its result.
    explicit Child(const std::function<std::string()>& work);
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    Child(Child&&) = delete;
    Child& operator=(Child&&) = delete;
    /// Waits for the child.
    ~Child();

    /// What the child said, when it has ended.
    [[nodiscard]] std::string said();

  private:
    int pid_ = -1;
    int pipe_ = -1;
};

}  // namespace brig::test
