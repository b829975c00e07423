// SPDX-License-Identifier: BSD-2-Clause
#include "brig/driver.hpp"

#include <string>

namespace {

using brig::sdk::Call;
using brig::sdk::Condition;
using brig::sdk::Options;
using brig::sdk::Target;

/// The host's own network stack, or none of it: `ip4` and `ip6` of jail(8), and nothing else.
class InheritNetwork final : public brig::sdk::NetworkDriver {
  public:
    static constexpr brig::sdk::Option kOptions[] = {
        {.name = "ip4",
         .type = BRIG_T_ENUM,
         .def = "inherit",
         .choices = "inherit|disable",
         .help = "Whether the container uses the host's IPv4 addresses.",
         .since = "1.0.0"},
        {.name = "ip6",
         .type = BRIG_T_ENUM,
         .def = "inherit",
         .choices = "inherit|disable",
         .help = "Whether the container uses the host's IPv6 addresses.",
         .since = "1.0.0"},
    };
    static constexpr brig::sdk::About kAbout{
        .name = "net-inherit",
        .version = "1.0.0",
        .vendor = "brig",
        .license = "BSD-2-Clause",
        .summary = "The host's network, shared with the container or withheld from it",
        .platforms = "freebsd>=13.2 linux>=5.15",
        .params = "ip4 ip6",
        .caps = BRIG_CAP_IP4 | BRIG_CAP_IP6 | BRIG_CAP_UNPRIVILEGED,
        .thread_model = BRIG_PARALLEL};

    InheritNetwork(Call& /*call*/, const std::string& /*name*/, const Options& config)
        : ip4_{config.text("ip4")}, ip6_{config.text("ip6")} {}

    // Nothing is made on the host, so there is nothing to list, to undo, or to drift.
    void list(Call& /*call*/) override {}

    void prepare(Call& call, const Target& /*target*/) override {
        call.set_param("ip4", ip4_);
        call.set_param("ip6", ip6_);
    }

    void teardown(Call& /*call*/, const Target& /*target*/) override {}

    Condition check(Call& /*call*/, const Target& /*target*/) override { return Condition::sound; }

  private:
    std::string ip4_;
    std::string ip6_;
};

}  // namespace

BRIG_SDK_DRIVER(InheritNetwork)
