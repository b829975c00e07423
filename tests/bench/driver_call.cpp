// SPDX-License-Identifier: BSD-2-Clause
// What a call of a driver's operation costs: the function alone, through the engine in process, and
// out of process; and how long a process of a driver's own takes to start.
#include "drivers/host_services.hpp"
#include "drivers/library.hpp"
#include "drivers/registry.hpp"
#include "support/memory_driver_store.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

constexpr int kBatch = 100;

double middle(std::vector<double> times) {
    const auto half = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
    std::nth_element(times.begin(), half, times.end());
    return *half;
}

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
    return middle(std::move(times));
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

/// The function of the driver's table, on an instance that this program opens by itself.
double bare_call(brig::test::MemoryDriverStore& store) {
    const brig_driver* driver =
        brig::load_driver_library(std::filesystem::canonical(BRIG_BENCH_DRIVERS "/net-inherit.so"));
    const brig::HostServices host{services(store)};
    brig_inst* instance = nullptr;
    if (driver->base->open(&host.table(), nullptr, "host", brig_map{}, &instance) != BRIG_OK) {
        std::exit(EXIT_FAILURE);
    }
    brig_ref ref{};
    ref.hdr = BRIG_HDR(brig_ref);
    ref.container = ref.object = ref.owner_tag = ref.instance_tag = "x";
    const double time =
        median(1001, 10'000, [&] { driver->network->check(instance, nullptr, &ref); });
    driver->base->close(instance);
    return time;
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
    const double bare = bare_call(store);
    const double in_process = median(1001, kBatch, [&] { static_cast<void>(here->check(call)); });
    const double out = median(1001, kBatch, [&] { static_cast<void>(there->check(call)); });
    std::vector<double> starts;
    std::vector<double> ends;
    for (int round = 0; round < 101; ++round) {
        const auto begin = Clock::now();
        auto started = network(brig::Isolation::process);
        const auto ready = Clock::now();
        started.reset();
        starts.push_back(Microseconds{ready - begin}.count());
        ends.push_back(Microseconds{Clock::now() - ready}.count());
    }
    std::printf("the function alone           %8.3f us\n", bare);
    std::printf("in process, more than that   %8.3f us (goal: below 1)\n", in_process - bare);
    std::printf("out of process               %8.3f us (goal: below 40)\n", out);
    std::printf("start of a process           %8.3f ms (goal: below 6)\n", middle(starts) / 1000);
    std::printf("end of it                    %8.3f ms\n", middle(ends) / 1000);
    return 0;
}
