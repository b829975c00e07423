// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

/// Runs eBPF programs as the kernel would, in as much of the language as ours use, so that what
/// they decide can be tested without a kernel, and without root.
namespace brig::testing {

struct BpfRun {
    std::uint64_t result = 0;  ///< r0 at the end
    int error = 0;             ///< what bpf_set_retval() was given, as an errno; 0: not called
    std::vector<std::uint8_t> bound_to;  ///< the address that bpf_bind() was given
    std::string refusal;  ///< why the kernel would not load the program; "" if it would
};

class BpfMachine {
  public:
    /// The packet for bpf_skb_load_bytes(), and what bpf_bind() is to return.
    std::vector<std::uint8_t> packet;
    int bind_result = 0;

    /// `context` is the program's struct, which it may change.
    [[nodiscard]] BpfRun run(std::span<const bpf_insn> code, void* context);

  private:
    void call(std::int32_t helper, BpfRun& run);

    std::uint64_t registers_[11] = {};         // NOLINT(*-c-arrays)
    alignas(8) std::uint8_t stack_[512] = {};  // NOLINT(*-c-arrays)
};

/// What keeps the kernel from loading the program: instructions that no path leads to, jumps out of
/// it or backwards, an end without exit. "" if nothing does.
[[nodiscard]] std::string find_fault(std::span<const bpf_insn> code);

}  // namespace brig::testing
