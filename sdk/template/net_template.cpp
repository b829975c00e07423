// SPDX-License-Identifier: BSD-2-Clause
// A network of single addresses: each container gets one of the host's, and nothing else.
#include <brig/driver.hpp>

#include <string>

namespace {

using namespace brig::sdk;  // NOLINT(google-build-using-namespace): a driver is one small file

class Network final : public NetworkDriver {
  public:
    static constexpr Option kOptions[] = {
        {.name = "addresses",
         .type = BRIG_T_CIDR,
         .flags = BRIG_OPT_REQUIRED,
         .help = "A network of IPv4 addresses that the host has, as \"10.0.0.0/24\".",
         .since = "0.1.0"},
    };
    static constexpr About kAbout{.name = "net-template",
                                  .version = "0.1.0",
                                  .vendor = "you",
                                  .license = "BSD-2-Clause",
                                  .summary = "One address of the host for each container",
                                  .platforms = "freebsd linux",
                                  .params = "ip4.addr",
                                  .caps = BRIG_CAP_IP4 | BRIG_CAP_UNPRIVILEGED};

    // Opens an instance, [network.NAME] of the configuration. Cheap, and touches nothing.
    Network(Call& /*call*/, const std::string& /*name*/, const Options& config)
        : addresses_{config.text("addresses")} {}

    // Reports what is on the host with a tag of this engine, as the system shows it: here nothing
    // is made there.
    void list(Call& /*call*/) override {}

    // Before the jail exists: makes the host's side, tagged with target.owner_tag(), and says which
    // parameters come of it. May be repeated; changes nothing if target.dry_run().
    void prepare(Call& call, const Target& /*target*/) override {
        // The engine keeps the lease, gives the same again, and frees it with the container.
        const std::string address = call.lease(addresses_, "ip4");
        call.append_param("ip4.addr", address);
        call.result("ip4", address);
    }

    // Undoes all of it, from the target alone: without a jail, without results, any number of
    // times.
    void teardown(Call& /*call*/, const Target& /*target*/) override {}

    // Whether it is as it was set up.
    Condition check(Call& /*call*/, const Target& target) override {
        return target.prior().has("ip4") ? Condition::sound : Condition::absent;
    }

  private:
    std::string addresses_;
};

}  // namespace

BRIG_SDK_DRIVER(Network)
