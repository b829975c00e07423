// SPDX-License-Identifier: BSD-2-Clause
#include "c_api/barrier.hpp"

#include <filesystem>

using namespace brig;         // NOLINT(google-*): C functions are in none
using namespace brig::c_api;  // NOLINT(google-*): C functions are in none

namespace {

ImageSource source_at(const std::filesystem::path& path) {
    if (!std::filesystem::is_directory(path)) {
        return FromAnyArchive{path};
    }
    return std::filesystem::exists(path / "oci-layout") ? ImageSource{FromOci{path, "", ""}}
                                                        : ImageSource{FromDirectory{path}};
}

}  // namespace

brig_error_code brig_image_create(
    brig_engine* engine, const char* reference, const char* path, char* id, brig_error* error) {
    const auto create = [&] {
        ImageSpec spec;
        spec.reference = reference;
        spec.source = source_at(path);
        copy_id(engine->engine.create_image(spec).id, id);
    };
    return guarded_with(error, create, engine, reference, path);
}

brig_error_code brig_image_remove(brig_engine* engine, const char* reference, brig_error* error) {
    return guarded_with(
        error, [&] { engine->engine.remove_image(reference); }, engine, reference);
}

brig_error_code brig_network_create(brig_engine* engine,
                                    const char* name,
                                    const char* driver,
                                    const char* const* options,
                                    brig_error* error) {
    const auto create = [&] {
        NetworkSpec spec;
        spec.name = name;
        if (driver != nullptr) {
            spec.driver = driver;
        }
        spec.options = texts_of(options);
        engine->engine.create_network(spec);
    };
    return guarded_with(error, create, engine, name);
}

brig_error_code brig_network_remove(brig_engine* engine, const char* name, brig_error* error) {
    return guarded_with(
        error, [&] { engine->engine.remove_network(name); }, engine, name);
}
