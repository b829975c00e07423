// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "brig/error.hpp"
#include "jail_conf/files.hpp"

#include <fnmatch.h>

#include <map>
#include <string>
#include <utility>

namespace brig::test {

/// Files by path, in memory.
class ConfFiles final : public jail_conf::Files {
  public:
    explicit ConfFiles(std::map<std::string, std::string> files) : files_{std::move(files)} {}

    [[nodiscard]] std::string read(const std::string& path) override {
        const auto file = files_.find(path);
        if (file == files_.end()) {
            throw Error{ErrorCode::not_found, "there is no file '" + path + "'"};
        }
        return file->second;
    }

    [[nodiscard]] std::vector<std::string> match(const std::string& pattern) override {
        std::vector<std::string> paths;
        for (const auto& [path, text] : files_) {
            if (::fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0) {
                paths.push_back(path);
            }
        }
        return paths;
    }

  private:
    std::map<std::string, std::string> files_;
};

}  // namespace brig::test
