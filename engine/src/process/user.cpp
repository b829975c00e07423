// SPDX-License-Identifier: BSD-2-Clause
#include "process/user.hpp"

#include "support/check.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace brig {

namespace {

constexpr std::size_t kMaxFileSize = std::size_t{1} << 20U;

/// The fields of one line of passwd(5) or group(5).
using Entry = std::vector<std::string>;

/// The user database a name is looked up in, and what to call it in messages.
class Database {
  public:
    Database(Host& host, const std::filesystem::path& root, UserDatabase which)
        : host_{host},
          root_{which == UserDatabase::host ? std::filesystem::path{"/"} : root},
          whose_{which == UserDatabase::host ? "the host's" : "the container's"} {}

    /// The first entry of `file` with at least `fields` fields for which `matches` holds.
    std::optional<Entry> find(const char* file,
                              std::size_t fields,
                              const std::function<bool(const Entry&)>& matches) const {
        for (const std::string& line : split(read(file), '\n')) {
            Entry entry = split(line, ':');
            if (entry.size() >= fields && matches(entry)) {
                return entry;
            }
        }
        return std::nullopt;
    }

    [[nodiscard]] const std::string& whose() const noexcept { return whose_; }

    /// The content of `file`; empty when there is none.
    [[nodiscard]] std::string read(const char* file) const {
        const UniqueFd fd = host_.open_inside(root_, file, O_RDONLY | O_NONBLOCK);
        std::string content;
        std::array<char, 8192> buffer{};
        while (fd && content.size() < kMaxFileSize) {
            const ssize_t count =
                check(::read(fd.get(), buffer.data(), buffer.size()), "read {}", file);
            if (count == 0) {
                break;
            }
            content.append(buffer.data(), static_cast<std::size_t>(count));
        }
        return content;
    }

  private:
    Host& host_;
    std::filesystem::path root_;
    std::string whose_;
};

template <typename Id>
std::optional<Id> parse_id(const std::string& text) {
    Id id{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), id);
    // The highest id means "no change" to chown(2) and setresuid(2).
    if (text.empty() || failure != std::errc{} || end != text.data() + text.size()
        || id == Id(-1)) {
        return std::nullopt;
    }
    return id;
}

bool is_decimal(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

Error bad_id(const char* kind, const std::string& text) {
    return Error{ErrorCode::invalid_config, fmt::format("{} id '{}' is out of range", kind, text)};
}

void take_user(const Database& database, const std::string& user, Credentials& credentials) {
    const bool numeric = is_decimal(user);
    const auto entry = database.find(
        "/etc/passwd", 7, [&](const Entry& e) { return numeric ? e[2] == user : e[0] == user; });
    if (entry) {
        const auto uid = parse_id<uid_t>((*entry)[2]);
        const auto gid = parse_id<gid_t>((*entry)[3]);
        if (!uid || !gid) {
            throw bad_id("user or group", (*entry)[2] + ":" + (*entry)[3]);
        }
        credentials = {(*entry)[0], *uid, *gid, {}, (*entry)[5], (*entry)[6], false};
    } else if (numeric) {
        const auto uid = parse_id<uid_t>(user);
        if (!uid) {
            throw bad_id("user", user);
        }
        credentials.user = user;
        credentials.uid = *uid;
    } else if (user != "root") {
        throw Error{ErrorCode::not_found,
                    fmt::format("no user '{}' in {} /etc/passwd", user, database.whose())}
            .with_hint("give a numeric id, or a user of the image");
    }
    // root without a passwd file: an image of one static binary works too.
    credentials.home = credentials.home.empty() ? "/" : credentials.home;
    credentials.shell = credentials.shell.empty() ? "/bin/sh" : credentials.shell;
}

gid_t group_id(const Database& database, const std::string& group) {
    const auto entry =
        database.find("/etc/group", 3, [&](const Entry& e) { return e[0] == group; });
    const std::optional<gid_t> gid = parse_id<gid_t>(entry ? (*entry)[2] : group);
    if (gid) {
        return *gid;
    }
    if (entry || is_decimal(group)) {
        throw bad_id("group", group);
    }
    throw Error{ErrorCode::not_found,
                fmt::format("no group '{}' in {} /etc/group", group, database.whose())}
        .with_hint("give a numeric id, or a group of the image");
}

std::vector<gid_t> supplementary_groups(const Database& database, const Credentials& credentials) {
    std::vector<gid_t> groups{credentials.gid};
    for (const std::string& line : split(database.read("/etc/group"), '\n')) {
        const Entry entry = split(line, ':');
        if (entry.size() < 4) {
            continue;
        }
        const std::vector<std::string> members = split(entry[3], ',');
        const auto gid = parse_id<gid_t>(entry[2]);
        if (gid && std::find(members.begin(), members.end(), credentials.user) != members.end()
            && std::find(groups.begin(), groups.end(), *gid) == groups.end()) {
            groups.push_back(*gid);
        }
    }
    return groups;
}

}  // namespace

Credentials resolve_user(Host& host,
                         const std::filesystem::path& root,
                         const std::string& user,
                         UserDatabase database) {
    const Database entries{host, root, database};
    const std::size_t colon = user.find(':');
    const std::string name = user.substr(0, colon);
    Credentials credentials;
    take_user(entries, name.empty() ? "root" : name, credentials);
    credentials.of_host = database == UserDatabase::host;
    if (colon != std::string::npos) {
        // An explicit group stands alone, as in chroot(8) and docker.
        credentials.gid = group_id(entries, user.substr(colon + 1));
        credentials.groups = {credentials.gid};
    } else {
        credentials.groups = supplementary_groups(entries, credentials);
    }
    return credentials;
}

}  // namespace brig
