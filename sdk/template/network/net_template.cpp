// SPDX-License-Identifier: BSD-2-Clause
// The smallest network driver. Copy it, and rename "net-template" here and in CMakeLists.txt.
#include <brig/driver.hpp>

#include <string>

namespace {

using namespace brig::sdk;  // NOLINT(google-build-using-namespace): a driver is one small file

class Network final : public NetworkDriver {
  public:
    static constexpr Option kOptions[] = {
        {.name = "address",
         .type = BRIG_T_IP4,
         .flags = BRIG_OPT_REQUIRED,
         .help = "An IPv4 address of the host that the container may use.",
         .since = "1.0"},
    };
    static constexpr About kAbout{.name = "net-template",
                                  .version = "0.1.0",
                                  .summary = "One address of the host",
                                  .platforms = "freebsd linux",
                                  .params = "ip4.addr",
                                  .caps = BRIG_CAP_IP4};

    Network(Call& /*call*/, const std::string& /*name*/, const Options& config)
        : address_{config.text("address")} {}

    // Report what bears a tag of the engine: here nothing is made on the host.
    void list(Call& /*call*/) override {}

    // Make the host's side, idempotently, and say which jail parameters come of it.
    void prepare(Call& call, const Target& /*target*/) override {
        call.append_param("ip4.addr", address_);
    }

    // Undo all of it, from the target alone; nothing there is fine.
    void teardown(Call& /*call*/, const Target& /*target*/) override {}

    Condition check(Call& /*call*/, const Target& /*target*/) override { return Condition::sound; }

  private:
    std::string address_;
};

}  // namespace

BRIG_SDK_DRIVER(Network)
