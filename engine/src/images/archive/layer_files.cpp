// SPDX-License-Identifier: BSD-2-Clause
#include "images/archive/layer_files.hpp"

#include "brig/error.hpp"
#include "support/check.hpp"
#include "support/remove_tree.hpp"
#include "support/text.hpp"

#include <fmt/core.h>

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <vector>

namespace brig::archive {
namespace {

constexpr std::string_view kWhiteout = ".wh.";
constexpr std::string_view kMetadata = ".wh..wh.";
constexpr std::string_view kOpaque = ".wh..wh..opq";

/// The components of a name, without those that mean nothing.
std::vector<std::string> components(std::string_view name) {
    std::vector<std::string> parts;
    for (std::string& part : split(name, '/')) {
        if (!part.empty() && part != ".") {
            parts.push_back(std::move(part));
        }
    }
    return parts;
}

std::optional<mode_t> type_of(const std::string& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) == 0) {
        return info.st_mode & S_IFMT;
    }
    if (errno != ENOENT && errno != ENOTDIR) {
        throw_system_error(errno, fmt::format("look at '{}'", path));
    }
    return std::nullopt;
}

std::string below(std::string_view folder, std::string_view name) {
    return folder.empty() ? std::string{name} : fmt::format("{}/{}", folder, name);
}

[[noreturn]] void refuse_whiteout(std::string_view entry, std::string_view problem) {
    throw Error{ErrorCode::invalid_config, fmt::format("the whiteout '{}' {}", entry, problem)};
}

/// False when there is no such folder. @throws when a link would be followed.
bool is_reachable(std::string_view folder, std::string_view entry) {
    std::string path;
    for (const std::string& part : components(folder)) {
        path = below(path, part);
        const auto type = type_of(path);
        if (type == S_IFLNK) {
            refuse_whiteout(entry, fmt::format("leads through the symbolic link '{}'", path));
        }
        if (type != S_IFDIR) {
            return false;
        }
    }
    return true;
}

void remove_lower(const std::string& path) {
    if (const std::error_code failure = remove_tree(path)) {
        throw_system_error(failure.value(), fmt::format("remove '{}'", path));
    }
}

}  // namespace

bool LayerFiles::take(const std::string& name, bool is_folder) {
    std::vector<std::string> parts = components(name);
    if (parts.empty()) {
        return false;
    }
    const std::string last = parts.back();
    parts.pop_back();
    for (const std::string& part : parts) {
        if (part.starts_with(kWhiteout)) {
            refuse_whiteout(name, "has something in it");
        }
    }
    const std::string folder = join(parts, "/");
    if (last.starts_with(kWhiteout)) {
        carry_out(folder, last);
        return true;
    }
    const std::string path = below(folder, last);
    clear_way(path, is_folder);
    add(path);
    return false;
}

void LayerFiles::carry_out(std::string_view folder, std::string_view whiteout) {
    const std::string entry = below(folder, whiteout);
    const std::string_view hidden = whiteout.substr(kWhiteout.size());
    if (hidden.empty() || hidden == "." || hidden == "..") {
        refuse_whiteout(entry, "hides nothing that could be hidden");
    }
    if (!is_reachable(folder, entry)) {
        return;
    }
    if (whiteout == kOpaque) {
        hide_children(folder.empty() ? "." : std::string{folder});
    } else if (!whiteout.starts_with(kMetadata)) {  // else of aufs(5), for itself
        hide(below(folder, hidden));
    }
}

void LayerFiles::hide(const std::string& path) {
    const auto type = type_of(path);
    if (!own_.contains(path)) {
        remove_lower(path);
    } else if (type == S_IFDIR) {
        hide_children(path);
    }
}

void LayerFiles::hide_children(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code failure;
    for (std::filesystem::directory_iterator entry{folder, failure}, end; !failure && entry != end;
         entry.increment(failure)) {
        names.push_back(entry->path().filename().native());
    }
    if (failure) {
        throw_system_error(failure.value(), fmt::format("read '{}'", folder));
    }
    for (const std::string& name : names) {
        hide(below(folder == "." ? "" : folder, name));
    }
}

void LayerFiles::clear_way(const std::string& path, bool is_folder) const {
    if (own_.contains(path)) {
        return;
    }
    const auto type = type_of(path);
    if (type && (type == S_IFDIR) != is_folder) {
        remove_lower(path);
    }
}

void LayerFiles::add(const std::string& path) {
    // The folders on the way belong to the layer too, whether it names them or not.
    for (std::size_t end = path.size(); end != std::string::npos && end != 0;
         end = path.rfind('/', end - 1)) {
        if (!own_.insert(path.substr(0, end)).second) {
            return;
        }
    }
}

}  // namespace brig::archive
