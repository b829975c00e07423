// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// Network namespaces of a test's own, and packets between them (Linux). A socket belongs to the
/// namespace that it was made in: one thread plays all hosts.
namespace brig::test {

/// Runs lines of sh(1), `set -e` first. @throws std::runtime_error with what it wrote
void run_shell(const std::string& script);

/// What lines of sh(1) write to standard output.
[[nodiscard]] std::string shell_output(const std::string& script);

/// Makes named namespaces (ip-netns(8)), and removes them with all that is in them.
class NetSandbox {
  public:
    /// Names are made unique by a prefix: see name().
    explicit NetSandbox(const std::vector<std::string>& hosts);
    NetSandbox(const NetSandbox&) = delete;
    NetSandbox& operator=(const NetSandbox&) = delete;
    NetSandbox(NetSandbox&&) = delete;
    NetSandbox& operator=(NetSandbox&&) = delete;
    ~NetSandbox();

    [[nodiscard]] std::string name(const std::string& host) const { return prefix_ + host; }

    /// A shell's variables $HOST with these names, for scripts.
    [[nodiscard]] std::string variables() const;

  private:
    std::string prefix_;
    std::vector<std::string> hosts_;
};

/// This thread is in the namespace `name` as long as this lives.
class InNamespace {
  public:
    explicit InNamespace(const std::string& name);
    InNamespace(const InNamespace&) = delete;
    InNamespace& operator=(const InNamespace&) = delete;
    InNamespace(InNamespace&&) = delete;
    InNamespace& operator=(InNamespace&&) = delete;
    ~InNamespace();

  private:
    int before_ = -1;
};

enum class Transport {
    tcp,
    udp,
};

/// A socket that waits for what comes to `port` of any IPv4 or IPv6 address of a namespace.
class Listener {
  public:
    Listener(const std::string& name_space, Transport transport, bool ip6, std::uint16_t port);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    Listener(Listener&& other) noexcept;
    Listener& operator=(Listener&&) = delete;
    ~Listener();

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] Transport transport() const noexcept { return transport_; }

  private:
    int fd_ = -1;
    Transport transport_;
};

/// Sends from a namespace to `address`, and has `listener` answer. Returns the address that the
/// listener was sent to from; "" if nothing came within `patience` milliseconds; "no answer" if the
/// answer got lost; "another" if something else answers there.
[[nodiscard]] std::string reach(const std::string& from,
                                const std::string& address,
                                std::uint16_t port,
                                const Listener& listener,
                                int patience = 5000);

}  // namespace brig::test
