// SPDX-License-Identifier: BSD-2-Clause
// What a call of a driver's operation costs: the function alone, through the engine in process, and
// out of process; and how long a process of a driver's own takes to start.
#include "drivers/library.hpp"
#include "drivers/registry.hpp"
#include "support/memory_driver_store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int kBatch = 100;

/// The median of what one of `calls` takes, in microseconds; each time is that of a batch.
double median(int rounds, int batch, const std::function<void()>& call) {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
        const auto start = Clock::now();
        for (int i = 0; i < batch; ++i) {
            call();
        }
        times.push_back(Microseconds{Clock::now() - start}.count() / batch);
    }
    std::nth_element(times.begin(), times.begin() + rounds / 2, times.end());
    return times[static_cast<std::size_t>(rounds / 2)];
}

brig::DriverServices services(brig::test::MemoryDriverStore& store) {
    brig::DriverServices services;
    services.engine_id = "bench";
    services.platform = "linux";
    services.release = "6.1.0";
    services.store = &store;
    services.helpers = BRIG_BENCH_LIBEXEC;
    return services;
}

double bare_call() {
    const brig_driver* driver =
        brig::load_driver_library(std::filesystem::canonical(BRIG_BENCH_DRIVERS "/net-inherit.so"));
    brig_ref ref{};
    ref.hdr = BRIG_HDR(brig_ref);
    ref.container = ref.object = ref.owner_tag = ref.instance_tag = "x";
    brig_inst* const instance = nullptr;  // this check does not look at it
    return median(1001, 10'000, [&] { driver->network->check(instance, nullptr, &ref); });
}

}  // namespace

int main() {
    brig::test::MemoryDriverStore store;
    const auto network = [&](brig::Isolation isolation) {
        brig::DriverRegistry registry{
            {{}, {BRIG_BENCH_DRIVERS}}, services(store), {{"net-inherit", {isolation, {}, ""}}}};
        return registry.open_network({"host", "net-inherit", {}, ""});
    };
    brig::DriverCall call;
    call.container = "c0ffee000001";
    call.object = "eth0";
    call.owner_tag = "brig:bench:c0ffee000001";
    const auto here = network(brig::Isolation::in_process);
    const auto there = network(brig::Isolation::process);
    const double bare = bare_call();
    const double in_process = median(1001, kBatch, [&] { static_cast<void>(here->check(call)); });
    const double out = median(1001, kBatch, [&] { static_cast<void>(there->check(call)); });
    const double start =
        median(101, 1, [&] { static_cast<void>(network(brig::Isolation::process)); });
    std::printf("the function alone           %8.3f us\n", bare);
    std::printf("in process, more than that   %8.3f us (goal: below 1)\n", in_process - bare);
    std::printf("out of process               %8.3f us (goal: below 40)\n", out);
    std::printf("start and end of a process   %8.3f ms (goal: below 6)\n", start / 1000);
    return 0;
}
