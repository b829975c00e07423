// SPDX-License-Identifier: BSD-2-Clause
// In place of library.cpp in a program that is linked statically: such a one has no loader.
#include "drivers/library.hpp"
#include "support/check.hpp"

namespace brig {

const brig_driver* load_driver_library(const std::filesystem::path& path) {
    throw Error{ErrorCode::bad_driver,
                fmt::format("driver '{}' cannot be loaded: this program is linked statically",
                            path.native())};
}

}  // namespace brig

// SQLite could load extensions, which nobody asks of it. The C library's own functions work in a
// static program only beside the very libraries that it was linked with; these always say no.
extern "C" {

void* dlopen(const char* /*file*/, int /*mode*/) {
    return nullptr;
}
void* dlsym(void* /*handle*/, const char* /*symbol*/) {
    return nullptr;
}
int dlclose(void* /*handle*/) {
    return -1;
}
char* dlerror() {
    return nullptr;
}
}
