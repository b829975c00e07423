// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/bpf_assembler.hpp"

namespace brig::host_linux {

void BpfAssembler::add(
    unsigned operation, Register to, Register from, int offset, std::int32_t number) {
    bpf_insn line{};
    line.code = static_cast<std::uint8_t>(operation);
    line.dst_reg = static_cast<std::uint8_t>(to) & 0xfU;
    line.src_reg = static_cast<std::uint8_t>(from) & 0xfU;
    line.off = static_cast<std::int16_t>(offset);
    line.imm = number;
    code_.push_back(line);
}

void BpfAssembler::add_jump(unsigned operation, Register value, std::uint32_t number, Label to) {
    jumps_.push_back({code_.size(), to.number_});
    targets_.at(to.number_).is_used = true;
    add(operation, value, Register::r0, 0, static_cast<std::int32_t>(number));
}

BpfAssembler::Label BpfAssembler::new_label() {
    Label label;
    label.number_ = targets_.size();
    targets_.emplace_back();
    return label;
}

void BpfAssembler::place(Label label) {
    targets_.at(label.number_).place = code_.size();
}

bool BpfAssembler::is_used(Label label) const {
    return targets_.at(label.number_).is_used;
}

void BpfAssembler::load(Width width, Register to, Register from, int offset) {
    add(BPF_LDX | BPF_MEM | static_cast<unsigned>(width), to, from, offset, 0);
}

void BpfAssembler::store(Width width, Register to, int offset, Register from) {
    add(BPF_STX | BPF_MEM | static_cast<unsigned>(width), to, from, offset, 0);
}

void BpfAssembler::store(Width width, Register to, int offset, std::uint32_t number) {
    add(BPF_ST | BPF_MEM | static_cast<unsigned>(width),
        to,
        Register::r0,
        offset,
        static_cast<std::int32_t>(number));
}

void BpfAssembler::move(Register to, Register from) {
    add(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

void BpfAssembler::set(Register to, std::uint32_t number) {
    add(BPF_ALU | BPF_MOV | BPF_K, to, Register::r0, 0, static_cast<std::int32_t>(number));
}

void BpfAssembler::add(Register to, int number) {
    // NOLINTNEXTLINE(misc-redundant-expression): the two are 0 by coincidence
    add(BPF_ALU64 | BPF_ADD | BPF_K, to, Register::r0, 0, number);
}

void BpfAssembler::call(bpf_func_id helper) {
    add(BPF_JMP | BPF_CALL, Register::r0, Register::r0, 0, static_cast<std::int32_t>(helper));
}

void BpfAssembler::jump(Label to) {
    add_jump(BPF_JMP | BPF_JA, Register::r0, 0, to);
}

void BpfAssembler::jump_if_equal(Register value, std::uint32_t number, Label to) {
    add_jump(BPF_JMP32 | BPF_JEQ | BPF_K, value, number, to);
}

void BpfAssembler::jump_unless_equal(Register value, std::uint32_t number, Label to) {
    add_jump(BPF_JMP32 | BPF_JNE | BPF_K, value, number, to);
}

void BpfAssembler::jump_if_null(Register pointer, Label to) {
    add_jump(BPF_JMP | BPF_JEQ | BPF_K, pointer, 0, to);
}

void BpfAssembler::finish_with(std::uint32_t number) {
    set(Register::r0, number);
    add(BPF_JMP | BPF_EXIT, Register::r0, Register::r0, 0, 0);
}

std::vector<bpf_insn> BpfAssembler::code() const {
    std::vector<bpf_insn> code = code_;
    for (const Jump& jump : jumps_) {
        // Counted from the instruction that follows.
        const std::size_t distance = targets_.at(jump.label).place - jump.at - 1;
        code.at(jump.at).off = static_cast<std::int16_t>(distance);
    }
    return code;
}

}  // namespace brig::host_linux
