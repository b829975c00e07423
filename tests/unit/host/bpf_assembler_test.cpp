// SPDX-License-Identifier: BSD-2-Clause
#include "host/linux/bpf_assembler.hpp"

#include "support/bpf_machine.hpp"

#include <gtest/gtest.h>

namespace brig::host_linux {
namespace {

TEST(BpfAssembler, JumpsOverWhatComesBetween) {
    BpfAssembler assembler;
    const auto over = assembler.new_label();
    assembler.set(Register::r2, 7);
    assembler.jump_if_equal(Register::r2, 7, over);
    assembler.finish_with(1);
    assembler.place(over);
    assembler.finish_with(2);
    brig::testing::BpfMachine machine;
    EXPECT_EQ(machine.run(assembler.code(), nullptr).result, 2U);
}

TEST(BpfAssembler, CountsAJumpFromTheNextInstruction) {
    BpfAssembler assembler;
    const auto next = assembler.new_label();
    assembler.jump(next);
    assembler.place(next);
    assembler.finish_with(0);
    EXPECT_EQ(assembler.code().front().off, 0);
}

TEST(BpfAssembler, ComparesTheLowerHalf) {
    BpfAssembler assembler;
    const auto same = assembler.new_label();
    const std::uint64_t context = 0x1234567800000005;
    assembler.load(Width::double_word, Register::r2, Register::r1, 0);
    assembler.jump_if_equal(Register::r2, 5, same);
    assembler.finish_with(0);
    assembler.place(same);
    assembler.finish_with(1);
    brig::testing::BpfMachine machine;
    std::uint64_t memory = context;
    EXPECT_EQ(machine.run(assembler.code(), &memory).result, 1U);
}

TEST(BpfAssembler, KnowsWhichLabelsAreUsed) {
    BpfAssembler assembler;
    const auto used = assembler.new_label();
    const auto unused = assembler.new_label();
    assembler.jump_unless_equal(Register::r1, 0, used);
    EXPECT_TRUE(assembler.is_used(used));
    EXPECT_FALSE(assembler.is_used(unused));
}

}  // namespace
}  // namespace brig::host_linux
