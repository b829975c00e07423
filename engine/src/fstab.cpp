// SPDX-License-Identifier: BSD-2-Clause
#include "fstab.hpp"

#include "brig/spec.hpp"
#include "support/check.hpp"
#include "support/text.hpp"
#include "support/trusted_file.hpp"

#include <algorithm>
#include <charconv>
#include <climits>

namespace brig {

namespace {

constexpr std::size_t kLeastFields = 3;
constexpr std::size_t kMostFields = 6;

std::vector<std::string> split_fields(std::string_view line) {
    std::vector<std::string> fields;
    std::size_t begin = line.find_first_not_of(kBlanks);
    while (begin != std::string_view::npos) {
        const std::size_t end = line.find_first_of(kBlanks, begin);
        fields.emplace_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(kBlanks, end);
    }
    return fields;
}

/// The byte that three octal digits at the beginning of `text` stand for; not NUL.
std::optional<char> octal_byte(std::string_view text) {
    unsigned byte = 0;
    const char* const end = text.data() + std::min<std::size_t>(text.size(), 3);
    const auto [stop, error] = std::from_chars(text.data(), end, byte, 8);
    if (error != std::errc{} || stop != text.data() + 3 || byte == 0 || byte > UCHAR_MAX) {
        return std::nullopt;
    }
    return static_cast<char>(byte);
}

/// Takes `\\` and `\ooo` back to the byte that vis(3) made them of. Nothing when there is another
/// escape.
std::optional<std::string> unescape(std::string_view field) {
    std::string text;
    for (;;) {
        const std::size_t escape = std::min(field.find('\\'), field.size());
        text += field.substr(0, escape);
        field.remove_prefix(escape);
        if (field.empty()) {
            return text;
        }
        const bool is_backslash = field.starts_with("\\\\");
        const auto byte = is_backslash ? '\\' : octal_byte(field.substr(1));
        if (!byte) {
            return std::nullopt;
        }
        text += *byte;
        field.remove_prefix(is_backslash ? 2 : 4);
    }
}

bool has_parent(std::string_view path) {
    const std::vector<std::string> names = split(path, '/');
    return std::find(names.begin(), names.end(), "..") != names.end();
}

bool is_number(const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos;
}

/// Why the line is refused, or nothing.
std::string fault_of(const Mount& mount, const std::vector<std::string>& fields) {
    if (fields.size() > kMostFields
        || !std::all_of(fields.begin() + std::min<std::ptrdiff_t>(4, std::ssize(fields)),
                        fields.end(),
                        is_number)) {
        return "more than source, target, type, options and two numbers";
    }
    if (!mount.target.starts_with('/')) {
        return fmt::format("{}: not an absolute pathname", mount.target);
    }
    if (has_parent(mount.target)) {
        return fmt::format("{}: the path contains '..'", mount.target);
    }
    if (mount.type == "nullfs" && !mount.source.starts_with('/')) {
        return fmt::format("{}: not an absolute pathname", mount.source);
    }
    const auto& options = mount.options;
    if (std::find(options.begin(), options.end(), "") != options.end()) {
        return "an empty option";
    }
    return "";
}

/// The part of `path` behind `folder`, if it is in it.
std::optional<std::string> behind(const std::string& path, const std::filesystem::path& folder) {
    std::string outer = folder.lexically_normal().native();
    outer.resize(outer.find_last_not_of('/') + 1);
    if (path == outer) {
        return "/";
    }
    return path.starts_with(outer + "/") ? std::optional{path.substr(outer.size())} : std::nullopt;
}

}  // namespace

std::string path_in_root(const std::string& target, const std::filesystem::path& root) {
    const std::string path = std::filesystem::path{target}.lexically_normal();
    if (root.empty()) {
        return target;
    }
    std::error_code none;
    const std::filesystem::path real = std::filesystem::weakly_canonical(root, none);
    const auto inner = behind(path, root);
    return inner ? *inner : behind(path, none ? root : real).value_or(target);
}

std::string to_fstab_line(const Mount& mount, const std::string& root) {
    const std::string target = path_in_root(mount.target, root);
    return fmt::format("{} {} {}{}",
                       fstab_field(mount.source),
                       fstab_field(root == "/" ? target : root + target),
                       mount.type,
                       mount.options.empty() ? "" : " " + join(mount.options, ","));
}

std::string mount_assignment(const std::string& source,
                             const std::string& target,
                             bool from_host,
                             const std::string& options) {
    return fmt::format("mount={} {} {}{}",
                       fstab_field(source),
                       fstab_field(target),
                       from_host ? "nullfs" : kVolumeMount,
                       options.empty() ? "" : " " + options);
}

std::optional<Mount> parse_fstab_line(std::string_view line,
                                      const std::string& place,
                                      Findings& findings) {
    const auto refuse = [&](std::string_view why) {
        findings.add({place,
                      fmt::format("'{}' is not a line of fstab(5): {}", line, why),
                      "write: source target type [options]"});
        return std::nullopt;
    };
    if (line.find('\0') != std::string_view::npos) {
        return refuse("a NUL byte");
    }
    const std::vector<std::string> fields = split_fields(line);
    if (fields.size() < kLeastFields) {
        return refuse("missing information");
    }
    const auto source = unescape(fields[0]);
    const auto target = unescape(fields[1]);
    if (!source || !target) {
        return refuse("a backslash without three octal digits");
    }
    Mount mount{fields[2], *source, *target, {}};
    if (fields.size() > kLeastFields) {
        mount.options = split(fields[kLeastFields], ',');
    }
    if (const std::string fault = fault_of(mount, fields); !fault.empty()) {
        return refuse(fault);
    }
    return mount;
}

std::vector<Mount> parse_fstab(std::string_view text, const std::string& name, Findings& findings) {
    std::vector<Mount> mounts;
    int number = 0;
    for (const std::string& whole : split(text, '\n')) {
        ++number;
        const std::string line = whole.substr(0, whole.find('#'));
        if (line.find_first_not_of(kBlanks) == std::string::npos) {
            continue;
        }
        if (auto mount = parse_fstab_line(line, fmt::format("{}:{}", name, number), findings)) {
            mounts.push_back(std::move(*mount));
        }
    }
    return mounts;
}

std::vector<Mount> read_fstab(const std::string& name, Findings& findings) {
    const std::string what = fmt::format("mount.fstab: '{}'", name);
    if (const auto text = read_trusted_file(name, what)) {
        return parse_fstab(*text, name, findings);
    }
    findings.add({"", what + " does not exist", ""});
    return {};
}

}  // namespace brig
