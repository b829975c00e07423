// SPDX-License-Identifier: BSD-2-Clause
#include "driver.hpp"
#include "options.hpp"
#include "templates.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <utility>

namespace brig::cli {

namespace {

namespace fs = std::filesystem;

using Replacement = std::pair<std::string_view, std::string>;

/// What is to be written.
struct NewDriver {
    std::string kind;
    std::string name;
    bool is_c = false;

    /// "net_x.cpp"
    [[nodiscard]] std::string file() const {
        std::string file = name;
        std::replace(file.begin(), file.end(), '-', '_');
        return file + (is_c ? ".c" : ".cpp");
    }

    [[nodiscard]] bool is_network() const { return kind == "network"; }
};

std::string replaced(std::string_view text, const std::vector<Replacement>& replacements) {
    std::string result{text};
    for (const auto& [word, by] : replacements) {
        for (std::size_t at = result.find(word); at != std::string::npos;
             at = result.find(word, at + by.size())) {
            result.replace(at, word.size(), by);
        }
    }
    return result;
}

std::string_view template_named(std::string_view name) {
    const auto* const found =
        std::find_if(std::begin(kTemplates), std::end(kTemplates), [&](const TemplateFile& file) {
            return file.name == name;
        });
    return found == std::end(kTemplates) ? std::string_view{} : found->text;
}

std::vector<Replacement> replacements_for(const NewDriver& driver) {
    return {{"net-template", driver.name},
            {"storage-template", driver.name},
            {"@NAME@", driver.name},
            {"@KIND@", driver.kind},
            {"@FILE@", driver.file()},
            {"@LANGUAGE@", driver.is_c ? "C" : "CXX"},
            {"@COMPILER@", driver.is_c ? "CC" : "CXX"},
            {"@STANDARD@", driver.is_c ? "-std=c99" : "-std=c++20"},
            {"@EXAMPLE@",
             driver.is_network() ? "addresses = \"10.0.0.0/24\"" : "path = \"/var/db/volumes\""}};
}

void write_new(const fs::path& path, const std::string& text) {
    std::ofstream file{path, std::ios::binary};
    file << text;
    file.close();
    if (!file) {
        const std::error_code reason{errno, std::generic_category()};
        throw Error{
            ErrorCode::system, "write '" + path.string() + "': " + reason.message(), reason};
    }
}

void write_all(const NewDriver& driver, const fs::path& folder) {
    const std::vector<Replacement> replacements = replacements_for(driver);
    const std::string source = std::string{driver.is_network() ? "net" : "storage"} + "_template"
                               + (driver.is_c ? ".c" : ".cpp");
    write_new(folder / driver.file(), replaced(template_named(source), replacements));
    for (const char* name : {"CMakeLists.txt", "Makefile", "README.md"}) {
        write_new(folder / name, replaced(template_named(name), replacements));
    }
}

NewDriver read_request(const Options& options) {
    NewDriver driver{options.operands()[0], options.operands()[1]};
    const auto language = options.get<std::string>("lang", "cpp");
    if (driver.kind != "network" && driver.kind != "storage") {
        throw options.error("'" + driver.kind + "' is no kind of driver: say network or storage");
    }
    if (language != "c" && language != "cpp") {
        throw options.error("'" + language + "' is no language for a template: say c or cpp");
    }
    if (!is_driver_name(driver.name) || driver.name.front() == '-') {
        throw options.error("'" + driver.name
                            + "' cannot be the name of a driver: at most 32 of [a-z0-9-]");
    }
    driver.is_c = language == "c";
    return driver;
}

}  // namespace

int new_driver(Invocation& call, Strings arguments) {
    Options options{"driver new network|storage NAME [--lang c|cpp] [FOLDER]"};
    options.add()("lang", po::value<std::string>()->value_name("LANG"), "c or cpp (default)");
    if (!options.parse_interleaved(call, std::move(arguments))) {
        return kDone;
    }
    options.require_operands(2, 3);
    const NewDriver driver = read_request(options);
    const fs::path folder = options.operands().size() > 2 ? options.operands()[2] : driver.name;
    std::error_code reason;
    if (!fs::create_directory(folder, reason)) {
        throw Error{reason ? ErrorCode::system : ErrorCode::already_exists,
                    fmt::format("cannot make the folder '{}': {}",
                                folder.string(),
                                reason ? reason.message() : "it is there already"),
                    reason};
    }
    write_all(driver, folder);
    if (call.json()) {
        print(Json::object().add("folder", fs::absolute(folder).string()));
    } else {
        print_line(
            fmt::format("{0} is a driver that builds and passes the conformance kit. Next:\n"
                        "    cd {0} && cmake -B build && cmake --build build\n"
                        "    brig driver check build/{1}.so",
                        folder.string(),
                        driver.name));
    }
    return kDone;
}

}  // namespace brig::cli
