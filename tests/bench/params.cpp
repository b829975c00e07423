// SPDX-License-Identifier: BSD-2-Clause
// How long the engine takes to read, check and merge the parameters of one container.
#include "support/params.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr std::size_t kParams = 200;
constexpr std::size_t kRounds = 2001;

/// Scalars, addresses, commands and keys, most of them set once.
std::vector<std::string> words() {
    std::vector<std::string> words{"allow.raw_sockets",
                                   "allow.noset_hostname",
                                   "children.max=5",
                                   "host.hostname=web",
                                   "ip4.addr=10.0.0.1,lo1|10.0.0.2/24",
                                   "ip6.addr=fd00::1",
                                   "sysvshm=new",
                                   "enforce_statfs=1",
                                   "exec.clean=false",
                                   "mount.fdescfs"};
    while (words.size() < kParams) {
        const std::string number = std::to_string(words.size());
        words.push_back("meta.key" + number + "=value");
        words.push_back("exec.start=echo " + number);
    }
    return words;
}

double time_merge(const std::vector<std::string>& words) {
    const auto start = Clock::now();
    brig::Findings findings;
    const brig::ParamList params = brig::test::merge_words(words, findings);
    const Microseconds taken = Clock::now() - start;
    if (!findings.empty() || params.empty()) {
        std::fprintf(stderr, "%s\n", brig::test::messages(findings).c_str());
        return -1;
    }
    return taken.count();
}

}  // namespace

int main() {
    const std::vector<std::string> all = words();
    std::vector<double> times;
    for (std::size_t round = 0; round < kRounds; ++round) {
        times.push_back(time_merge(all));
    }
    std::sort(times.begin(), times.end());
    std::printf("%zu parameters: median %.1f us, fastest %.1f us (goal: 100 us)\n",
                all.size(),
                times[kRounds / 2],
                times.front());
    return times.front() < 0 ? 1 : 0;
}
