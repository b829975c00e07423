// SPDX-License-Identifier: BSD-2-Clause
#include "store/image_files.hpp"

#include "brig/error.hpp"
#include "store/store_impl.hpp"
#include "support/check.hpp"
#include "support/facts.hpp"
#include "support/file_lock.hpp"
#include "support/read_write.hpp"
#include "support/remove_tree.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <tuple>

namespace brig {

namespace {

namespace fs = std::filesystem;

/// The first field of a record; another number is another format.
constexpr std::string_view kFormat = "1";
constexpr const char* kNames = "names";
constexpr const char* kRetired = "retired";
/// What is being made, before its rename. The lock sees to it that there is only one.
constexpr const char* kNew = ".new";

/// Four strings a step.
std::string pack_history(const std::vector<ImageHistory>& history) {
    std::vector<std::string> fields;
    for (const ImageHistory& step : history) {
        fields.push_back(std::to_string(to_nanoseconds(step.created)));
        fields.push_back(step.created_by);
        fields.push_back(step.comment);
        fields.emplace_back(step.is_empty ? "empty" : "");
    }
    return pack(fields);
}

template <typename Number>
std::optional<Number> to_number(const std::string& text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} ? std::optional{number} : std::nullopt;
}

std::vector<ImageHistory> unpack_history(std::string_view packed) {
    const std::vector<std::string> fields = unpack(packed);
    std::vector<ImageHistory> history;
    for (std::size_t i = 0; i + 4 <= fields.size(); i += 4) {
        history.push_back({from_nanoseconds(to_number<std::int64_t>(fields[i]).value_or(0)),
                           fields[i + 1],
                           fields[i + 2],
                           !fields[i + 3].empty()});
    }
    return history;
}

std::string format_record(const ImageInfo& image) {
    return std::string{kFormat}
           + format_facts({{"storage", image.storage},
                           {"volume", image.volume},
                           {"user", image.defaults.user},
                           {"environment", pack(image.defaults.environment)},
                           {"command", pack(image.defaults.command)},
                           {"workdir", image.defaults.workdir},
                           {"source", image.source},
                           {"digest", image.digest},
                           {"platform", image.platform},
                           {"size", std::to_string(image.size)},
                           {"history", pack_history(image.history)},
                           {"created", std::to_string(to_nanoseconds(image.created))}})
           + "\n";
}

/// @throws Error{invalid_config} for what is not a record of ours.
ImageInfo parse_record(std::string_view text, const fs::path& file) {
    const std::vector<std::string> fields = split(text.substr(0, text.find('\n')), '\t');
    Facts facts;
    parse_facts(facts, fields, 1);
    const auto created = to_number<std::int64_t>(facts["created"]);
    const bool complete = text.ends_with('\n') && !facts["volume"].empty() && created;
    if (fields.front() != kFormat || !complete) {
        throw Error{ErrorCode::invalid_config,
                    fmt::format("the record \"{}\" of an image cannot be read", file.native())}
            .with_hint("it is damaged, or was made by a newer brig");
    }
    ImageInfo image;
    image.id = file.filename().native();
    image.storage = facts["storage"];
    image.volume = facts["volume"];
    image.defaults = {
        facts["user"], unpack(facts["environment"]), unpack(facts["command"]), facts["workdir"]};
    image.source = facts["source"];
    image.created = from_nanoseconds(*created);
    // Records of earlier versions have none of these.
    image.digest = facts["digest"];
    image.platform = facts["platform"];
    image.size = to_number<std::uint64_t>(facts["size"]).value_or(0);
    image.history = unpack_history(facts["history"]);
    return image;
}

/// Nothing when there is no such file.
std::optional<std::string> read_file(const fs::path& file) {
    const UniqueFd fd{::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)};
    if (!fd && errno == ENOENT) {
        return std::nullopt;
    }
    check(fd.get(), "open {}", file.native());
    return read_text(fd.get(), file.native());
}

/// Nothing when there is no such file.
std::optional<ImageInfo> read_record(const fs::path& file) {
    const auto text = read_file(file);
    return text ? std::optional{parse_record(*text, file)} : std::nullopt;
}

/// The text of a symbolic link; nothing when there is none.
std::optional<std::string> read_link(const fs::path& link) {
    std::array<char, 64> text{};
    const ssize_t size = ::readlink(link.c_str(), text.data(), text.size());
    if (size < 0 && errno == ENOENT) {
        return std::nullopt;
    }
    return std::string{text.data(),
                       static_cast<std::size_t>(check(size, "read the link {}", link.native()))};
}

/// The names in a folder but hidden ones; none where there is no folder.
std::vector<std::string> entries(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry{folder, error}, end; !error && entry != end;
         entry.increment(error)) {
        std::string name = entry->path().filename();
        if (!name.starts_with('.')) {
            names.push_back(std::move(name));
        }
    }
    if (error && error != std::errc::no_such_file_or_directory) {
        throw_system_error(error.value(), fmt::format("read {}", folder.native()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

void sync_folder(const fs::path& folder) {
    const UniqueFd fd{check(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open {}", folder.native())};
    check(::fsync(fd.get()), "write {} to disk", folder.native());
}

}  // namespace

std::optional<UniqueFd> ImageFiles::lock(int operation) const {
    UniqueFd fd = lock_folder(folder_, operation);
    return fd ? std::optional{std::move(fd)} : std::nullopt;
}

void ImageFiles::make_folder() const {
    make_private_folder(folder_.parent_path());
    make_private_folder(folder_);
    make_private_folder(folder_ / kNames);
}

fs::path ImageFiles::link(const std::string& name, const std::string& tag) const {
    return folder_ / kNames / (name + ":" + tag);
}

std::optional<ImageInfo> ImageFiles::find(const std::string& name, const std::string& tag) const {
    const auto id = read_link(link(name, tag));
    auto image = id ? read_record(folder_ / *id) : std::nullopt;
    if (image) {
        image->name = name;
        image->tag = tag;
    }
    return image;
}

bool ImageFiles::has(const std::string& id) const {
    return !id.empty() && ::access((folder_ / id).c_str(), F_OK) == 0;
}

std::vector<ImageInfo> ImageFiles::all() const {
    std::vector<ImageInfo> images;
    for (const std::string& name : entries(folder_ / kNames)) {
        const std::size_t colon = name.find(':');
        if (auto image = find(name.substr(0, colon), name.substr(colon + 1))) {
            images.push_back(std::move(*image));
        }
    }
    for (const std::string& id : entries(folder_)) {
        const bool named = std::any_of(
            images.begin(), images.end(), [&](const ImageInfo& image) { return image.id == id; });
        const bool is_record = !named && id != kNames && id != kRetired;
        auto image = is_record ? read_record(folder_ / id) : std::nullopt;
        if (image) {
            images.push_back(std::move(*image));
        }
    }
    std::sort(images.begin(), images.end(), [](const ImageInfo& one, const ImageInfo& other) {
        return std::tie(one.name, one.tag, one.id) < std::tie(other.name, other.tag, other.id);
    });
    return images;
}

void ImageFiles::add(const ImageInfo& image) const {
    const fs::path made = folder_ / kNew;
    remove_if_there(made);
    const UniqueFd fd{check(::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600),
                            "create {}",
                            made.native())};
    write_text(fd.get(), format_record(image), made.native());
    check(::fsync(fd.get()), "write {} to disk", made.native());
    const fs::path file = folder_ / image.id;
    check(::rename(made.c_str(), file.c_str()), "create {}", file.native());
    sync_folder(folder_);
}

void ImageFiles::point(const std::string& name,
                       const std::string& tag,
                       const std::string& id) const {
    const fs::path made = folder_ / kNames / kNew;
    remove_if_there(made);
    const fs::path name_link = link(name, tag);
    check(::symlink(id.c_str(), made.c_str()), "create {}", made.native());
    check(::rename(made.c_str(), name_link.c_str()), "create {}", name_link.native());
    sync_folder(folder_ / kNames);
}

void ImageFiles::unpoint(const std::string& name, const std::string& tag) const {
    remove_if_there(link(name, tag));
}

void ImageFiles::remove_names(const std::string& id) const {
    for (const std::string& name : entries(folder_ / kNames)) {
        const fs::path name_link = folder_ / kNames / name;
        if (read_link(name_link) == id) {
            remove_if_there(name_link);
        }
    }
}

void ImageFiles::remove(const std::string& id) const {
    remove_names(id);
    remove_if_there(folder_ / id);
    remove_if_there(folder_ / kRetired / id);
}

void ImageFiles::retire(const std::string& id) const {
    remove_names(id);
    make_private_folder(folder_ / kRetired);
    const fs::path file = folder_ / id;
    check(::rename(file.c_str(), (folder_ / kRetired / id).c_str()), "retire {}", file.native());
    sync_folder(folder_ / kRetired);
    sync_folder(folder_);
}

std::optional<ImageInfo> ImageFiles::find_retired(const std::string& id) const {
    auto image = read_record(folder_ / kRetired / id);
    if (image) {
        image->volume.clear();
    }
    return image;
}

std::vector<ImageInfo> ImageFiles::retired() const {
    std::vector<ImageInfo> images;
    for (const std::string& id : entries(folder_ / kRetired)) {
        if (auto image = find_retired(id)) {
            images.push_back(std::move(*image));
        }
    }
    return images;
}

}  // namespace brig
