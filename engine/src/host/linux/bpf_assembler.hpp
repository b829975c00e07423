// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <linux/bpf.h>

#include <cstddef>
#include <cstdint>
#include <vector>

/// eBPF, the machine inside the kernel, in as much of its language as our programs need. See
/// Documentation/bpf/standardization/instruction-set.rst of Linux.
///
/// The machine has eleven registers of 64 bits. r1 holds the program's argument, its context; r0 is
/// what it returns; r10 points behind a stack of 512 bytes that grows down. A call of one of the
/// kernel's functions (a helper, bpf-helpers(7)) takes its arguments in r1 to r5, answers in r0,
/// and leaves r1 to r5 undefined; r6 to r9 survive. Before a program runs, the kernel proves that
/// it ends, reads nothing that was never written, and stays within its memory. It refuses a program
/// with instructions that no path leads to, so none may be written.
namespace brig::host_linux {

enum class Register : std::uint8_t {
    r0,  ///< results
    r1,  ///< the context at first; arguments
    r2,
    r3,
    r4,
    r5,
    r6,  ///< from here on kept over calls
    r7,
    r8,
    r9,
    r10,  ///< behind the stack
};

/// How much of a register goes to or comes from memory; the rest of it becomes 0.
enum class Width : std::uint8_t {
    half = BPF_H,         ///< 2 bytes
    word = BPF_W,         ///< 4 bytes
    double_word = BPF_DW  ///< 8 bytes: pointers of a context
};

/// A program under construction, one instruction a call.
class BpfAssembler {
  public:
    /// A place in the program, which may be jumped to before it is known. Jumps lead forward only.
    class Label {
        friend class BpfAssembler;
        std::size_t number_ = 0;
    };

    /// A label that is placed later; one without a jump to it need not be.
    [[nodiscard]] Label new_label();

    /// The next instruction is where `label` is.
    void place(Label label);

    /// Whether something jumps to `label`.
    [[nodiscard]] bool is_used(Label label) const;

    /// to = memory[from + offset]
    void load(Width width, Register to, Register from, int offset);

    /// memory[to + offset] = from
    void store(Width width, Register to, int offset, Register from);

    /// memory[to + offset] = number
    void store(Width width, Register to, int offset, std::uint32_t number);

    /// to = from
    void move(Register to, Register from);

    /// to = number, the upper half 0
    void set(Register to, std::uint32_t number);

    /// to += number
    void add(Register to, int number);

    /// Calls a helper of the kernel: BPF_FUNC_….
    void call(bpf_func_id helper);

    void jump(Label to);

    /// Jumps when the lower half of the register is, or is not, `number`.
    void jump_if_equal(Register value, std::uint32_t number, Label to);
    void jump_unless_equal(Register value, std::uint32_t number, Label to);

    /// Jumps when a pointer is none. What a helper or a context gives may be used behind this only.
    void jump_if_null(Register pointer, Label to);

    /// r0 = number, and the end.
    void finish_with(std::uint32_t number);

    /// The program, with all its jumps.
    [[nodiscard]] std::vector<bpf_insn> code() const;

  private:
    struct Jump {
        std::size_t at;
        std::size_t label;
    };

    struct Target {
        std::size_t place = 0;
        bool is_used = false;
    };

    void add(unsigned operation, Register to, Register from, int offset, std::int32_t number);
    void add_jump(unsigned operation, Register value, std::uint32_t number, Label to);

    std::vector<bpf_insn> code_;
    std::vector<Jump> jumps_;
    std::vector<Target> targets_;
};

}  // namespace brig::host_linux
