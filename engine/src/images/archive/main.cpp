// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/compress.hpp"
#include "images/archive/digest.hpp"
#include "images/archive/oci_read.hpp"
#include "images/archive/oci_write.hpp"
#include "images/archive/pack.hpp"
#include "images/archive/status.hpp"
#include "images/archive/unpack.hpp"
#include "support/check.hpp"
#include "support/end_with_parent.hpp"
#include "support/helper_process.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <clocale>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// brig-archive is brig's own: a process of its own for the code that parses archives, which brig
// starts, reads the status of, and can end at any moment. Not part of any interface.

namespace {

struct Arguments {
    std::string verb;
    pid_t parent = 0;
    std::string directory;
    brig::archive::UnpackOptions unpack;
    brig::archive::ImageChoice choice;
    std::string method;
};

constexpr int kUsage = 2;

template <typename Number>
Number to_number(std::string_view text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// The words are brig's, so what is wrong with them need not be said.
std::optional<Arguments> parse(const std::vector<std::string_view>& words) {
    Arguments arguments;
    if (words.size() < 3) {
        return std::nullopt;
    }
    arguments.verb = words.front();
    arguments.directory = words.back();
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        if (words[i] == "--parent") {
            arguments.parent = to_number<pid_t>(words[++i]);
        } else if (words[i] == "--digest") {
            arguments.unpack.digested = true;
        } else if (words[i] == "--layers") {
            arguments.unpack.layered = true;
        } else if (words[i] == "--platform") {
            arguments.choice.platforms.emplace_back(words[++i]);
        } else if (words[i] == "--method") {
            arguments.method = words[++i];
        } else if (words[i] == "--tag") {
            arguments.choice.tag = words[++i];
        } else if (words[i] == "--max-size") {
            arguments.unpack.max_size = to_number<std::uint64_t>(words[++i]);
        } else {
            return std::nullopt;
        }
    }
    constexpr std::array<std::string_view, 6> kVerbs{
        "compress", "digest", "pack", "read-oci", "unpack", "write-oci"};
    const bool known = std::find(kVerbs.begin(), kVerbs.end(), arguments.verb) != kVerbs.end();
    return known && arguments.parent > 0 ? std::optional{arguments} : std::nullopt;
}

void run(const Arguments& arguments, brig::archive::Status& status) {
    // libarchive converts names between UTF-8 and the locale. With this one that changes no byte,
    // and nothing has to be loaded for it later, from a root that is not ours.
    if (std::setlocale(LC_CTYPE, "C.UTF-8") == nullptr) {
        throw brig::Error{brig::ErrorCode::unsupported, "the locale C.UTF-8 is missing"};
    }
    const std::string& verb = arguments.verb;
    const std::string& directory = arguments.directory;
    if (verb == "compress") {
        brig::archive::compress(directory, arguments.method, status);
    } else if (verb == "digest") {
        brig::archive::digest(directory, status);
    } else if (verb == "pack") {
        brig::archive::pack(directory, arguments.unpack.digested, status);
    } else if (verb == "read-oci") {
        brig::archive::read_oci(directory, arguments.choice, status);
    } else if (verb == "write-oci") {
        brig::archive::write_oci(directory, brig::kHelperMoreFd, status);
    } else {
        brig::archive::unpack(directory, arguments.unpack, status);
    }
    status.done();
}

int run_and_report(const Arguments& arguments) noexcept {
    brig::archive::Status status{brig::kHelperStatusFd};
    try {
        brig::end_with_parent(arguments.parent);
        run(arguments, status);
        return EXIT_SUCCESS;
    } catch (const brig::Error& error) {
        status.error(error);
    } catch (const std::exception& error) {
        status.error(brig::Error{brig::ErrorCode::internal, error.what()});
    }
    return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    const auto arguments = parse({argv + std::min(argc, 1), argv + argc});
    if (!arguments) {
        static_cast<void>(
            std::fputs("brig-archive: brig starts this program, with a directory\n", stderr));
        return kUsage;
    }
    ::closefrom(brig::kHelperLockFd + 1);
    // Handlers that run at exit might need what the process gave up, and there is nothing to flush.
    ::_exit(run_and_report(*arguments));
}
