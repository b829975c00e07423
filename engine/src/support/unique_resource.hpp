// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <unistd.h>

#include <utility>

namespace brig {

/// Owns one process-scoped resource: the only hand-written move operations in
/// the project live here.
///
/// `Traits` provides `Handle`, `kNone` and `static void close(Handle) noexcept`.
template <typename Traits>
class UniqueResource {
  public:
    using Handle = typename Traits::Handle;

    UniqueResource() noexcept = default;

    explicit UniqueResource(Handle handle) noexcept : handle_{handle} {}

    UniqueResource(const UniqueResource&) = delete;
    UniqueResource& operator=(const UniqueResource&) = delete;

    UniqueResource(UniqueResource&& other) noexcept : handle_{other.release()} {}

    UniqueResource& operator=(UniqueResource&& other) noexcept {
        reset(other.release());
        return *this;
    }

    ~UniqueResource() { reset(); }

    [[nodiscard]] Handle get() const noexcept { return handle_; }

    [[nodiscard]] explicit operator bool() const noexcept { return handle_ != Traits::kNone; }

    [[nodiscard]] Handle release() noexcept { return std::exchange(handle_, Traits::kNone); }

    void reset(Handle handle = Traits::kNone) noexcept {
        // The old handle is forgotten before it is closed, so that no failure
        // path can close it twice.
        const Handle old = std::exchange(handle_, handle);
        if (old != Traits::kNone) {
            Traits::close(old);
        }
    }

  private:
    Handle handle_ = Traits::kNone;
};

struct FdTraits {
    using Handle = int;
    static constexpr Handle kNone = -1;

    static void close(Handle fd) noexcept { ::close(fd); }
};

using UniqueFd = UniqueResource<FdTraits>;

}  // namespace brig
