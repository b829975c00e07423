// SPDX-License-Identifier: BSD-2-Clause
#include "support/forked_child.hpp"

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>

namespace brig::test {

namespace {

std::string say(const std::function<std::string()>& work) {
    try {
        return work();
    } catch (const std::exception& error) {
        return error.what();
    }
}

[[noreturn]] void run_child(int pipe, const std::function<std::string()>& work) {
    const std::string text = say(work);
    const bool written = ::write(pipe, text.data(), text.size()) >= 0;
    // No destructors of the parent's objects, and no second report of the test.
    ::_exit(written ? 0 : 1);
}

}  // namespace

Child::Child(const std::function<std::string()>& work) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) {
        throw std::system_error{errno, std::generic_category(), "pipe"};
    }
    pid_ = ::fork();
    if (pid_ == 0) {
        run_child(ends[1], work);
    }
    ::close(ends[1]);
    pipe_ = ends[0];
}

Child::~Child() {
    ::close(pipe_);
    ::waitpid(pid_, nullptr, 0);
}

std::string Child::said() {
    std::string text;
    std::array<char, 4096> buffer{};
    for (ssize_t count = 1; count > 0;) {
        count = ::read(pipe_, buffer.data(), buffer.size());
        text.append(buffer.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    }
    return text;
}

}  // namespace brig::test
