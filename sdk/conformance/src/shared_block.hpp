// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brig::conformance {

/// Memory that the processes of one test share. What was written there survives whoever wrote it,
/// at once and without a system call: a process that is killed in the middle leaves its trace, and
/// stops at system calls are the driver's own.
class SharedBlock {
  public:
    SharedBlock();
    SharedBlock(const SharedBlock&) = delete;
    SharedBlock& operator=(const SharedBlock&) = delete;
    SharedBlock(SharedBlock&&) = delete;
    SharedBlock& operator=(SharedBlock&&) = delete;
    ~SharedBlock();

    /// Adds a line to the trace; what does not fit is left out.
    void add_trace(std::string_view line);
    void clear_trace();
    [[nodiscard]] std::vector<std::string> trace() const;

    /// The text kept last as `Slot`. Replaced as a whole: a crash leaves the old or the new one.
    enum class Slot {
        store,
        verdict
    };
    void put(Slot slot, std::string_view text);
    [[nodiscard]] std::string get(Slot slot) const;

    /// How many host services are at work: system calls meanwhile are not the driver's.
    [[nodiscard]] std::atomic<int>& services() noexcept { return memory_->services; }

    /// Nonzero while an operation is under way in which a crash is wanted.
    [[nodiscard]] std::atomic<int>& armed() noexcept { return memory_->armed; }

    /// How many host calls, or system calls, an operation has made.
    [[nodiscard]] std::atomic<unsigned>& count() noexcept { return memory_->count; }

  private:
    static constexpr std::size_t kRoom = std::size_t{512} * 1024;

    struct Text {
        std::atomic<unsigned> current;
        std::array<std::size_t, 2> sizes;
        std::array<std::array<char, kRoom>, 2> bytes;
    };

    struct Memory {
        std::atomic<std::size_t> trace_size;
        std::array<char, kRoom> trace;
        std::array<Text, 2> texts;
        std::atomic<int> services;
        std::atomic<int> armed;
        std::atomic<unsigned> count;
    };

    Memory* memory_;
};

}  // namespace brig::conformance
