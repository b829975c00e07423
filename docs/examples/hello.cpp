// SPDX-License-Identifier: BSD-2-Clause
#include <brig/engine.hpp>

#include <cstdio>

int main() {
    brig::ContainerSpec spec;
    spec.image = "base";
    spec.command = {"echo", "Hello World"};
    spec.params = {"host.hostname=embedded"};
    spec.ephemeral = true;
    try {
        brig::Engine engine{brig::load_settings({})};
        return engine.run(spec, {-1, 1, 2})->finish().shell_status();
    } catch (const brig::Error& error) {
        std::fprintf(stderr, "%s\n%s\n", brig::full_message(error).c_str(), error.hint().c_str());
        return 1;
    }
}
