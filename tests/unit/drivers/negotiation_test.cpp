// SPDX-License-Identifier: BSD-2-Clause
#include "brig/error.hpp"
#include "drivers/options.hpp"
#include "drivers/registry.hpp"
#include "drivers/tables.hpp"
#include "support/fake_driver.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <functional>
#include <string>

namespace brig {
namespace {

/// A sound descriptor that a test spoils.
struct Offer {
    brig_driver driver = test::fake_network();
    brig_base_ops base = *test::fake_network().base;
    brig_network_ops network = *test::fake_network().network;

    [[nodiscard]] DriverTables take() {
        driver.base = &base;
        driver.network = &network;
        return negotiate(&driver, "/drivers/fake-net.so");
    }

    [[nodiscard]] std::string refusal() {
        try {
            (void)take();
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), ErrorCode::bad_driver);
            EXPECT_FALSE(error.hint().empty());
            return error.what();
        }
        return "(accepted)";
    }
};

TEST(Negotiation, AnOlderDriverLacksOnlyWhatItDoesNotHave) {
    Offer offer;
    offer.network.hdr.size = offsetof(brig_network_ops, check);
    const DriverTables tables = offer.take();
    EXPECT_EQ(tables.network.prepare, offer.network.prepare);
    EXPECT_EQ(tables.network.check(nullptr, nullptr, nullptr), BRIG_UNSUPPORTED);
}

TEST(Negotiation, ATableThatEndsWithinAMemberDoesNotGiveHalfAPointer) {
    Offer offer;
    offer.network.hdr.size = offsetof(brig_network_ops, check) + 4;
    EXPECT_EQ(offer.take().network.check(nullptr, nullptr, nullptr), BRIG_UNSUPPORTED);
}

TEST(Negotiation, WhatOnlyANewerEngineKnowsIsLeftOut) {
    struct Newer {
        brig_network_ops known;
        brig_op* unknown;
    };
    Newer newer{*test::fake_network().network, nullptr};
    newer.known.hdr = {sizeof(Newer), 7};
    brig_driver driver = test::fake_network();
    driver.network = &newer.known;
    driver.hdr.minor = 7;
    const DriverTables tables = negotiate(&driver, "/drivers/fake-net.so");
    EXPECT_EQ(tables.network.hdr.size, sizeof(brig_network_ops));
    EXPECT_EQ(tables.network.check, newer.known.check);
}

TEST(Negotiation, NothingToDoInsideIsNoFailure) {
    Offer offer;
    offer.network.attach = nullptr;
    EXPECT_EQ(offer.take().network.attach(nullptr, nullptr, nullptr), BRIG_OK);
}

TEST(Negotiation, ADriverForANewerEngineSaysWhichOne) {
    Offer offer;
    offer.driver.min_minor = 3;
    EXPECT_EQ(offer.refusal(),
              "driver '/drivers/fake-net.so' needs driver interface 1.3; this brig has 1.2");
}

TEST(Negotiation, NoTableIsRefused) {
    EXPECT_THROW((void)negotiate(nullptr, "/drivers/x.so"), Error);
}

struct Defect {
    const char* message;
    std::function<void(Offer&)> spoil;
};

class BadDescriptor : public testing::TestWithParam<Defect> {};

TEST_P(BadDescriptor, IsRefusedPrecisely) {
    Offer offer;
    GetParam().spoil(offer);
    EXPECT_NE(offer.refusal().find(GetParam().message), std::string::npos) << offer.refusal();
}

constexpr brig_option kNameless{nullptr, BRIG_T_STR, 0, nullptr, nullptr, 0, 0, nullptr, nullptr};
constexpr brig_option kChoiceless{"a", BRIG_T_ENUM, 0, nullptr, nullptr, 0, 0, nullptr, nullptr};
constexpr brig_option kBadDefault{"a", BRIG_T_INT, 0, "many", nullptr, 0, 0, nullptr, nullptr};

INSTANTIATE_TEST_SUITE_P(
    Defects,
    BadDescriptor,
    testing::Values(
        Defect{"too short", [](Offer& o) { o.driver.hdr.size = 8; }},
        Defect{"does not say its name", [](Offer& o) { o.driver.name = nullptr; }},
        Defect{"calls itself 'other'", [](Offer& o) { o.driver.name = "other"; }},
        Defect{"not of the form", [](Offer& o) { o.driver.name = "../fake-net"; }},
        Defect{"its version", [](Offer& o) { o.driver.version = nullptr; }},
        Defect{"of kind 9", [](Offer& o) { o.driver.kind = 9; }},
        Defect{"no table of storage", [](Offer& o) { o.driver.kind = BRIG_KIND_STORAGE; }},
        Defect{"lacks the required operation 'list'", [](Offer& o) { o.base.list = nullptr; }},
        Defect{"operation 'teardown'", [](Offer& o) { o.network.teardown = nullptr; }},
        Defect{"no table of network", [](Offer& o) { o.network.hdr.size = 0; }},
        Defect{"says it has", [](Offer& o) { o.driver.options = nullptr; }},
        Defect{"without a name", [](Offer& o) { o.driver.options = &kNameless; }},
        Defect{"without choices", [](Offer& o) { o.driver.options = &kChoiceless; }},
        Defect{"default 'many' must be an integer",
               [](Offer& o) { o.driver.options = &kBadDefault; }}));

constexpr sdk::Option kRows[] = {
    {.name = "bridge", .flags = BRIG_OPT_REQUIRED, .help = "Bridge to join."},
    {.name = "mtu", .type = BRIG_T_INT, .def = "1500", .min = 576, .max = 9216},
    {.name = "mode", .type = BRIG_T_ENUM, .def = "a", .choices = "a|b"},
    {.name = "size", .type = BRIG_T_SIZE, .flags = BRIG_OPT_PER_CONTAINER},
    {.name = "wait", .type = BRIG_T_DURATION_MS, .def = "10s"},
    {.name = "dns", .type = BRIG_T_IP4 | BRIG_T_LIST},
    {.name = "on", .type = BRIG_T_BOOL, .def = "true"},
};

class ResolveOptions : public testing::Test {
  protected:
    OptionMap resolve(const OptionMap& given, OptionScope scope = OptionScope::instance) {
        rows.clear();
        for (const sdk::Option& row : kRows) {
            rows.push_back(static_cast<brig_option>(row));
        }
        return resolve_options(given, rows, scope, "network 'lan'", findings);
    }

    [[nodiscard]] std::string only_finding() const {
        EXPECT_EQ(findings.all().size(), 1U);
        return findings.empty() ? "" : findings.all().front().message;
    }

    std::vector<brig_option> rows;
    Findings findings;
};

OptionValue value(decltype(OptionValue::value) content) {
    return {std::move(content), "brig.toml:3:1"};
}

TEST_F(ResolveOptions, FillsInDefaultsInTheirTypes) {
    const OptionMap options = resolve({{"bridge", value("b0")}, {"size", value("2K")}});
    EXPECT_TRUE(findings.empty());
    const DriverMap map{options, rows};
    const brig_map raw = map.view();
    const sdk::Options view{raw};
    EXPECT_EQ(view.text("bridge"), "b0");
    EXPECT_EQ(view.integer("mtu"), 1500);
    EXPECT_EQ(view.text("mtu"), "1500");
    EXPECT_EQ(view.integer("size"), 2048);
    EXPECT_EQ(view.integer("wait"), 10'000);
    EXPECT_TRUE(view.boolean("on"));
    EXPECT_FALSE(view.has("dns"));
}

TEST_F(ResolveOptions, FindsEverythingThatIsWrongAtOnce) {
    (void)resolve({{"brigde", value("b0")}, {"mtu", value(std::int64_t{1})}, {"on", value("yes")}});
    ASSERT_EQ(findings.all().size(), 4U);
    EXPECT_EQ(findings.all()[0].message, "network 'lan' has no option 'brigde'");
    EXPECT_EQ(findings.all()[0].hint, "did you mean 'bridge'?");
    EXPECT_EQ(findings.all()[0].where, "brig.toml:3:1");
    EXPECT_EQ(findings.all()[1].message, "'mtu' of network 'lan' must be between 576 and 9216");
    EXPECT_EQ(findings.all()[2].message, "'on' of network 'lan' must be true or false");
    EXPECT_EQ(findings.all()[3].message, "network 'lan' lacks the required option 'bridge'");
}

TEST_F(ResolveOptions, AChoiceIsOneOfThem) {
    (void)resolve({{"bridge", value("b0")}, {"mode", value("c")}});
    EXPECT_EQ(only_finding(), "'mode' of network 'lan' must be one of a, b");
}

TEST_F(ResolveOptions, EveryElementOfAListIsChecked) {
    (void)resolve(
        {{"bridge", value("b0")}, {"dns", value(std::vector<std::string>{"1.1.1.1", "::1"})}});
    EXPECT_EQ(only_finding(),
              "'dns' of network 'lan' has the element '::1', which must be an IPv4 address");
}

TEST_F(ResolveOptions, ASizeThatOverflowsIsRefused) {
    (void)resolve({{"bridge", value("b0")}, {"size", value("99999999999T")}});
    EXPECT_NE(only_finding().find("must be a size"), std::string::npos);
}

TEST_F(ResolveOptions, OneContainerMaySetOnlySome) {
    (void)resolve({{"size", value("1G")}, {"mtu", value(std::int64_t{1400})}},
                  OptionScope::container);
    EXPECT_EQ(only_finding(), "'mtu' of network 'lan' cannot be set for one container");
}

TEST(RunsOn, ComparesNumbersNotTexts) {
    EXPECT_TRUE(runs_on("freebsd>=13.2 linux>=5.15", "linux", "6.1.0-18-amd64"));
    EXPECT_TRUE(runs_on("freebsd>=13.2", "freebsd", "14.0-RELEASE"));
    EXPECT_TRUE(runs_on("freebsd>=13.2", "freebsd", "13.10-RELEASE"));
    EXPECT_FALSE(runs_on("freebsd>=13.2", "freebsd", "13.1-RELEASE"));
    EXPECT_FALSE(runs_on("freebsd", "linux", "6.1.0"));
    EXPECT_TRUE(runs_on("", "linux", "6.1.0"));
}

}  // namespace
}  // namespace brig
