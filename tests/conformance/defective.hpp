// SPDX-License-Identifier: BSD-2-Clause
// What the drivers of tests/conformance that break their contract have in common.
#pragma once

#include <brig/driver.hpp>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Which defect a driver is compiled with.
#ifndef DEFECT
#define DEFECT 0
#endif

[[noreturn]] inline void fail(const std::string& attempt, const std::string& path) {
    throw brig::sdk::Error{BRIG_INTERNAL, attempt + " '" + path + "': " + std::strerror(errno)};
}

/// @param flags O_TRUNC or O_APPEND
inline void write_text(const std::string& path, const std::string& text, int flags = O_TRUNC) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
    if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        fail("write", path);
    }
    ::close(fd);
}

/// Nothing when there is no such file.
inline std::optional<std::string> read_text(const std::string& path) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    char text[512] = {};
    const ssize_t got = fd < 0 ? -1 : ::read(fd, text, sizeof text - 1);
    ::close(fd);
    return got < 0 ? std::nullopt : std::optional<std::string>{text};
}

inline std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::opendir(folder.c_str()), &::closedir};
    while (const dirent* entry = stream ? ::readdir(stream.get()) : nullptr) {
        const std::string name = entry->d_name;
        if (name != "." && name != "..") {
            names.push_back(name);
        }
    }
    return names;
}
