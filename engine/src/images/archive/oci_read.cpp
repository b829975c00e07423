// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/oci_read.hpp"

#include "images/archive/confine.hpp"
#include "images/archive/handles.hpp"
#include "support/check.hpp"
#include "support/read_write.hpp"

#include <unistd.h>

#include <vector>

namespace brig::archive {
namespace {

constexpr const char* kOutput = "the layers";

void tell(const OciConfig& config, const Status& status) {
    status.fact("os", config.os);
    status.fact("architecture", config.architecture);
    status.fact("user", config.user);
    status.fact("workdir", config.workdir);
    for (const std::string& variable : config.environment) {
        status.fact("env", variable);
    }
    for (const std::string& word : config.command) {
        status.fact("command", word);
    }
    for (const HistoryStep& step : config.history) {
        status.fact("history", std::to_string(step.created));
        status.fact("by", step.created_by);
        status.fact("comment", step.comment);
        status.fact("empty", step.is_empty ? "1" : "0");
    }
    for (const std::string& variable : config.left_out) {
        status.warning(fmt::format("the variable '{}' is none", variable));
    }
}

void write_layer(Layer& layer, Status& status) {
    const UniqueFd fd = open_checked(layer);
    write_text(STDOUT_FILENO, fmt::format("layer {}\n", layer.size), kOutput);
    std::vector<char> buffer(kBlockSize);
    std::uint64_t left = layer.size;
    while (left > 0) {
        const auto most =
            static_cast<std::size_t>(left < buffer.size() ? left : std::uint64_t{buffer.size()});
        const ssize_t size = check(::read(fd.get(), buffer.data(), most), "read '{}'", layer.file);
        if (size == 0) {
            throw Error{ErrorCode::invalid_config,
                        fmt::format("the blob '{}' became shorter", layer.file)};
        }
        write_text(STDOUT_FILENO, {buffer.data(), static_cast<std::size_t>(size)}, kOutput);
        left -= static_cast<std::uint64_t>(size);
        status.count_bytes(static_cast<std::uint64_t>(size));
    }
    status.count_entry();
}

}  // namespace

void read_oci(const std::string& directory, const ImageChoice& choice, Status& status) {
    confine(directory, Work::read_tree);
    ChosenImage image = choose_image(choice);
    status.fact("digest", "sha256:" + image.digest);
    tell(image.config, status);
    std::uint64_t total = 0;
    for (const Layer& layer : image.layers) {
        total += layer.size;
    }
    status.fact("total", std::to_string(total));
    for (Layer& layer : image.layers) {
        write_layer(layer, status);
    }
    write_text(STDOUT_FILENO, "end\n", kOutput);
}

}  // namespace brig::archive
