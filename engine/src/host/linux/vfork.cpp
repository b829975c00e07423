// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/vfork.hpp"

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <csignal>
#include <memory>

namespace brig::host_linux {

namespace {

/// A handler of ours must not run in the child, on our memory.
class SignalsBlocked {
  public:
    SignalsBlocked() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    SignalsBlocked(SignalsBlocked&&) = delete;
    SignalsBlocked& operator=(SignalsBlocked&&) = delete;
    ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

  private:
    sigset_t before_ = {};
};

}  // namespace

VforkResult vfork_into(int (*child)(void*), void* argument, std::uint64_t namespaces) {
    constexpr std::size_t kStackSize = 32768;
    const auto stack = std::make_unique_for_overwrite<char[]>(kStackSize);  // NOLINT(*-c-arrays)
    VforkResult result;
    const SignalsBlocked blocked;
    const auto flags = static_cast<int>(namespaces) | CLONE_VM | CLONE_VFORK | CLONE_PIDFD;
    result.pid = ::clone(child, stack.get() + kStackSize, flags, argument, &result.pidfd);
    result.error = result.pid < 0 ? errno : 0;
    return result;
}

}  // namespace brig::host_linux
