// SPDX-License-Identifier: BSD-2-Clause
#include "support/bpf_machine.hpp"

#include <cstring>
#include <stdexcept>

namespace brig::testing {

namespace {

bool is_jump(const bpf_insn& line) {
    const unsigned kind = BPF_CLASS(line.code);
    const unsigned operation = BPF_OP(line.code);
    return kind == BPF_JMP32 || (kind == BPF_JMP && operation != BPF_CALL && operation != BPF_EXIT);
}

bool is_exit(const bpf_insn& line) {
    return line.code == (BPF_JMP | BPF_EXIT);
}

std::size_t size_of(const bpf_insn& line) {
    switch (BPF_SIZE(line.code)) {
        case BPF_H:
            return 2;
        case BPF_W:
            return 4;
        default:
            return 8;
    }
}

std::uint8_t* memory_at(std::uint64_t address) {
    return reinterpret_cast<std::uint8_t*>(address);  // NOLINT(*-int-to-ptr)
}

}  // namespace

std::string find_fault(std::span<const bpf_insn> code) {
    std::vector<bool> is_reached(code.size() + 1);
    is_reached.at(0) = true;
    for (std::size_t at = 0; at < code.size(); ++at) {
        const bpf_insn& line = code[at];
        if (!is_reached.at(at)) {
            return "instruction " + std::to_string(at) + " is not reached";
        }
        if (is_jump(line)) {
            if (line.off < 0 || at + 1 + static_cast<std::size_t>(line.off) >= code.size()) {
                return "instruction " + std::to_string(at) + " jumps astray";
            }
            is_reached.at(at + 1 + static_cast<std::size_t>(line.off)) = true;
        }
        const bool goes_on = !is_exit(line) && line.code != (BPF_JMP | BPF_JA);
        is_reached.at(at + 1) = is_reached.at(at + 1) || goes_on;
    }
    return is_reached.back() ? "the end is not an exit" : "";
}

void BpfMachine::call(std::int32_t helper, BpfRun& run) {
    std::uint64_t result = 0;
    switch (helper) {
        case BPF_FUNC_set_retval:
            run.error = -static_cast<int>(registers_[1]);
            break;
        case BPF_FUNC_bind:
            run.bound_to.assign(memory_at(registers_[2]), memory_at(registers_[2]) + registers_[3]);
            result = static_cast<std::uint64_t>(static_cast<std::int64_t>(bind_result));
            break;
        case BPF_FUNC_skb_load_bytes:
            if (registers_[2] + registers_[4] > packet.size()) {
                result = static_cast<std::uint64_t>(-14);
            } else {
                std::memcpy(memory_at(registers_[3]), packet.data() + registers_[2], registers_[4]);
            }
            break;
        case BPF_FUNC_sk_fullsock:
            result = registers_[1];
            break;
        default:
            throw std::logic_error{"a helper that no program of ours calls"};
    }
    for (int scratched = 1; scratched <= 5; ++scratched) {
        registers_[scratched] = 0xdeadbeefdeadbeef;
    }
    registers_[0] = result;
}

BpfRun BpfMachine::run(std::span<const bpf_insn> code, void* context) {
    BpfRun run;
    run.refusal = find_fault(code);
    registers_[1] = reinterpret_cast<std::uintptr_t>(context);
    registers_[10] = reinterpret_cast<std::uintptr_t>(&stack_[0]) + sizeof stack_;
    for (std::size_t at = 0; run.refusal.empty() && at < code.size(); ++at) {
        const bpf_insn& line = code[at];
        std::uint64_t& to = registers_[line.dst_reg];
        const std::uint64_t from = registers_[line.src_reg];
        const auto number = static_cast<std::uint64_t>(static_cast<std::int64_t>(line.imm));
        const auto offset = static_cast<std::uint64_t>(static_cast<std::int64_t>(line.off));
        const bool is_equal =
            static_cast<std::uint32_t>(to) == static_cast<std::uint32_t>(line.imm);
        bool jumps = false;
        switch (line.code & ~(is_jump(line) || BPF_CLASS(line.code) > BPF_STX ? 0U : 0x18U)) {
            case BPF_LDX | BPF_MEM: {
                std::uint64_t value = 0;
                std::memcpy(&value, memory_at(from + offset), size_of(line));
                to = value;
                break;
            }
            case BPF_STX | BPF_MEM:
                std::memcpy(memory_at(to + offset), &from, size_of(line));
                break;
            case BPF_ST | BPF_MEM:
                std::memcpy(memory_at(to + offset), &number, size_of(line));
                break;
            case BPF_ALU64 | BPF_MOV | BPF_X:
                to = from;
                break;
            case BPF_ALU | BPF_MOV | BPF_K:
                to = static_cast<std::uint32_t>(line.imm);
                break;
            case BPF_ALU64 | BPF_ADD | BPF_K:
                to += number;
                break;
            case BPF_JMP | BPF_CALL:
                call(line.imm, run);
                break;
            case BPF_JMP | BPF_EXIT:
                run.result = registers_[0];
                return run;
            case BPF_JMP | BPF_JA:
                jumps = true;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
                jumps = to == number;
                break;
            case BPF_JMP32 | BPF_JEQ | BPF_K:
                jumps = is_equal;
                break;
            case BPF_JMP32 | BPF_JNE | BPF_K:
                jumps = !is_equal;
                break;
            default:
                throw std::logic_error{"an instruction that no program of ours has"};
        }
        at += jumps ? static_cast<std::size_t>(line.off) : 0;
    }
    return run;
}

}  // namespace brig::testing
