// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "system.hpp"

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// rtnetlink(7): messages are built and read by libnl, and go in batches. The kernel carries out a
/// batch within one system call, so that a process that is killed has done all of it or nothing.
namespace brig::net {

/// One request, to be acknowledged.
class Message {
  public:
    /// @param doing what it does, for messages of errors: "make interface 'v1'"
    /// @param type  RTM_NEWLINK, …
    /// @param flags NLM_F_CREATE, …, besides those that every request has
    Message(std::string doing, std::uint16_t type, std::uint16_t flags);

    /// The struct that follows the header: ifinfomsg, ifaddrmsg, rtmsg.
    template <typename Body>
    Message& body(const Body& body) {
        append(&body, sizeof body);
        return *this;
    }

    Message& attribute(int type, const void* data, std::size_t size);
    Message& text(int type, const std::string& text);
    Message& number(int type, std::uint32_t number);
    Message& byte(int type, std::uint8_t number);

    /// Attributes that `fill` adds, within one.
    Message& nest(int type, const std::function<void(Message&)>& fill);

    /// What follows within the nest begins with this struct, as the peer of a veth does.
    template <typename Body>
    Message& nested_body(const Body& body) {
        append(&body, sizeof body);
        return *this;
    }

    /// This error of the kernel is no failure: what was wanted is so already.
    Message& tolerate(int error_number);

    [[nodiscard]] const std::string& doing() const noexcept { return doing_; }
    [[nodiscard]] bool tolerates(int error_number) const noexcept;
    [[nodiscard]] std::string_view bytes() const noexcept;
    void set_sequence(std::uint32_t number) noexcept;

  private:
    void append(const void* data, std::size_t size);

    struct Free {
        void operator()(nl_msg* message) const noexcept { ::nlmsg_free(message); }
    };

    std::string doing_;
    std::unique_ptr<nl_msg, Free> message_;
    std::vector<int> tolerated_;
};

/// A conversation with the kernel about one network namespace. One thread at a time.
class Netlink {
  public:
    /// About the namespace of this thread.
    Netlink();

    /// About the namespace at the path, or that the descriptor stands for. The thread visits it.
    explicit Netlink(const std::string& network_namespace);
    explicit Netlink(int network_namespace);

    /// Sends all of them in one go. Each is tried, whatever became of those before.
    /// @throws Error of the first that failed, with what the kernel said
    void perform(std::vector<Message> batch) const;

    /// Sends one question, and calls `take` with each answer. False if the kernel says that there
    /// is no such thing.
    bool ask(Message question, const std::function<void(nlmsghdr*)>& take) const;

    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

  private:
    UniqueFd socket_;
};

}  // namespace brig::net
