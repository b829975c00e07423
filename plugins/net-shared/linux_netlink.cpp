// SPDX-License-Identifier: BSD-2-Clause
#include "linux_netlink.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

namespace brig::net {

namespace {

constexpr std::size_t kLargestAnswer = std::size_t{64} * 1024;

UniqueFd open_socket() {
    UniqueFd socket{check(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE),
                          "open a socket to rtnetlink")};
    // Both make errors say more and are known to every kernel that brig runs on.
    const int on = 1;
    static_cast<void>(::setsockopt(socket.get(), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on));
    static_cast<void>(::setsockopt(socket.get(), SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on));
    return socket;
}

/// Takes the thread to a network namespace, and back.
class Visit {
  public:
    explicit Visit(int network_namespace)
        : home_{check(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC),
                      "open the network namespace of brig")} {
        check(::setns(network_namespace, CLONE_NEWNET), "enter the network namespace of a jail");
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    Visit(Visit&&) = delete;
    Visit& operator=(Visit&&) = delete;
    // It was ours a moment ago, and we are still allowed to.
    ~Visit() { static_cast<void>(::setns(home_.get(), CLONE_NEWNET)); }

  private:
    UniqueFd home_;
};

UniqueFd open_socket_in(int network_namespace) {
    const Visit visit{network_namespace};
    return open_socket();
}

UniqueFd open_namespace(const std::string& path) {
    return UniqueFd{check(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open '", path, "'")};
}

/// What the kernel says in words about an error, or "".
std::string words_of(const nlmsghdr* header) {
    if ((header->nlmsg_flags & NLM_F_ACK_TLVS) == 0) {
        return {};
    }
    // The request's header only is repeated (NETLINK_CAP_ACK), then come the attributes.
    const auto* begin = reinterpret_cast<const char*>(header) + NLMSG_HDRLEN + sizeof(nlmsgerr);
    const auto size =
        static_cast<int>(header->nlmsg_len) - static_cast<int>(NLMSG_HDRLEN + sizeof(nlmsgerr));
    const nlattr* words =
        ::nla_find(reinterpret_cast<nlattr*>(const_cast<char*>(begin)), size, NLMSGERR_ATTR_MSG);
    return words == nullptr ? "" : static_cast<const char*>(::nla_data(words));
}

/// Calls `take` with each message of the next datagram.
template <typename Take>
void receive(int socket, std::vector<char>& buffer, Take&& take) {
    ssize_t size = -1;
    do {
        size = ::recv(socket, buffer.data(), buffer.size(), 0);
    } while (size < 0 && errno == EINTR);
    int left = static_cast<int>(check(size, "receive from rtnetlink"));
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer.data()); ::nlmsg_ok(header, left) != 0;
         header = ::nlmsg_next(header, &left)) {
        take(header);
    }
}

const nlmsgerr& error_of(nlmsghdr* header) {
    return *static_cast<const nlmsgerr*>(::nlmsg_data(header));
}

}  // namespace

Message::Message(std::string doing, std::uint16_t type, std::uint16_t flags)
    : doing_{std::move(doing)},
      message_{::nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_ACK | flags)} {
    if (message_ == nullptr) {
        throw_errno(ENOMEM, doing_);
    }
}

void Message::append(const void* data, std::size_t size) {
    if (::nlmsg_append(message_.get(), const_cast<void*>(data), size, NLMSG_ALIGNTO) < 0) {
        throw_errno(ENOMEM, doing_);
    }
}

Message& Message::attribute(int type, const void* data, std::size_t size) {
    if (::nla_put(message_.get(), type, static_cast<int>(size), data) < 0) {
        throw_errno(ENOMEM, doing_);
    }
    return *this;
}

Message& Message::text(int type, const std::string& text) {
    return attribute(type, text.c_str(), text.size() + 1);
}

Message& Message::number(int type, std::uint32_t number) {
    return attribute(type, &number, sizeof number);
}

Message& Message::byte(int type, std::uint8_t number) {
    return attribute(type, &number, sizeof number);
}

Message& Message::nest(int type, const std::function<void(Message&)>& fill) {
    nlattr* begin = ::nla_nest_start(message_.get(), type);
    if (begin == nullptr) {
        throw_errno(ENOMEM, doing_);
    }
    fill(*this);
    ::nla_nest_end(message_.get(), begin);
    return *this;
}

Message& Message::tolerate(int error_number) {
    tolerated_.push_back(error_number);
    return *this;
}

bool Message::tolerates(int error_number) const noexcept {
    return std::find(tolerated_.begin(), tolerated_.end(), error_number) != tolerated_.end();
}

std::string_view Message::bytes() const noexcept {
    const nlmsghdr* header = ::nlmsg_hdr(message_.get());
    return {reinterpret_cast<const char*>(header), NLMSG_ALIGN(header->nlmsg_len)};
}

void Message::set_sequence(std::uint32_t number) noexcept {
    ::nlmsg_hdr(message_.get())->nlmsg_seq = number;
}

Netlink::Netlink() : socket_{open_socket()} {}

Netlink::Netlink(const std::string& network_namespace)
    : Netlink{open_namespace(network_namespace).get()} {}

Netlink::Netlink(int network_namespace) : socket_{open_socket_in(network_namespace)} {}

void Netlink::perform(std::vector<Message> batch) const {
    std::string bytes;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        batch[i].set_sequence(static_cast<std::uint32_t>(i));
        bytes += batch[i].bytes();
    }
    if (bytes.empty()) {
        return;
    }
    check(::send(socket_.get(), bytes.data(), bytes.size(), 0), "send to rtnetlink");

    struct Failure {
        const Message* message;
        int error;
        std::string words;
    };
    std::optional<Failure> first;
    std::size_t answers = 0;
    std::vector<char> buffer(kLargestAnswer);
    const auto take = [&](nlmsghdr* header) {
        if (header->nlmsg_type != NLMSG_ERROR || header->nlmsg_seq >= batch.size()) {
            return;
        }
        ++answers;
        const Message& message = batch[header->nlmsg_seq];
        const int error = -error_of(header).error;
        if (error != 0 && !message.tolerates(error) && !first) {
            first = Failure{&message, error, words_of(header)};
        }
    };
    while (answers < batch.size()) {
        receive(socket_.get(), buffer, take);
    }
    if (first) {
        throw_errno(first->error, first->message->doing(), first->words);
    }
}

bool Netlink::ask(Message question, const std::function<void(nlmsghdr*)>& take) const {
    const std::string_view bytes = question.bytes();
    check(::send(socket_.get(), bytes.data(), bytes.size(), 0), "send to rtnetlink");
    int error = -1;
    const auto take_or_end = [&](nlmsghdr* header) {
        if (header->nlmsg_type == NLMSG_ERROR) {
            error = -error_of(header).error;
        } else if (header->nlmsg_type == NLMSG_DONE) {
            error = 0;
        } else {
            take(header);
        }
    };
    std::vector<char> buffer(kLargestAnswer);
    while (error < 0) {
        receive(socket_.get(), buffer, take_or_end);
    }
    if (error != 0 && error != ENODEV && error != ESRCH) {
        throw_errno(error, question.doing());
    }
    return error == 0;
}

}  // namespace brig::net
