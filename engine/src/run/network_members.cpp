// SPDX-License-Identifier: BSD-2-Clause
#include "run/network_members.hpp"

#include "support/check.hpp"
#include "support/read_write.hpp"
#include "support/text.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace brig {

namespace {

namespace fs = std::filesystem;

fs::path folder_of(const fs::path& run) {
    return run / "networks";
}

bool is_member_file(const fs::path& file) {
    const std::string name = file.filename();
    return !name.starts_with('.');
}

/// One line each: root, addresses, names.
std::string format(const NetworkMember& member) {
    return member.root.native() + "\n" + join(member.addresses, " ") + "\n"
           + join(member.names, " ") + "\n";
}

std::vector<std::string> words(const std::string& line) {
    return line.empty() ? std::vector<std::string>{} : split(line, ' ');
}

/// Nothing where the file has just gone.
std::optional<NetworkMember> read_member(const fs::path& file) {
    const UniqueFd fd{::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!fd) {
        return std::nullopt;
    }
    const std::vector<std::string> lines = split(read_text(fd.get(), file.native()), '\n');
    constexpr std::size_t kLines = 3;
    if (lines.size() < kLines) {
        return std::nullopt;
    }
    return NetworkMember{file.filename(), lines[0], words(lines[1]), words(lines[2])};
}

}  // namespace

NetworkMembers::NetworkMembers(const fs::path& run, const std::string& network)
    : folder_{folder_of(run) / network} {}

void NetworkMembers::add(const NetworkMember& member) {
    const fs::path made = folder_.path() / ("." + member.container);
    const fs::path file = folder_.path() / member.container;
    {
        const UniqueFd fd{
            check(::open(made.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR),
                  "create {}",
                  made.native())};
        write_text(fd.get(), format(member), made.native());
    }
    check(::rename(made.c_str(), file.c_str()), "create {}", file.native());
}

void NetworkMembers::remove(const std::string& container) {
    folder_.remove(container);
}

std::vector<NetworkMember> members_of(const fs::path& run, const std::string& network) {
    std::vector<NetworkMember> members;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator{folder_of(run) / network, absent}) {
        auto member = is_member_file(entry.path()) ? read_member(entry.path()) : std::nullopt;
        if (member) {
            members.push_back(*std::move(member));
        }
    }
    std::sort(members.begin(), members.end(), [](const auto& one, const auto& other) {
        return one.container < other.container;
    });
    return members;
}

std::vector<std::string> networks_with(const fs::path& run, const std::string& container) {
    std::vector<std::string> networks;
    std::error_code absent;
    for (const auto& entry : fs::directory_iterator{folder_of(run), absent}) {
        if (fs::exists(entry.path() / container, absent)) {
            networks.push_back(entry.path().filename());
        }
    }
    std::sort(networks.begin(), networks.end());
    return networks;
}

}  // namespace brig
