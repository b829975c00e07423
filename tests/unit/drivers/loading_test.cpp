// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "drivers/lease_range.hpp"
#include "drivers/library.hpp"
#include "drivers/manifest.hpp"
#include "drivers/registry.hpp"
#include "drivers/tables.hpp"
#include "drivers/trust.hpp"
#include "spec/driver_manifest.hpp"
#include "support/memory_driver_store.hpp"
#include "support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

extern "C" const brig_driver* brig_embedded_net_inherit();

namespace brig {
namespace {

namespace fs = std::filesystem;

const fs::path kDrivers = BRIG_TEST_DRIVERS;  // ours, as built
const fs::path kBroken = BRIG_TEST_BROKEN;    // deliberately bad ones
constexpr unsigned kOffsetOfMachine = 18;     // Elf64_Ehdr::e_machine

template <typename Step>
Error error_of(Step&& step) {
    try {
        step();
    } catch (const Error& error) {
        return error;
    }
    throw std::logic_error{"nothing was thrown"};
}

std::string refusal(const fs::path& file) {
    const Error error = error_of([&] { (void)load_driver_library(file); });
    EXPECT_EQ(error.code(), ErrorCode::bad_driver);
    EXPECT_FALSE(error.hint().empty());
    return error.what();
}

std::string ours() {
    std::ifstream stream{kDrivers / "net-inherit.so", std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

TEST(Loading, OursComesWithItsTables) {
    const fs::path file = kDrivers / "net-inherit.so";
    const DriverTables tables = negotiate(load_driver_library(file), file);
    EXPECT_EQ(tables.driver.kind, unsigned{BRIG_KIND_NETWORK});
    EXPECT_EQ(tables.options().size(), 2U);
}

TEST(Loading, ATextIsNotADriver) {
    const test::TemporaryFolder folder;
    EXPECT_SAYS(refusal(folder.write("x.so", std::string(100, 'x'))), "no ELF file");
    EXPECT_SAYS(refusal(folder.write("y.so", "short")), "too short");
    EXPECT_SAYS(refusal(folder.write("z.so", "")), "is empty");
}

TEST(Loading, ATruncatedDriverIsNotMapped) {
    const test::TemporaryFolder folder;
    const std::string whole = ours();
    EXPECT_SAYS(refusal(folder.write("x.so", whole.substr(0, whole.size() / 2))), "is truncated");
    EXPECT_SAYS(refusal(folder.write("y.so", whole.substr(0, 100))), "is truncated");
}

TEST(Loading, AnotherArchitectureIsNamed) {
    const test::TemporaryFolder folder;
    std::string foreign = ours();
    foreign.at(kOffsetOfMachine) = 40;  // EM_ARM
    foreign.at(kOffsetOfMachine + 1) = 0;
    EXPECT_SAYS(refusal(folder.write("x.so", foreign)), "another architecture (ARM; this is");
}

TEST(Loading, AnotherMajorSaysWhoMustUpgrade) {
    const Error error = error_of([] { (void)load_driver_library(kBroken / "version-2.so"); });
    EXPECT_SAYS(std::string{error.what()}, "speaks driver interface 2; this brig speaks 1");
    EXPECT_EQ(error.hint(), "upgrade brig");
}

TEST(Loading, AMissingEntryIsNamed) {
    EXPECT_SAYS(refusal(kBroken / "no-entry.so"), "does not export 'brig_driver_entry_v1'");
}

TEST(Loading, AMissingSymbolIsNamed) {
    EXPECT_SAYS(refusal(kBroken / "missing-symbol.so"), "there_is_no_such_function");
}

TEST(Trust, RootOwnedPathsPass) {
    EXPECT_NO_THROW(require_trusted("/usr/bin/env", 0));
}

TEST(Trust, AFolderOfRootsInAStickyOnePasses) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to own the folder";
    }
    const test::TemporaryFolder folder{"/tmp"};
    fs::permissions(folder.path(), fs::perms{0755});
    EXPECT_NO_THROW(require_trusted(folder.write("x.so", ""), 0));
}

class TrustBelowRoot : public testing::Test {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root, to change owners";
        }
        fs::permissions(folder.path(), fs::perms{0755});
        file = folder.write("x.so", "");
    }

    test::TemporaryFolder folder{"/var"};
    fs::path file;
};

TEST_F(TrustBelowRoot, AGroupWritableFileIsRefusedWithTheRemedy) {
    EXPECT_NO_THROW(require_trusted(file, 0));
    fs::permissions(file, fs::perms{0664});
    EXPECT_SAYS(error_of([&] { require_trusted(file, 0); }).hint(), "chmod go-w " + file.string());
}

TEST_F(TrustBelowRoot, AFolderOfSomebodyElseIsRefusedWithTheRemedy) {
    ASSERT_EQ(::chown(folder.path().c_str(), 12345, 12345), 0);
    const Error error = error_of([&] { require_trusted(file, 0); });
    EXPECT_SAYS(std::string{error.what()}, "belongs to user 12345");
    EXPECT_SAYS(error.hint(), "chown root " + folder.path().string());
}

TEST_F(TrustBelowRoot, OtherUsersMayLoadWhatTheyLike) {
    fs::permissions(file, fs::perms{0666});
    EXPECT_NO_THROW(require_trusted(file, 12345));
}

TEST(Manifests, SayTheSameAsTheDriver) {
    const fs::path file = kDrivers / "net-inherit.so";
    const DriverInfo asked = describe(negotiate(load_driver_library(file), file), file);
    std::ifstream stream{kDrivers / "net-inherit.toml"};
    const DriverInfo read =
        parse_driver_manifest({std::istreambuf_iterator<char>{stream}, {}}, file);
    EXPECT_EQ(read.error, "");
    EXPECT_EQ(read.name, asked.name);
    EXPECT_EQ(read.kind, asked.kind);
    EXPECT_EQ(read.version, asked.version);
    EXPECT_EQ(read.summary, asked.summary);
    EXPECT_EQ(read.platforms, asked.platforms);
    EXPECT_EQ(read.params, asked.params);
    ASSERT_EQ(read.options.size(), asked.options.size());
    EXPECT_EQ(read.options[0].type, asked.options[0].type);
    EXPECT_EQ(read.options[0].choices, asked.options[0].choices);
    EXPECT_EQ(read.options[0].default_value, asked.options[0].default_value);
}

DriverInfo ask_driver(const fs::path& file) {
    return describe(negotiate(load_driver_library(file), file), file);
}

TEST(Manifests, WhatIsWrongIsInTheEntry) {
    const auto error = [](const std::string& text) {
        return parse_driver_manifest(text, "/d/x.so").error;
    };
    EXPECT_SAYS(error("manifest = "), "its manifest is broken: ");
    EXPECT_SAYS(error("manifest = 2"), "not of version 1");
    EXPECT_SAYS(error("manifest = 1\nname = 'y'"), "that of 'y'");
    EXPECT_SAYS(error("manifest = 1\nname = 'x'\nkind = 'z'"), "unknown kind 'z'");
    EXPECT_SAYS(error("manifest = 1\nname = 'x'\nkind = 'network'\nabi_major = 2"),
                "interface 2.0");
}

TEST(Manifests, OneBrokenDriverDoesNotHideTheOthers) {
    // Where it is trusted for root, beside the drivers that were built.
    const test::TemporaryFolder folder{kBroken};
    fs::permissions(folder.path(), fs::perms{0755});
    fs::copy(kDrivers / "net-inherit.so", folder.path());
    fs::copy(kDrivers / "net-inherit.toml", folder.path());
    folder.write("broken.so", "");
    folder.write("broken.toml", "manifest = ");
    const std::vector<DriverInfo> drivers =
        list_drivers({{}, {folder.path(), "/no such folder"}}, ask_driver);
    ASSERT_EQ(drivers.size(), 2U);
    EXPECT_EQ(drivers[0].name, "broken");
    EXPECT_NE(drivers[0].error, "");
    EXPECT_EQ(drivers[1].name, "net-inherit");
    EXPECT_EQ(drivers[1].error, "");
}

TEST(Manifests, ADriverOfTheProgramHidesAFileOfItsName) {
    const std::vector<DriverInfo> drivers =
        list_drivers({{{"net-inherit", brig_embedded_net_inherit}}, {kDrivers}}, ask_driver);
    const auto inherit = std::find_if(drivers.begin(), drivers.end(), [](const DriverInfo& driver) {
        return driver.name == "net-inherit";
    });
    ASSERT_NE(inherit, drivers.end());
    EXPECT_EQ(inherit->file, "");
    EXPECT_EQ(inherit->kind, "network");
    EXPECT_EQ(inherit->error, "");
}

TEST(Manifests, OfOneNameTheFirstIsUsedAndTheOtherSaysWhy) {
    const test::TemporaryFolder folder{kBroken};
    fs::permissions(folder.path(), fs::perms{0755});
    fs::copy(kDrivers / "net-inherit.so", folder.path());
    // What is in the last folder is brig's own, and hidden without a word.
    const auto drivers = list_drivers({{}, {kDrivers, folder.path(), "/none"}}, ask_driver);
    std::vector<std::string> errors;
    for (const DriverInfo& driver : drivers) {
        if (driver.name == "net-inherit") {
            errors.push_back(driver.error);
        }
    }
    ASSERT_EQ(errors.size(), 2U);
    EXPECT_EQ(errors[0], "");
    EXPECT_SAYS(errors[1], "is hidden by");
}

TEST(Manifests, ALieIsFound) {
    const test::TemporaryFolder folder{kBroken};
    fs::permissions(folder.path(), fs::perms{0755});
    fs::copy(kDrivers / "net-inherit.so", folder.path());
    const fs::path file = folder.path() / "net-inherit.so";
    const DriverInfo said = ask_driver(file);
    EXPECT_EQ(manifest_lie(said, file), std::nullopt);
    fs::copy(kDrivers / "net-inherit.toml", folder.path());
    EXPECT_EQ(manifest_lie(said, file), std::nullopt);
    DriverInfo other = said;
    other.params = "ip4 ip6 allow.*";
    EXPECT_SAYS(manifest_lie(other, file).value_or(""), "has params 'ip4 ip6', the driver itself");
    other = said;
    other.options.front().required = true;
    EXPECT_SAYS(manifest_lie(other, file).value_or(""), "required");
}

class Registry : public testing::Test {
  protected:
    static DriverServices services(test::MemoryDriverStore& store) {
        DriverServices services;
        services.engine_id = "engine-1";
        services.platform = "linux";
        services.release = "6.1.0";
        services.store = &store;
        return services;
    }

    test::MemoryDriverStore store;
    DriverRegistry registry{{{}, {kDrivers}}, services(store)};
};

TEST_F(Registry, AnUnknownDriverGetsTheNearestName) {
    const Error error = error_of([&] { (void)registry.driver("net-inhert"); });
    EXPECT_EQ(error.code(), ErrorCode::not_found);
    EXPECT_EQ(error.hint(), "did you mean 'net-inherit'?");
}

TEST_F(Registry, ADriverOfTheProgramNeedsNoFolder) {
    DriverRegistry embedding{{{{"net-inherit", brig_embedded_net_inherit}}, {}}, services(store)};
    const auto network = embedding.open_network({"host", "net-inherit", {}, ""});
    EXPECT_EQ(network->name(), "host");
    EXPECT_EQ(error_of([&] { (void)embedding.driver("net-inhert"); }).hint(),
              "did you mean 'net-inherit'?");
}

TEST_F(Registry, ANameCannotLeaveTheFolders) {
    EXPECT_EQ(error_of([&] { (void)registry.driver("../drivers/net-inherit"); }).code(),
              ErrorCode::not_found);
}

TEST_F(Registry, InheritContributesItsOptions) {
    const OptionValue disable{std::string{"disable"}, {}};
    const auto none = registry.open_network({"none", "net-inherit", {{"ip6", disable}}, {}});
    const NetworkContribution made = none->prepare({});
    ASSERT_EQ(made.params.size(), 2U);
    EXPECT_EQ(made.params[0].name, "ip4");
    EXPECT_EQ(made.params[0].values, std::vector<std::string>{"inherit"});
    EXPECT_EQ(made.params[1].name, "ip6");
    EXPECT_EQ(made.params[1].values, std::vector<std::string>{"disable"});
    none->teardown({});
    EXPECT_EQ(none->check({}), DriverCondition::sound);
    EXPECT_TRUE(none->instance().list().empty());
}

TEST_F(Registry, ANetworkIsNoStorage) {
    const Error error = error_of([&] {
        (void)registry.open_storage({"s", "net-inherit", {}, "brig.toml:1:1"});
    });
    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_SAYS(std::string{error.what()}, "driver 'net-inherit', which is for networks");
}

TEST_F(Registry, WrongOptionsAreRefusedBeforeTheDriverIsAsked) {
    const OptionValue wrong{std::string{"new"}, "brig.toml:3:1"};
    const Error error = error_of([&] {
        (void)registry.open_network({"n", "net-inherit", {{"ip4", wrong}}, {}});
    });
    EXPECT_EQ(error.code(), ErrorCode::invalid_config);
    EXPECT_SAYS(std::string{error.what()}, "brig.toml:3:1: 'ip4' of network 'n' must be one of");
}

TEST(LeaseRange, HoldsTheHostAddressesOfANetwork) {
    const auto range = LeaseRange::parse("10.0.0.7/30");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->size(), 2U);
    EXPECT_EQ(range->at(0), "10.0.0.5");
    EXPECT_EQ(range->at(1), "10.0.0.6");
    EXPECT_EQ(range->find("10.0.0.6"), "10.0.0.6");
    EXPECT_EQ(range->find("10.0.0.7"), std::nullopt);
    EXPECT_EQ(range->find("10.0.0.4"), std::nullopt);
}

TEST(LeaseRange, CarriesOverBytes) {
    const auto range = LeaseRange::parse("10.0.0.250-10.0.1.5");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->size(), 12U);
    EXPECT_EQ(range->at(11), "10.0.1.5");
    EXPECT_EQ(LeaseRange::parse("fd00::/64")->at(255), "fd00::100");
    EXPECT_EQ(LeaseRange::parse("fd00::ff-fd00::1:0")->size(), 65282U);
}

TEST(LeaseRange, NumbersAndNonsense) {
    EXPECT_EQ(LeaseRange::parse("5000-5999")->find("5999"), "5999");
    EXPECT_EQ(LeaseRange::parse("5000-5999")->find("6000"), std::nullopt);
    for (const char* text : {"", "-", "9-1", "10.0.0.9-10.0.0.1", "10.0.0.1-::1", "10.0.0.0/33"}) {
        EXPECT_FALSE(LeaseRange::parse(text)) << text;
    }
}

}  // namespace
}  // namespace brig
