// SPDX-License-Identifier: BSD-2-Clause
// What a good driver does beyond what the engine needs.
#include "drivers/host_services.hpp"
#include "kit.hpp"
#include "support/check.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <set>

namespace brig::conformance {

namespace {

bool is_said(const char* text) {
    return text != nullptr && *text != '\0';
}

void describes_itself(Bench& bench) {
    const brig_driver& driver = bench.subject.tables.driver;
    expect(is_said(driver.summary), "it has no summary", rule::kSummary);
    expect(is_said(driver.license), "it has no license", rule::kLicense);
    expect(
        is_said(driver.platforms), "it does not say for which platforms it is", rule::kPlatforms);
    expect(std::string_view{driver.summary}.find('\n') == std::string_view::npos,
           "its summary is more than one line",
           rule::kSummary);
}

void describes_options(Bench& bench) {
    for (const brig_option& row : bench.subject.tables.options()) {
        const std::string name = row.name;
        expect(is_said(row.help), "option '" + name + "' has no help", rule::kHelp);
        expect(is_said(row.since),
               "option '" + name + "' does not say since when it is there",
               rule::kSince);
    }
}

/// Each of its globs allows something that it contributes, in one configuration or another: with
/// one alone only a glob of everything can be told.
void params_are_narrow(Bench& bench) {
    const brig_driver& driver = bench.subject.tables.driver;
    if (!is_said(driver.params)) {
        return;
    }
    for (const std::string& glob : split(driver.params, ' ')) {
        expect(glob != "*", "it may contribute every parameter", rule::kParams);
    }
    Session session{bench.subject, bench.block, bench.world};
    const Answer answer = session.act(life_of(bench.subject).make.front());
    for (const Contribution& param : answer.params) {
        expect(matches_any_glob(param.name, driver.params),
               "it contributed '" + param.name + "'",
               rule::kParams);
    }
}

/// What people read comes with a reason: no failure is silent.
void explains_failures(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const Action action = life_of(bench.subject).make.front();
    recorder().exhaust_pools(true);
    const Answer answer = session.act(action);
    recorder().exhaust_pools(false);
    const auto calls = recorder().calls();
    const bool said = std::any_of(
        calls.begin(), calls.end(), [](const HostCall& call) { return call.service == "fail"; });
    expect(answer.ok() || said, "it failed without saying why", rule::kFail);
}

/// Names that name() gives stand in results by themselves; what else is recorded must be text that
/// can be shown.
void results_are_printable(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    const Answer answer = session.act(life_of(bench.subject).make.front());
    for (const auto& [key, value] : answer.results) {
        const bool printable = std::all_of(value.begin(), value.end(), [](char letter) {
            return static_cast<unsigned char>(letter) >= ' ';
        });
        expect(printable && !key.empty(), "result '" + key + "' cannot be shown", rule::kResult);
    }
}

void can_check(Bench& bench) {
    const brig_driver& offered = *bench.subject.offered;
    const bool has = bench.subject.is_network() ? BRIG_HAS(offered.network, check)
                                                : BRIG_HAS(offered.storage, check);
    expect(has, "it has no check, so the engine cannot repair what broke", rule::kNetworkCheck);
}

/// In removals nobody looks at the log: warnings there are noise, and hide others.
void is_quiet(Bench& bench) {
    Session session{bench.subject, bench.block, bench.world};
    recorder().keep_all(true);
    const Life life = life_of(bench.subject);
    do_all(session, {life.make.front()}, rule::kIdempotent);
    do_all(session, life.remove, rule::kRemoves);
    for (const HostCall& call : recorder().calls()) {
        expect(call.service != "fail", "an operation that succeeded called fail()", rule::kFail);
    }
}

}  // namespace

void add_strict_tests(const Subject& /*subject*/, Tests& tests) {
    tests.push_back({"strict.describes_itself", describes_itself});
    tests.push_back({"strict.describes_options", describes_options});
    tests.push_back({"strict.params_are_narrow", params_are_narrow});
    tests.push_back({"strict.explains_failures", explains_failures});
    tests.push_back({"strict.results_are_printable", results_are_printable});
    tests.push_back({"strict.can_check", can_check});
    tests.push_back({"strict.is_quiet", is_quiet});
}

}  // namespace brig::conformance
