// SPDX-License-Identifier: BSD-2-Clause
// What a jail borrows from the host's network, in a network namespace that stands for the host's.
#include "jail_fixture.hpp"
#include "support/check.hpp"
#include "support/child.hpp"
#include "support/unique_resource.hpp"

#include <fcntl.h>
#include <sched.h>

#include <cerrno>

namespace brig {
namespace {

class LendingTest : public JailTest {
  protected:
    void SetUp() override {
        JailTest::SetUp();
        if (IsSkipped()) {
            return;
        }
        home_.reset(check(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "open a namespace"));
        check(::unshare(CLONE_NEWNET), "make a namespace");
        ip({"link", "add", "host0", "type", "veth", "peer", "name", "lent0"});
    }

    void TearDown() override {
        JailTest::TearDown();
        if (home_) {
            check(::setns(home_.get(), CLONE_NEWNET), "leave the namespace");
        }
    }

    static std::string ip(std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "ip");
        ChildRequest request;
        request.argv = std::move(arguments);
        return run_child(request).output;
    }

    static bool has(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }

    static InterfaceAddress address(const std::string& text, unsigned prefix) {
        return {"host0", parse_ip_address(text).value(), prefix};
    }

    UniqueFd home_;
};

TEST_F(LendingTest, AddressesAreAddedAndRemoved) {
    for (const InterfaceAddress& each : {address("192.0.2.9", 24), address("2001:db8::9", 128)}) {
        const std::string text = each.address.to_string() + "/";
        int recorded = 0;
        EXPECT_TRUE(host_->add_address(each, [&] { ++recorded; }));
        EXPECT_EQ(recorded, 1);
        EXPECT_TRUE(has(ip({"addr", "show", "host0"}), text + std::to_string(each.prefix)));
        host_->remove_address(each);
        EXPECT_FALSE(has(ip({"addr", "show", "host0"}), text));
        host_->remove_address(each);  // nothing there is fine
    }
}

TEST_F(LendingTest, AnAddressThatIsThereStaysAnothers) {
    ip({"addr", "add", "192.0.2.9/24", "dev", "host0"});
    EXPECT_FALSE(host_->add_address(address("192.0.2.9", 32), [] { FAIL() << "recorded"; }));
    host_->remove_address(address("192.0.2.9", 32));
    EXPECT_TRUE(has(ip({"addr", "show", "host0"}), "192.0.2.9/24"));
}

TEST_F(LendingTest, AnInterfaceThatIsNotThereIsNamed) {
    const InterfaceAddress nowhere{"nosuch0", parse_ip_address("192.0.2.9").value(), 24};
    const Error error = error_of([&] { host_->add_address(nowhere, [] {}); });
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_TRUE(has(error.what(), "nosuch0"));
    host_->remove_address(nowhere);
    create({{"vnet", "new"}});
    EXPECT_EQ(error_of([&] { host_->lend_interface(jail_, "nosuch0"); }).code(),
              ErrorCode::not_found);
    host_->return_interface("test", run_folder_, "nosuch0");
}

TEST_F(LendingTest, AnInterfaceMovesToTheJailAndBack) {
    create({{"vnet", "new"}});
    host_->lend_interface(jail_, "lent0");
    EXPECT_FALSE(has(ip({"link"}), "lent0@"));
    EXPECT_TRUE(has(run({"ip", "link"}).out, "lent0@"));
    EXPECT_EQ(shell("ip addr add 192.0.2.9/24 dev lent0 && ip link set lent0 up").status.code, 0);
    host_->return_interface("test", run_folder_, "lent0");
    EXPECT_TRUE(has(ip({"link"}), "lent0@"));
    EXPECT_FALSE(has(run({"ip", "link"}).out, "lent0@"));
    host_->return_interface("test", run_folder_, "lent0");
}

TEST_F(LendingTest, AnInterfaceOutlivesTheJail) {
    create({{"vnet", "new"}});
    host_->lend_interface(jail_, "lent0");
    host_->remove_jail("test", run_folder_);
    EXPECT_FALSE(has(ip({"link"}), "lent0@"));
    host_->return_interface("test", run_folder_, "lent0");
    EXPECT_TRUE(has(ip({"link"}), "lent0@"));
    EXPECT_TRUE(std::filesystem::is_empty(run_folder_));
}

}  // namespace
}  // namespace brig
