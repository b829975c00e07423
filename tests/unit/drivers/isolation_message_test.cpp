// SPDX-License-Identifier: BSD-2-Clause
#include "drivers/isolation/channel.hpp"
#include "drivers/isolation/description.hpp"
#include "drivers/isolation/message.hpp"
#include "drivers/isolation/reference.hpp"
#include "drivers/tables.hpp"
#include "support/pipe.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <string>

extern "C" const brig_driver* brig_embedded_net_inherit();

namespace brig::isolation {
namespace {

struct Ends {
    Channel one;
    Channel other;
};

Ends make_ends() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds.data()), 0);
    return {Channel{UniqueFd{fds[0]}}, Channel{UniqueFd{fds[1]}}};
}

brig_ref example_ref(const brig_map& options) {
    brig_ref ref{};
    ref.hdr = BRIG_HDR(brig_ref);
    ref.flags = BRIG_F_RECOVERY;
    ref.jid = -1;
    ref.container = "c1";
    ref.object = "web.lan";
    ref.owner_tag = "brig:e:c1";
    ref.instance_tag = "brig:e:n-lan";
    ref.options = options;
    return ref;
}

TEST(IsolationMessage, AReferenceComesOverAsItIs) {
    const std::array<const char*, 2> words{"a b", ""};
    const std::array<brig_kv, 2> rows{
        brig_kv{"size", {BRIG_T_SIZE, 1, 4096, "4K", nullptr}},
        brig_kv{"list", {BRIG_T_STR | BRIG_T_LIST, 2, 0, nullptr, words.data()}}};
    MessageWriter writer{7};
    write_reference(writer, example_ref({rows.data(), rows.size()}));
    const std::string message = writer.message();
    MessageReader reader{message};
    EXPECT_EQ(reader.kind(), 7);
    const ReferenceStorage storage{reader};
    reader.end();
    const brig_ref& read = storage.get();
    EXPECT_EQ(read.flags, static_cast<std::uint32_t>(BRIG_F_RECOVERY));
    EXPECT_EQ(read.jid, -1);
    EXPECT_STREQ(read.object, "web.lan");
    EXPECT_EQ(read.root, nullptr);
    ASSERT_EQ(read.options.n, 2U);
    EXPECT_EQ(read.options.v[0].val.i, 4096);
    ASSERT_EQ(read.options.v[1].val.count, 2U);
    EXPECT_STREQ(read.options.v[1].val.list[0], "a b");
    EXPECT_STREQ(read.options.v[1].val.list[1], "");
    EXPECT_EQ(read.prior.n, 0U);
}

TEST(IsolationMessage, WhatIsCutShortIsRefused) {
    MessageWriter writer{1};
    write_reference(writer, example_ref({}));
    const std::string whole = writer.message();
    for (std::size_t size = sizeof(std::int64_t); size < whole.size(); ++size) {
        const std::string part = whole.substr(0, size);
        MessageReader reader{part};
        EXPECT_THROW(ReferenceStorage{reader}, BadMessage) << size;
    }
}

TEST(IsolationMessage, WhatIsTooLongIsRefused) {
    const std::string message = MessageWriter{1}.number(2).message();
    MessageReader reader{message};
    EXPECT_THROW(reader.end(), BadMessage);
}

TEST(IsolationMessage, NumbersThatAreTooLargeAreRefused) {
    // The length of a text, and the number of rows of a map.
    const std::string message = MessageWriter{1}.number(std::int64_t{1} << 60).message();
    MessageReader text{message};
    EXPECT_THROW(static_cast<void>(text.text()), BadMessage);
    MessageReader map{message};
    MapStorage storage;
    EXPECT_THROW(map.map(storage), BadMessage);
}

TEST(IsolationMessage, ATextWithinATextIsRefused) {
    const std::string message = MessageWriter{1}.bytes({"a\0b", 3}).message();
    MessageReader reader{message};
    EXPECT_THROW(static_cast<void>(reader.text()), BadMessage);
}

TEST(IsolationMessage, ADescriptionHasAllFacts) {
    const DriverTables offered = offered_tables(brig_embedded_net_inherit(), "net-inherit");
    const Description description{describe_tables(offered)};
    const brig_driver& driver = description.tables().driver;
    EXPECT_STREQ(driver.name, "net-inherit");
    EXPECT_EQ(driver.kind, static_cast<std::uint32_t>(BRIG_KIND_NETWORK));
    EXPECT_STREQ(driver.params, offered.driver.params);
    ASSERT_EQ(driver.n_options, offered.driver.n_options);
    EXPECT_STREQ(driver.options[0].choices, offered.driver.options[0].choices);
    EXPECT_NE(description.operations(), 0);
}

TEST(IsolationChannel, MessagesArriveOneByOneAndWhole) {
    Ends ends = make_ends();
    const std::string large(3000, 'x');
    ends.one.send("first");
    ends.one.send(large);
    EXPECT_EQ(ends.other.receive(), "first");
    EXPECT_EQ(ends.other.receive(), large);
}

TEST(IsolationChannel, DescriptorsComeAlong) {
    Ends ends = make_ends();
    const Pipe pipe = make_pipe();
    ends.one.send("with one", {pipe.write.get()});
    EXPECT_EQ(ends.other.receive(), "with one");
    const UniqueFd copy = ends.other.take_descriptor();
    EXPECT_EQ(::write(copy.get(), "x", 1), 1);
    char letter = 0;
    EXPECT_EQ(::read(pipe.read.get(), &letter, 1), 1);
    EXPECT_THROW(static_cast<void>(ends.other.take_descriptor()), BadMessage);
}

TEST(IsolationChannel, TheEndOfTheOtherSideIsNoticed) {
    Ends ends = make_ends();
    { const Channel gone = std::move(ends.one); }
    EXPECT_EQ(ends.other.receive(), std::nullopt);
    EXPECT_THROW(ends.other.send("nobody"), PeerGone);
}

TEST(IsolationChannel, AMessageOfAbsurdLengthIsRefused) {
    Ends ends = make_ends();
    const std::uint32_t length = UINT32_MAX;
    ASSERT_EQ(::write(ends.one.fd(), &length, sizeof length), 4);
    EXPECT_THROW(static_cast<void>(ends.other.receive()), BadMessage);
}

}  // namespace
}  // namespace brig::isolation
