// SPDX-License-Identifier: BSD-2-Clause
// embed NETWORK WORD…: runs a command in a container of the image "base" that goes when it ends.
#include <brig/engine.hpp>

#include <cstdio>
#include <string>
#include <string_view>

namespace {

void print_warning(brig::LogLevel level, std::string_view line) {
    if (level == brig::LogLevel::warn) {
        std::fprintf(stderr, "%.*s\n", static_cast<int>(line.size()), line.data());
    }
}

int complain(const brig::Error& error) {
    std::fprintf(stderr,
                 "%s: %s\n",
                 std::string{to_string(error.code())}.c_str(),
                 brig::full_message(error).c_str());
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        // State and configuration are those of the environment.
        brig::Settings settings = brig::load_settings({});
#ifdef BRIG_LIBEXEC_DIR
        // A static library cannot tell where the rest of brig was moved.
        settings.libexec = BRIG_LIBEXEC_DIR;
        settings.driver_dirs = {BRIG_DRIVER_DIR};
#endif
        brig::Engine engine{settings, print_warning};
        brig::ContainerSpec spec;
        spec.image = "base";
        spec.networks = {argc > 1 ? argv[1] : ""};
        spec.command = {argv + (argc > 1 ? 2 : 1), argv + argc};
        spec.ephemeral = true;
        return engine.run(spec, {-1, 1, 2})->finish().shell_status();
    } catch (const brig::Error& error) {
        return complain(error);
    }
}
