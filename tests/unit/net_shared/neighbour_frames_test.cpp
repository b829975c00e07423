// SPDX-License-Identifier: BSD-2-Clause
#include "neighbour_frames.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>

namespace brig::net {
namespace {

constexpr MacAddress kUs{2, 0, 0, 0, 0, 1};
constexpr MacAddress kThem{2, 0, 0, 0, 0, 2};

IpAddress ip(const char* text) {
    return *parse_ip(text);
}

/// What bpf(4) would make of it.
bool passes_filter(const Frame& frame) {
    std::uint32_t value = 0;
    for (std::size_t at = 0;; ++at) {
        const FilterLine& line = kAnswersOnly.at(at);
        switch (line.code) {
            case 0x28:
                value = static_cast<std::uint32_t>(frame.at(line.number) << 8U)
                        + frame.at(line.number + 1);
                break;
            case 0x30:
                value = frame.at(line.number);
                break;
            case 0x15:
                at += value == line.number ? line.if_true : line.if_false;
                break;
            default:
                return line.number != 0;
        }
    }
}

Frame arp_answer(const char* address) {
    Frame frame = make_probe(kThem, ip(address));
    frame[21] = 2;  // a reply
    std::copy_n(ip(address).bytes.begin(), 4, frame.begin() + 28);
    return frame;
}

Frame advertisement(const char* address) {
    Frame frame = make_probe(kThem, ip(address));
    frame[54] = 136;
    return frame;
}

TEST(NeighbourFrames, AskByArpForNobody) {
    const Frame frame = make_probe(kUs, ip("192.0.2.7"));
    EXPECT_EQ(
        (Frame{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6, 0, 1, 8, 0,   6, 4, 0,
               1,    2,    0,    0,    0,    0,    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 7}),
        frame);
    // Another's probe is none of an owner.
    EXPECT_FALSE(answered_by(frame, ip("192.0.2.7")));
}

TEST(NeighbourFrames, AskByNeighbourDiscovery) {
    const Frame frame = make_probe(kUs, ip("fd00::12:3456"));
    ASSERT_EQ(78U, frame.size());
    EXPECT_EQ((Frame{0x33, 0x33, 0xff, 0x12, 0x34, 0x56}), Frame(frame.begin(), frame.begin() + 6));
    EXPECT_EQ(255, frame[21]);
    // The checksum as a receiver verifies it: with it, the sum is all ones.
    std::uint32_t sum = 58 + 24;
    for (std::size_t i = 22; i < frame.size(); i += 2) {
        sum += static_cast<std::uint32_t>(frame[i] << 8U) + frame[i + 1];
    }
    EXPECT_EQ(0xffffU, (sum & 0xffffU) + (sum >> 16U));
}

TEST(NeighbourFrames, KnowAnAnswer) {
    EXPECT_EQ(kThem, answered_by(arp_answer("192.0.2.7"), ip("192.0.2.7")));
    EXPECT_EQ(std::nullopt, answered_by(arp_answer("192.0.2.7"), ip("192.0.2.8")));
    EXPECT_EQ(kThem, answered_by(advertisement("fd00::7"), ip("fd00::7")));
    EXPECT_EQ(std::nullopt, answered_by(advertisement("fd00::7"), ip("fd00::8")));
    Frame routed = advertisement("fd00::7");
    routed[21] = 64;
    EXPECT_EQ(std::nullopt, answered_by(routed, ip("fd00::7")));
    for (std::size_t size = 0; size < 42; ++size) {
        Frame cut = arp_answer("192.0.2.7");
        cut.resize(size);
        EXPECT_EQ(std::nullopt, answered_by(cut, ip("192.0.2.7"))) << size;
        EXPECT_EQ(std::nullopt, answered_by(cut, ip("fd00::7"))) << size;
    }
}

TEST(NeighbourFrames, PassTheFilter) {
    EXPECT_TRUE(passes_filter(arp_answer("192.0.2.7")));
    EXPECT_TRUE(passes_filter(advertisement("fd00::7")));
    EXPECT_FALSE(passes_filter(make_probe(kUs, ip("fd00::7"))));
    Frame other = arp_answer("192.0.2.7");
    other[13] = 0;
    EXPECT_FALSE(passes_filter(other));
}

}  // namespace
}  // namespace brig::net
