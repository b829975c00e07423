// SPDX-License-Identifier: BSD-2-Clause
// What a container's root on ZFS costs: a clone that storage-zfs makes, mounts, unmounts and
// destroys, beside zfs(8) doing the same, in turns. The dataset is made, and destroyed at the end.
#include "drivers/host_services.hpp"
#include "drivers/registry.hpp"
#include "support/memory_driver_store.hpp"

#include <spawn.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;  // NOLINT(readability-redundant-declaration): not in FreeBSD's headers

namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

constexpr const char* kUsage =
    "usage: bench_clone ZFS DRIVERS LIBEXEC DATASET MOUNTPOINT ROUNDS\n"
    "ZFS is the path of zfs(8), DRIVERS the folder of storage-zfs.so, LIBEXEC that of brig's\n"
    "programs. DATASET must not be there; its parent must.\n";

void run(std::vector<std::string> words) {
    std::vector<char*> argv;
    for (std::string& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    pid_t pid = 0;
    int status = 0;
    if (const int error = ::posix_spawn(&pid, argv[0], nullptr, nullptr, argv.data(), environ)) {
        throw std::runtime_error{words.front() + ": " + std::strerror(error)};
    }
    if (::waitpid(pid, &status, 0) != pid || status != 0) {
        throw std::runtime_error{words.front() + " " + words.at(1) + " failed"};
    }
}

double time_of(const std::function<void()>& work) {
    const auto begin = Clock::now();
    work();
    return Milliseconds{Clock::now() - begin}.count();
}

double median(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    return times.at(times.size() / 2);
}

brig::DriverCall call_for(const std::string& volume) {
    brig::DriverCall call;
    call.object = volume;
    call.owner_tag = "brig:bench:" + volume;
    return call;
}

/// As the engine names a system and its release.
void name_system(brig::DriverServices& services) {
    utsname system{};
    ::uname(&system);
    services.platform = system.sysname;
    std::transform(
        services.platform.begin(), services.platform.end(), services.platform.begin(), [](char c) {
            return static_cast<char>(std::tolower(c));
        });
    const std::string_view release{system.release};
    services.release = release.substr(0, release.find('-'));
}

void compare(const std::vector<std::string>& words, int rounds) {
    const std::string& zfs = words.at(0);
    const std::string& dataset = words.at(3);
    brig::test::MemoryDriverStore store;
    brig::DriverServices services;
    services.engine_id = "bench";
    name_system(services);
    services.store = &store;
    services.helpers = words.at(2);
    brig::DriverRegistry registry{
        {{}, {words.at(1)}}, services, {{"storage-zfs", {brig::Isolation::in_process, {}, ""}}}};
    const auto storage =
        registry.open_storage({"zfs",
                               "storage-zfs",
                               {{"dataset", {dataset, ""}}, {"mountpoint", {words.at(4), ""}}},
                               ""});

    const brig::DriverCall image = call_for("image");
    storage->provision(image, std::nullopt);
    storage->snapshot(image, "image");
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int round = 0; round < rounds; ++round) {
        ours.push_back(time_of([&] {
            const brig::DriverCall clone = call_for("ours" + std::to_string(round));
            storage->provision(clone, "image@image");
            static_cast<void>(storage->activate(clone));
            storage->deactivate(clone);
            storage->destroy(clone);
        }));
        theirs.push_back(time_of([&] {
            run({zfs,
                 "clone",
                 "-o",
                 "mountpoint=" + words.at(4) + "/theirs",
                 dataset + "/image@image",
                 dataset + "/theirs"});
            run({zfs, "destroy", dataset + "/theirs"});
        }));
    }
    storage->destroy(image);
    std::printf("storage-zfs           %8.3f ms\n", median(ours));
    std::printf("zfs clone, destroy    %8.3f ms\n", median(theirs));
    std::printf("ratio                 %8.3f    (goal: at most 0.7)\n",
                median(ours) / median(theirs));
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words{argv + 1, argv + argc};
    int rounds = 0;
    if (words.size() != 6
        || std::from_chars(words[5].data(), words[5].data() + words[5].size(), rounds).ec
               != std::errc{}
        || rounds < 1) {
        std::fputs(kUsage, stderr);
        return 2;
    }
    try {
        compare(words, rounds);
        run({words[0], "destroy", "-r", words[3]});
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_clone: %s\n", error.what());
        return 1;
    }
    return 0;
}
