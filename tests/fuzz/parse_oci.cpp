// SPDX-License-Identifier: BSD-2-Clause
// The documents of OCI images and Docker archives: whatever they hold, there is an answer or an
// error that says what is wrong, and what is used as the name of a file can be one.
#include "brig/error.hpp"
#include "images/archive/oci_documents.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace {

using brig::archive::Descriptor;

void require(bool condition) {
    if (!condition) {
        std::abort();
    }
}

void check_descriptor(const Descriptor& descriptor) {
    require(descriptor.digest.size() == 64);
    require(descriptor.digest.find_first_not_of("0123456789abcdef") == std::string::npos);
}

void check_manifest(std::string_view text) {
    const brig::archive::OciManifest manifest = brig::archive::parse_oci_manifest(text);
    for (const Descriptor& each : manifest.manifests) {
        check_descriptor(each);
    }
    for (const Descriptor& each : manifest.layers) {
        check_descriptor(each);
    }
    require(manifest.is_index || manifest.config.digest.size() == 64);
}

void check_config(std::string_view text) {
    const brig::archive::OciConfig config = brig::archive::parse_oci_config(text);
    require(config.workdir.empty() || config.workdir.front() == '/');
    require(config.user.find_first_of(" \t\n\"'\\") == std::string::npos);
    for (const std::string& variable : config.environment) {
        require(variable.find('=') != std::string::npos);
        require(variable.find('\0') == std::string::npos);
    }
}

template <typename Parse>
void parse(Parse parse_document, std::string_view text) {
    try {
        parse_document(text);
    } catch (const brig::Error& error) {
        require(error.code() == brig::ErrorCode::invalid_config && error.what()[0] != '\0');
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes as text
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    parse(check_manifest, text);
    parse(check_config, text);
    parse([](std::string_view t) { brig::archive::check_oci_layout(t); }, text);
    parse([](std::string_view t) { static_cast<void>(brig::archive::parse_docker_manifest(t)); },
          text);
    return 0;
}
