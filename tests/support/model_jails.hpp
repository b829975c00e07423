// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "host/jail_table.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace brig::test {

/// The jails of a model world as its kernel knows them, kept in a file so that every process sees
/// the same.
class ModelJails {
  public:
    explicit ModelJails(std::filesystem::path file) : file_{std::move(file)} {}

    /// Calls jail_set(2) from the jail `caller`. `before` is called when nothing refuses it any
    /// more, right before it takes effect.
    JailState set(JailOperation operation,
                  const ParamList& params,
                  int caller,
                  const std::function<void(const JailState&)>& before);

    /// Removes the jail and all below it, and says which they were; one that lingers stays, dying.
    std::vector<std::string> remove(const std::string& name);

    /// From now on something keeps the jail when it is removed, as a socket in TIME_WAIT does.
    void linger(const std::string& name);

    /// The jail that a process of `caller` calls `name`, if it is not dying.
    [[nodiscard]] std::optional<JailState> find(const std::string& name,
                                                int caller = kHostJailId) const;

    /// What jail_get(2) gives of it.
    [[nodiscard]] ParamList get(const JailState& jail, int caller = kHostJailId) const;

    /// Whether a jail called `name` is dying.
    [[nodiscard]] bool is_dying(const std::string& name) const;

  private:
    [[nodiscard]] std::vector<JailState> load() const;
    void save(const std::vector<JailState>& jails) const;
    [[nodiscard]] int next_id();

    std::filesystem::path file_;
};

}  // namespace brig::test
