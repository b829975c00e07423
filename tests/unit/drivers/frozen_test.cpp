// SPDX-License-Identifier: BSD-2-Clause
// The promise of docs/abi-policy.md: drivers of older SDKs work, from their sources and as they
// were compiled then, and a driver that asks with BRIG_HAS works with every engine.
#include "drivers/library.hpp"
#include "drivers/registry.hpp"
#include "support/memory_driver_store.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

namespace brig {
namespace {

namespace fs = std::filesystem;

DriverCall call_on(const std::string& object) {
    DriverCall call;
    call.container = "c0ffee000001";
    call.object = object;
    call.owner_tag = "brig:engine-1:" + object;
    return call;
}

/// Drivers compiled from the sources of then, with the header of then; and the binaries of then.
class Frozen : public testing::TestWithParam<const char*> {
  protected:
    Frozen() {
        services_.engine_id = "engine-1";
        services_.platform = "linux";
        services_.release = "6.1.0";
        services_.store = &store_;
    }

    DriverRegistry registry() { return DriverRegistry{{{}, {GetParam()}}, services_, terms_}; }

  private:
    test::MemoryDriverStore store_;
    DriverServices services_;
    DriverTermsMap terms_{{"net-frozen", {Isolation::in_process, {}, ""}},
                          {"storage-frozen", {Isolation::in_process, {}, ""}}};
};

TEST_P(Frozen, ANetworkLivesItsLife) {
    const auto network = registry().open_network({"lan", "net-frozen", {}, ""});
    DriverCall call = call_on("eth0");
    const NetworkContribution made = network->prepare(call);
    ASSERT_EQ(made.params.size(), 1U);
    EXPECT_EQ(made.params[0].name, "ip4.addr");
    EXPECT_EQ(made.results.at("said"), "hello");
    EXPECT_TRUE(made.results.at("name.fz").starts_with("fz"));
    call.prior = made.results;
    EXPECT_EQ(network->prepare(call).results, made.results);
    static_cast<void>(network->attach(call));
    EXPECT_EQ(network->check(call), DriverCondition::sound);
    EXPECT_FALSE(network->detaches());
    EXPECT_FALSE(network->has_shared());
    EXPECT_EQ(network->list(), (std::vector<ListedObject>{{"brig:engine-1:eth0", "last", ""}}));
    network->teardown(call);
    call.prior.clear();
    EXPECT_EQ(network->check(call), DriverCondition::absent);
    EXPECT_TRUE(network->list().empty());
}

TEST_P(Frozen, AStorageLivesItsLife) {
    const test::TemporaryFolder folder;
    const auto storage = registry().open_storage(
        {"dirs", "storage-frozen", {{"path", {folder.path().string(), ""}}}, ""});
    const DriverCall image = call_on("image");
    static_cast<void>(storage->provision(image, std::nullopt));
    const fs::path root = storage->activate(image).root;
    std::ofstream{root / "file"} << "of the image";
    storage->deactivate(image);
    storage->snapshot(image, "image");
    const DriverCall clone = call_on("clone");
    static_cast<void>(storage->provision(clone, "image@image"));
    EXPECT_TRUE(fs::exists(storage->activate(clone).root / "file"));
    EXPECT_EQ(storage->list().size(), 2U);
    EXPECT_EQ(storage->check(clone), DriverCondition::sound);
    for (const DriverCall& call : {clone, image}) {
        storage->deactivate(call);
        storage->destroy(call);
        EXPECT_EQ(storage->check(call), DriverCondition::absent);
    }
    EXPECT_TRUE(storage->list().empty());
}

INSTANTIATE_TEST_SUITE_P(Sources, Frozen, testing::Values(BRIG_TEST_STRANGE_DRIVERS));
#ifdef BRIG_TEST_FROZEN_BINARIES
INSTANTIATE_TEST_SUITE_P(Binaries, Frozen, testing::Values(BRIG_TEST_FROZEN_BINARIES));
#endif

// ---- Engines of other sizes ----

std::map<std::string, std::string> results;

brig_status keep_result(brig_call* /*call*/, const char* key, const char* value) {
    results[key] = value;
    return BRIG_OK;
}

const void* no_extension(const char* /*id*/) {
    return nullptr;
}

/// What "net-has" finds out with tables that say they have that many bytes.
std::map<std::string, std::string> found_with(const brig_host& host, const brig_ref& ref) {
    results.clear();
    const brig_driver* driver =
        load_driver_library(fs::canonical(fs::path{BRIG_TEST_STRANGE_DRIVERS} / "net-has.so"));
    brig_inst* instance = nullptr;
    EXPECT_EQ(driver->base->open(&host, nullptr, "x", {}, &instance), BRIG_OK);
    EXPECT_EQ(driver->network->prepare(instance, nullptr, &ref), BRIG_OK);
    return results;
}

brig_host small_host(std::uint32_t size) {
    brig_host host{};
    host.hdr = {size, 0};
    host.result = keep_result;
    host.extension = no_extension;
    return host;
}

TEST(BrigHas, TheSmallestEngineLacksWhatIsNewer) {
    // SDK 1.0's reference ended before instance_tag; what is behind it there is not to be read.
    brig_ref ref{};
    ref.hdr = {offsetof(brig_ref, instance_tag), 0};
    ref.instance_tag = reinterpret_cast<const char*>(1);
    brig_host host = small_host(offsetof(brig_host, extension));
    host.extension = reinterpret_cast<decltype(host.extension)>(1);
    EXPECT_EQ(found_with(host, ref),
              (std::map<std::string, std::string>{{"instance_tag", "none"}, {"run_io", "none"}}));
}

TEST(BrigHas, ALargerEngineHasAllOfIt) {
    struct LargerHost {
        brig_host known;
        void* newer[4];
    };
    struct LargerRef {
        brig_ref known;
        const char* newer[4];
    };
    LargerRef ref{};
    ref.known.hdr = {sizeof(LargerRef), 9};
    ref.known.instance_tag = "brig:e:n-x";
    LargerHost host{small_host(sizeof(LargerHost)), {}};
    EXPECT_EQ(
        found_with(host.known, ref.known),
        (std::map<std::string, std::string>{{"instance_tag", "brig:e:n-x"}, {"run_io", "none"}}));
}

}  // namespace
}  // namespace brig
