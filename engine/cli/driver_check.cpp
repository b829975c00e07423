// SPDX-License-Identifier: BSD-2-Clause
#include "driver.hpp"
#include "options.hpp"

#ifdef BRIG_LOADS_DRIVERS

#include "brig/conformance.hpp"

#include <cerrno>
#include <fstream>
#include <iostream>
#include <utility>

namespace brig::cli {

namespace {

using conformance::CheckOptions;
using conformance::CheckReport;
using conformance::TestResult;
using conformance::Verdict;

const char* word_for(Verdict verdict) {
    switch (verdict) {
        case Verdict::passed:
            return "passed";
        case Verdict::failed:
            return "failed";
        case Verdict::skipped:
            break;
    }
    return "skipped";
}

Json to_json(const TestResult& test) {
    Json json = Json::object();
    json.add("name", test.name)
        .add("verdict", word_for(test.verdict))
        .add("milliseconds", static_cast<long long>(test.took.count()));
    if (test.verdict == Verdict::passed) {
        return json;
    }
    json.add("what", test.what);
    if (test.verdict == Verdict::failed) {
        json.add("rule", test.rule)
            .add("trace", test.trace)
            .add("left", test.left)
            .add("output", test.output)
            .add("rerun", test.rerun);
    }
    return json;
}

Json to_json(const CheckReport& report) {
    Json tests = Json::array();
    for (const TestResult& test : report.tests) {
        tests.add(to_json(test));
    }
    return Json::object()
        .add("driver", report.driver)
        .add("version", report.version)
        .add("seed", static_cast<long long>(report.seed))
        .add("passed", static_cast<long long>(report.count(Verdict::passed)))
        .add("failed", static_cast<long long>(report.count(Verdict::failed)))
        .add("skipped", static_cast<long long>(report.count(Verdict::skipped)))
        .add("tests", tests);
}

void write_junit(const CheckReport& report, const std::string& file) {
    std::ofstream stream{file};
    stream << conformance::format_junit(report);
    if (!stream.flush()) {
        const std::error_code reason{errno, std::generic_category()};
        throw Error{ErrorCode::system, "write '" + file + "': " + reason.message(), reason};
    }
}

}  // namespace

int check_driver(Invocation& call, Strings arguments) {
    Options options{
        "driver check FILE.so [--real] [--config FILE] [--only PATTERN] [--seed N]"
        " [--jobs N]"};
    options.add()("real", "on this machine itself, as root");
    options.add()("config", po::value<std::string>(), "options of the instance, as TOML");
    options.add()("only", po::value<std::string>(), "tests whose names match: 'crash.*'");
    options.add()("seed", po::value<std::uint64_t>(), "of what is chosen at random");
    options.add()("jobs", po::value<unsigned>(), "tests at once");
    options.add()("junit", po::value<std::string>(), "write a report for JUnit");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(1, 1);
    const Settings settings = call.loading_settings();
    CheckOptions wanted;
    wanted.driver = options.operands().front();
    if (const auto file = options.find<std::string>("config")) {
        wanted.config = *file;
    }
    wanted.only = options.get<std::string>("only", "*");
    wanted.seed = options.get<std::uint64_t>("seed", 1);
    wanted.jobs = options.get<unsigned>("jobs", 0);
    wanted.real = options.has("real");
    wanted.helpers = settings.libexec;
    wanted.programs = settings.libexec / "conformance";
    const bool as_json = call.json();
    const CheckReport report = conformance::check_driver(wanted, [as_json](const TestResult& test) {
        if (!as_json && test.verdict != Verdict::passed) {
            print_line(conformance::format_text(test));
            std::cout.flush();
        }
    });
    if (report.tests.empty()) {
        throw options.error("no test of this driver matches '" + wanted.only
                            + "'; several patterns are separated by blanks");
    }
    if (const auto file = options.find<std::string>("junit")) {
        write_junit(report, *file);
    }
    if (as_json) {
        print(to_json(report));
    } else {
        print_line(conformance::format_summary(report));
    }
    return report.passed() ? kDone : kFailed;
}

}  // namespace brig::cli

#else

namespace brig::cli {

int check_driver(Invocation& call, Strings /*arguments*/) {
    static_cast<void>(call.loading_settings());  // the program that loads drivers takes over
    throw Error{ErrorCode::internal, "this brig cannot load drivers"};
}

}  // namespace brig::cli

#endif
