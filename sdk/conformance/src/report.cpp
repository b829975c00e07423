// SPDX-License-Identifier: BSD-2-Clause
#include "brig/conformance.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace brig::conformance {

namespace {

/// The end of a trace says most.
constexpr std::size_t kMostLines = 40;

std::string section(const std::string& heading, const std::vector<std::string>& lines) {
    if (lines.empty()) {
        return "";
    }
    const std::size_t first = lines.size() > kMostLines ? lines.size() - kMostLines : 0;
    std::string text = "    " + heading + ":\n";
    if (first != 0) {
        text += fmt::format("      … {} lines before\n", first);
    }
    for (std::size_t i = first; i < lines.size(); ++i) {
        text += "      " + lines[i] + "\n";
    }
    return text;
}

/// Text as XML 1.0 can hold it: of control characters only tab and newline.
std::string xml(std::string_view text) {
    std::string escaped;
    for (const char letter : text) {
        switch (letter) {
            case '&':
                escaped += "&amp;";
                break;
            case '<':
                escaped += "&lt;";
                break;
            case '>':
                escaped += "&gt;";
                break;
            case '"':
                escaped += "&quot;";
                break;
            default:
                escaped +=
                    static_cast<unsigned char>(letter) < ' ' && letter != '\n' && letter != '\t'
                        ? '?'
                        : letter;
        }
    }
    return escaped;
}

double seconds(std::chrono::milliseconds time) {
    constexpr double kMilliseconds = 1000;
    return static_cast<double>(time.count()) / kMilliseconds;
}

std::string junit_case(const TestResult& test) {
    const std::size_t dot = test.name.find('.');
    std::string text = fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                                   xml(test.name.substr(0, dot)),
                                   xml(test.name.substr(dot + 1)),
                                   seconds(test.took));
    switch (test.verdict) {
        case Verdict::passed:
            return text + "/>\n";
        case Verdict::skipped:
            return text + fmt::format("><skipped message=\"{}\"/></testcase>\n", xml(test.what));
        case Verdict::failed:
            break;
    }
    return text
           + fmt::format("><failure message=\"{}\">{}</failure></testcase>\n",
                         xml(test.what),
                         xml(format_text(test)));
}

}  // namespace

std::string format_text(const TestResult& test) {
    if (test.verdict == Verdict::passed) {
        return "";
    }
    if (test.verdict == Verdict::skipped) {
        return fmt::format("SKIP  {}: {}\n", test.name, test.what);
    }
    std::string text = fmt::format("FAIL  {}\n    {}\n", test.name, test.what);
    if (!test.rule.empty()) {
        text += fmt::format("    driver.h says: {}\n", test.rule);
    }
    text += section("what happened", test.trace);
    text += section("how the world differs", test.left);
    if (!test.output.empty()) {
        text += "    what was written to descriptors 1 and 2:\n" + test.output + "\n";
    }
    return text + fmt::format("    again: {}\n", test.rerun);
}

std::string format_summary(const CheckReport& report) {
    return fmt::format("{} {}: {} passed, {} failed, {} skipped (seed {})",
                       report.driver,
                       report.version,
                       report.count(Verdict::passed),
                       report.count(Verdict::failed),
                       report.count(Verdict::skipped),
                       report.seed);
}

std::string format_junit(const CheckReport& report) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    text += fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" skipped=\"{}\">\n",
                        xml(report.driver),
                        report.tests.size(),
                        report.count(Verdict::failed),
                        report.count(Verdict::skipped));
    for (const TestResult& test : report.tests) {
        text += junit_case(test);
    }
    return text + "</testsuite>\n";
}

}  // namespace brig::conformance
