// SPDX-License-Identifier: BSD-2-Clause
// Runs a harness over files instead of libFuzzer, for compilers without it: each file as it is,
// and cut off after each byte.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

// The name is libFuzzer's.
// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::filesystem::path& file) {
    std::ifstream stream{file, std::ios::binary};
    std::vector<std::uint8_t> input{std::istreambuf_iterator<char>{stream}, {}};
    while (true) {
        LLVMFuzzerTestOneInput(input.data(), input.size());
        if (input.empty()) {
            return;
        }
        // Shrunk to fit, so that a read past the end is one past the allocation.
        input.pop_back();
        input.shrink_to_fit();
    }
}

}  // namespace

int main(int argc, char** argv) {
    int inputs = 0;
    for (int i = 1; i < argc; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator{argv[i]}) {
            run(entry.path());
            ++inputs;
        }
    }
    std::printf("%d inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
