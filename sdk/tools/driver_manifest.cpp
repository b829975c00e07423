// SPDX-License-Identifier: BSD-2-Clause
// brig-driver-manifest DRIVER.so MANIFEST.toml [network|storage]
//
// Writes what a driver says about itself as TOML, so that listing drivers runs none of their code.
// Run by brig_add_driver() when a driver has been built; loading it here also shows at once that it
// can be loaded at all, and that it exports its entry.
#include "brig/driver.hpp"

#include <dlfcn.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

/// A TOML basic string.
std::string quoted(const char* text) {
    std::string result = "\"";
    for (const char* letter = text == nullptr ? "" : text; *letter != '\0'; ++letter) {
        const auto code = static_cast<unsigned char>(*letter);
        if (*letter == '"' || *letter == '\\') {
            result += '\\';
        }
        if (code < 0x20 || code == 0x7f) {
            std::array<char, 8> escape{};
            static_cast<void>(
                std::snprintf(escape.data(), escape.size(), "\\u%04x", unsigned{code}));
            result += escape.data();
        } else {
            result += *letter;
        }
    }
    return result + "\"";
}

std::string text_line(std::string_view key, const char* value) {
    return value == nullptr ? "" : std::string{key} + " = " + quoted(value) + "\n";
}

std::string number_line(std::string_view key, std::int64_t value) {
    return std::string{key} + " = " + std::to_string(value) + "\n";
}

std::string flag_line(std::string_view key, const brig_option& option, std::uint32_t flag) {
    return (option.flags & flag) != 0 ? std::string{key} + " = true\n" : "";
}

std::string option_table(const brig_option& option) {
    std::string table = "\n[[option]]\n";
    table += text_line("name", option.name);
    table += text_line("type", brig::sdk::option_type_name(option.type).c_str());
    table += flag_line("required", option, BRIG_OPT_REQUIRED);
    table += flag_line("secret", option, BRIG_OPT_SECRET);
    table += flag_line("per_container", option, BRIG_OPT_PER_CONTAINER);
    table += flag_line("deprecated", option, BRIG_OPT_DEPRECATED);
    table += text_line("default", option.def);
    table += text_line("choices", option.choices);
    if (option.min != 0 || option.max != 0) {
        table += number_line("min", option.min) + number_line("max", option.max);
    }
    table += text_line("help", option.help);
    table += text_line("since", option.since);
    return table;
}

std::string manifest_of(const brig_driver& driver) {
    std::string text = "# Made by brig-driver-manifest from the driver itself.\nmanifest = 1\n";
    text += text_line("name", driver.name);
    text += text_line("version", driver.version);
    text += text_line("kind", driver.kind == BRIG_KIND_NETWORK ? "network" : "storage");
    text += number_line("abi_major", BRIG_ABI_MAJOR);
    text += number_line("abi_minor", driver.hdr.minor);
    text += number_line("min_minor", driver.min_minor);
    text += number_line("caps", static_cast<std::int64_t>(driver.caps));
    text += text_line("summary", driver.summary);
    text += text_line("vendor", driver.vendor);
    text += text_line("license", driver.license);
    text += text_line("url", driver.url);
    text += text_line("platforms", driver.platforms);
    text += text_line("needs", driver.needs);
    text += text_line("params", driver.params);
    for (std::size_t i = 0; i < driver.n_options; ++i) {
        text += option_table(driver.options[i]);
    }
    return text;
}

const brig_driver& load(const std::string& file) {
    void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    void* entry = library == nullptr ? nullptr : ::dlsym(library, BRIG_ENTRY_SYMBOL);
    if (entry == nullptr) {
        const char* reason = ::dlerror();
        throw std::runtime_error{reason == nullptr ? "it has no entry" : reason};
    }
    const brig_driver* driver = reinterpret_cast<decltype(&brig_driver_entry_v1)>(entry)();
    if (driver == nullptr || driver->name == nullptr) {
        throw std::runtime_error{"it does not say its name"};
    }
    return *driver;
}

void check(const brig_driver& driver, const std::string& file, std::string_view kind) {
    if (std::filesystem::path{file}.stem() != driver.name) {
        throw std::runtime_error{std::string{"it calls itself '"} + driver.name + "'"};
    }
    const std::string_view actual = driver.kind == BRIG_KIND_NETWORK ? "network" : "storage";
    if (!kind.empty() && kind != actual) {
        throw std::runtime_error{"it is a " + std::string{actual} + " driver"};
    }
}

void write(const std::string& text, const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "we"),
                                                               &std::fclose};
    if (!file || std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()
        || std::fflush(file.get()) != 0) {
        throw std::runtime_error{"cannot write '" + path + "'"};
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 && argc != 4) {
        static_cast<void>(std::fputs(
            "usage: brig-driver-manifest DRIVER.so MANIFEST.toml [network|storage]\n", stderr));
        return 2;
    }
    try {
        const std::string file = std::filesystem::absolute(argv[1]).string();
        const brig_driver& driver = load(file);
        check(driver, file, argc == 4 ? argv[3] : "");
        write(manifest_of(driver), argv[2]);
    } catch (const std::exception& error) {
        static_cast<void>(
            std::fprintf(stderr, "brig-driver-manifest: '%s': %s\n", argv[1], error.what()));
        return 1;
    }
    return 0;
}
